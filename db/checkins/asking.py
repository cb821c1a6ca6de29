"""Choosing a question for a member and writing it down, where it is not the planner who asks."""

from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from db.checkins import check_ins, choosing, schedules
from db.checkins.check_ins import NewCheckIn
from db.checkins.choosing import Candidate
from db.checkins.schedules import Advance
from db.enums import CheckInState, Kind
from db.models import CheckIn, Member
from db.workspaces import workspaces
from growth import selection
from growth.cadence import following, instant, local_date, week_of, zone
from growth.errors import AnotherIsSooner, AnotherSince
from ladder_content.model import Ladder


async def ask_now(session: AsyncSession, member: Member, ladder: Ladder, now: datetime) -> CheckIn | None:
    """A question at once: in this week's place if its slot is still ahead, else an extra. None if there is none to ask.

    The caller holds the member.
    """
    relevant = ladder.relevant(member.level or "", member.target)
    candidate = Candidate(member.id, relevant, member.focus, local_date(now, zone(member.tz)))
    choice = (await choosing.choose(session, [candidate], ladder.replaced)).get(member.id)
    if choice is None:
        return None
    week = await _take_this_weeks_place(session, member, now)
    await check_ins.plan(session, [NewCheckIn(member.id, week, now, choice)])
    return await check_ins.newest(session, member.id)


async def _take_this_weeks_place(session: AsyncSession, member: Member, now: datetime) -> date | None:
    """This week's Monday if its question was still to come; the schedule goes on to the slot after it."""
    schedule = await schedules.get(session, member.id, Kind.CHECK_IN)
    tz = zone(member.tz)
    this_week = week_of(local_date(now, tz))
    if schedule is None or schedule.due_at is None or schedule.next_week != this_week or schedule.due_at <= now:
        return None
    after = following(schedules.cadence_of(schedule), this_week)
    await schedules.advance(session, [Advance(schedule.id, after.week, this_week, after.instant(tz))])
    return this_week


async def exchange(session: AsyncSession, member: Member, check_in: CheckIn, ladder: Ladder, now: datetime) -> None:
    """Ask about the next criterion instead, in the same row; the week keeps its one question.

    The caller holds both.
    """
    relevant = ladder.relevant(member.level or "", member.target)
    following_one = [selection.successor(relevant, check_in.criterion_id)] if relevant else []
    candidate = Candidate(member.id, following_one, None, local_date(now, zone(member.tz)))
    choice = (await choosing.choose(session, [candidate], ladder.replaced)).get(member.id)
    if choice:
        await check_ins.exchange(session, check_in, choice)


async def snooze(session: AsyncSession, member: Member, check_in: CheckIn, days: int, now: datetime) -> None:
    """Ask the same question again so many days from today, at the local time that it had. Twice is as once.

    Raises AnotherSince, AnotherIsSooner. The caller holds both.
    """
    if check_in.state == CheckInState.LAPSED:
        raise AnotherSince
    if check_in.state != CheckInState.ASKED and not comes_later(check_in):
        return
    tz = zone(member.tz)
    at = check_in.slot_at.astimezone(tz).time().replace(second=0, microsecond=0)
    again = instant(tz, local_date(now, tz) + timedelta(days=days), at)
    schedule = await schedules.get(session, member.id, Kind.CHECK_IN)
    if schedule and schedule.due_at and schedule.due_at <= again:
        held_up = await workspaces.is_silent(session, member.workspace_id)
        raise AnotherIsSooner(None if held_up else schedule.due_at, tz)
    check_in.state, check_in.later_at = CheckInState.PLANNED, again


def comes_later(check_in: CheckIn) -> bool:
    """Whether the question was put off, and is still to come again."""
    return check_in.state == CheckInState.PLANNED and check_in.later_at is not None


def stand_open(check_in: CheckIn) -> None:
    """A question that was put off is open as it was, and comes no second time."""
    check_in.state, check_in.later_at = CheckInState.ASKED, None
