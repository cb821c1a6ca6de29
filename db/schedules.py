"""When Rung writes by itself: rows with the instant of the next slot."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import Kind, Member, Schedule, Workspace
from growth.cadence import Cadence


@dataclass(frozen=True)
class Due:
    """A schedule whose slot has come, with what planning needs to know of its member."""

    id: int
    member_id: int
    weekday: int
    local_time: time
    every_weeks: int
    next_week: date
    last_planned_week: date | None
    tz: str
    level: str | None
    target: str | None
    focus: str | None
    reachable: bool


@dataclass(frozen=True)
class Advance:
    """What becomes of a claimed schedule. No `due_at` switches it off."""

    id: int
    next_week: date
    last_planned_week: date | None
    due_at: datetime | None


async def claim_due(session: AsyncSession, kind: Kind, now: datetime, limit: int) -> list[Due]:
    """Up to `limit` due schedules, oldest first, held until the transaction ends; what others hold is passed over."""
    rows = await session.execute(
        select(
            Schedule.id,
            Schedule.member_id,
            Schedule.weekday,
            Schedule.local_time,
            Schedule.every_weeks,
            Schedule.next_week,
            Schedule.last_planned_week,
            Member.tz,
            Member.level,
            Member.target,
            Member.focus,
            (Member.active & Workspace.uninstalled_at.is_(None)).label("reachable"),
        )
        .join(Member, Member.id == Schedule.member_id)
        .join(Workspace, Workspace.id == Member.workspace_id)
        .where(Schedule.kind == kind, Schedule.due_at <= now)
        .order_by(Schedule.due_at)
        .limit(limit)
        .with_for_update(of=Schedule, skip_locked=True)
    )
    return [Due(**row._mapping) for row in rows]


ADVANCE = text("""
    UPDATE schedules AS s
       SET next_week = a.next_week, last_planned_week = a.last_planned_week, due_at = a.due_at
      FROM unnest(CAST(:ids AS bigint[]), CAST(:next AS date[]), CAST(:last AS date[]), CAST(:due AS timestamptz[]))
           AS a (id, next_week, last_planned_week, due_at)
     WHERE s.id = a.id
""")


async def advance(session: AsyncSession, rows: Sequence[Advance]) -> None:
    """Move the claimed schedules on, in one statement."""
    await session.execute(
        ADVANCE,
        {
            "ids": [row.id for row in rows],
            "next": [row.next_week for row in rows],
            "last": [row.last_planned_week for row in rows],
            "due": [row.due_at for row in rows],
        },
    )


async def find(session: AsyncSession, member_id: int, kind: Kind) -> Schedule | None:
    found: Schedule | None = await session.scalar(
        select(Schedule).where(Schedule.member_id == member_id, Schedule.kind == kind)
    )
    return found


async def put(
    session: AsyncSession,
    member_id: int,
    kind: Kind,
    cadence: Cadence,
    next_week: date,
    due_at: datetime,
) -> None:
    """Set the member's schedule of that kind, made when missing; what was planned stays known."""
    values = {
        "weekday": cadence.weekday,
        "local_time": cadence.at,
        "every_weeks": cadence.every,
        "next_week": next_week,
        "due_at": due_at,
    }
    await session.execute(
        insert(Schedule)
        .values(member_id=member_id, kind=kind, **values)
        .on_conflict_do_update(index_elements=["member_id", "kind"], set_=values)
    )


async def switch_off(session: AsyncSession, member_id: int, kind: Kind) -> None:
    """No more of that kind until it is set again; what was planned stays known."""
    await session.execute(
        update(Schedule).where(Schedule.member_id == member_id, Schedule.kind == kind).values(due_at=None)
    )
