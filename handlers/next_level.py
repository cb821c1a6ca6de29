"""`/ladder next`, and the first meeting that it begins with."""

from db import members
from db.checkins import check_ins, schedules
from db.enums import Kind
from growth.errors import NoLevelYet, NoLongerThere
from handlers import people, rhythm
from handlers.people import Stranger
from handlers.slack.interaction import Interaction
from handlers.slack.router import Group, Router
from handlers.views import days, welcome
from handlers.views import next_level as views
from handlers.views.message import Message


def register(router: Router) -> None:
    about = {"next": "what the next level asks of you, and the evidence you have"}
    router.command("next", show_next, Group.LADDER, about)
    router.action(welcome.PICK_LEVEL, pick_level)
    router.action(welcome.PICK_TIME, pick_time)
    router.action(welcome.NO_QUESTIONS, decline_questions)


async def show_next(i: Interaction) -> Message:
    standing = await people.standing(i)
    if isinstance(standing, Stranger):
        return welcome.pick_level(i.ladder, gone=standing.level_gone)
    return views.next_level(standing, i.ladder)


async def pick_level(i: Interaction) -> Message:
    level = i.ladder.level(i.value)
    if level is None:
        raise NoLongerThere("level")
    here = await people.here(i)
    async with i.sessions.begin() as session:
        member = await members.add(session, i.who, here.tz)
        if member.level != level.id:
            await members.set_level(session, member, level.id, None, i.now)
            await check_ins.cancel_planned(session, member.id)
        upcoming = await rhythm.upcoming(session, member, i.now)
    rest = await show_next(i)
    return rest if upcoming.is_on else welcome.placed(upcoming, rest)


async def pick_time(i: Interaction) -> Message:
    weekday, _, at = i.value.partition(" ")
    cadence = days.rhythm(weekday, at)
    async with i.sessions.begin() as session:
        member = await members.lock(session, i.who)
        if member is None:
            raise NoLevelYet
        await rhythm.start(session, member, cadence, i.now)
        upcoming = await rhythm.upcoming(session, member, i.now)
    return welcome.started(upcoming, cadence, await show_next(i))


async def decline_questions(i: Interaction) -> Message:
    async with i.sessions.begin() as session:
        member = await members.lock(session, i.who)
        if member:
            await schedules.switch_off(session, member.id, Kind.CHECK_IN)
    return welcome.quiet(await show_next(i))
