"""`/ladder pause` and `/ladder resume`."""

from datetime import date

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from db import members
from db.checkins import check_ins
from db.checkins.asking import comes_later, stand_open
from db.enums import Kind
from db.mentoring import digests
from growth.errors import NoLevelYet, NothingToPause, NothingToResume
from handlers import forms, homepage, people, rhythm, showing
from handlers.people import Answer, Json, Visit
from handlers.routing import COMMAND, first_word, option_of, words
from handlers.views import checkin, days
from handlers.views import pause as views
from handlers.views.forms import Memory
from handlers.views.message import Message


def register(app: AsyncApp) -> None:
    app.command(COMMAND, matchers=[first_word("pause", "snooze")])(pause_by_command)
    app.command(COMMAND, matchers=[first_word("resume", "unpause")])(resume_by_command)
    app.action(checkin.MORE, matchers=[option_of(checkin.PAUSE)])(open_form)
    app.action(views.OPEN)(open_form)
    app.action(views.RESUME)(resume_by_click)
    app.view(views.FORM)(save_form)


async def pause_by_command(
    ack: AsyncAck, respond: AsyncRespond, answer: Answer, command: Json, body: Json, visit: Visit
) -> None:
    wanted = words(command).rest
    if not wanted:
        await open_form(ack, body, visit)
        return

    async def work() -> Message:
        return await _pause(visit, days.until(wanted, (await people.here(visit)).today))

    await answer(ack, respond, work())


async def open_form(ack: AsyncAck, body: Json, visit: Visit) -> None:
    await ack()
    here = await people.here(visit)
    await forms.show(visit, body, views.form(Memory(**forms.origin(body)), here.today))


async def save_form(ack: AsyncAck, view: Json, visit: Visit) -> None:
    until = views.read(view, (await people.here(visit)).today)
    await forms.finish(visit, ack, Memory.of(view), await _pause(visit, until))


async def resume_by_command(ack: AsyncAck, respond: AsyncRespond, answer: Answer, visit: Visit) -> None:
    await answer(ack, respond, _resume(visit))


async def resume_by_click(ack: AsyncAck, respond: AsyncRespond, answer: Answer, visit: Visit) -> None:
    await answer.redraw(ack, respond, homepage.refreshed(visit, respond, _resume(visit)), replace=False)


async def _pause(visit: Visit, until: date) -> Message:
    async with visit.sessions.begin() as session:
        member = await members.lock(session, visit.who)
        if member is None or not await rhythm.pause(session, member, until, visit.now):
            raise NothingToPause
        waiting = await check_ins.open_one(session, visit.who)
        put_off = waiting if waiting and comes_later(waiting) else None
        if put_off:
            stand_open(put_off)
        upcoming = await rhythm.upcoming(session, member, visit.now)
    if put_off:
        await showing.question(visit, put_off.id)
    return views.paused(until, upcoming, people.today(member, visit.now), stands=waiting is not None)


async def _resume(visit: Visit) -> Message:
    async with visit.sessions.begin() as session:
        member = await members.lock(session, visit.who)
        if member is None or not await rhythm.resume(session, member, visit.now):
            raise NothingToResume if member and member.level else NoLevelYet
        upcoming = await rhythm.upcoming(session, member, visit.now)
        mentors = await digests.mentoring(session, [member.id])
        digest = await rhythm.upcoming(session, member, visit.now, Kind.DIGEST) if mentors else None
    return views.resumed(upcoming, people.today(member, visit.now), digest)
