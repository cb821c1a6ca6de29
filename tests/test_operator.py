"""What whoever runs Rung sees of the outbox, and can do: as processes, on the playground."""

import asyncio
import contextvars
import re
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.features import message_kinds
from bot.ops import deliveries
from db.engine import AsyncSession, Sessions
from db.enums import DeliveryState
from db.models import CheckIn, Delivery, Member
from db.outbox import backlog
from handlers.checkins.messages import Question
from handlers.slack.message_kind import Composed, Due
from ladder_content.model import Ladder
from tests.support.outbox import Post, posting
from tests.support.playground_app import until
from tests.support.processes import output, rung, slack
from tests.support.questions import planned
from tests.support.world import MAYA, SAM


@pytest.fixture
async def post(engine: AsyncEngine, ladder: Ladder) -> AsyncIterator[Post]:
    async with posting(engine, ladder) as post:
        yield post


async def test_an_empty_outbox_says_so(post: Post, database_url: str, tmp_path: Path) -> None:
    assert await told(post, database_url, tmp_path) == ["Nothing is waiting, unknown or failed."]
    assert await told(post, database_url, tmp_path, "--dry-run") == ["Nothing would be sent now."]


async def told(post: Post, database_url: str, folder: Path, *options: str) -> list[str]:
    ended = await output("deliveries", *options, folder=folder, DATABASE_URL=database_url)
    assert (ended.code, ended.stderr) == (0, "")
    return ended.stdout.splitlines()


async def test_the_outbox_is_listed_and_a_dry_run_sends_nothing(post: Post, database_url: str, tmp_path: Path) -> None:
    await post.plan(MAYA)
    post.playground.faults.refuse("chat.postMessage", "msg_too_long")
    await post.run()
    await post.plan(SAM)
    ids = CheckIn.criterion_id + "/" + CheckIn.prompt_id
    [asks, _] = await post.scalars(select(ids).order_by(CheckIn.id))
    [question, _] = await post.scalars(select(CheckIn.question).order_by(CheckIn.id))

    head, *lines = await told(post, database_url, tmp_path)
    assert [head.index(word) for word in ("state", "tries", "why")] == [
        lines[0].rindex(word) for word in ("failed", "1  ", "msg_too_long")
    ]
    assert [re.split(r"  +", line)[2:] for line in lines] == [
        [MAYA, "check_in", asks, "failed", "1", "msg_too_long"],
        [SAM, "check_in", asks, "ready", "0"],
    ]
    _, would = await told(post, database_url, tmp_path, "--dry-run")
    assert re.split(r"  +", would)[2:] == [SAM, "check_in", asks, "sent"]
    assert question not in "\n".join([*lines, would])
    assert post.attempts() == 1
    assert (await post.scalars(select(Delivery.attempts).order_by(Delivery.created_at))) == [1, 0]

    failed = lines[0].split()[0]
    requeued = await told(post, database_url, tmp_path, "--requeue", failed)
    assert {line.split()[0]: re.split(r"  +", line)[5] for line in requeued}[failed] == "unknown"
    await post.sender().run()
    assert (len(post.messages(MAYA)), len(post.messages(SAM))) == (1, 1)
    ended = await output("deliveries", "--requeue", failed, folder=tmp_path, DATABASE_URL=database_url)
    assert (ended.code, ended.stderr) == (2, f"No delivery {failed} has failed, so nothing was changed.\n")


async def test_a_requeue_waits_for_the_member_before_it_holds_the_delivery(post: Post) -> None:
    await post.plan(MAYA)
    post.playground.faults.refuse("chat.postMessage", "msg_too_long")
    failed = await post.run()
    stands = select(func.count()).where(text("wait_event_type = 'Lock' AND datname = current_database()"))
    async with post.sessions.begin() as answering:
        await answering.execute(select(Member).with_for_update())
        requeue = asyncio.create_task(deliveries.requeue(post.sessions, message_kinds(), failed.id))
        while await post.scalars(stands.select_from(text("pg_stat_activity"))) == [0]:
            pass
        await answering.execute(select(Delivery).with_for_update(nowait=True))
    assert await requeue
    assert (await post.delivery()).state == DeliveryState.UNKNOWN


async def test_a_dry_run_requeues_nothing(post: Post, database_url: str, tmp_path: Path) -> None:
    await post.plan(MAYA)
    post.playground.faults.refuse("chat.postMessage", "msg_too_long")
    failed = await post.run()
    options = ("--dry-run", "--requeue", str(failed.id))
    ended = await output("deliveries", *options, folder=tmp_path, DATABASE_URL=database_url)
    assert (ended.code, ended.stderr) == (2, "A dry run changes nothing, and --requeue does: choose one of the two.\n")
    assert (await post.delivery()).state == DeliveryState.FAILED


async def test_a_dry_run_bears_what_becomes_ready_meanwhile(
    post: Post, ladder: Ladder, monkeypatch: pytest.MonkeyPatch
) -> None:
    await post.plan(MAYA)
    delivery, waiting = await post.delivery(), backlog.waiting

    async def becomes(state: DeliveryState) -> None:
        async with post.sessions.begin() as session:
            await session.execute(update(Delivery).where(Delivery.id == delivery.id).values(state=state))

    async def ready_after(session: AsyncSession) -> Any:
        found = await waiting(session)
        await becomes(DeliveryState.READY)
        return found

    await becomes(DeliveryState.CANCELLED)
    monkeypatch.setattr(backlog, "waiting", ready_after)
    await deliveries.dry_run(post.sessions, message_kinds(), ladder, post.playground.clock.now())
    assert (await post.delivery()).state == DeliveryState.READY


async def test_a_dry_run_holds_up_nobody_who_sends(post: Post, ladder: Ladder, monkeypatch: pytest.MonkeyPatch) -> None:
    await post.plan(MAYA)

    compose = Question.compose

    async def while_others_send(self: Question, session: AsyncSession, due: Due) -> Composed:
        monkeypatch.setattr(Question, "compose", compose)
        await asyncio.create_task(post.sender().run(), context=contextvars.Context())
        return await compose(self, session, due)

    monkeypatch.setattr(Question, "compose", while_others_send)
    await deliveries.dry_run(post.sessions, message_kinds(), ladder, post.playground.clock.now())
    assert post.attempts() == 1


async def test_who_asks_about_a_long_outbox_has_time(
    post: Post, ladder: Ladder, monkeypatch: pytest.MonkeyPatch
) -> None:
    timeouts, waiting = [], backlog.waiting

    async def noted(session: AsyncSession) -> Any:
        timeouts.append(await session.scalar(text("SELECT current_setting('statement_timeout')")))
        return await waiting(session)

    monkeypatch.setattr(backlog, "waiting", noted)
    await deliveries.outbox(post.sessions, message_kinds())
    await deliveries.dry_run(post.sessions, message_kinds(), ladder, post.playground.clock.now())
    assert timeouts == ["15s", "15s"]


async def test_with_delivery_paused_nothing_is_sent_and_it_says_so(
    engine: AsyncEngine, database_url: str, ladder: Ladder, tmp_path: Path
) -> None:
    async with slack("socket") as (playground, settings):
        settings |= {"DATABASE_URL": database_url, "DELIVERY_PAUSED": "true"}
        async with rung(settings, tmp_path) as running:
            assert (await running.request("GET", "/readyz"))[1].endswith("delivery: paused\n")
            assert "delivery.paused" in running.log
            await planned(Sessions(engine), ladder, playground, MAYA)
            await asyncio.sleep(2)
            assert await running.end() == 0
            assert playground.journal.of("chat.postMessage") == []
            del running.settings["DELIVERY_PAUSED"]
            await running.start()
            await until(lambda: playground.journal.of("chat.postMessage"))
            await running.end()


@pytest.mark.parametrize("patient", [True, False])
async def test_what_is_being_posted_at_the_end_is_recorded_unless_told_twice(
    engine: AsyncEngine, database_url: str, ladder: Ladder, tmp_path: Path, patient: bool
) -> None:
    async with (
        slack("socket") as (playground, settings),
        rung(settings | {"DATABASE_URL": database_url}, tmp_path) as it,
    ):
        playground.faults.slow("chat.postMessage", 7)
        await planned(Sessions(engine), ladder, playground, MAYA)
        await until(lambda: playground.journal.of("conversations.open"))
        await asyncio.sleep(0.5)
        it.send(signal.SIGTERM)
        await until(lambda: '"service.stopping"' in it.log)
        if patient:
            assert await it.wait() == 0
        else:
            assert await it.end(signal.SIGTERM) == 130
    async with Sessions(engine)() as session:
        state = await session.scalar(select(Delivery.state))
    assert state == ("sent" if patient else "sending")
