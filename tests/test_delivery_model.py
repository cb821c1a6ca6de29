"""The outbox under everything that can happen to it, in any order: a plain model says what must come of it."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.delivery.outcomes import Timing
from bot.delivery.sender import Sender
from bot.delivery.slack_cleanup import Clearer
from bot.features import LAST_WORD, message_kinds
from db.engine import AsyncSession, Sessions
from db.enums import CheckInState, DeliveryKind
from db.members import UserRef
from db.models import CheckIn, Delivery, Workspace
from db.outbox import deliveries, stale
from db.outbox.claims import Pace
from db.workspaces import workspaces
from ladder_content.model import Ladder
from playground.playground import Playground
from tests.support.database import emptied
from tests.support.killable import DiedError, DirectClient, Life, MortalSessions
from tests.support.postgres_clock import START, clocked
from tests.support.questions import planned

T = TypeVar("T")
TIMING = Timing()
FAST = Pace(per_minute=60_000)
MARGIN, HOUR, GIVE_UP, RETRY_AFTER = TIMING.margin.total_seconds(), 3600, TIMING.give_up.total_seconds(), 45
EARLIER, LATER = datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 1, 2, tzinfo=UTC)
PEOPLE = 4
ALWAYS = 1_000  # calls


@dataclass
class Expected:
    """A delivery as the model has it: `at` is when something may happen to it next, in seconds since the start."""

    state: str
    question: str
    at: float = 0
    unknown_since: float = 0
    channel: bool = False
    message: bool = False
    stale: bool = False

    def becomes(self, state: str, question: str) -> None:
        self.state = state
        if self.question == "planned":
            self.question = question


def accepted(it: Expected, now: float) -> None:
    it.message = True
    it.becomes("sent", "asked")


def refreshed(it: Expected) -> None:
    it.stale = False
    if it.question == "cancelled":
        it.state, it.message = "cancelled", False
    it.becomes(it.state, "asked")


def refused(it: Expected, now: float) -> None:
    it.becomes("failed", "cancelled")


def slowed_down(it: Expected, now: float) -> None:
    it.at = now + RETRY_AFTER


def lost(it: Expected, now: float) -> None:
    it.state, it.unknown_since, it.at = "unknown", now, now + MARGIN


def lost_after(it: Expected, now: float) -> None:
    it.message = True
    lost(it, now)


# How Slack takes all calls of one run: what the playground does, and what the model expects of each post.
WEATHER: dict[str, tuple[Callable[[Playground], None], Callable[[Expected, float], None]]] = {
    "fair": (lambda p: None, accepted),
    "blind": (lambda p: p.faults.refuse("conversations.history", "fatal_error", ALWAYS), accepted),
    "lost after it was accepted": (lambda p: p.faults.lose("chat.postMessage", ALWAYS), lost_after),
    "500 after it was accepted": (lambda p: p.faults.fail("chat.postMessage", ALWAYS, accepted=True), lost_after),
    "lost before it was accepted": (lambda p: p.faults.lose("chat.postMessage", ALWAYS, accepted=False), lost),
    "refused": (lambda p: p.faults.refuse("chat.postMessage", "msg_too_long", ALWAYS), refused),
    "429": (lambda p: p.faults.rate_limit("chat.postMessage", RETRY_AFTER, ALWAYS), slowed_down),
}


class Outbox(RuleBasedStateMachine):
    """Questions to people, a clock, and senders that live or die: the real ones, on a real Postgres."""

    def __init__(self, engine: AsyncEngine, ladder: Ladder) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.plain = engine
        self.context = clocked(self.plain)
        self.clock = self.do(self._begin())
        self.sessions = Sessions(self.clock.engine)
        self.ladder = ladder
        self.playground = Playground()
        self.key = self.playground.workspace.team_id
        self.model: dict[str, Expected] = {}
        self.users: dict[str, str] = {}
        self.now = self.paused_until = 0.0
        self.uninstalled_at: float | None = None

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    async def _begin(self) -> Any:
        await emptied(self.plain)
        return await self.context.__aenter__()

    def teardown(self) -> None:
        """When all is well again everything comes to its end."""
        try:
            if self.uninstalled_at is not None:
                self.install_again()
            for _ in range(4):
                self.wait(HOUR)
                self.run("fair")
            self.as_expected()
            for it in self.model.values():
                assert it.state in ("sent", "cancelled", "failed")
                assert it.question != "planned"
        finally:
            self.do(self.context.__aexit__(None, None, None))
            self.do(self.plain.dispose())
            self.runner.close()

    @initialize()
    def begin(self) -> None:
        self.plan()
        self.plan()

    @precondition(lambda self: len(self.model) < PEOPLE)
    @rule()
    def plan(self) -> None:
        user = self.playground.workspace.add_person(f"p{len(self.model)}").id
        question = self.do(planned(self.sessions, self.ladder, self.playground, user))
        id_ = self.do(self._scalar(select(Delivery.id).where(Delivery.subject_id == question)))
        self.model[str(id_)], self.users[str(id_)] = Expected("ready", "planned"), user

    @rule(seconds=st.sampled_from([1, 31, 61, HOUR + 1, GIVE_UP + 1]))
    def wait(self, seconds: float) -> None:
        self.do(self.clock.advance(timedelta(seconds=seconds)))
        self.now += seconds

    @rule(weather=st.sampled_from(list(WEATHER)))
    def run(self, weather: str) -> None:
        self.do(self._run(weather, Life(), Life()))
        self.do(self._run(weather, Life()))  # what the two held up for each other
        exact = weather != "429" or not any(it.state == "unknown" for it in self.model.values())
        self._expect(weather) if exact else self.do(self._learn())

    @rule(weather=st.sampled_from(list(WEATHER)), steps=st.integers(0, 12))
    def run_and_die(self, weather: str, steps: int) -> None:
        with contextlib.suppress(DiedError):
            self.do(self._run(weather, Life(steps)))
        self.do(self._learn())

    @rule(data=st.data())
    def cancel_a_question(self, data: st.DataObject) -> None:
        planned_ = [id_ for id_, it in self.model.items() if it.question == "planned"]
        if planned_:
            id_ = data.draw(st.sampled_from(planned_))
            self.do(self._cancel(id_))
            self.model[id_].question = "cancelled"

    @rule(data=st.data())
    def click(self, data: st.DataObject) -> None:
        if there := list(self.messages()):
            id_ = data.draw(st.sampled_from(there))
            self.do(self._click(id_))
            it = self.model[id_]
            if it.state not in ("sent", "cancelled"):
                it.state, it.stale, it.at = "sent", True, self.now

    @precondition(lambda self: self.model and self.uninstalled_at is None)
    @rule()
    def uninstall(self) -> None:
        self.do(self._write(lambda session: workspaces.uninstalled(session, self.key, LATER)))
        self.uninstalled_at = self.now

    @precondition(lambda self: self.uninstalled_at is not None)
    @rule()
    def install_again(self) -> None:
        self.do(self._write(lambda session: workspaces.installed(session, self.key, EARLIER)))
        self.uninstalled_at = None

    @invariant()
    def as_expected(self) -> None:
        there = self.messages()
        assert all(len(found) == 1 for found in there.values()), "a message stands twice"
        found = self.do(self._stored())
        assert {id_: (row.state, row.question) for id_, row in found.items()} == {
            id_: (it.state, it.question) for id_, it in self.model.items()
        }
        assert set(there) == {id_ for id_, it in self.model.items() if it.message}
        for id_, row in found.items():
            if row.state == "sent":
                assert [row.ts] == there[id_]
            if row.state in ("ready", "cancelled"):
                assert id_ not in there, "what is to be sent, or never, stands in Slack"

    def messages(self) -> dict[str, list[str]]:
        """Delivery → the ts of each of its messages in Slack."""
        found: dict[str, list[str]] = {}
        for channel in self.playground.workspace.channels.values():
            for message in channel.messages:
                assert message.metadata
                found.setdefault(message.metadata["event_payload"]["delivery_id"], []).append(message.ts)
        return found

    def _expect(self, weather: str) -> None:
        """What a run must do, told plainly."""
        now, all_ = self.now, self.model.values()
        for it in all_:
            if it.state == "sending" and it.at < now:
                lost(it, now)
        if self.uninstalled_at is not None and self.uninstalled_at < now - GIVE_UP:
            for it in all_:
                if it.state in ("ready", "unknown"):
                    it.becomes("cancelled" if it.state == "ready" else "failed", "cancelled")
        if self.uninstalled_at is not None or self.paused_until > now:
            return
        for it in all_:
            if it.stale and it.at <= now:
                refreshed(it)
        for it in all_:
            if it.state == "unknown" and it.at <= now:
                self._expect_look(it, blind=weather == "blind")
        for it in all_:
            if it.state == "ready" and it.at <= now:
                if it.question != "planned":
                    it.state = "cancelled"
                    continue
                it.channel = True
                WEATHER[weather][1](it, now)
                if weather == "429":
                    self.paused_until = now + RETRY_AFTER

    def _expect_look(self, it: Expected, *, blind: bool) -> None:
        if blind and it.channel:
            if it.unknown_since < self.now - GIVE_UP:
                it.becomes("failed", "cancelled")
            else:
                it.at = self.now + min(max(self.now - it.unknown_since, MARGIN), HOUR)
        elif not it.message:
            it.state, it.at = "ready", self.now
        elif it.question == "planned":
            it.becomes("sent", "asked")
        else:
            it.state, it.message = "cancelled", False

    async def _learn(self) -> None:
        """Nobody knows how far a sender came: the model goes on from what it left behind."""
        there = self.messages()
        for id_, row in (await self._stored()).items():
            at = row.lease_until if row.state == "sending" else row.run_at
            self.model[id_] = Expected(
                row.state,
                row.question,
                (at - START).total_seconds(),
                (row.unknown_since - START).total_seconds() if row.unknown_since else 0,
                row.channel is not None,
                id_ in there,
                row.state == "sent" and row.stale_at is not None,
            )
        paused = await self._scalar(select(Workspace.paused_until))
        self.paused_until = (paused - START).total_seconds() if paused else 0

    async def _run(self, weather: str, *lives: Life) -> None:
        WEATHER[weather][0](self.playground)
        try:
            await asyncio.gather(*(self._sender(life).run() for life in lives))
        finally:
            self.playground.faults.clear()
            # Removals are dated by the defaults of their columns, which keep to the clock of Postgres.
            await Clearer(Sessions(self.plain), lambda workspace: DirectClient(self.playground), LAST_WORD).run()

    def _sender(self, life: Life) -> Sender:
        client = DirectClient(self.playground, life)
        sessions = MortalSessions(self.clock.engine, life)
        now = self.playground.clock.now
        return Sender(sessions, lambda workspace: client, message_kinds(), self.ladder, now, TIMING, FAST)

    async def _click(self, id_: str) -> None:
        [ts], channel = self.messages()[id_], self.playground.workspace.dm(self.users[id_]).id
        subject = await self._scalar(select(Delivery.subject_id).where(Delivery.id == id_))
        who = UserRef(self.key, self.users[id_])
        async with self.sessions.begin() as session:
            await deliveries.proven(session, who, DeliveryKind.CHECK_IN, subject, channel, ts)

    async def _cancel(self, id_: str) -> None:
        async with self.sessions.begin() as session:
            mine = select(Delivery.subject_id).where(Delivery.id == id_).scalar_subquery()
            await session.execute(update(CheckIn).where(CheckIn.id == mine).values(state=CheckInState.CANCELLED))
            members = await session.scalars(select(Delivery.member_id).where(Delivery.id == id_))
            await stale.mark_in_flight(session, members.all())

    async def _write(self, change: Callable[[AsyncSession], Awaitable[object]]) -> None:
        async with self.sessions.begin() as session:
            await change(session)

    async def _scalar(self, query: Select[Any]) -> Any:
        async with self.sessions() as session:
            return await session.scalar(query)

    async def _stored(self) -> dict[str, Any]:
        columns = (Delivery.run_at, Delivery.lease_until, Delivery.unknown_since, Delivery.channel, Delivery.ts)
        async with self.sessions() as session:
            rows = await session.execute(
                select(Delivery.id, Delivery.state, CheckIn.state.label("question"), Delivery.stale_at, *columns).join(
                    CheckIn, CheckIn.id == Delivery.subject_id
                )
            )
            return {str(row.id): row for row in rows}


def play(engine: AsyncEngine, ladder: Ladder, examples: int, steps: int) -> None:
    how = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )

    def machine() -> Outbox:
        return Outbox(engine, ladder)

    run_state_machine_as_test(machine, settings=how)  # type: ignore[arg-type] # any callable will do


def test_the_outbox_does_what_the_model_says(loops_own_engine: AsyncEngine, ladder: Ladder) -> None:
    play(loops_own_engine, ladder, examples=25, steps=15)


@pytest.mark.torture
def test_the_outbox_does_what_the_model_says_for_long(loops_own_engine: AsyncEngine, ladder: Ladder) -> None:
    play(loops_own_engine, ladder, examples=60, steps=30)
