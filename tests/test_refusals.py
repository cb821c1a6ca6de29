"""What Slack's refusals do to a delivery, its member and its workspace."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.delivery.outcomes import Timing
from bot.delivery.slack_errors import Meaning
from db.enums import CheckInState, DeliveryState
from db.models import CheckIn, Delivery, Member, Workspace
from db.workspaces import workspaces
from ladder_content.model import Ladder
from tests.support.outbox import Post, posting
from tests.support.postgres_clock import clocked
from tests.support.refusals import go_on, lose_the_answer
from tests.support.world import MAYA, SAM, World

UNINSTALLED = select(Workspace.uninstalled_at)
PAUSED_FOR = select(func.extract("epoch", Workspace.paused_until - func.now()))
GONE = {
    Meaning.MEMBER_GONE: ["user_disabled", "user_not_found", "cannot_dm_bot"],
    Meaning.WORKSPACE_GONE: ["token_revoked"],
    Meaning.REFUSED: ["msg_too_long", "restricted_action", "user_not_visible", "a_word_of_tomorrow"],
}
FIVE = ["account_inactive", "invalid_auth", "not_authed", "team_access_not_granted", "token_expired"]
SHUT_OUT = [*FIVE, "org_login_required", "team_added_to_org", "two_factor_setup_required", "accesslimited"]
CLOSED = [*SHUT_OUT, "ekm_access_denied", "messages_tab_disabled", "missing_scope"]
WORDS = select(Workspace.refused_for)


@pytest.fixture
async def post(engine: AsyncEngine, ladder: Ladder) -> AsyncIterator[Post]:
    """Postgres's clock stands still."""
    async with clocked(engine) as clock, posting(clock.engine, ladder) as post:
        yield post


@pytest.mark.parametrize("method", ["conversations.open", "chat.postMessage"])
@pytest.mark.parametrize(("what", "error"), [(what, error) for what, errors in GONE.items() for error in errors])
async def test_an_error_that_will_not_heal_ends_what_it_was_said_of(
    post: Post, method: str, what: Meaning, error: str
) -> None:
    await post.plan()
    post.playground.faults.refuse(method, error)
    delivery = await post.run(times=2)
    assert (delivery.state, delivery.error, post.messages()) == (DeliveryState.FAILED, error, [])
    assert await post.scalars(select(CheckIn.state)) == [CheckInState.CANCELLED]
    assert await post.scalars(select(Member.active)) == [what is not Meaning.MEMBER_GONE]
    [uninstalled] = await post.scalars(select(Workspace.uninstalled_at))
    assert (uninstalled is not None) is (what is Meaning.WORKSPACE_GONE)

    await post.plan(SAM)
    assert await post.sender().run() == (0 if uninstalled else 1)
    assert len(post.messages(SAM)) == (0 if uninstalled else 1)


@pytest.mark.parametrize("method", ["conversations.open", "chat.postMessage"])
@pytest.mark.parametrize("error", CLOSED)
async def test_what_passes_or_can_be_mended_makes_the_workspace_wait(post: Post, error: str, method: str) -> None:
    await post.plan()
    post.playground.faults.refuse(method, error)
    delivery = await post.run(times=3)
    assert (delivery.state, delivery.error) == (DeliveryState.READY, error)
    assert (await post.scalars(PAUSED_FOR), await post.scalars(WORDS)) == ([60], [error])
    assert (await post.scalars(select(Member.active)), await post.scalars(UNINSTALLED)) == ([True], [None])
    await go_on(post, timedelta(minutes=1))
    assert (await post.run()).state == DeliveryState.SENT
    assert await post.scalars(WORDS) == [None]
    assert len(post.messages()) == 1


async def test_while_slack_refuses_one_message_tries_ever_more_rarely_and_then_all_go_out(post: Post) -> None:
    for user in (MAYA, SAM) * 10:
        await post.plan(user)
    post.playground.faults.refuse("chat.postMessage", "invalid_auth", times=1_000)
    await post.sender().run()
    at: list[int] = []
    now = 0
    for minute in (*range(1, 33), 62, 63, 64, 122, 123, 124, 182, 183, 184):  # a try due sooner comes in these too
        await go_on(post, timedelta(minutes=minute - now))
        now, before = minute, post.attempts()
        await asyncio.gather(*(post.sender().run() for _ in range(3)))
        at += [minute] * (post.attempts() - before)
    assert at == [1, 3, 7, 15, 31, 63, 123, 183]
    assert set(await post.scalars(select(Delivery.state))) == {DeliveryState.READY}

    post.playground.faults.clear()
    await go_on(post, timedelta(hours=1))
    await post.sender().run()
    assert (len(post.messages(MAYA)), len(post.messages(SAM))) == (10, 10)
    assert (await post.scalars(WORDS), await post.scalars(select(Workspace.paused_until))) == ([None], [None])


async def test_the_log_tells_of_a_refusal_once_and_of_its_end(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    await post.plan()
    post.playground.faults.refuse("chat.postMessage", "token_expired", times=3)
    for _ in range(4):
        await post.sender().run()
        await go_on(post, timedelta(hours=1))
    said = [record.getMessage() for record in caplog.records if "workspace." in record.getMessage()]
    assert ["workspace.refused" in line for line in said] == [True, False]
    assert "workspace.accepted" in said[1]
    assert "token_expired" in said[0]


async def test_what_has_nothing_to_say_by_then_holds_up_nobody(post: Post) -> None:
    for _ in range(5):
        await post.plan()
    post.playground.faults.refuse("chat.postMessage", "invalid_auth", times=5)
    await post.sender().run()
    async with post.sessions.begin() as session:
        await session.execute(update(CheckIn).values(state=CheckInState.CANCELLED))
    await post.plan(SAM)
    await go_on(post, timedelta(minutes=1))
    await post.sender().run()
    assert len(post.messages(SAM)) == 1
    assert await post.scalars(WORDS) == [None]


async def test_with_nothing_to_send_slack_is_asked_whether_it_takes_the_token_again(post: Post) -> None:
    await post.plan()
    post.playground.faults.refuse("chat.postMessage", "invalid_auth")
    post.playground.faults.refuse("auth.test", "invalid_auth")
    await post.sender().run()
    async with post.sessions.begin() as session:
        await session.execute(update(CheckIn).values(state=CheckInState.CANCELLED))
    await go_on(post, timedelta(minutes=1))
    await post.sender().run()
    await post.sender().run()
    assert (await post.scalars(WORDS), await post.scalars(PAUSED_FOR)) == (["invalid_auth"], [120])
    await go_on(post, timedelta(minutes=2))
    await asyncio.gather(*(post.sender().run() for _ in range(3)))
    assert await post.scalars(WORDS) == [None]
    assert len(post.playground.journal.of("auth.test")) == 2


async def test_a_token_that_slack_takes_does_not_show_that_it_takes_messages(post: Post) -> None:
    await post.plan()
    post.playground.faults.refuse("chat.postMessage", "messages_tab_disabled")
    await post.sender().run()
    async with post.sessions.begin() as session:
        await session.execute(update(CheckIn).values(state=CheckInState.CANCELLED))
    for _ in range(3):
        await go_on(post, timedelta(hours=1))
        await post.sender().run()
    assert await post.scalars(WORDS) == ["messages_tab_disabled"]
    assert len(post.playground.journal.of("auth.test")) == 0
    await post.plan(SAM)
    await go_on(post, timedelta(hours=1))
    await post.sender().run()
    assert await post.scalars(WORDS) == [None], "and the next message does"


async def test_a_refusal_of_the_message_shows_that_slack_takes_others(post: Post) -> None:
    await post.plan()
    post.playground.faults.refuse("chat.postMessage", "invalid_auth")
    await post.sender().run()
    post.playground.faults.refuse("chat.postMessage", "msg_too_long")
    await go_on(post, timedelta(minutes=1))
    assert (await post.run()).state == DeliveryState.FAILED
    assert await post.scalars(WORDS) == [None]


async def test_a_refused_look_keeps_the_delivery_unknown_and_is_found_later(post: Post) -> None:
    await lose_the_answer(post)
    post.playground.faults.refuse("conversations.history", "account_inactive")
    assert (await post.run()).state == DeliveryState.UNKNOWN
    assert await post.scalars(WORDS) == ["account_inactive"]
    await go_on(post, timedelta(hours=1))
    assert (await post.run(times=2)).state == DeliveryState.SENT
    assert (post.attempts(), await post.scalars(WORDS)) == (1, [None])


@pytest.mark.parametrize("method", ["conversations.open", "chat.postMessage", "conversations.history", "chat.update"])
async def test_429_of_any_method_makes_the_workspace_wait(post: Post, method: str) -> None:
    if method in ("conversations.history", "chat.update"):
        await lose_the_answer(post)
    else:
        await post.plan()
    post.playground.faults.rate_limit(method, retry_after=1)
    await post.sender().run()
    assert post.playground.journal.of(method)[0].response["error"] == "ratelimited"
    assert await post.scalars(PAUSED_FOR) == [1]


@pytest.mark.parametrize("error", ["channel_not_found", "is_archived", "not_in_channel"])
async def test_a_dm_that_is_gone_is_opened_anew_once(post: Post, error: str) -> None:
    await post.plan()
    await post.run()
    await post.plan()
    post.playground.faults.refuse("chat.postMessage", error)
    await post.sender().run()
    assert len(post.messages()) == 2

    await post.plan()
    post.playground.faults.refuse("chat.postMessage", error, times=2)
    await post.sender().run()
    assert len(post.messages()) == 2
    assert await post.scalars(select(Delivery.error).where(Delivery.state == DeliveryState.FAILED)) == [error]


async def test_a_history_that_nobody_may_read_is_given_up_after_36_hours(post: Post) -> None:
    await lose_the_answer(post)
    post.playground.faults.refuse("conversations.history", "missing_scope", times=1_000)
    hours = 0
    while (delivery := await post.run()).state == DeliveryState.UNKNOWN:
        await go_on(post, timedelta(hours=1))
        hours += 1
    assert (hours, delivery.state) == (36, DeliveryState.FAILED)
    assert delivery.error == "given up after 36 hours: cannot be looked for: missing_scope"
    assert await post.scalars(select(CheckIn.state)) == [CheckInState.CANCELLED]
    await go_on(post, timedelta(days=3))
    await post.run()
    assert post.attempts() == 1


async def test_looks_at_a_history_that_cannot_be_read_come_ever_more_rarely(post: Post) -> None:
    await lose_the_answer(post)
    post.playground.faults.refuse("conversations.history", "fatal_error", times=1_000)
    for _ in range(120):
        await post.sender(Timing()).run()
        await go_on(post, timedelta(seconds=30))
    assert len(post.playground.journal.of("conversations.history")) == 7


async def test_what_waits_for_a_workspace_that_is_gone_ends_with_a_reason(post: Post) -> None:
    await lose_the_answer(post)
    await post.plan(SAM)
    async with post.sessions.begin() as session:
        await workspaces.uninstalled(session, post.playground.workspace.team_id, post.playground.clock.now())
    await go_on(post, timedelta(hours=35))
    assert await post.sender().run() == 0
    waiting = {DeliveryState.UNKNOWN, DeliveryState.READY}
    assert set(await post.scalars(select(Delivery.state))) == waiting
    await go_on(post, timedelta(hours=2))
    assert await post.sender().run() == 0
    assert set(await post.scalars(select(Delivery.state))) == {DeliveryState.FAILED, DeliveryState.CANCELLED}
    assert set(await post.scalars(select(CheckIn.state))) == {CheckInState.CANCELLED}
    assert post.attempts() == 1


async def test_a_token_that_slack_takes_again_installs_the_workspace_again(world: World) -> None:
    await world.ladder_command(MAYA, "next")
    await world.click(MAYA, "welcome.level.l4")
    async with world.sessions.begin() as session:
        await workspaces.uninstalled(session, world.playground.workspace.team_id, world.playground.clock.now())
    await world.service.stop()
    await world.service.start()
    await world.service.ticker.run()
    assert await world.rows(select(Workspace.uninstalled_at)) == [None]
