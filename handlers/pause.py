"""`/ladder pause` and `/ladder resume`."""

from datetime import date

from db import members
from db.checkins import check_ins
from db.checkins.asking import comes_later, stand_open
from db.enums import Kind
from db.mentoring import digests
from growth.errors import NoLevelYet, NothingToPause, NothingToResume
from handlers import people, rhythm, showing
from handlers.slack.interaction import Beside, Interaction, Modal
from handlers.slack.router import Group, Router
from handlers.views import checkin, days
from handlers.views import pause as views
from handlers.views.forms import Memory
from handlers.views.message import Message


def register(router: Router) -> None:
    about = {"pause until 2 Jan": "nothing from me before that day; `/ladder resume` ends it"}
    router.command("pause", pause_by_command, Group.CHECK_INS, about, aliases=("snooze",))
    router.command("resume", resume, Group.CHECK_INS, {}, aliases=("unpause",))
    router.action(checkin.MORE, open_form, verb=checkin.PAUSE)
    router.action(views.OPEN, open_form)
    router.action(views.RESUME, resume_by_click)
    router.view(views.FORM, save_form)


async def pause_by_command(i: Interaction) -> Message | Modal:
    if not i.words.rest:
        return await open_form(i)
    return await _pause(i, days.until(i.words.rest, (await people.here(i)).today))


async def open_form(i: Interaction) -> Modal:
    return Modal(views.form(Memory(**i.origin), (await people.here(i)).today))


async def save_form(i: Interaction) -> Message:
    return await _pause(i, views.read(i.view, (await people.here(i)).today))


async def resume(i: Interaction) -> Message:
    async with i.sessions.begin() as session:
        member = await members.lock(session, i.who)
        if member is None or not await rhythm.resume(session, member, i.now):
            raise NothingToResume if member and member.level else NoLevelYet
        upcoming = await rhythm.upcoming(session, member, i.now)
        mentors = await digests.mentoring(session, [member.id])
        digest = await rhythm.upcoming(session, member, i.now, Kind.DIGEST) if mentors else None
    return views.resumed(upcoming, people.today(member, i.now), digest)


async def resume_by_click(i: Interaction) -> Beside:
    return Beside(await resume(i))


async def _pause(i: Interaction, until: date) -> Message:
    async with i.sessions.begin() as session:
        member = await members.lock(session, i.who)
        if member is None or not await rhythm.pause(session, member, until, i.now):
            raise NothingToPause
        waiting = await check_ins.open_one(session, i.who)
        put_off = waiting if waiting and comes_later(waiting) else None
        if put_off:
            stand_open(put_off)
        upcoming = await rhythm.upcoming(session, member, i.now)
    if put_off:
        await showing.question(i, put_off.id)
    return views.paused(until, upcoming, people.today(member, i.now), stands=waiting is not None)
