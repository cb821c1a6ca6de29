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
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.slack import Slack
from bot.startup import database
from db.embedded import server
from tests.support.processes import postmaster
from tests.torture import outbox
from tests.torture.crew import NAMES, Crew
from tests.torture.slack import Slacks
from tests.torture.storm import Storm
from tests.torture.worker import Haste, Orders

DATABASE = "torture"
NEARLY = 0.98
TRIES = 5  # the service may have been killed a moment ago
SHOWN = 5  # of those with more or less than one question


class Rhythm(NamedTuple):
    """How far two blows of a kind lie apart: about so many seconds, and about so many posts to Slack.

    Rung gets on between them, however slow the machine is.
    """

    seconds: float
    posts: int


HASTE = Haste(request=1.0, lease=6.0, margin=2.0)
KILLS, RESTARTS, DISCONNECTS = Rhythm(1.0, 40), Rhythm(5.0, 400), Rhythm(2.0, 100)


@dataclass(frozen=True)
class Plan:
    """What a run is like, as far as a seed can tell processes what to do. Times are in seconds."""

    seed: int
    members: int = 5000
    workspaces: int = 3
    haste: Haste = HASTE
    due_within: float = 20.0
    kills: Rhythm = KILLS
    restarts: Rhythm = RESTARTS
    disconnects: Rhythm = DISCONNECTS

    @property
    def patience(self) -> float:
        """Seconds after which a run is not waited for any more."""
        return 60 + self.members / 20

    @property
    def slowness(self) -> float:
        """Longer than a worker waits, shorter than it waits before it looks for the message."""
        return self.haste.request + self.haste.margin / 2


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
Blow = Callable[[random.Random], Awaitable[None]]


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
        url = await asyncio.to_thread(server.start, self._home, DATABASE)
        async with database(url, fresh=True) as engine, self._slacks.serving():
            await outbox.fill(engine, self._slacks.playgrounds, self.plan.due_within)
            crew = Crew(self._orders(url))
            try:
                await self._rage(crew, watch)
                await self._settle(engine, watch)
                await self._check_socket()
            finally:
                await asyncio.to_thread(crew.stop)  # they may still have to say something to Slack
            self._outcome.troubles += crew.troubles
            await asyncio.sleep(self.plan.slowness)  # what a killed worker sent may still be carried out
            await self._count(engine)
        self._outcome.seconds = time.monotonic() - started
        return self._outcome

    def _orders(self, url: str) -> Orders:
        slacks = {
            key: Slack(playground.bot_token, playground.app_token, api_url=f"{playground.url}/api/")
            for key, playground in self._slacks.playgrounds.items()
        }
        return Orders(url, slacks, self.plan.haste, self._home / f"workers-{self.plan.seed}.log")

    async def _rage(self, crew: Crew, watch: Watch) -> None:
        """Let things happen until nearly everyone was asked: the last ones wait longest, for nothing new."""

        async def kill(dice: random.Random) -> None:
            crew.kill(dice.choice(NAMES))

        async def restart_postgres(dice: random.Random) -> None:
            os.kill(postmaster(self._home), signal.SIGQUIT)  # an immediate shutdown
            await asyncio.sleep(dice.random())
            await asyncio.to_thread(server.start, self._home, DATABASE)

        async def disconnect(dice: random.Random) -> None:
            sockets = next(iter(self._slacks.playgrounds.values())).socket_mode
            await dice.choice((sockets.drop, sockets.refresh))()

        plan = self.plan
        end = time.monotonic() + plan.patience
        async with asyncio.TaskGroup() as group:
            group.create_task(self._strike("kills", plan.kills, kill))
            group.create_task(self._strike("restarts", plan.restarts, restart_postgres))
            group.create_task(self._strike("disconnects", plan.disconnects, disconnect))
            while self._slacks.asked < NEARLY * plan.members and time.monotonic() < end:
                watch(self._slacks.asked, self._outcome)
                await asyncio.sleep(0.2)
            self._storm.raging = False

    async def _strike(self, name: str, rhythm: Rhythm, blow: Blow) -> None:
        """One blow after the other, until the storm is over."""
        dice = random.Random(f"{name} {self.plan.seed}")
        while True:
            apart = dice.uniform(0.5, 1.5)
            posts = self._storm.posts + apart * rhythm.posts
            await asyncio.sleep(apart * rhythm.seconds)
            while self._storm.raging and self._storm.posts < posts:  # noqa: ASYNC110 - Slack's side knows no events
                await asyncio.sleep(0.05)
            if not self._storm.raging:
                return
            await blow(dice)
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
        for _ in range(TRIES):
            answer = await playground.command("U0", "/ladder help")
            if answer.ok:
                return
        self._outcome.troubles.append(f"a command was not answered: {answer.error}")

    async def _count(self, engine: AsyncEngine) -> None:
        outcome, questions = self._outcome, self._slacks.questions()
        outcome.attempts, outcome.reconciled = self._storm.posts, self._slacks.found
        outcome.doubled = sum(count > 1 for count in questions.values())
        outcome.lost = sum(count == 0 for count in questions.values())
        wrong = ((user, count) for user, count in questions.items() if count != 1)
        for user, count in islice(wrong, SHOWN):
            outcome.troubles.append(f"{user} has {count} questions: {await outbox.told(engine, user)}")
