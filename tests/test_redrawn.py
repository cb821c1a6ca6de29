"""A digest that was overtaken on its way: it is refreshed until it shows what its mentor may read, or is deleted."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from db.enums import DeliveryKind, DeliveryState
from db.members import UserRef
from db.models import Delivery, Digest
from db.outbox import stale
from db.workspaces import workspaces
from handlers.entries import presenter
from handlers.slack.message import Message
from handlers.slack.posting import ANSWER
from playground.playground import Playground
from playground.webapi import call
from services import growth_log, schedules
from services.actor import Actor
from tests.support.comments import digested
from tests.support.digest import TUESDAY, certain, mentoring, newest, shared, take_back
from tests.support.digest_outbox import WORDS, digests
from tests.support.forgetting import cleared, forget
from tests.support.pause import slack_is_back
from tests.support.playground_app import until
from tests.support.world import MAYA, SAM, World, text_of

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


@pytest.mark.parametrize("word", ["cant_update_message", "edit_window_closed", "msg_too_long"])
async def test_a_message_that_slack_refuses_to_change_for_good_does_not_stay(world: World, word: str) -> None:
    await overtaken(world, lambda p: p.faults.refuse("chat.update", word))
    assert await as_it_stands(world) == ([DeliveryState.CANCELLED], [f"cannot be refreshed: {word}"], False)
    assert await digest_posts(world) == []


async def test_nor_does_one_that_showed_somebody_who_was_forgotten(world: World) -> None:
    digest = await digested(world)
    world.playground.faults.refuse("chat.update", "edit_window_closed")
    await forget(world)
    await cleared(world)
    assert digest not in world.playground.dm(SAM)


async def test_but_where_nothing_was_taken_back(world: World, caplog: pytest.LogCaptureFixture) -> None:
    digest = await digested(world)
    world.playground.faults.refuse("chat.update", "edit_window_closed")
    await world.click(SAM, "comments.kudos.1", on=digest)
    assert await as_it_stands(world) == ([DeliveryState.SENT], [None], False)
    assert await world.rows(select(Delivery.id).where(Delivery.stale_at.is_not(None))) == []
    assert "delivery.refresh_refused" in caplog.text
    assert digest in world.playground.dm(SAM)


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


def who_acts(world: World, user: str) -> Actor:
    now = world.playground.clock.now()
    return Actor(UserRef(world.playground.workspace.team_id, user), now, world.sessions, world.ladder)


async def test_what_was_deleted_before_it_was_sent_and_brought_back_after_is_not_added(world: World) -> None:
    await mentoring(world)
    entry, _ = await shared(world, WORDS), await shared(world, "kept")
    world.playground.faults.rate_limit("chat.postMessage", retry_after=600)
    await world.travel(TUESDAY)
    assert await digests(world) == [DeliveryState.READY], "it was chosen what is in it"
    await take_back(world, WORDS)
    await look(world)
    assert await as_it_stands(world) == ([DeliveryState.SENT], [None], False)
    before = len(world.playground.journal.of("chat.update"))
    await growth_log.restore(who_acts(world, MAYA), entry)
    await stale_digests(world)
    await world.settle()
    assert len(world.playground.journal.of("chat.update")) > before
    assert await as_it_stands(world) == ([DeliveryState.SENT], [None], False)
    assert "> kept" in text_of(newest(world))


async def stale_digests(world: World) -> None:
    """Something else that they show has changed."""
    async with world.sessions.begin() as session:
        ids = list(await session.scalars(select(Digest.id)))
        await stale.mark(session, DeliveryKind.DIGEST, ids)


async def test_what_changes_while_it_is_composed_is_refreshed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it shows is not committed yet: whoever changes that cannot know."""
    await mentoring(world)
    await shared(world, WORDS)
    monkeypatch.setattr(world.service, "_sends", False)
    await world.travel(TUESDAY)
    sender = world.service._sender
    [claim] = await sender._claim(9)
    async with world.sessions.begin() as session:
        message = await sender.kinds[claim.kind].compose(session, sender.outcomes.due(claim, TUESDAY))
        await growth_log.correct(who_acts(world, MAYA), WORDS, "Other words", lambda what, edited: True)
    assert isinstance(message, Message)
    await sender._send(claim, message, asyncio.get_running_loop().time() + 60)
    assert WORDS in text_of(newest(world))
    monkeypatch.undo()
    await world.settle()
    assert await as_it_stands(world) == ([DeliveryState.SENT], [None], False)
    assert "> Other words" in text_of(newest(world))


async def test_one_that_is_paused_on_its_way_does_not_stay(world: World) -> None:
    await mentoring(world)
    await shared(world, WORDS)
    posting = world.playground.faults.hold("chat.postMessage")
    sending = asyncio.create_task(world.travel(TUESDAY))
    await until(lambda: posting.waiting)
    await schedules.pause_digest(who_acts(world, SAM))
    posting.opened.set()
    await sending
    assert await as_it_stands(world) == ([DeliveryState.CANCELLED], ["not wanted any more"], False)


async def test_what_is_overtaken_before_its_place_is_known_is_refreshed(world: World) -> None:
    await mentoring(world)
    entry, maya, dm = await shared(world, WORDS), who_acts(world, MAYA), world.playground.workspace.dm(MAYA).id
    async with world.sessions() as session:
        message = await presenter.entry_message(session, maya.who, entry, world.ladder, maya.now)
    content = {**message.payload(), "metadata": ANSWER, "channel": dm}
    ts = call(world.playground, "chat.postMessage", world.playground.bot_token, content)["ts"]
    await forget(world, SAM)
    await growth_log.shown_at(maya, entry, dm, ts, composed_before=True)
    await world.service.ticker.run()
    [shows] = [each for each in world.playground.dm(MAYA) if each.ts == ts]
    assert WORDS in str(shows.blocks)
    assert SAM in str(message.blocks)
    assert SAM not in str(shows.blocks)
