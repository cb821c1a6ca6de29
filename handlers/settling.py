"""What a person has set, and setting it: level, target, when the weekly question comes, and the zone."""

from dataclasses import dataclass

from db import members
from db.checkins import check_ins, schedules
from db.engine import AsyncSession
from db.enums import Kind
from growth.cadence import MONDAY_AT_NINE, Cadence
from growth.errors import NoLevelYet
from handlers import people, rhythm
from handlers.people import Visit
from handlers.views import schedule as views
from handlers.views.days import spoken_day
from handlers.views.message import Message
from handlers.views.wishes import Wishes


@dataclass(frozen=True)
class Settings:
    """What holds now, the rhythm that a switched-off question had, and the zone of the person's Slack profile.

    `paused` is the day up to which nothing comes.
    """

    now: Wishes
    usual: Cadence
    slack_zone: str
    paused: str | None = None


async def as_it_is(visit: Visit) -> Settings:
    """What the person has set. Raises NotForGuests."""
    slack_zone = await people.profile_zone(visit)
    async with visit.sessions() as session:
        member = await members.find(session, visit.who)
        schedule = await schedules.find(session, member.id, Kind.CHECK_IN) if member else None
        upcoming = await rhythm.upcoming(session, member, visit.now) if member else None
    usual = schedules.cadence_of(schedule) if schedule else MONDAY_AT_NINE
    if member is None or upcoming is None:
        return Settings(Wishes(None, None, None, None), usual, slack_zone)
    wishes = Wishes(
        member.level, member.target, usual if upcoming.is_on else None, member.tz if member.tz_pinned else None
    )
    until = upcoming.paused_until
    paused = spoken_day(until, people.today(member, visit.now)) if until else None
    return Settings(wishes, usual, slack_zone, paused)


async def put(session: AsyncSession, visit: Visit, wishes: Wishes, slack_zone: str) -> Message:
    """Let it be as wished from now on, and say what holds. Raises NoLevelYet."""
    level = visit.ladder.level(wishes.level)
    if level is None:
        raise NoLevelYet
    tz = wishes.zone or slack_zone
    member = await members.add(session, visit.who, tz)
    if member.level != level.id:
        await check_ins.cancel_planned(session, member.id)
    await members.set_level(session, member, level.id, wishes.target, visit.now)
    await rhythm.move(session, member, tz, visit.now)
    member.tz_pinned = wishes.zone is not None
    if wishes.cadence:
        await rhythm.start(session, member, wishes.cadence, visit.now)
    else:
        await schedules.switch_off(session, member.id, Kind.CHECK_IN)
    upcoming = await rhythm.upcoming(session, member, visit.now)
    return views.confirmed(visit.ladder, wishes, upcoming, people.today(member, visit.now))
