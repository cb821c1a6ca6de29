"""A digest that was overtaken on its way: it counts as sent only once it shows what its mentor may read."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from db.enums import DeliveryKind, DeliveryState
from db.models import Delivery
from db.workspaces import workspaces
from playground.playground import Playground
from tests.support.digest import TUESDAY, mentoring, newest, shared, take_back
from tests.support.digest_outbox import WORDS, digests
from tests.support.pause import slack_is_back
from tests.support.playground_app import until
from tests.support.world import SAM, World, text_of

Break = Callable[[Playground], None]
PASSING: dict[str, Break] = {
    "429": lambda p: p.faults.rate_limit("chat.update"),
    "500": lambda p: p.faults.fail("chat.update"),
    "no answer": lambda p: p.faults.lose("chat.update", accepted=False),
}


async def overtaken(world: World, fault: Break) -> None:
    """One of two entries is taken back while the digest is posted, and Slack does not let it be redrawn."""
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


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING.keys())
async def test_where_it_cannot_be_redrawn_it_is_found_and_redrawn_later(world: World, fault: Break) -> None:
    await overtaken(world, fault)
    assert (await digests(world), WORDS in text_of(newest(world))) == ([DeliveryState.UNKNOWN], True)
    await look(world)
    assert await digests(world) == [DeliveryState.SENT]
    assert "> kept" in text_of(newest(world))
    assert WORDS not in str(newest(world).blocks)
    assert len(await digest_posts(world)) == 1


async def test_where_slack_never_lets_it_be_redrawn_it_is_given_up_with_the_reason(world: World) -> None:
    await overtaken(world, lambda p: p.faults.fail("chat.update", times=1000))
    async with world.sessions.begin() as session:
        await session.execute(
            update(Delivery)
            .values(unknown_since=func.now() - timedelta(hours=37))
            .where(Delivery.state == DeliveryState.UNKNOWN)
        )
    await look(world)
    [error] = await world.rows(select(Delivery.error).where(Delivery.kind == DeliveryKind.DIGEST))
    assert (await digests(world), error) == (
        [DeliveryState.FAILED],
        "given up after 36 hours: to be redrawn: internal_error",
    )


async def test_a_message_that_slack_refuses_to_change_for_good_is_sent_all_the_same(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await overtaken(world, lambda p: p.faults.refuse("chat.update", "edit_window_closed"))
    assert await digests(world) == [DeliveryState.SENT]
    assert "edit_window_closed" in caplog.text


async def test_what_changes_while_it_is_redrawn_is_redrawn_again(world: World) -> None:
    await mentoring(world)
    for words in (WORDS, "also shared", "kept"):
        await shared(world, words)
    posting = world.playground.faults.hold("chat.postMessage")
    sending = asyncio.create_task(world.travel(TUESDAY))
    await until(lambda: posting.waiting)
    await take_back(world, WORDS)
    redrawing = world.playground.faults.hold("chat.update")
    posting.opened.set()
    await until(lambda: redrawing.waiting)
    await take_back(world, "also shared")
    redrawing.opened.set()
    await sending
    assert "> kept" in text_of(newest(world))
    for words in (WORDS, "also shared"):
        assert words not in str(newest(world).blocks)
