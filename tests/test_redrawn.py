"""A digest that was overtaken on its way: it is refreshed until it shows what its mentor may read, or is deleted."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from db.enums import DeliveryKind, DeliveryState
from db.models import Delivery
from db.workspaces import workspaces
from playground.playground import Playground
from tests.support.digest import TUESDAY, certain, mentoring, newest, shared, take_back
from tests.support.digest_outbox import WORDS, digests
from tests.support.pause import slack_is_back
from tests.support.playground_app import until
from tests.support.world import SAM, World, text_of

Break = Callable[[Playground], None]
PASSING: dict[str, tuple[Break, str]] = {
    "429": (lambda p: p.faults.rate_limit("chat.update"), "ratelimited"),
    "500": (lambda p: p.faults.fail("chat.update"), "internal_error"),
    "no answer": (lambda p: p.faults.lose("chat.update", accepted=False), "ServerDisconnectedError"),
}


async def overtaken(world: World, fault: Break) -> None:
    """One of two entries is taken back while the digest is posted, and Slack does not let it be refreshed."""
    await mentoring(world)
    await shared(world, WORDS), await shared(world, "kept")
    posting = world.playground.faults.hold("chat.postMessage")
    sending = asyncio.create_task(world.travel(TUESDAY))
    await until(lambda: posting.waiting)
    await take_back(world, WORDS)
    fault(world.playground)
    posting.opened.set()
    await sending


async def digest_posts(world: World) -> list[str]:
    """The messages that carry a digest's id."""
    [id_] = await world.rows(select(Delivery.id).where(Delivery.kind == DeliveryKind.DIGEST))
    return [each.ts for each in world.playground.dm(SAM) if str(id_) in str(each.metadata)]


async def look(world: World) -> None:
    async with world.sessions.begin() as session:
        await workspaces.refill(session)
    await slack_is_back(world)


async def as_it_stands(world: World) -> tuple[list[str], list[str | None], bool]:
    """State and error of the digest, and whether what was taken back is still in the message."""
    errors = await world.rows(select(Delivery.error).where(Delivery.kind == DeliveryKind.DIGEST))
    return await digests(world), errors, WORDS in str([each.blocks for each in world.playground.dm(SAM)])


@pytest.mark.parametrize(("fault", "error"), PASSING.values(), ids=PASSING.keys())
async def test_where_it_cannot_be_refreshed_it_is_refreshed_later(world: World, fault: Break, error: str) -> None:
    await overtaken(world, fault)
    assert await as_it_stands(world) == ([DeliveryState.SENT], [error], True)
    assert await certain(world) == [False, False]
    await look(world)
    assert await as_it_stands(world) == ([DeliveryState.SENT], [None], False)
    assert await certain(world) == [True, True]
    assert "> kept" in text_of(newest(world))
    assert len(await digest_posts(world)) == 1


async def test_where_slack_fails_for_long_it_is_tried_every_hour(world: World) -> None:
    await overtaken(world, lambda p: p.faults.fail("chat.update", times=2))
    longer_ago = update(Delivery).values(stale_at=func.now() - timedelta(days=3)).where(Delivery.stale_at.is_not(None))
    async with world.sessions.begin() as session:
        await session.execute(longer_ago)
    await look(world)
    assert await as_it_stands(world) == ([DeliveryState.SENT], ["internal_error"], True)
    waits = Delivery.run_at.between(func.now() + timedelta(minutes=59), func.now() + timedelta(hours=1))
    assert await world.rows(select(waits).where(Delivery.stale_at.is_not(None))) == [True]
    await look(world)
    assert await as_it_stands(world) == ([DeliveryState.SENT], [None], False)


async def test_a_message_that_slack_refuses_to_change_for_good_does_not_stay(world: World) -> None:
    await overtaken(world, lambda p: p.faults.refuse("chat.update", "edit_window_closed"))
    assert await as_it_stands(world) == ([DeliveryState.CANCELLED], ["cannot be refreshed: edit_window_closed"], False)
    assert await digest_posts(world) == []


async def test_what_changes_while_it_is_refreshed_is_refreshed_again(world: World) -> None:
    await mentoring(world)
    for words in (WORDS, "also shared", "kept"):
        await shared(world, words)
    posting = world.playground.faults.hold("chat.postMessage")
    sending = asyncio.create_task(world.travel(TUESDAY))
    await until(lambda: posting.waiting)
    await take_back(world, WORDS)
    refreshing = world.playground.faults.hold("chat.update")
    posting.opened.set()
    await until(lambda: refreshing.waiting)
    await take_back(world, "also shared")
    refreshing.opened.set()
    await sending
    assert "> kept" in text_of(newest(world))
    for words in (WORDS, "also shared"):
        assert words not in str(newest(world).blocks)
