"""Everyone is due one question, and gets it once."""

import asyncio
from itertools import islice

from sqlalchemy.ext.asyncio import AsyncEngine

from tests.torture import outbox
from tests.torture.plan import Outcome, Plan
from tests.torture.slack import Slacks
from tests.torture.storm import Storm

SHOWN = 5  # of those with more or less than one question


class Questions:
    """Planned and sent while everything fails, counted in Slack."""

    crew = ("sender 1", "sender 2", "sender 3", "planner 1", "planner 2", "service")
    figures = ("attempts", "reconciled", "DOUBLED", "LOST")

    def __init__(self, plan: Plan, slacks: Slacks, storm: Storm) -> None:
        self._plan, self._slacks, self._storm = plan, slacks, storm

    async def fill(self, engine: AsyncEngine) -> None:
        await outbox.fill(engine, self._slacks.playgrounds, self._plan.due_within)

    async def go_on(self, engine: AsyncEngine) -> None:
        await asyncio.sleep(0)  # nobody does anything but wait

    @property
    def done(self) -> float:
        return self._slacks.asked / self._plan.members

    async def unfinished(self, engine: AsyncEngine) -> int:
        return await outbox.unfinished(engine)

    async def judge(self, engine: AsyncEngine, outcome: Outcome) -> None:
        questions = self._slacks.questions()
        outcome.figures = {
            "attempts": self._storm.posts,
            "reconciled": self._slacks.found,
            "DOUBLED": sum(count > 1 for count in questions.values()),
            "LOST": sum(count == 0 for count in questions.values()),
        }
        wrong = ((user, count) for user, count in questions.items() if count != 1)
        for user, count in islice(wrong, SHOWN):
            outcome.troubles.append(f"{user} has {count} questions: {await outbox.told(engine, user)}")
