"""One run: workers are at work while everything around them fails; then what the people in Slack see."""

import asyncio
import os
import random
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.slack import Slack
from bot.startup import database
from db.embedded import server
from tests.support.processes import postmaster
from tests.torture.crew import Crew
from tests.torture.plan import Outcome, Plan, Rhythm, Watch, Work
from tests.torture.slack import Slacks
from tests.torture.storm import Storm
from tests.torture.worker import Orders

DATABASE = "torture"
NEARLY = 0.98
TRIES = 5  # the service may have been killed a moment ago

Blow = Callable[[random.Random], Awaitable[None]]
Begin = Callable[[Plan, Slacks, Storm], Work]


class Run:
    """One run on the Postgres of a home, with its workers' log there."""

    def __init__(self, plan: Plan, home: Path, begin: Begin) -> None:
        self.plan = plan
        self._home = home
        self._storm = Storm(plan.seed, plan.slowness)
        self._slacks = Slacks(plan.members, plan.workspaces, self._storm)
        self._work = begin(plan, self._slacks, self._storm)
        self._outcome = Outcome(plan, self._storm.counts)

    async def play(self, watch: Watch) -> Outcome:
        """Everything from an empty database to the judgement."""
        started = time.monotonic()
        url = await asyncio.to_thread(server.start, self._home, DATABASE)
        async with database(url, fresh=True) as engine, self._slacks.serving():
            await self._work.fill(engine)
            crew = Crew(self._orders(url), self._work.crew)
            try:
                await self._rage(engine, crew, watch)
                await self._settle(engine, watch)
                await self._check_socket()
            finally:
                await asyncio.to_thread(crew.stop)  # they may still have to say something to Slack
            self._outcome.troubles += crew.troubles
            await asyncio.sleep(self.plan.slowness)  # what a killed worker sent may still be carried out
            await self._work.judge(engine, self._outcome)
        self._outcome.seconds = time.monotonic() - started
        return self._outcome

    def _orders(self, url: str) -> Orders:
        slacks = {
            key: Slack(playground.bot_token, playground.app_token, api_url=f"{playground.url}/api/")
            for key, playground in self._slacks.playgrounds.items()
        }
        return Orders(url, slacks, self.plan.haste, self._home / f"workers-{self.plan.seed}.log")

    async def _rage(self, engine: AsyncEngine, crew: Crew, watch: Watch) -> None:
        """Let things happen until nearly all is done: what is left waits longest, for nothing new."""

        async def kill(dice: random.Random) -> None:
            crew.kill(dice.choice(self._work.crew))

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
            going_on = group.create_task(self._work.go_on(engine))
            while self._work.done < NEARLY and time.monotonic() < end:
                watch(self._work.done, self._outcome)
                await asyncio.sleep(0.2)
            self._storm.raging = False
            going_on.cancel()

    async def _strike(self, name: str, rhythm: Rhythm, blow: Blow) -> None:
        """One blow after the other, until the storm is over."""
        dice = random.Random(f"{name} {self.plan.seed}")
        while True:
            apart = dice.uniform(0.5, 1.5)
            writes = self._storm.writes + apart * rhythm.posts
            await asyncio.sleep(apart * rhythm.seconds)
            while self._storm.raging and self._storm.writes < writes:  # noqa: ASYNC110 - Slack's side knows no events
                await asyncio.sleep(0.05)
            if not self._storm.raging:
                return
            await blow(dice)
            self._outcome.happened[name] += 1

    async def _settle(self, engine: AsyncEngine, watch: Watch) -> None:
        """Wait until nothing is left to do."""
        end = time.monotonic() + self.plan.patience
        while (left := await self._work.unfinished(engine)) and time.monotonic() < end:
            watch(self._work.done, self._outcome)
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
