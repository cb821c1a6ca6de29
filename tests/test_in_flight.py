"""What happens between the post and its record: changed minds, late answers, clicks, and the end of a process."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from bot.delivery.outcomes import Timing
from bot.delivery.sender import Sender
from bot.features import message_kinds
from bot.slack import Slack
from db.account import profiles
from db.checkins import check_ins
from db.enums import CheckInState, DeliveryKind, DeliveryState
from db.models import CheckIn, Delivery, Member, Removal, Workspace
from db.outbox import claims, stale
from ladder_content.model import Ladder
from playground.playground import Playground
from tests.support.in_flight import Waiting, in_flight, sender
from tests.support.killable import DiedError, DirectClient, Life, MortalSessions
from tests.support.outbox import AT_ONCE, FAST, Post, posting
from tests.support.playground_app import until
from tests.support.postgres_clock import clocked
from tests.support.world import MAYA, START, World, text_of


@pytest.fixture
async def post(engine: AsyncEngine, ladder: Ladder) -> AsyncIterator[Post]:
    async with posting(engine, ladder) as post:
        yield post


Change = Callable[[AsyncSession, int], Awaitable[None]]


async def cancelled(session: AsyncSession, member_id: int) -> None:
    await check_ins.cancel_planned(session, member_id)
    await stale.mark_in_flight(session, [member_id])


async def left(session: AsyncSession, member_id: int) -> None:
    await profiles.left(session, member_id, START)


async def forgotten(session: AsyncSession, member_id: int) -> None:
    await session.execute(delete(Member).where(Member.id == member_id))


CHANGES = {
    "the question was cancelled": cancelled,
    "its member left": left,
    "its member was forgotten": forgotten,
}


def changing(post: Post, change: Change) -> Callable[[], Awaitable[None]]:
    async def meanwhile() -> None:
        async with post.sessions.begin() as session:
            [member] = await session.scalars(select(Member.id))
            await change(session, member)

    return meanwhile


@pytest.mark.parametrize("delete_fails", [False, True])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
async def test_a_message_that_nobody_is_to_read_any_more_is_deleted(
    post: Post, change: Change, delete_fails: bool
) -> None:
    await post.plan()
    await in_flight(post, changing(post, change))
    assert await post.scalars(select(Delivery.state)) in ([DeliveryState.CANCELLED], [])
    if delete_fails:
        post.playground.faults.lose("chat.delete", accepted=False)
        await post.clear()
        assert len(post.messages()) == 1
    await post.clear()
    assert (post.messages(), await post.scalars(select(Removal.id))) == ([], [])


async def test_where_slack_does_not_delete_the_message_it_is_deleted_later(post: Post) -> None:
    await post.plan()
    post.playground.faults.fail("chat.delete", times=3)
    await in_flight(post, changing(post, cancelled), Timing())
    assert (await post.delivery()).state == DeliveryState.CANCELLED
    for _ in range(3):
        await post.clear()
        assert len(post.messages()) == 1
    await post.clear()
    assert post.messages() == []


async def test_nobody_waits_where_slack_limits_deletions(post: Post) -> None:
    await post.plan()
    post.playground.faults.rate_limit("chat.delete", retry_after=600)
    async with asyncio.timeout(60):
        await in_flight(post, changing(post, cancelled))
        await post.clear()
    assert len(post.playground.journal.of("chat.delete")) == 1
    delivery = await post.delivery()
    assert (delivery.state, delivery.error) == (DeliveryState.CANCELLED, "nothing left to send")
    assert await post.scalars(select(Removal.run_at > func.now() + timedelta(minutes=9))) == [True]
    assert await post.scalars(select(Workspace.paused_until)) == [None], "it is the limit of another method"
    await post.clear()
    assert post.messages() == []


async def test_a_question_that_was_reworded_on_its_way_says_what_it_is_now(post: Post) -> None:
    await post.plan()

    async def meanwhile() -> None:
        async with post.sessions.begin() as session:
            await session.execute(update(CheckIn).values(question="Asked without a quotation?"))
            await stale.mark(session, DeliveryKind.CHECK_IN, list(await session.scalars(select(CheckIn.id))))

    await in_flight(post, meanwhile)
    [message] = post.messages()
    assert "Asked without a quotation?" in text_of(message)
    assert await post.scalars(select(CheckIn.state)) == [CheckInState.ASKED]


async def expire(post: Post) -> None:
    """Let the lease run out; nobody has looked yet."""
    async with post.sessions.begin() as session:
        await session.execute(update(Delivery).values(lease_until=Delivery.created_at))
        await claims.expire_leases(session, timedelta())


async def test_a_late_answer_is_proof_and_a_second_message_is_taken_back(post: Post) -> None:
    """Its lease is over, and Slack's history did not show the message yet: somebody else sends it again."""
    await post.plan()

    async def somebody_else_sends_it() -> None:
        [first] = post.messages()
        channel = post.playground.workspace.channel(first.channel)
        channel.messages.clear()
        await expire(post)
        while post.attempts() < 2:  # the other one may hold the bucket, just for a moment
            await post.run()
        channel.messages.insert(0, first)
        assert len(channel.messages) == 2

    await in_flight(post, somebody_else_sends_it)
    await post.clear()
    [message] = post.messages()
    assert (await post.delivery()).ts == message.ts


async def test_an_answer_that_comes_while_nobody_knows_settles_it(post: Post) -> None:
    await post.plan()

    await in_flight(post, lambda: expire(post))
    assert (await post.delivery()).state == DeliveryState.SENT
    assert post.attempts() == 1


async def test_who_slept_past_half_a_lease_does_not_post(post: Post) -> None:
    await post.plan()
    post.playground.faults.slow("conversations.open", 1)
    sleepy = sender(post, post.sender().clients(""), Timing(lease=timedelta(seconds=1.5)))
    sending = asyncio.create_task(sleepy.run())
    while not (await post.delivery()).error:
        assert post.attempts() == 0
    assert (await post.delivery()).error == "too late for its lease"
    assert await sending == 2
    assert post.attempts() == 1


@asynccontextmanager
async def hanging_up(playground: Playground) -> AsyncIterator[str]:
    """A line to the playground that breaks when the answer comes: slack_sdk takes that for one it may try again."""

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to = urlsplit(playground.url)
        there, back = await asyncio.open_connection(to.hostname, to.port)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(re.search(rb"content-length: (\d+)", head, re.IGNORECASE)[1])  # type: ignore[index]
        back.write(head + await reader.readexactly(length))
        await there.readline()
        for end in (back, writer):
            end.close()

    server = await asyncio.start_server(relay, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api/"


@pytest.mark.parametrize(("retries", "posts"), [(False, 1), (True, 2)])
async def test_slack_sdk_would_post_again_by_itself_and_must_not(post: Post, retries: bool, posts: int) -> None:
    await post.plan()
    await post.run()
    await post.plan()
    async with hanging_up(post.playground) as url:
        client = Slack(post.playground.bot_token, api_url=url).client(retries=retries)
        await sender(post, client, Timing()).run()
    assert len(post.messages()) == 1 + posts
    assert await post.scalars(select(Delivery.state).order_by(Delivery.created_at)) == ["sent", "unknown"]


async def test_wherever_a_sender_dies_there_is_one_message_in_the_end(engine: AsyncEngine, ladder: Ladder) -> None:
    async with clocked(engine) as clock, posting(clock.engine, ladder) as post:
        for steps in count():
            async with post.sessions.begin() as session:
                await session.execute(delete(Member))
            await post.plan()
            before = len(post.messages())
            life = Life(steps)
            mortal = MortalSessions(clock.engine, life)
            client = DirectClient(post.playground, life)
            clients = {post.playground.workspace.team_id: client}.__getitem__
            now = post.playground.clock.now
            with suppress(DiedError):
                await Sender(mortal, clients, message_kinds(), ladder, now, AT_ONCE, FAST).run()
            for _ in range(3):
                await clock.advance(timedelta(minutes=2))
                await post.sender().run()
            assert len(post.messages()) == before + 1, f"died after {steps} steps"
            assert await post.scalars(select(CheckIn.state)) == [CheckInState.ASKED]
            if life.taken < steps:
                break
        assert steps > 10


async def test_a_sender_that_is_stopped_finishes_what_is_in_flight_and_gives_back_the_rest(post: Post) -> None:
    await post.plan()
    await post.plan()
    client = Waiting(post.playground)
    stopped = sender(post, client)
    open_dm = client.conversations_open
    asked: list[str] = []

    async def second_one_opens_late(**who: Any) -> Any:
        asked.append(who["users"])
        if len(asked) == 2:
            await client.posted.wait()
            stopped.stop()
        return await open_dm(**who)

    client.conversations_open = second_one_opens_late  # type: ignore[method-assign]
    sending = asyncio.create_task(stopped.run())
    await until(lambda: stopped.stopping.is_set())
    client.go_on.set()
    assert await sending == 2
    states = await post.scalars(select(Delivery.state))
    assert sorted(states) == [DeliveryState.READY, DeliveryState.SENT]
    assert await stopped.run() == 0
    assert await post.sender().run() == 1
    assert len(post.messages()) == 2


async def unknown_question(world: World) -> Any:
    """Maya has a question, and nobody knows that she has it."""
    await world.ladder_command(MAYA, "next")
    await world.click(MAYA, "welcome.level.l4")
    world.playground.faults.lose("chat.postMessage")
    await world.ladder_command(MAYA, "checkin")
    await until(lambda: any(message.metadata for message in world.playground.dm(MAYA)))
    await world.service.ticker.run()
    assert await world.rows(select(Delivery.state)) == [DeliveryState.UNKNOWN]
    return next(message for message in world.playground.dm(MAYA) if message.metadata)


@pytest.mark.parametrize(
    ("action", "chosen"),
    [
        ("checkin.write", None),
        ("checkin.skip", None),
        ("checkin.more", "Another question"),
        ("checkin.later", "Next week"),
    ],
)
async def test_a_click_on_it_proves_that_it_was_sent(world: World, action: str, chosen: str | None) -> None:
    question = await unknown_question(world)
    await world.click(MAYA, action, on=question, value=chosen)
    [delivery] = await world.rows(select(Delivery))
    assert (delivery.state, delivery.ts) == (DeliveryState.SENT, question.ts)
    skips = action == "checkin.skip" or chosen == "Next week"
    becomes = CheckInState.SKIPPED if skips else CheckInState.ASKED
    assert await world.rows(select(CheckIn.state)) == [becomes]


async def test_a_reply_in_its_thread_proves_that_it_was_sent_and_answers_it(world: World) -> None:
    question = await unknown_question(world)
    await world.playground.say(MAYA, "Reviewed the drift dashboards with Sam", thread_ts=question.ts)
    [delivery] = await world.rows(select(Delivery))
    assert (delivery.state, delivery.ts) == (DeliveryState.SENT, question.ts)
    assert await world.rows(select(CheckIn.state)) == [CheckInState.ANSWERED]


async def test_a_reply_elsewhere_proves_nothing(world: World) -> None:
    await unknown_question(world)
    other = await world.playground.say(MAYA, "hello")
    assert other.ok
    mine = next(message for message in world.playground.dm(MAYA) if message.user == MAYA)
    await world.playground.say(MAYA, "and another thing", thread_ts=mine.ts)
    assert await world.rows(select(Delivery.state)) == [DeliveryState.UNKNOWN]
