"""The sender against a Slack that fails: one message or a reason, never two, never none."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date, timedelta

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import PlainTextResponse

from bot.delivery.outcomes import Timing
from bot.delivery.sender import Sender
from bot.delivery.slack_messages import EVENT_TYPE
from bot.features import message_kinds
from bot.slack import Slack
from db.engine import AsyncSession
from db.enums import CheckInState, DeliveryState, Kind
from db.models import CheckIn, Delivery, Member, Workspace
from db.outbox import claims, deliveries
from db.outbox.deliveries import Claim
from ladder_content.model import Ladder
from playground.playground import Playground
from playground.server import running
from tests.support.outbox import AT_ONCE, FAST, Post, posting
from tests.support.world import MAYA, SAM


@pytest.fixture
async def post(engine: AsyncEngine, ladder: Ladder) -> AsyncIterator[Post]:
    async with posting(engine, ladder) as post:
        yield post


async def test_a_question_is_sent_once_with_its_id_and_nothing_else_in_the_metadata(post: Post) -> None:
    check_in_id = await post.plan()
    delivery = await post.run(times=2)
    [message] = post.messages()
    assert (delivery.state, delivery.channel, delivery.ts) == (DeliveryState.SENT, message.channel, message.ts)
    assert message.metadata == {"event_type": EVENT_TYPE, "event_payload": {"delivery_id": str(delivery.id)}}
    async with post.sessions() as session:
        check_in = await session.get_one(CheckIn, check_in_id)
        member = (await session.scalars(select(Member))).one()
    assert (check_in.state, member.dm_channel) == (CheckInState.ASKED, message.channel)


async def test_429_makes_the_workspace_wait_and_then_there_is_one_message(post: Post) -> None:
    await post.plan()
    post.playground.faults.rate_limit("chat.postMessage", retry_after=1)
    delivery = await post.run()
    assert (delivery.state, delivery.error, post.messages()) == (DeliveryState.READY, "ratelimited", [])
    async with post.sessions() as session:
        waits = (await session.scalars(select(func.extract("epoch", Workspace.paused_until - func.now())))).one()
    assert 0 < waits <= 1

    await post.plan(SAM)
    assert await post.sender().run() == 0, "the whole workspace waits"
    await asyncio.sleep(float(waits))
    assert await post.sender().run() == 2
    assert (len(post.messages(MAYA)), len(post.messages(SAM))) == (1, 1)


Break = Callable[[Playground], None]
LOST: dict[str, tuple[Break, str]] = {
    "500 before it was accepted": (lambda p: p.faults.fail("chat.postMessage"), "internal_error"),
    "500 after it was accepted": (lambda p: p.faults.fail("chat.postMessage", accepted=True), "internal_error"),
    "lost before it was accepted": (lambda p: p.faults.lose("chat.postMessage", accepted=False), "answer lost: "),
    "lost after it was accepted": (lambda p: p.faults.lose("chat.postMessage"), "answer lost: "),
    "fatal_error": (lambda p: p.faults.refuse("chat.postMessage", "fatal_error"), "fatal_error"),
    "the DM was not opened": (lambda p: p.faults.fail("conversations.open"), "internal_error"),
}


@pytest.mark.parametrize(("fault", "reason"), LOST.values(), ids=LOST.keys())
async def test_after_a_lost_answer_there_is_one_message(post: Post, fault: Break, reason: str) -> None:
    await post.plan()
    fault(post.playground)
    async with asyncio.timeout(10):
        while (delivery := await post.run()).state != DeliveryState.SENT:
            assert reason in str(delivery.error) or "never posted" in str(delivery.error)
    [message] = post.messages()
    assert delivery.ts == message.ts
    assert post.attempts() <= 2


async def test_a_lost_answer_is_looked_for_after_the_margin_only(post: Post) -> None:
    await post.plan()
    post.playground.faults.lose("chat.postMessage")
    await post.sender(Timing()).run()
    assert await post.sender(Timing()).run() == 0
    delivery = await post.delivery()
    assert delivery.state == DeliveryState.UNKNOWN
    assert timedelta(seconds=5) < delivery.run_at - delivery.created_at < timedelta(seconds=60)
    assert post.playground.journal.of("conversations.history") == []


async def test_while_the_history_cannot_be_read_nothing_is_sent(post: Post) -> None:
    await post.plan()
    post.playground.faults.lose("chat.postMessage")
    post.playground.faults.rate_limit("conversations.history", times=1)
    delivery = await post.run(times=3)
    assert (delivery.state, len(post.messages())) == (DeliveryState.UNKNOWN, 1)


async def test_a_refused_connection_is_tried_again(post: Post) -> None:
    await post.plan()
    nobody = Slack(post.playground.bot_token, api_url="http://127.0.0.1:1/api/").client(retries=False)
    await Sender(post.sessions, lambda workspace: nobody, message_kinds(), post.ladder, post.playground.clock.now).run()
    delivery = await post.delivery()
    assert (delivery.state, str(delivery.error)[:13]) == (DeliveryState.READY, "no connection")
    assert delivery.run_at > delivery.created_at + timedelta(seconds=20)


async def test_what_a_proxy_says_instead_of_slack_is_no_reason_to_give_up(post: Post) -> None:
    await post.plan()
    async with running(PlainTextResponse("<html>Bad gateway</html>", 502)) as url:
        proxy = Slack(post.playground.bot_token, api_url=f"{url}/").client(retries=False)
        await Sender(
            post.sessions, lambda workspace: proxy, message_kinds(), post.ladder, post.playground.clock.now, AT_ONCE
        ).run()
    delivery = await post.run(times=2)
    assert (delivery.state, len(post.messages())) == (DeliveryState.SENT, 1)


@pytest.mark.parametrize("posted", [True, False])
async def test_a_claim_whose_process_died_is_looked_for_in_the_history(post: Post, posted: bool) -> None:
    await post.plan()
    async with post.sessions.begin() as session:
        [claim] = await claims.claim(session, 10, timedelta(), FAST)
    if posted:
        client = post.sender().clients("")
        channel = (await client.conversations_open(users=MAYA))["channel"]["id"]
        async with post.sessions.begin() as session:
            await deliveries.store_channel(session, claim, channel)
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"delivery_id": str(claim.id)}}
        await client.chat_postMessage(channel=channel, text="sent before it died", metadata=metadata)
    delivery = await post.run(times=1 if posted else 2)
    assert (delivery.state, [m.ts for m in post.messages()]) == (DeliveryState.SENT, [delivery.ts])
    assert post.attempts() == 1


async def test_a_held_claim_is_nobody_else_s(post: Post) -> None:
    await post.plan()
    async with post.sessions.begin() as session:
        assert len(await claims.claim(session, 10, timedelta(seconds=60), FAST)) == 1
    delivery = await post.run()
    assert (delivery.state, post.messages()) == (DeliveryState.SENDING, [])


async def test_whoever_lost_the_lease_records_nothing(post: Post) -> None:
    await post.plan()
    async with post.sessions.begin() as session:
        [late] = await claims.claim(session, 10, timedelta(), FAST)
    sent = await post.run(times=2)
    async with post.sessions.begin() as session:
        await deliveries.failed(session, late, "too late to tell")
        await deliveries.sent(session, late, "C1", "1.0", stale=False)
    assert (await post.delivery()).ts == sent.ts


Mark = Callable[[AsyncSession, Claim], Awaitable[object]]
MARKS: dict[str, Mark] = {
    "again": lambda session, claim: deliveries.again(session, claim, timedelta(), "late"),
    "put off": lambda session, claim: deliveries.defer(session, claim, timedelta(), "late"),
    "unknown": lambda session, claim: deliveries.unknown(session, claim, timedelta(), "late"),
    "failed": lambda session, claim: deliveries.failed(session, claim, "late"),
    "cancelled": lambda session, claim: deliveries.cancelled(session, claim, "late"),
    "a channel": lambda session, claim: deliveries.store_channel(session, claim, "D0LATE"),
}


@pytest.mark.parametrize("mark", MARKS.values(), ids=MARKS.keys())
async def test_whoever_lost_the_lease_marks_nothing_that_others_hold(post: Post, mark: Mark) -> None:
    check_in = await post.plan()
    async with post.sessions.begin() as session:
        [late] = await claims.claim(session, 10, timedelta(), FAST)
        await deliveries.again(session, late, timedelta(), "back")
    async with post.sessions.begin() as session:
        [ours] = await claims.claim(session, 10, timedelta(minutes=1), FAST)
    async with post.sessions.begin() as session:
        await mark(session, late)
    delivery = await post.delivery()
    assert (delivery.state, delivery.token, delivery.channel) == (DeliveryState.SENDING, ours.token, None)
    assert await post.scalars(select(CheckIn.state).where(CheckIn.id == check_in)) == [CheckInState.PLANNED]


async def test_senders_side_by_side_send_each_question_once(post: Post) -> None:
    for user in (MAYA, SAM) * 6:
        await post.plan(user)
    taken = await asyncio.gather(*(post.sender().run() for _ in range(4)))
    assert sum(taken) == 12
    assert (len(post.messages(MAYA)), len(post.messages(SAM))) == (6, 6)


@pytest.mark.parametrize("change", [{"state": CheckInState.CANCELLED}, {"state": CheckInState.ANSWERED}])
async def test_what_is_no_longer_to_be_asked_is_not_sent(post: Post, change: dict[str, str]) -> None:
    await post.plan()
    async with post.sessions.begin() as session:
        await session.execute(update(CheckIn).values(**change))
    delivery = await post.run()
    assert (delivery.state, post.messages()) == (DeliveryState.CANCELLED, [])
    assert delivery.error


async def test_who_left_is_not_written_to(post: Post) -> None:
    await post.plan()
    async with post.sessions.begin() as session:
        await session.execute(update(Member).values(active=False))
    delivery = await post.run()
    assert (delivery.state, post.messages()) == (DeliveryState.CANCELLED, [])


async def test_the_database_keeps_a_week_and_a_delivery_from_being_doubled(post: Post) -> None:
    await post.plan()
    async with post.sessions() as session:
        member = (await session.scalars(select(Member.id))).one()
        there = (await session.scalars(select(Delivery))).one()
    question = {"criterion_id": "c", "prompt_id": "p", "question": "?", "why": "!", "state": CheckInState.PLANNED}
    week = {"member_id": member, "week": date(2027, 1, 18), "slot_at": there.created_at.astimezone(UTC), **question}
    again = {
        "member_id": member,
        "workspace_id": there.workspace_id,
        "kind": Kind.CHECK_IN,
        "subject_id": 1,
        "dedupe_key": there.dedupe_key,
    }
    for statement, key in (
        (insert(CheckIn).values([week, week]), "uq_check_ins_member_id_week"),
        (insert(Delivery).values(**again), "uq_deliveries_member_id_kind_dedupe_key"),
    ):
        with pytest.raises(IntegrityError, match=key):
            async with post.sessions.begin() as session:
                await session.execute(statement)
