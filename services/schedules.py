"""What a member has set: level, target, zone, and when the question and the digest come."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from db import members
from db.checkins import asking, check_ins, schedules
from db.checkins.schedules import cadence_of
from db.engine import AsyncSession
from db.enums import Kind
from db.mentoring import digests, mentorships
from db.models import CheckIn, Member
from db.outbox import stale
from growth.cadence import Cadence, local_date, zone
from growth.errors import NoLevelYet, NoMentees, NothingToPause, NothingToResume
from growth.preferences import MONDAY_AT_NINE, Preferences
from growth.standing import Upcoming
from services import scheduling
from services.actor import Actor
from services.check_ins import reopen

BREAK = timedelta(weeks=4)  # of digests


@dataclass(frozen=True)
class Settings:
    """What holds now, and the rhythm that a switched-off question had. Before `paused_until` nothing comes."""

    now: Preferences
    usual: Cadence
    today: date | None = None
    paused_until: date | None = None


class Set(NamedTuple):
    """When the next one comes after a change, and the member's date."""

    upcoming: Upcoming
    today: date


async def settings(actor: Actor) -> Settings:
    """What the person has set; of whoever is no member yet, nothing."""
    async with actor.sessions() as session:
        member = await members.get(session, actor.who)
        if member is None:
            return Settings(Preferences(None, None, None, None), MONDAY_AT_NINE)
        schedule = await schedules.get(session, member.id, Kind.CHECK_IN)
        upcoming = await scheduling.upcoming(session, member, actor.now)
    usual = cadence_of(schedule) if schedule else MONDAY_AT_NINE
    pinned = member.tz if member.tz_pinned else None
    now = Preferences(member.level, member.target, usual if upcoming.is_on else None, pinned)
    return Settings(now, usual, _today(member, actor), upcoming.paused_until)


async def apply(actor: Actor, wanted: Preferences, slack_zone: str) -> Set:
    """Let it be as wanted from now on, for whoever is no member yet too. Raises NoLevelYet."""
    async with actor.sessions.begin() as session:
        return await set_all(session, actor, wanted, slack_zone)


async def set_all(session: AsyncSession, actor: Actor, wanted: Preferences, slack_zone: str) -> Set:
    """As `apply`, in the transaction of the caller."""
    level = actor.ladder.level(wanted.level)
    if level is None:
        raise NoLevelYet
    tz = wanted.zone or slack_zone
    member = await members.add(session, actor.who, tz)
    await _set_level(session, actor, member, level.id, wanted.target)
    await scheduling.move(session, member, tz, actor.now)
    member.tz_pinned = wanted.zone is not None
    if wanted.cadence:
        await scheduling.start(session, member, wanted.cadence, actor.now)
    else:
        await scheduling.switch_off(session, member)
    return await _set(session, actor, member)


async def pick_level(actor: Actor, tz: str, level: str) -> Set:
    """The person, who becomes a member with that, is on that level; the next one is their target."""
    async with actor.sessions.begin() as session:
        member = await members.add(session, actor.who, tz)
        if member.level != level:
            await _set_level(session, actor, member, level, None)
        return await _set(session, actor, member)


async def _set_level(session: AsyncSession, actor: Actor, member: Member, level: str, target: str | None) -> None:
    if member.level != level:
        await check_ins.cancel_planned(session, member.id)
    await members.set_level(session, member, level, target, actor.now)
    await stale.mark_in_flight(session, [member.id])


async def start_questions(actor: Actor, cadence: Cadence) -> Set:
    """A question comes in that rhythm from now on. Raises NoLevelYet."""
    async with actor.sessions.begin() as session:
        member = await members.lock(session, actor.who)
        if member is None:
            raise NoLevelYet
        await scheduling.start(session, member, cadence, actor.now)
        return await _set(session, actor, member)


async def decline_questions(actor: Actor) -> None:
    """No question comes by itself."""
    async with actor.sessions.begin() as session:
        member = await members.lock(session, actor.who)
        if member:
            await scheduling.switch_off(session, member)


class Paused(NamedTuple):
    """When the next question comes after a pause, the member's date, and the question that stands open meanwhile."""

    upcoming: Upcoming
    today: date
    waiting: CheckIn | None


async def pause(actor: Actor, until: date) -> Paused:
    """Start nothing before that local date. Raises NothingToPause."""
    async with actor.sessions.begin() as session:
        member = await members.lock(session, actor.who)
        if member is None or not await scheduling.pause(session, member, until, actor.now):
            raise NothingToPause
        waiting = await check_ins.open_one(session, actor.who)
        if waiting and asking.comes_later(waiting):
            await reopen(session, waiting)
        upcoming = await scheduling.upcoming(session, member, actor.now)
        return Paused(upcoming, _today(member, actor), waiting)


class Resumed(NamedTuple):
    """When the next question comes, the member's date, and the next digest of whoever has a mentee."""

    upcoming: Upcoming
    today: date
    digest: Upcoming | None


async def resume(actor: Actor) -> Resumed:
    """Start again, whether paused or switched off. Raises NothingToResume, NoLevelYet."""
    async with actor.sessions.begin() as session:
        member = await members.lock(session, actor.who)
        if member is None or not await scheduling.resume(session, member, actor.now):
            raise NothingToResume if member and member.level else NoLevelYet
        upcoming = await scheduling.upcoming(session, member, actor.now)
        mentors = await digests.mentoring(session, [member.id])
        digest = await scheduling.upcoming(session, member, actor.now, Kind.DIGEST) if mentors else None
        return Resumed(upcoming, _today(member, actor), digest)


async def digest_cadence(actor: Actor, usual: Cadence) -> tuple[Cadence, bool]:
    """In which rhythm the person's digest comes, or would, and whether it does."""
    async with actor.sessions() as session:
        member = await members.get(session, actor.who)
        schedule = await schedules.get(session, member.id, Kind.DIGEST) if member else None
    return (cadence_of(schedule), schedule.due_at is not None) if schedule else (usual, False)


async def start_digest(actor: Actor, cadence: Callable[[Cadence], Cadence]) -> Set:
    """The digest comes in the rhythm that is made of the one before, paused no longer. Raises NoMentees."""
    async with actor.sessions.begin() as session:
        member = await _mentor(session, actor)
        await scheduling.start_digest(session, member, actor.now)
        schedule = await schedules.get(session, member.id, Kind.DIGEST)
        if schedule:
            await scheduling.resume_one(session, member, schedule, actor.now)
            await scheduling.start(session, member, cadence(cadence_of(schedule)), actor.now, Kind.DIGEST)
        return await _set(session, actor, member, Kind.DIGEST)


async def pause_digest(actor: Actor) -> Set:
    """No digest for four weeks. Raises NoMentees."""
    async with actor.sessions.begin() as session:
        member = await _mentor(session, actor)
        schedule = await schedules.get(session, member.id, Kind.DIGEST)
        if schedule and schedule.due_at:
            await scheduling.pause_one(session, member, schedule, _today(member, actor) + BREAK, actor.now)
        return await _set(session, actor, member, Kind.DIGEST)


async def stop_digest(actor: Actor) -> Set:
    """No digest by itself. Raises NoMentees."""
    async with actor.sessions.begin() as session:
        member = await _mentor(session, actor)
        await scheduling.switch_off(session, member, Kind.DIGEST)
        return await _set(session, actor, member, Kind.DIGEST)


async def _mentor(session: AsyncSession, actor: Actor) -> Member:
    mentor = await members.lock(session, actor.who)
    if mentor is None or not await mentorships.mentees(session, actor.who):
        raise NoMentees
    return mentor


async def _set(session: AsyncSession, actor: Actor, member: Member, kind: Kind = Kind.CHECK_IN) -> Set:
    return Set(await scheduling.upcoming(session, member, actor.now, kind), _today(member, actor))


def _today(member: Member, actor: Actor) -> date:
    return local_date(actor.now, zone(member.tz))
