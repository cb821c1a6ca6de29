"""One run: workers empty an outbox while everything around them fails; then what the people in Slack see."""

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.server import Slack
from bot.startup import database
from db import embedded
from tests.processes import postmaster
from tests.torture import outbox
from tests.torture.crew import NAMES, Crew
from tests.torture.slack import Slacks
from tests.torture.storm import Storm
from tests.torture.worker import Orders, Pace

DATABASE = "torture"
SHOWN = 5  # of those with more or less than one question


@dataclass(frozen=True)
class Plan:
    """What a run is like, as far as a seed can tell processes what to do. Times are means in seconds."""

    seed: int
    members: int = 5000
    workspaces: int = 3
    pace: Pace = Pace(request=1.0, lease=6.0, margin=2.0)  # noqa: RUF009 - frozen
    due_within: float = 40.0
    between_kills: float = 1.5
    between_restarts: float = 12.0
    between_disconnects: float = 5.0

    @property
    def patience(self) -> float:
        """Seconds after which a run is not waited for any more."""
        return 60 + self.members / 20

    @property
    def slowness(self) -> float:
        """Longer than a worker waits, shorter than it waits before it looks for the message."""
        return self.pace.request + self.pace.margin / 2


@dataclass
class Outcome:
    """What a run did to Rung (`happened`: by kind), and what Rung did."""

    plan: Plan
    happened: Counter[str]
    attempts: int = 0
    reconciled: int = 0
    doubled: int = 0
    lost: int = 0
    seconds: float = 0.0
    troubles: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not (self.doubled or self.lost or self.troubles)


Watch = Callable[[int, Outcome], None]
Event = Callable[[random.Random], Awaitable[None]]


class Run:
    """One run on the Postgres of a home, with its workers' log there."""

    def __init__(self, plan: Plan, home: Path) -> None:
        self.plan = plan
        self._home = home
        self._storm = Storm(plan.seed, plan.slowness)
        self._slacks = Slacks(plan.members, plan.workspaces, self._storm)
        self._outcome = Outcome(plan, self._storm.counts)

    async def play(self, watch: Watch) -> Outcome:
        """Everything from an empty database to the count; `watch` hears how many people were asked."""
        started = time.monotonic()
        url = await asyncio.to_thread(embedded.start, self._home, DATABASE)
        async with database(url, fresh=True) as engine, self._slacks.serving():
            await outbox.fill(engine, self._slacks, self.plan.due_within)
            crew = Crew(self._orders(url))
            try:
                await self._rage(crew, watch)
                await self._settle(engine, watch)
                await self._check_socket()
            finally:
                self._outcome.troubles += [*crew.stop()]
            await asyncio.sleep(self.plan.slowness)  # what a killed worker sent may still be carried out
            await self._count(engine)
        self._outcome.seconds = time.monotonic() - started
        return self._outcome

    def _orders(self, url: str) -> Orders:
        slacks = {
            key: Slack(playground.bot_token, playground.app_token, api_url=f"{playground.url}/api/")
            for key, playground in self._slacks.playgrounds.items()
        }
        return Orders(url, slacks, self.plan.pace, self._home / f"workers-{self.plan.seed}.log")

    async def _rage(self, crew: Crew, watch: Watch) -> None:
        """Let things happen until everyone was asked, and each of them has happened."""

        async def kill(dice: random.Random) -> None:
            self._outcome.troubles += crew.fallen()
            crew.kill(dice.choice(NAMES))

        async def restart_postgres(dice: random.Random) -> None:
            os.kill(postmaster(self._home), signal.SIGQUIT)  # an immediate shutdown
            await asyncio.sleep(dice.random())
            await asyncio.to_thread(embedded.start, self._home, DATABASE)

        async def disconnect(dice: random.Random) -> None:
            sockets = next(iter(self._slacks.playgrounds.values())).socket_mode
            await dice.choice((sockets.drop, sockets.refresh))()

        calm = asyncio.Event()
        plan, happened = self.plan, self._outcome.happened
        events: dict[str, tuple[float, Event]] = {
            "kills": (plan.between_kills, kill),
            "restarts": (plan.between_restarts, restart_postgres),
            "disconnects": (plan.between_disconnects, disconnect),
        }
        async with asyncio.TaskGroup() as group:
            for name, (seconds, event) in events.items():
                group.create_task(self._now_and_then(name, seconds, event, calm))
            end = time.monotonic() + plan.patience
            while time.monotonic() < end and not (
                self._slacks.asked == plan.members and happened.keys() >= events.keys()
            ):
                watch(self._slacks.asked, self._outcome)
                await asyncio.sleep(0.2)
            calm.set()
        self._storm.raging = False

    async def _now_and_then(self, name: str, seconds: float, event: Event, calm: asyncio.Event) -> None:
        dice = random.Random(f"{name} {self.plan.seed}")
        while not await _within(dice.uniform(0.5, 1.5) * seconds, calm):
            await event(dice)
            self._outcome.happened[name] += 1

    async def _settle(self, engine: AsyncEngine, watch: Watch) -> None:
        """Wait until nothing is left to do."""
        end = time.monotonic() + self.plan.patience
        while (left := await outbox.unfinished(engine)) and time.monotonic() < end:
            watch(self._slacks.asked, self._outcome)
            await asyncio.sleep(0.2)
        if left:
            self._outcome.troubles.append(f"{left} were not finished in {self.plan.patience:.0f} s of calm")

    async def _check_socket(self) -> None:
        """After all the disconnects somebody is answered."""
        playground = next(iter(self._slacks.playgrounds.values()))
        answer = await playground.command("U0", "/ladder help")
        if not answer.ok:
            self._outcome.troubles.append(f"a command was not answered: {answer.error}")

    async def _count(self, engine: AsyncEngine) -> None:
        outcome, questions = self._outcome, self._slacks.questions()
        outcome.attempts, outcome.reconciled = self._slacks.attempts, self._slacks.found
        outcome.doubled = sum(count > 1 for count in questions.values())
        outcome.lost = sum(count == 0 for count in questions.values())
        wrong = ((user, count) for user, count in questions.items() if count != 1)
        for user, count in islice(wrong, SHOWN):
            outcome.troubles.append(f"{user} has {count} questions: {await outbox.told(engine, user)}")


async def _within(seconds: float, event: asyncio.Event) -> bool:
    """Whether it happens in that time."""
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False
