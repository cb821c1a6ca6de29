"""Everyone's one question, due within a while, in the database that the workers share."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.enums import Kind
from db.models import Member, Schedule, Workspace
from growth.cadence import week_of, zone
from playground.playground import Playground

UNFINISHED = text("""
    SELECT (SELECT count(*) FROM schedules WHERE due_at <= now())
         + (SELECT count(*) FROM deliveries WHERE state IN ('ready', 'sending', 'unknown'))
""")
TOLD = text("""
    SELECT d.state, d.attempts, d.error FROM deliveries d JOIN members m ON m.id = d.member_id
     WHERE m.slack_user = :user
""")


async def fill(engine: AsyncEngine, playgrounds: Mapping[str, Playground], due_within: float) -> None:
    """Enter everyone there, with a question due at some moment of so many seconds, one after the other."""
    now = datetime.now(UTC)
    async with engine.begin() as connection:
        for key, playground in playgrounds.items():
            workspace = await connection.scalar(insert(Workspace).values(key=key).returning(Workspace.id))
            people = [person for person in playground.workspace.people.values() if not person.is_bot]
            members = [
                {"workspace_id": workspace, "slack_user": person.id, "tz": person.tz, "level": "l4"}
                for person in people
            ]
            entered = await connection.execute(insert(Member).returning(Member.id, Member.tz), members)
            schedules = [
                _schedule(member, tz, now, due_within * n / len(people)) for n, (member, tz) in enumerate(entered)
            ]
            await connection.execute(insert(Schedule), schedules)


def _schedule(member: int, tz: str, now: datetime, after: float) -> dict[str, Any]:
    """A weekly question whose slot was a minute ago, and which the planner meets after some seconds."""
    slot = (now - timedelta(minutes=1)).astimezone(zone(tz))
    return {
        "member_id": member,
        "kind": Kind.CHECK_IN,
        "weekday": slot.isoweekday(),
        "local_time": slot.time().replace(second=0, microsecond=0),
        "next_week": week_of(slot.date()),
        "due_at": now + timedelta(seconds=after),
    }


async def unfinished(engine: AsyncEngine) -> int:
    """How many are still to be planned, sent or looked for."""
    async with engine.connect() as connection:
        return int(await connection.scalar(UNFINISHED) or 0)


async def told(engine: AsyncEngine, user: str) -> str:
    """What the outbox says of somebody's deliveries, for whoever looks for a fault."""
    async with engine.connect() as connection:
        rows = (await connection.execute(TOLD, {"user": user})).all()
    return "; ".join(f"{row.state} after {row.attempts} attempts ({row.error})" for row in rows) or "never planned"
