"""Choosing a question for a member and writing it down, where it is not the planner who asks."""

from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from db import check_ins, schedules
from db.check_ins import Material, NewCheckIn
from db.schedules import Advance
from db.tables import CheckIn, Kind, Member
from growth import selection
from growth.cadence import Cadence, following, local_date, week_of, zone
from ladder_content.model import Ladder


async def ask_now(session: AsyncSession, member: Member, ladder: Ladder, now: datetime) -> CheckIn | None:
    """A question at once: in this week's place if its slot is still ahead, else an extra. None if there is none to ask.

    The caller holds the member.
    """
    material = (await check_ins.material(session, [member.id]))[member.id]
    today = local_date(now, zone(member.tz))
    choice = selection.choose(
        ladder.relevant(member.level or "", member.target),
        material.asked,
        material.evidence,
        material.remembered,
        member.focus,
        today,
    )
    if choice is None:
        return None
    week = await _take_this_weeks_place(session, member, now)
    await check_ins.plan(session, [NewCheckIn(member.id, week, now, choice)])
    return await check_ins.newest(session, member.id)


async def _take_this_weeks_place(session: AsyncSession, member: Member, now: datetime) -> date | None:
    """This week's Monday if its question was still to come; the schedule goes on to the slot after it."""
    schedule = await schedules.find(session, member.id, Kind.CHECK_IN)
    tz = zone(member.tz)
    this_week = week_of(local_date(now, tz))
    if schedule is None or schedule.due_at is None or schedule.next_week != this_week or schedule.due_at <= now:
        return None
    cadence = Cadence(schedule.weekday, schedule.local_time, schedule.every_weeks)
    after = following(cadence, this_week)
    await schedules.advance(session, [Advance(schedule.id, after.week, this_week, after.instant(tz))])
    return this_week


async def exchange(session: AsyncSession, member: Member, check_in: CheckIn, ladder: Ladder, now: datetime) -> None:
    """Ask about the next criterion instead, in the same row; the week keeps its one question."""
    material: Material = (await check_ins.material(session, [member.id]))[member.id]
    relevant = ladder.relevant(member.level or "", member.target)
    choice = selection.choose(
        [selection.successor(relevant, check_in.criterion_id)] if relevant else [],
        material.asked,
        material.evidence,
        material.remembered,
        None,
        local_date(now, zone(member.tz)),
    )
    if choice:
        for column, value in check_ins.chosen(choice).items():
            setattr(check_in, column, value)
