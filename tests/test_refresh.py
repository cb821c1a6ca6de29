"""Messages that show something that changed are refreshed by the sender, whoever changes, dies or refuses meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.delivery.outcomes import Timing
from bot.delivery.sender import Sender
from bot.features import message_kinds
from db.enums import CheckInState, DeliveryKind, DeliveryState
from db.members import UserRef
from db.models import CheckIn, Delivery, Workspace
from db.outbox import claims, stale
from ladder_content.model import Ladder
from playground.playground import Playground
from services import schedules
from services.actor import Actor
from tests.support.in_flight import Waiting, in_flight, sender
from tests.support.killable import DiedError, DirectClient, Life, MortalSessions
from tests.support.outbox import AT_ONCE, FAST, Post, posting
from tests.support.playground_app import until
from tests.support.world import MAYA, text_of

PATIENT = Timing()  # looks and tries again after half a minute, so not in the same run
REFUSED = ("cant_update_message", "edit_window_closed", "msg_too_long")


@pytest.fixture
async def post(engine: AsyncEngine, ladder: Ladder) -> AsyncIterator[Post]:
    async with posting(engine, ladder) as post:
        yield post


async def reword(post: Post, words: str) -> None:
    """The question is another one, as when what it quotes was edited."""
    async with post.sessions.begin() as session:
        ids = list(await session.scalars(update(CheckIn).values(question=words).returning(CheckIn.id)))
        await stale.mark(session, DeliveryKind.CHECK_IN, ids)


async def due(post: Post) -> None:
    """What waits is due, and the workspace waits for nothing."""
    async with post.sessions.begin() as session:
        await session.execute(update(Delivery).values(run_at=func.now()))
        await session.execute(update(Workspace).values(paused_until=None))


async def settled(post: Post, words: str) -> bool:
    """Whether the one message says that, and nothing is left to do."""
    delivery = await post.delivery()
    [message] = post.messages()
    return words in text_of(message) and (delivery.state, delivery.stale_at) == (DeliveryState.SENT, None)


def updates(post: Post) -> int:
    return len(post.playground.journal.of("chat.update"))


async def waiting(post: Post) -> None:
    pass


async def on_its_way(post: Post) -> None:
    await in_flight(post, lambda: reword(post, "Reworded?"), PATIENT)


async def in_doubt(post: Post) -> None:
    post.playground.faults.lose("chat.postMessage")
    await post.sender(PATIENT).run()
    assert (await post.delivery()).state == DeliveryState.UNKNOWN


async def sent(post: Post) -> None:
    assert (await post.run()).state == DeliveryState.SENT


@pytest.mark.parametrize("reach", [waiting, on_its_way, in_doubt, sent])
async def test_a_mark_is_honoured_whatever_the_state(post: Post, reach: Callable[[Post], Awaitable[None]]) -> None:
    await post.plan()
    await reach(post)
    if reach is not on_its_way:
        await reword(post, "Reworded?")
    await due(post)
    await post.run()
    assert await settled(post, "Reworded?")
    assert updates(post) == (0 if reach is waiting else 1)
    assert await post.scalars(select(CheckIn.state)) == [CheckInState.ASKED]


async def test_what_changes_during_a_refresh_is_refreshed_again_and_two_never_cross(post: Post) -> None:
    await post.plan()
    await sent(post)
    await reword(post, "First?")
    gate = post.playground.faults.hold("chat.update")
    refreshing = asyncio.create_task(post.sender().run())
    await until(lambda: gate.waiting)
    await reword(post, "Second?")
    assert await post.sender().run() == 0, "one refreshes at a time"
    gate.opened.set()
    assert await refreshing == 2
    assert await settled(post, "Second?")
    assert updates(post) == 2


FAULTS: dict[str, Callable[[Playground], None]] = {
    "ratelimited": lambda p: p.faults.rate_limit("chat.update", retry_after=600),
    "internal_error": lambda p: p.faults.fail("chat.update"),
    "ServerDisconnectedError": lambda p: p.faults.lose("chat.update", accepted=False),
    "lost, and done": lambda p: p.faults.lose("chat.update"),
}


@pytest.mark.parametrize("error", FAULTS)
async def test_what_slack_does_not_take_now_is_tried_again(post: Post, error: str) -> None:
    await post.plan()
    await sent(post)
    await reword(post, "Reworded?")
    FAULTS[error](post.playground)
    await post.sender(PATIENT).run()
    delivery = await post.delivery()
    assert (delivery.state, delivery.stale_at is None) == (DeliveryState.SENT, False)
    assert delivery.error == ("ServerDisconnectedError" if error == "lost, and done" else error)
    limited = error == "ratelimited"
    after = timedelta(minutes=9) if limited else timedelta(seconds=25)
    assert await post.scalars(select(Delivery.run_at > func.now() + after)) == [True]
    paused = func.coalesce(Workspace.paused_until, func.now()) > func.now() + timedelta(minutes=9)
    assert await post.scalars(select(paused)) == [limited]
    await due(post)
    await post.run()
    assert await settled(post, "Reworded?")


@pytest.mark.parametrize("word", REFUSED)
async def test_what_slack_never_lets_change_stays_where_it_shows_nothing_withdrawn(
    post: Post, word: str, caplog: pytest.LogCaptureFixture
) -> None:
    await post.plan()
    before = updates(post)
    post.playground.faults.refuse("chat.update", word)
    await in_flight(post, lambda: reword(post, "Reworded?"))
    assert updates(post) == before + 1
    assert not await settled(post, "Reworded?")
    assert await settled(post, "")
    assert "delivery.refresh_refused" in caplog.text
    assert word in caplog.text
    assert await post.scalars(select(CheckIn.state)) == [CheckInState.ASKED], "its member has it"
    assert await post.sender().run() == 0


async def test_wherever_a_refresh_dies_the_next_sender_does_it(engine: AsyncEngine, post: Post) -> None:
    await post.plan()
    await sent(post)
    clock = post.playground.clock.now
    for steps in count():
        words = f"Reworded {steps}?"
        await reword(post, words)
        life = Life(steps)
        client = DirectClient(post.playground, life)
        mortal = MortalSessions(engine, life)
        with suppress(DiedError):
            await Sender(mortal, lambda _: client, message_kinds(), post.ladder, clock, AT_ONCE, FAST).run()  # noqa: B023
        claimed = (await post.delivery()).run_at > (await post.delivery()).created_at + timedelta(seconds=30)
        if claimed:
            assert await post.sender().run() == 0, "it is its own until the lease is over"
        await due(post)
        await post.run()
        assert await settled(post, words), f"died after {steps} steps"
        if life.taken < steps:
            break
    assert steps > 6


async def test_a_second_message_that_goes_again_does_not_end_the_question(post: Post) -> None:
    """Both senders posted it; the one that counts is still to be refreshed when the other one's answer comes."""
    await post.plan()

    async def expire() -> None:
        async with post.sessions.begin() as session:
            await session.execute(update(Delivery).values(lease_until=Delivery.created_at))
            await claims.expire_leases(session, timedelta())

    async def somebody_else_sends_it() -> None:
        [first] = post.messages()
        channel = post.playground.workspace.channel(first.channel)
        channel.messages.clear()
        await expire()
        other = Waiting(post.playground)
        sending = asyncio.create_task(sender(post, other, AT_ONCE).run())
        await other.posted.wait()
        channel.messages.insert(0, first)
        await reword(post, "Reworded?")
        post.playground.faults.refuse("chat.update", "internal_error")
        other.go_on.set()
        await sending

    late = Waiting(post.playground)
    sending = asyncio.create_task(sender(post, late, PATIENT).run())
    await late.posted.wait()
    await somebody_else_sends_it()
    late.go_on.set()
    await sending
    await due(post)
    await post.run()
    await post.clear()
    assert await settled(post, "Reworded?")
    assert await post.scalars(select(CheckIn.state)) == [CheckInState.ASKED]


async def test_a_level_picked_meanwhile_takes_back_the_question_for_the_one_before(post: Post) -> None:
    await post.plan()
    who = UserRef(post.playground.workspace.team_id, MAYA)
    actor = Actor(who, post.playground.clock.now(), post.sessions, post.ladder)
    await in_flight(post, lambda: schedules.pick_level(actor, "Europe/Berlin", "l5"))
    await post.clear()
    assert (post.messages(), (await post.delivery()).state) == ([], DeliveryState.CANCELLED)


async def test_what_is_due_is_found_by_the_index_of_what_waits(post: Post, engine: AsyncEngine) -> None:
    await post.plan()
    await sent(post)
    await reword(post, "Reworded?")
    many = text("""
        INSERT INTO deliveries (member_id, workspace_id, kind, subject_id, dedupe_key, state, channel, ts)
        SELECT member_id, workspace_id, 'entry', n, n, 'sent', channel, n
          FROM deliveries, generate_series(1, 5000) AS n
    """)
    values = {"limit": 50, "lease": PATIENT.lease, "capacity": 12, "per_second": 4, "rare_call": claims.RARE_CALL}
    async with engine.connect() as connection:
        await connection.execute(text("SET LOCAL statement_timeout = 0"))
        await connection.execute(many)
        await connection.execute(text("ANALYZE deliveries"))
        plan = list(await connection.scalars(text(f"EXPLAIN {claims.CLAIM.text}"), values))
        await connection.rollback()
    assert "ix_deliveries_waiting" in "\n".join(plan)
    assert "Seq Scan on deliveries" not in "\n".join(plan)
