"""Two webs and two workers on one database, while people work with them: stopped, started, and killed."""

import asyncio
import os
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.roles import Role
from db.engine import Sessions
from db.enums import CheckInState
from db.models import CheckIn, Entry, Member, Schedule
from playground.outbound import Answer
from playground.playground import Playground
from playground.server import serving
from playground.workspace import Message, Person, Workspace
from tests.support.processes import PATIENCE
from tests.support.replicas import Balancer, Replica, replica
from tests.support.world import journal_path
from tests.torture import outbox
from tests.torture.slack import ZONES

MEMBERS = 120
DUE_WITHIN = 3.0  # seconds
ANOTHER_DAY = datetime.now(UTC) + timedelta(days=3)  # than that of anybody's question, in every zone
LEFT_BEHIND = text("SELECT count(*) FROM deliveries WHERE state = 'sending'")
UNFINISHED = text("SELECT count(*) FROM deliveries WHERE state IN ('ready', 'sending', 'unknown')")
TO_COME = text("""
    SELECT (SELECT count(*) FROM schedules WHERE due_at <= now() + interval '1 minute')
         + (SELECT count(*) FROM deliveries WHERE state = 'ready' AND run_at <= now())
""")
A_MINUTE_LATER = text("""
    UPDATE deliveries
       SET run_at = least(run_at, now()), lease_until = CASE WHEN lease_until > now() THEN now() ELSE lease_until END
     WHERE state IN ('ready', 'sending', 'unknown')
""")


class Way(Enum):
    """What somebody does with their question. Slack delivers a reply again until it is taken, the others once."""

    SKIP, REPLY, COMMAND, NOTHING = range(4)


def way(user: str) -> Way:
    return Way(min(int(user[1:]) % 8, 3))


def people_of(playground: Playground) -> list[Person]:
    return [person for person in playground.workspace.people.values() if not person.is_bot]


@dataclass
class Crowd:
    """People and their ways with their questions, through whichever web takes them."""

    playground: Playground
    refused: dict[str, Answer] = field(default_factory=dict)

    @property
    def everyone(self) -> list[str]:
        return [person.id for person in people_of(self.playground)]

    def questions(self, user: str) -> list[Message]:
        return [message for message in self.playground.dm(user) if message.metadata]

    @property
    def asked(self) -> int:
        """How many have a question."""
        return sum(bool(self.questions(user)) for user in self.everyone)

    async def work(self) -> None:
        """Until everyone has had their question and their way with it."""
        few = asyncio.Semaphore(3)
        waiting, working = set(self.everyone), []
        while waiting:
            for user in sorted(user for user in waiting if self.questions(user)):
                waiting.discard(user)
                working.append(asyncio.create_task(self._react(user, few)))
            await asyncio.sleep(0.1)
        await asyncio.gather(*working)

    async def _react(self, user: str, few: asyncio.Semaphore) -> None:
        async with few:
            question = self.questions(user)[0]
            answer = await self._way(user, question)
        if not answer.ok:
            self.refused[user] = answer

    async def _way(self, user: str, question: Message) -> Answer:
        match way(user):
            case Way.SKIP:
                return await self.playground.click(user, question, "checkin.skip")
            case Way.REPLY:
                return await self.playground.say(user, "Wrote the runbook", thread_ts=question.ts)
            case Way.COMMAND:
                return await self.playground.command(user, f"/ladder set day {ANOTHER_DAY:%A}")
            case Way.NOTHING:
                return Answer()


def northwind() -> Workspace:
    """So many people, in zones that do not change their clocks."""
    workspace = Workspace(name="Northwind", app_name="Rung")
    for n in range(MEMBERS):
        workspace.add_person(f"p{n}", user=f"U{n}", tz=ZONES[n % len(ZONES)])
    return workspace


async def know_the_dms(engine: AsyncEngine, playground: Playground) -> None:
    """Everyone was written to before."""
    known = [{"user": person.id, "dm": playground.workspace.dm(person.id).id} for person in people_of(playground)]
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE members SET dm_channel = :dm WHERE slack_user = :user"), known)


async def reaches(crowd: Crowd, number: int) -> None:
    """Wait until so many have a question."""
    async with asyncio.timeout(PATIENCE):
        while crowd.asked < number:  # noqa: ASYNC110 - Slack's side knows no events
            await asyncio.sleep(0.1)


async def finish(engine: AsyncEngine, worker: Replica) -> int:
    """Let the worker that is left do everything, and time pass; how many deliveries the killed one left behind."""
    async with asyncio.timeout(PATIENCE), engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        while await connection.scalar(TO_COME) or worker.door.posting:  # noqa: ASYNC110 - Slack's side knows no events
            await asyncio.sleep(0.1)
        await asyncio.sleep(0.2)  # until it has written down the last one
        left = int(await connection.scalar(LEFT_BEHIND) or 0)
        while await connection.scalar(UNFINISHED):
            await connection.execute(A_MINUTE_LATER)
            await asyncio.sleep(2)
    return left


async def done(engine: AsyncEngine) -> Counter[str]:
    """How often each person's way with their question has left its mark in the database."""
    marks = (
        select(Member.slack_user).join(CheckIn).where(CheckIn.state == CheckInState.SKIPPED),
        select(Member.slack_user).join(Entry, Entry.member_id == Member.id),
        select(Member.slack_user).join(Schedule).where(Schedule.weekday == ANOTHER_DAY.isoweekday()),
    )
    async with Sessions(engine)() as session:
        return Counter([user for mark in marks for user in await session.scalars(mark)])


async def test_a_question_each_and_nothing_lost_while_replicas_come_and_go(
    engine: AsyncEngine, database_url: str, tmp_path: Path
) -> None:
    balancer = Balancer()
    playground = Playground(northwind(), receiver=balancer, journal=journal_path(os.environ))
    playground.outbound.retry_delays = (0.1, 0.5, 1.0)
    playground.outbound.ack_seconds = 30
    crowd = Crowd(playground)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(serving(playground))

        async def start(role: Role) -> Replica:
            it = await stack.enter_async_context(replica(role, playground, database_url, tmp_path))
            await it.start()
            return it

        web, other_web, worker, other_worker = await asyncio.gather(
            *(start(role) for role in (Role.WEB, Role.WEB, Role.WORKER, Role.WORKER))
        )
        balancer.ports += [web.port, other_web.port]
        assert "tick_age_seconds{" not in (await web.get("/metrics"))[1]
        assert 'rung_tick_age_seconds{tick="plan"}' in (await worker.get("/metrics"))[1]
        assert (await worker.get("/slack/events"))[0] == 404

        await outbox.fill(engine, {playground.workspace.team_id: playground}, DUE_WITHIN)
        await know_the_dms(engine, playground)
        work = asyncio.create_task(crowd.work())

        await reaches(crowd, MEMBERS // 6)
        balancer.ports.remove(other_web.port)  # as whoever stops one does first
        assert set(await asyncio.gather(other_web.terminate(), other_worker.terminate())) == {0}
        assert crowd.asked < MEMBERS, "it was stopped in the middle"
        assert crowd.refused == {}, "nothing of what was under way is lost"
        other_web, other_worker = await asyncio.gather(start(Role.WEB), start(Role.WORKER))
        balancer.ports.append(other_web.port)

        playground.faults.slow("chat.postMessage", 0.5, times=MEMBERS)
        async with asyncio.timeout(30):
            while worker.door.posting < 3:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.01)
        await asyncio.gather(worker.kill(), web.kill())
        assert crowd.asked < MEMBERS, "they were killed in the middle"

        assert await finish(engine, other_worker) > 0, "what it was posting nobody has written down"
        async with asyncio.timeout(60):
            await work
        assert (await playground.command("U0", "/ladder next")).ok
        assert [(await each.get("/readyz"))[0] for each in (other_web, other_worker)] == [200, 200]
        await asyncio.sleep(0.6)  # what a killed worker sent may still be carried out
        assert {user: len(crowd.questions(user)) for user in crowd.everyone} == dict.fromkeys(crowd.everyone, 1)
        marks = await done(engine)
        acting = {user for user in crowd.everyone if way(user) is not Way.NOTHING}
        assert marks.keys() - crowd.refused.keys() == acting - crowd.refused.keys(), "what was accepted is there"
        assert set(marks.values()) == {1}
        assert Way.REPLY not in map(way, crowd.refused), "Slack delivers events again"
        assert set(await asyncio.gather(other_web.terminate(), other_worker.terminate())) == {0}


async def test_two_that_do_everything_share_the_commands_by_socket_mode(
    engine: AsyncEngine, database_url: str, tmp_path: Path
) -> None:
    playground = Playground(northwind(), journal=journal_path(os.environ))
    async with (
        serving(playground),
        replica(Role.ALL, playground, database_url, tmp_path) as one,
        replica(Role.ALL, playground, database_url, tmp_path) as other,
    ):
        await asyncio.gather(one.start(), other.start())
        assert all([(await playground.command(f"U{n}", "/ladder help")).ok for n in range(4)])
        for each in (one, other):
            assert 'kind="command",subcommand="help"} 2.0' in (await each.get("/metrics"))[1]
        await one.kill()
        assert all([(await playground.command(f"U{n}", "/ladder help")).ok for n in range(4)])
        assert await other.terminate() == 0
