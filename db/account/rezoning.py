"""A member lives in another zone now: weeks, dates and times of day stay, and the instants follow."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.checkins import schedules
from db.checkins.check_ins import COMES_LATER
from db.models import CheckIn, Member, Schedule
from growth.cadence import instant, zone


async def rezone(session: AsyncSession, before: Mapping[int, str], now: datetime) -> None:
    """Member id → the zone that was theirs until now; the new one is written down. The caller holds the members."""
    rhythms = await session.execute(
        select(Schedule, Member.tz)
        .join(Member, Member.id == Schedule.member_id)
        .where(Schedule.member_id.in_(before), Schedule.due_at.is_not(None))
        .with_for_update(of=Schedule, key_share=True)
        .execution_options(populate_existing=True)
    )
    for schedule, tz in rhythms:
        assert schedule.due_at
        schedule.due_at = _not_lost(schedules.coming(schedule).instant(zone(tz)), schedule.due_at, now)
    put_off = await session.execute(
        select(CheckIn, Member.tz)
        .join(Member, Member.id == CheckIn.member_id)
        .where(CheckIn.member_id.in_(before), COMES_LATER)
        .with_for_update(of=CheckIn, key_share=True)
        .execution_options(populate_existing=True)
    )
    for check_in, tz in put_off:
        assert check_in.later_at
        local = check_in.later_at.astimezone(zone(before[check_in.member_id]))
        check_in.later_at = _not_lost(instant(zone(tz), local.date(), local.time()), check_in.later_at, now)


def _not_lost(at: datetime, before: datetime, now: datetime) -> datetime:
    """What the new zone alone has put behind comes now: nobody was away, and a week is not to be dropped for it."""
    return max(at, min(before, now))
