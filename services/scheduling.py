"""When Rung writes to a member by itself: building blocks of the services, in the transaction of their caller."""

from collections.abc import Callable
from datetime import date, datetime

from db.account.rezoning import rezone
from db.checkins import check_ins, nonresponse, schedules
from db.checkins.schedules import cadence_of
from db.engine import AsyncSession
from db.enums import Kind
from db.models import Member, Schedule
from db.outbox import stale
from db.workspaces import workspaces
from growth.backoff import SLOWER_AFTER
from growth.cadence import (
    Cadence,
    Slot,
    first_slot,
    following,
    local_date,
    rescheduled,
    resumed,
    when,
    zone,
)
from growth.digest import usual_cadence
from growth.standing import Upcoming, upcoming_of


async def start(
    session: AsyncSession, member: Member, cadence: Cadence, now: datetime, kind: Kind = Kind.CHECK_IN
) -> None:
    """Write to the member in that rhythm from now on; a pause that holds goes on. The caller locks the member."""
    before = await schedules.get(session, member.id, kind)
    coming = await _next_slot(session, member, before, cadence, now)
    await _put(session, member, before, kind, cadence, coming, now)


async def move(session: AsyncSession, member: Member, tz: str, now: datetime) -> None:
    """The member lives in that zone from now on; what was to come keeps its date and time there."""
    before, member.tz = member.tz, tz
    if tz != before:
        await session.flush()
        await rezone(session, {member.id: before}, now)


async def start_digest(session: AsyncSession, mentor: Member, now: datetime) -> None:
    """Somebody mentors for the first time: a digest comes from now on, after the pause if they have one.

    The caller locks the mentor.
    """
    if await schedules.get(session, mentor.id, Kind.DIGEST) is None:
        check_in = await schedules.get(session, mentor.id, Kind.CHECK_IN)
        theirs = check_in.weekday if check_in and check_in.due_at else None
        await start(session, mentor, usual_cadence(theirs), now, Kind.DIGEST)
        until = check_in.paused_until if check_in else None
        schedule = await schedules.get(session, mentor.id, Kind.DIGEST)
        if schedule and until and until > local_date(now, zone(mentor.tz)):
            await pause_one(session, mentor, schedule, until, now)


async def bring_forward(session: AsyncSession, member: Member, now: datetime) -> None:
    """The member is there again: if silence had put the next question off, the rhythm they chose holds again."""
    schedule = await schedules.get(session, member.id, Kind.CHECK_IN)
    if schedule and schedule.due_at:
        coming = await _soonest(session, member, schedule, now)
        if coming.week < schedule.next_week:
            schedule.next_week, schedule.due_at = coming.week, coming.instant(zone(member.tz))


async def pause(session: AsyncSession, member: Member, until: date, now: datetime) -> bool:
    """Start nothing before that local date; whether there was anything to stop. The caller locks the member."""
    running = [each for each in await schedules.of_member(session, member.id) if each.due_at]
    for schedule in running:
        await pause_one(session, member, schedule, until, now)
    await check_ins.cancel_planned(session, member.id, extras=False)
    return bool(running)


async def pause_one(session: AsyncSession, member: Member, schedule: Schedule, until: date, now: datetime) -> None:
    """Nothing by that schedule before the local date. The caller locks the member."""
    schedule.paused_until = until
    cadence = cadence_of(schedule)
    coming = await _slot(session, member, schedule, cadence, now, resumed)
    await _put(session, member, schedule, Kind(schedule.kind), cadence, coming, now)


async def resume(session: AsyncSession, member: Member, now: datetime) -> bool:
    """Start again, whether paused or switched off; False if the member never had a rhythm. The caller locks them."""
    there = [each for each in await schedules.of_member(session, member.id) if schedules.was_on(each)]
    for schedule in there:
        await resume_one(session, member, schedule, now)
        if schedule.due_at is None and schedule.kind == Kind.CHECK_IN:
            await start(session, member, cadence_of(schedule), now)
    return bool(there)


async def resume_one(session: AsyncSession, member: Member, schedule: Schedule, now: datetime) -> None:
    """End the pause of that schedule; what is off stays off. The caller locks the member."""
    schedule.paused_until = None
    if schedule.due_at:
        soonest = await _soonest(session, member, schedule, now)
        await _put(session, member, schedule, Kind(schedule.kind), cadence_of(schedule), soonest, now)
        await session.refresh(schedule)


async def upcoming(session: AsyncSession, member: Member, now: datetime, kind: Kind = Kind.CHECK_IN) -> Upcoming:
    """When the member's next question, or digest, comes, as they are told."""
    schedule = await schedules.get(session, member.id, kind)
    tz = zone(member.tz)
    at = schedule.due_at if schedule else None
    if schedule and at and at <= now:
        cadence, due = cadence_of(schedule), schedules.coming(schedule).instant(tz)
        at = when(cadence, tz, due, at, now).at or following(cadence, schedule.next_week).instant(tz)
    held_up = await workspaces.is_silent(session, member.workspace_id)
    paused_until = schedule.paused_until if schedule else None
    return upcoming_of(at, member.tz, paused_until, local_date(now, tz), held_up=held_up)


async def _next_slot(
    session: AsyncSession, member: Member, before: Schedule | None, cadence: Cadence, now: datetime
) -> Slot:
    """A change of zone keeps week and date; one of day, time or rhythm finds the next slot anew."""
    if before is None or not schedules.was_on(before):
        return first_slot(cadence, zone(member.tz), now)
    if before.due_at is None or cadence != cadence_of(before):
        return await _slot(session, member, before, cadence, now, rescheduled)
    silent = before.kind == Kind.CHECK_IN and (await nonresponse.of(session, member, before)).streak >= SLOWER_AFTER
    return await _soonest(session, member, before, now) if silent else schedules.coming(before)


async def _soonest(session: AsyncSession, member: Member, schedule: Schedule, now: datetime) -> Slot:
    """The next slot of the chosen rhythm, where silence or a pause had put it off."""
    as_chosen = await _slot(session, member, schedule, cadence_of(schedule), now, resumed)
    return min(schedules.coming(schedule), as_chosen, key=lambda each: each.week)


async def _slot(
    session: AsyncSession,
    member: Member,
    schedule: Schedule,
    cadence: Cadence,
    now: datetime,
    find: Callable[..., Slot],
) -> Slot:
    """The slot that `rescheduled` or `resumed` finds, after the pause if there is one."""
    asked = await check_ins.last_asked(session, member.id) if schedule.kind == Kind.CHECK_IN else None
    return find(
        cadence,
        zone(member.tz),
        now,
        last_week=schedule.last_planned_week,
        last_asked=asked,
        not_before=schedule.paused_until or date.min,
    )


async def _put(
    session: AsyncSession,
    member: Member,
    before: Schedule | None,
    kind: Kind,
    cadence: Cadence,
    coming: Slot,
    now: datetime,
) -> None:
    """Write it down; what waits already, if only for a better hour, waits no less and no more."""
    waits = before.due_at if before and coming == schedules.coming(before) else None
    due_at = waits or coming.instant(zone(member.tz))
    await schedules.put(session, member.id, kind, cadence, coming.week, due_at, now)
    await stale.mark_in_flight(session, [member.id])


async def switch_off(session: AsyncSession, member: Member, kind: Kind = Kind.CHECK_IN) -> None:
    """Nothing of that kind comes by itself any more. The caller locks the member."""
    await schedules.switch_off(session, member.id, kind)
    await stale.mark_in_flight(session, [member.id])


def is_off(schedule: Schedule | None) -> bool:
    """Whether nothing is planned by that schedule."""
    return schedule is None or schedule.due_at is None


def is_paused(schedule: Schedule | None, slot_at: datetime, today: date) -> bool:
    """Paused since it was due; what somebody asked for by hand in a pause comes all the same."""
    if schedule is None or schedule.paused_until is None:
        return False
    return schedule.paused_until > today and slot_at <= schedule.configured_at
