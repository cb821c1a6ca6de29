"""What the log and Prometheus hear of deliveries."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.delivery.outcomes import Timing
from db.engine import create_engine
from db.models import CheckIn, Delivery, Workspace
from db.outbox import backlog, claims, deliveries
from ladder_content.model import Ladder
from tests.support.checkin import MONDAY, asked, meet
from tests.support.outbox import FAST, Post, posting
from tests.support.pause import slack_is_back
from tests.support.steps import figures, scrape
from tests.support.world import MAYA, SAM, START, World, world_of


@pytest.mark.parametrize("world", ["socket", "http"], indirect=True)
async def test_metrics_are_scraped_and_hold_no_content(world: World) -> None:
    assert figures((await scrape(world))[2]) == {}
    await asked(world)
    status, kind, text = await scrape(world)
    assert (status, kind.partition(";")[0]) == (200, "text/plain")
    assert figures(text) == {"planned:check_in": 1, "sent:check_in": 1}
    for secret in (*await world.rows(select(CheckIn.question)), "Maya", MAYA, SAM, "T0PLAYGROUND"):
        assert secret not in text


async def test_lag_and_what_waits_are_read_from_postgres(world: World) -> None:
    await meet(world)
    world.playground.faults.refuse("chat.postMessage", "ratelimited")
    await world.travel(MONDAY)
    async with world.sessions.begin() as session:
        longer_ago = Delivery.created_at - timedelta(hours=2)
        await session.execute(update(Delivery).values(created_at=longer_ago))
    found = figures((await scrape(world))[2])
    assert 7200 <= found.pop("lag_seconds") < 7400, "it is tried again and again, and has waited all the time"
    assert found == {"planned:check_in": 1, "retried:check_in": 1, "waiting:ready": 1}
    async with world.sessions.begin() as session:
        await session.execute(update(Workspace).values(uninstalled_at=START))
    assert "lag_seconds" not in figures((await scrape(world))[2]), "nobody waits where Rung was uninstalled"


async def test_what_waits_for_its_hour_is_late_from_then_on(world: World) -> None:
    await meet(world)
    world.playground.faults.refuse("chat.postMessage", "ratelimited")
    await world.travel(MONDAY)
    await world.travel(timedelta(hours=18))  # 03:00 in Berlin
    await slack_is_back(world)
    async with world.sessions.begin() as session:
        await session.execute(update(Delivery).values(created_at=Delivery.created_at - timedelta(hours=18)))
    assert "lag_seconds" not in figures((await scrape(world))[2])
    async with world.sessions.begin() as session:
        await session.execute(update(Delivery).values(run_at=func.now() - timedelta(minutes=5)))
    assert 300 <= figures((await scrape(world))[2])["lag_seconds"] < 360


async def test_without_postgres_nothing_is_said_of_what_waits(ladder: Ladder) -> None:
    away = create_engine("postgresql://rung@127.0.0.1:1/nowhere")
    async with world_of(away, ladder) as world:
        status, _, text = await scrape(world)
    assert (status, "deliveries_waiting{" in text, "deliveries_lag_seconds NaN" in text) == (200, False, True)
    await away.dispose()


@pytest.fixture
async def post(engine: AsyncEngine, ladder: Ladder) -> AsyncIterator[Post]:
    async with posting(engine, ladder) as post:
        yield post


async def steps_of(post: Post, caplog: pytest.LogCaptureFixture) -> list[str]:
    """What one delivery went through by the log, which the counters have to agree with."""
    sender = post.sender()
    caplog.set_level("INFO")
    await sender.run()
    said = [each.msg for each in caplog.records if isinstance(each.msg, dict) and "delivery" in each.msg]
    [delivery] = await post.scalars(select(Delivery.id))
    assert {(each["delivery"], each["kind"]) for each in said} == {(str(delivery), "check_in")}
    names = [each["event"].removeprefix("delivery.") for each in said]
    async with post.sessions() as session:
        counted = figures(sender.steps.exposition(await backlog.backlog(session)).decode())
    assert counted == Counter(f"{name}:check_in" for name in names)
    return names


async def test_a_lost_answer_is_told_step_by_step(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    await post.plan()
    post.playground.faults.lose("chat.postMessage")
    assert await steps_of(post, caplog) == ["unknown", "sent", "reconciled", "refreshed"]


async def test_a_look_that_others_overtook_is_not_counted(post: Post) -> None:
    await post.plan()
    post.playground.faults.refuse("chat.postMessage", "internal_error")
    await post.sender(Timing(margin=timedelta(seconds=30))).run()
    async with post.sessions.begin() as session:
        await session.execute(update(Delivery).values(run_at=func.now()))
        [late] = await claims.claim(session, 1, timedelta(), FAST)
        await deliveries.again(session, late, timedelta(), "others were faster")
    sender = post.sender()
    await sender._look_for(late)
    async with post.sessions() as session:
        assert figures(sender.steps.exposition(await backlog.backlog(session)).decode()).keys() <= {
            "waiting:ready",
            "lag_seconds",
        }


async def test_what_never_arrived_is_tried_again(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    await post.plan()
    post.playground.faults.refuse("chat.postMessage", "internal_error")
    assert await steps_of(post, caplog) == ["unknown", "retried", "reconciled", "sent"]


async def test_a_failure_is_told_with_its_reason(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    await post.plan()
    post.playground.faults.refuse("chat.postMessage", "msg_too_long")
    assert await steps_of(post, caplog) == ["failed"]
    assert "msg_too_long" in caplog.text


async def test_a_question_withdrawn_is_told_as_cancelled(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    await post.plan()
    async with post.sessions.begin() as session:
        await session.execute(update(CheckIn).values(state="skipped"))
    assert await steps_of(post, caplog) == ["cancelled"]
