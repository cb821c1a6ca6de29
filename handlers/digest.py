"""The mentor's digest: on demand, and when it comes; and what a member would be read of."""

from datetime import timedelta

from db import members
from db.checkins import schedules
from db.checkins.schedules import cadence_of
from db.engine import AsyncSession
from db.enums import Kind
from db.members import Who
from db.mentoring import digests, disclosures, mentorships
from db.models import Member
from db.workspaces import workspaces
from growth.cadence import Cadence
from growth.digest import usual_cadence
from growth.errors import NoMentees
from growth.sharing import REGRET, Mentee
from handlers import digesting, people, rhythm, showing
from handlers.people import Visit
from handlers.slack.interaction import Beside, Interaction, Modal
from handlers.slack.router import Group, Router
from handlers.views import digest as views
from handlers.views import wishes
from handlers.views.forms import Memory
from handlers.views.message import Message

BREAK = timedelta(weeks=4)


def register(router: Router) -> None:
    router.command(
        "digest",
        by_command,
        Group.MENTORING,
        {
            "digest": "what is new from your mentees; `on`, `off` or `tue 9:00` says when it comes by itself",
            "digest preview": "what your mentors would read of you",
        },
    )
    router.action(views.CHANGE, open_form)
    router.action(views.PAUSE, pause)
    router.action(views.STOP, stop)
    router.view(views.FORM, save_form)


async def by_command(i: Interaction) -> Message:
    """Now; with a word, the preview, or when it comes."""
    match i.words.rest.casefold():
        case "":
            return await _now(i)
        case "preview":
            return await _preview(i)
        case "off":
            return await _switch_off(i)
        case "pause":
            return await _pause(i)
        case "on" | "resume":
            return await _start(i, "")
        case typed:
            return await _start(i, typed)


async def open_form(i: Interaction) -> Modal:
    await showing.prove_clicked(i, i.body)
    async with i.sessions() as session:
        member = await members.find(session, i.who)
        schedule = await schedules.find(session, member.id, Kind.DIGEST) if member else None
    cadence = cadence_of(schedule) if schedule else usual_cadence(None)
    on = schedule is not None and schedule.due_at is not None
    return Modal(views.form(cadence, Memory(**i.origin), on=on))


async def save_form(i: Interaction) -> Message:
    picked = views.read_form(i.view)
    return await (_start(i, picked) if picked else _switch_off(i))


async def pause(i: Interaction) -> Beside:
    await showing.prove_clicked(i, i.body)
    return Beside(await _pause(i))


async def stop(i: Interaction) -> Beside:
    await showing.prove_clicked(i, i.body)
    return Beside(await _switch_off(i))


async def _now(visit: Visit) -> Message:
    await people.known(visit)
    async with visit.sessions.begin() as session:
        mentor, mentees = await _mentor(session, visit)
        news = await disclosures.news(session, visit.who, visit.now)
        held_up = await workspaces.is_silent(session, mentor.workspace_id)
        if news:
            await digests.ask(session, mentor, visit.now)
    return views.on_its_way(held_up=held_up) if news else views.nothing_new(mentees, visit.ladder)


async def _mentor(session: AsyncSession, visit: Visit) -> tuple[Member, list[Mentee]]:
    """The person, held, and whom they mentor. Raises NoMentees."""
    mentor = await members.lock(session, visit.who)
    mentees = await mentorships.mentees(session, visit.who)
    if mentor is None or not mentees:
        raise NoMentees
    return mentor, mentees


async def _preview(visit: Visit) -> Message:
    today = (await people.here(visit)).today
    async with visit.sessions.begin() as session:
        mentors = await mentorships.mentors(session, visit.who)
        soon = visit.now + REGRET
        read = [
            (
                each.user,
                await digesting.preview(session, visit.who, Who(visit.who.workspace, each.user), visit.ladder, soon),
            )
            for each in mentors[: views.PREVIEWED]
        ]
    return views.preview(read, visit.ladder, today, more=len(mentors) - len(read))


async def _start(visit: Visit, wanted: Cadence | str) -> Message:
    """The digest comes by itself from now on: as picked, or as typed; with nothing typed, as it did before."""
    await people.known(visit)
    async with visit.sessions.begin() as session:
        mentor, _ = await _mentor(session, visit)
        await rhythm.start_digest(session, mentor, visit.now)
        schedule = await schedules.find(session, mentor.id, Kind.DIGEST)
        if schedule:
            await rhythm.resume_one(session, mentor, schedule, visit.now)
            cadence = _cadence(wanted, cadence_of(schedule))
            await rhythm.start(session, mentor, cadence, visit.now, Kind.DIGEST)
        return await _comes(session, visit, mentor)


def _cadence(wanted: Cadence | str, before: Cadence) -> Cadence:
    if isinstance(wanted, str):
        return wishes.cadence(wanted, before, views.WHEN) if wanted else before
    return wanted


async def _pause(visit: Visit) -> Message:
    await people.known(visit)
    async with visit.sessions.begin() as session:
        mentor, _ = await _mentor(session, visit)
        schedule = await schedules.find(session, mentor.id, Kind.DIGEST)
        if schedule and schedule.due_at:
            until = people.today(mentor, visit.now) + BREAK
            await rhythm.pause_one(session, mentor, schedule, until, visit.now)
        return await _comes(session, visit, mentor)


async def _switch_off(visit: Visit) -> Message:
    await people.known(visit)
    async with visit.sessions.begin() as session:
        mentor, _ = await _mentor(session, visit)
        await schedules.switch_off(session, mentor.id, Kind.DIGEST)
        return await _comes(session, visit, mentor)


async def _comes(session: AsyncSession, visit: Visit, mentor: Member) -> Message:
    """When the digest comes by itself, if it does."""
    upcoming = await rhythm.upcoming(session, mentor, visit.now, Kind.DIGEST)
    return Message.of(views.comes(upcoming, people.today(mentor, visit.now)))
