"""`/ladder next`, and the first meeting that it begins with."""

import re

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from db import members
from db.checkins import check_ins, schedules
from db.enums import Kind
from growth.errors import NoLevelYet, NoLongerThere
from handlers import homepage, people, rhythm
from handlers.people import Answer, Stranger, Visit
from handlers.routing import COMMAND, first_word
from handlers.views import days, welcome
from handlers.views import next_level as views
from handlers.views.message import Message


def register(app: AsyncApp) -> None:
    app.command(COMMAND, matchers=[first_word("next")])(show_next)
    app.action(re.compile(rf"^{re.escape(welcome.PICK_LEVEL)}\."))(pick_level)
    app.action(re.compile(rf"^{re.escape(welcome.PICK_TIME)}\."))(pick_time)
    app.action(welcome.NO_QUESTIONS)(decline_questions)


async def show_next(ack: AsyncAck, visit: Visit) -> None:
    await ack(**(await _next(visit)).payload())


async def pick_level(
    ack: AsyncAck, respond: AsyncRespond, answer: Answer, action: dict[str, str], visit: Visit
) -> None:
    async def work() -> Message:
        level = visit.ladder.level(action["value"])
        if level is None:
            raise NoLongerThere("level")
        here = await people.here(visit)
        async with visit.sessions.begin() as session:
            member = await members.add(session, visit.who, here.tz)
            if member.level != level.id:
                await members.set_level(session, member, level.id, None, visit.now)
                await check_ins.cancel_planned(session, member.id)
            upcoming = await rhythm.upcoming(session, member, visit.now)
        rest = await _next(visit)
        return rest if upcoming.is_on else welcome.placed(upcoming, rest)

    await answer.redraw(ack, respond, homepage.refreshed(visit, respond, work(), offer=True))


async def pick_time(ack: AsyncAck, respond: AsyncRespond, answer: Answer, action: dict[str, str], visit: Visit) -> None:
    async def work() -> Message:
        weekday, _, at = action["value"].partition(" ")
        cadence = days.rhythm(weekday, at)
        async with visit.sessions.begin() as session:
            member = await members.lock(session, visit.who)
            if member is None:
                raise NoLevelYet
            await rhythm.start(session, member, cadence, visit.now)
            upcoming = await rhythm.upcoming(session, member, visit.now)
        return welcome.started(upcoming, cadence, await _next(visit))

    await answer.redraw(ack, respond, homepage.refreshed(visit, respond, work()))


async def decline_questions(ack: AsyncAck, respond: AsyncRespond, answer: Answer, visit: Visit) -> None:
    async def work() -> Message:
        async with visit.sessions.begin() as session:
            member = await members.lock(session, visit.who)
            if member:
                await schedules.switch_off(session, member.id, Kind.CHECK_IN)
        return welcome.quiet(await _next(visit))

    await answer.redraw(ack, respond, homepage.refreshed(visit, respond, work()))


async def _next(visit: Visit) -> Message:
    standing = await people.standing(visit)
    if isinstance(standing, Stranger):
        return welcome.pick_level(visit.ladder, gone=standing.level_gone)
    return views.next_level(standing, visit.ladder)
