"""Mentors read what is shared with them; it changes, is taken back, deleted and forgotten all the while."""

import asyncio
import random
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import islice

from sqlalchemy import insert, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from db.models import Member, Mentorship, Workspace
from growth.errors import PersonError
from growth.mentoring import MentorshipState
from ladder_content.loader import default_folder, load
from playground.playground import Playground
from tests.torture.deeds import OF_MENTEES, OF_MENTORS, Deeds
from tests.torture.plan import Outcome, Plan
from tests.torture.reading import added, shown, truth, wrong
from tests.torture.slack import Slacks
from tests.torture.storm import Storm

DEEDS_EACH = 12  # about so many of each person
AT_ONCE = 4  # people who do something at the same time
MENTORS_OF_ONE = 3
SHOWN = 5  # of what is wrong
NOT_DONE = (PersonError, SQLAlchemyError, TimeoutError, OSError)  # whoever restarts Postgres gets these
HURRY = text("UPDATE removals SET run_at = now() WHERE run_at > now() AND (kind = 'message' OR :calm)")
UNFINISHED = text("""
    SELECT (SELECT count(*) FROM deliveries
             WHERE state IN ('ready', 'sending', 'unknown') OR state = 'sent' AND stale_at IS NOT NULL)
         + (SELECT count(*) FROM removals)
""")


class Readers:
    """Changed and read while everything fails; what stands in Slack in the end is compared with who may read what."""

    crew = ("sender 1", "sender 2", "sender 3", "clearer 1", "clearer 2", "service")
    figures = ("deeds", "refused", "updates", "removed", "shown", "WRONG")

    def __init__(self, plan: Plan, slacks: Slacks, storm: Storm) -> None:
        self._plan, self._slacks, self._storm = plan, slacks, storm
        self._ladder = load(default_folder())
        self._did: Counter[str] = Counter()
        self._calm_at = 0.0

    async def fill(self, engine: AsyncEngine) -> None:
        now = datetime.now(UTC) - timedelta(days=1)
        async with engine.begin() as connection:
            for key, playground in self._slacks.playgrounds.items():
                workspace = await connection.scalar(insert(Workspace).values(key=key).returning(Workspace.id))
                mentors, mentees = _sides(playground)
                rows = [
                    {"workspace_id": workspace, "slack_user": user, "tz": "Etc/UTC", "level": "l4"}
                    for user in (*mentors, *mentees)
                ]
                made = await connection.execute(insert(Member).returning(Member.slack_user, Member.id), rows)
                ids = {user: id_ for user, id_ in made}
                bond = {"state": MentorshipState.ACTIVE, "requested_at": now, "accepted_at": now}
                pairs = [
                    {**bond, "mentee_id": ids[mentee], "mentor_id": ids[mentors[(n + k) % len(mentors)]]}
                    for n, mentee in enumerate(mentees)
                    for k in range(min(MENTORS_OF_ONE, len(mentors)))
                ]
                await connection.execute(insert(Mentorship), pairs)

    async def go_on(self, engine: AsyncEngine) -> None:
        async with asyncio.TaskGroup() as group:
            for n in range(AT_ONCE):
                group.create_task(self._some(engine, n))

    async def _some(self, engine: AsyncEngine, n: int) -> None:
        """One deed after the other, by people of whom nobody else is one."""
        dice = random.Random(f"deeds {n} {self._plan.seed}")
        everyone = [
            (Deeds(engine, self._ladder, playground, user, dice), deeds)
            for playground in self._slacks.playgrounds.values()
            for users, deeds in zip(_sides(playground), (OF_MENTORS, OF_MENTEES), strict=True)
            for user in users
        ][n::AT_ONCE]
        while everyone:
            person, deeds = one = dice.choice(everyone)
            deed = dice.choices(list(deeds), list(deeds.values()))[0]
            try:
                await deed(person)
            except NOT_DONE as error:
                self._did["refused" if isinstance(error, PersonError) else "failed"] += 1
                await asyncio.sleep(0.05)
            else:
                self._did["deeds"] += 1
                if deed is Deeds.forget:  # who comes back is somebody else
                    everyone.remove(one)
            if dice.random() < 0.1:
                await self._hurry(engine, calm=False)

    @property
    def done(self) -> float:
        return min(1.0, self._did["deeds"] / (DEEDS_EACH * self._plan.members))

    async def unfinished(self, engine: AsyncEngine) -> int:
        """What is left. What waits to be removed need not wait once nothing can be on its way any more."""
        self._calm_at = self._calm_at or time.monotonic() + self._plan.haste.lease + self._plan.slowness
        if time.monotonic() > self._calm_at:
            await self._hurry(engine, calm=True)
        async with engine.connect() as connection:
            return int(await connection.scalar(UNFINISHED) or 0)

    async def _hurry(self, engine: AsyncEngine, *, calm: bool) -> None:
        """Removals are tried again after minutes; here at once."""
        try:
            async with engine.begin() as connection:
                await connection.execute(HURRY, {"calm": calm})
        except NOT_DONE:
            self._did["failed"] += 1

    async def judge(self, engine: AsyncEngine, outcome: Outcome) -> None:
        now = await truth(engine)
        troubles = []
        for playground in self._slacks.playgrounds.values():
            mentors, _ = _sides(playground)
            troubles += [*wrong(playground, now), *added(playground, set(mentors))]
        outcome.troubles += islice(troubles, SHOWN)
        playgrounds = self._slacks.playgrounds.values()
        calls = Counter(call.method for each in playgrounds for call in each.journal.calls if call.response.get("ok"))
        outcome.figures = {
            "deeds": self._did["deeds"],
            "refused": self._did["refused"] + self._did["failed"],
            "updates": calls["chat.update"],
            "removed": calls["chat.delete"],
            "shown": sum(shown(each) for each in playgrounds),
            "WRONG": len(troubles),
        }


def _sides(playground: Playground) -> tuple[list[str], list[str]]:
    """A third of the people are mentors, the others mentees."""
    people = [person.id for person in playground.workspace.people.values() if not person.is_bot]
    mentors = max(1, len(people) // 3)
    return people[:mentors], people[mentors:]
