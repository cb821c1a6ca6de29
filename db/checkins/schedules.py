"""When Rung writes by itself: rows with the instant of the next slot."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, time
from typing import NamedTuple

from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import any_of, array_of, columns
from db.enums import DeliveryKind, Kind
from db.models import Member, Schedule
from db.outbox import outbox
from db.outbox.outbox import Enqueued, NewDelivery
from db.workspaces import workspaces
from growth import cadence
from growth.cadence import Cadence, Slot, When, slot, zone
from growth.digest import usual_cadence
from growth.preferences import MONDAY_AT_NINE

USUAL = {Kind.CHECK_IN: MONDAY_AT_NINE, Kind.DIGEST: usual_cadence(None)}
DECLINED = date(1970, 1, 5)  # the next week of what has none; a Monday, as the table wants it


class Due(NamedTuple):
    """A schedule whose slot has come, with what planning needs to know of its member."""

    id: int
    member_id: int
    weekday: int
    local_time: time
    every_weeks: int
    next_week: date
    last_planned_week: date | None
    due_at: datetime
    configured_at: datetime
    tz: str
    level: str | None
    target: str | None
    focus: str | None
    quiet_until: datetime | None
    reachable: bool


class Advance(NamedTuple):
    """What becomes of a claimed schedule. No `due_at` switches it off."""

    id: int
    next_week: date
    last_planned_week: date | None
    due_at: datetime | None


CLAIM = text("""
    SELECT s.id, s.member_id, s.weekday, s.local_time, s.every_weeks, s.next_week, s.last_planned_week, s.due_at,
           s.configured_at, m.tz, m.level, m.target, m.focus, m.quiet_until, m.active AND w.uninstalled_at IS NULL
      FROM schedules s
      JOIN members m ON m.id = s.member_id
      JOIN workspaces w ON w.id = m.workspace_id
     WHERE s.kind = :kind AND s.due_at <= :now
     ORDER BY s.due_at
     LIMIT :limit
       FOR NO KEY UPDATE OF s, m SKIP LOCKED
""")


async def claim_due(session: AsyncSession, kind: Kind, now: datetime, limit: int) -> list[Due]:
    """Up to `limit` due schedules, oldest first, held with their members until the transaction ends.

    What others hold is passed over: of two that want to write to one member, one comes after the other.
    """
    rows = await session.execute(CLAIM, {"kind": kind, "now": now, "limit": limit})
    return [Due._make(row) for row in rows.all()]


ADVANCE = text("""
    UPDATE schedules AS s
       SET next_week = a.next_week, last_planned_week = a.last_planned_week, due_at = a.due_at
      FROM unnest(CAST(:id AS bigint[]), CAST(:next_week AS date[]), CAST(:last_planned_week AS date[]),
                  CAST(:due_at AS timestamptz[])) AS a (id, next_week, last_planned_week, due_at)
     WHERE s.id = a.id
""")


async def advance(session: AsyncSession, rows: Sequence[Advance]) -> None:
    """Move the claimed schedules on, in one statement."""
    await session.execute(ADVANCE, columns(rows))


FOUND = (
    select(Schedule)
    .where(Schedule.member_id == bindparam("member"), Schedule.kind == bindparam("kind"))
    .execution_options(populate_existing=True)
)
ALL = select(Schedule).where(Schedule.member_id == bindparam("member")).order_by(Schedule.kind)


async def get(session: AsyncSession, member_id: int, kind: Kind) -> Schedule | None:
    """The member's schedule of that kind, as it is now."""
    found: Schedule | None = await session.scalar(FOUND, {"member": member_id, "kind": kind})
    return found


async def of_member(session: AsyncSession, member_id: int) -> Sequence[Schedule]:
    """All the schedules of a member, whatever their kind."""
    return (await session.scalars(ALL, {"member": member_id})).all()


async def put(
    session: AsyncSession,
    member_id: int,
    kind: Kind,
    cadence: Cadence,
    next_week: date,
    due_at: datetime,
    configured_at: datetime,
) -> None:
    """Set the member's schedule of that kind, made when missing; what was planned, and a pause, stay."""
    values = {
        "weekday": cadence.weekday,
        "local_time": cadence.at,
        "every_weeks": cadence.every,
        "next_week": next_week,
        "due_at": due_at,
        "configured_at": configured_at,
    }
    await session.execute(
        insert(Schedule)
        .values(member_id=member_id, kind=kind, **values)
        .on_conflict_do_update(index_elements=["member_id", "kind"], set_=values)
    )


async def switch_off(session: AsyncSession, member_id: int, kind: Kind) -> None:
    """Nothing of that kind until it is set again; what was planned stays known, and a pause ends.

    Who never had any has declined it: that is kept, with the rhythm that it would have.
    """
    usual = USUAL[kind]
    off = {"due_at": None, "paused_until": None}
    await session.execute(
        insert(Schedule)
        .values(member_id=member_id, kind=kind, weekday=usual.weekday, local_time=usual.at, next_week=DECLINED, **off)
        .on_conflict_do_update(index_elements=["member_id", "kind"], set_=off)
    )


def was_on(schedule: Schedule) -> bool:
    """Whether the member ever wanted it: not where they declined it from the first."""
    return schedule.next_week != DECLINED


def when(due: Due, now: datetime) -> When:
    """When to write: not while another message is new, nor at a bad hour; None if it is too late for that."""
    rhythm, tz = cadence_of(due), zone(due.tz)
    found = cadence.when(rhythm, tz, slot(rhythm, due.next_week).instant(tz), due.due_at, now)
    return When(found.slot_at, due.quiet_until) if due.quiet_until and due.quiet_until > now else found


def cadence_of(schedule: Schedule | Due) -> Cadence:
    """The rhythm that the member chose."""
    return Cadence(schedule.weekday, schedule.local_time, schedule.every_weeks)


def coming(schedule: Schedule | Due) -> Slot:
    """The slot that is planned next."""
    return slot(cadence_of(schedule), schedule.next_week)


async def give_notice(session: AsyncSession, switched_off: Sequence[tuple[int, int, date]]) -> list[Enqueued]:
    """Tell members that a schedule was switched off: member id, schedule id, and the Monday of the week."""
    return await outbox.enqueue(
        session,
        [
            NewDelivery(member_id, DeliveryKind.NOTICE, schedule_id, f"off:{week}")
            for member_id, schedule_id, week in switched_off
        ],
    )


SWITCHED_OFF = (
    select(Schedule.id)
    .join(Member, Member.id == Schedule.member_id)
    .where(Member.workspace_id == workspaces.HERE)
    .where(Schedule.id == any_of("schedules"), Schedule.due_at.is_(None), Member.active)
)


async def switched_off(session: AsyncSession, workspace: str, schedule_ids: Collection[int]) -> set[int]:
    """Which of these schedules are off, of members that are there."""
    values = {"workspace": workspace, "schedules": array_of(schedule_ids)}
    return set(await session.scalars(SWITCHED_OFF, values)) if schedule_ids else set()
