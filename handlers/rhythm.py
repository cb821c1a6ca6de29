"""Starting and moving a member's weekly question."""

from datetime import datetime

from db import check_ins, schedules
from db.engine import AsyncSession
from db.tables import Kind, Member, Schedule
from growth.cadence import Cadence, Slot, asking_time, first_slot, following, rescheduled, slot, zone


async def start(session: AsyncSession, member: Member, cadence: Cadence, now: datetime) -> datetime:
    """Ask the member in that rhythm from now on; when the next question comes. The caller holds the member.

    A change of zone may leave the slot in the past: then the question comes late, or the one after it comes.
    """
    before = await schedules.find(session, member.id, Kind.CHECK_IN)
    coming = _next_slot(member, before, cadence, now, await check_ins.last_asked(session, member.id))
    tz = zone(member.tz)
    due = coming.instant(tz)
    await schedules.put(session, member.id, Kind.CHECK_IN, cadence, coming.week, due)
    return asking_time(cadence, tz, due, now) or following(cadence, coming.week).instant(tz)


def of(schedule: Schedule) -> Cadence:
    """The rhythm of a schedule."""
    return Cadence(schedule.weekday, schedule.local_time, schedule.every_weeks)


def _next_slot(
    member: Member, before: Schedule | None, cadence: Cadence, now: datetime, last_asked: datetime | None
) -> Slot:
    """A change of zone keeps week and date; one of day, time or rhythm finds the next slot anew."""
    tz = zone(member.tz)
    if before is None:
        return first_slot(cadence, tz, now)
    if before.due_at and cadence == of(before):
        return slot(cadence, before.next_week)
    return rescheduled(cadence, tz, now, last_week=before.last_planned_week, last_asked=last_asked)
