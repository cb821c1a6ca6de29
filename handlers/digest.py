"""The mentor's digest: on demand, and when it comes; and what a member would be read of."""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

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
from handlers import digesting, forms, people, rhythm, showing
from handlers.people import Answer, Json, Visit, Wake
from handlers.routing import COMMAND, first_word, words
from handlers.views import digest as views
from handlers.views import wishes
from handlers.views.forms import Memory
from handlers.views.message import Message

BREAK = timedelta(weeks=4)
Change = Callable[[AsyncSession, Member], Coroutine[Any, Any, None]]


def register(app: AsyncApp) -> None:
    app.command(COMMAND, matchers=[first_word("digest")])(by_command)
    app.action(views.CHANGE)(open_form)
    app.action(views.PAUSE)(pause)
    app.action(views.STOP)(stop)
    app.view(views.FORM)(save_form)


async def by_command(
    ack: AsyncAck, respond: AsyncRespond, answer: Answer, command: Json, visit: Visit, wake: Wake
) -> None:
    """Now; with a word, the preview, or when it comes."""
    match words(command).rest.casefold():
        case "":
            work = _now(visit, wake)
        case "preview":
            work = _preview(visit)
        case "off":
            work = _switch_off(visit)
        case "pause":
            work = _pause(visit)
        case wanted:
            work = _set(visit, "" if wanted in ("on", "resume") else wanted)
    await answer(ack, respond, work)


async def open_form(ack: AsyncAck, body: Json, visit: Visit) -> None:
    await ack()
    await showing.prove_clicked(visit, body)
    async with visit.sessions() as session:
        member = await members.find(session, visit.who)
        schedule = await schedules.find(session, member.id, Kind.DIGEST) if member else None
    cadence = cadence_of(schedule) if schedule else usual_cadence(None)
    on = schedule is not None and schedule.due_at is not None
    await forms.show(visit, body, views.form(cadence, Memory(**forms.origin(body)), on=on))


async def save_form(ack: AsyncAck, view: Json, visit: Visit) -> None:
    wanted = views.read_form(view)
    message = await (_start(visit, lambda _: wanted) if wanted else _switch_off(visit))
    await forms.finish(visit, ack, Memory.of(view), message)


async def pause(ack: AsyncAck, respond: AsyncRespond, answer: Answer, body: Json, visit: Visit) -> None:
    async def work() -> Message:
        await showing.prove_clicked(visit, body)
        return await _pause(visit)

    await answer.redraw(ack, respond, work(), replace=False)


async def stop(ack: AsyncAck, respond: AsyncRespond, answer: Answer, body: Json, visit: Visit) -> None:
    async def work() -> Message:
        await showing.prove_clicked(visit, body)
        return await _switch_off(visit)

    await answer.redraw(ack, respond, work(), replace=False)


async def _now(visit: Visit, wake: Wake) -> Message:
    await people.known(visit)
    async with visit.sessions.begin() as session:
        mentor, mentees = await _mentor(session, visit)
        news = await disclosures.news(session, visit.who, visit.now)
        held_up = await workspaces.is_silent(session, mentor.workspace_id)
        if news:
            await digests.ask(session, mentor, visit.now)
    if not news:
        return views.nothing_new(mentees, visit.ladder)
    wake()
    return views.on_its_way(held_up=held_up)


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


async def _set(visit: Visit, wanted: str) -> Message:
    return await _start(visit, lambda before: wishes.cadence(wanted, before, views.WHEN) if wanted else before)


async def _start(visit: Visit, rhythm_from: Callable[[Cadence], Cadence]) -> Message:
    async def start(session: AsyncSession, member: Member) -> None:
        await rhythm.start_digest(session, member, visit.now)
        schedule = await schedules.find(session, member.id, Kind.DIGEST)
        if schedule:
            await rhythm.resume_one(session, member, schedule, visit.now)
            await rhythm.start(session, member, rhythm_from(cadence_of(schedule)), visit.now, Kind.DIGEST)

    return await _change(visit, start)


async def _pause(visit: Visit) -> Message:
    async def four_weeks(session: AsyncSession, member: Member) -> None:
        schedule = await schedules.find(session, member.id, Kind.DIGEST)
        if schedule and schedule.due_at:
            until = people.today(member, visit.now) + BREAK
            await rhythm.pause_one(session, member, schedule, until, visit.now)

    return await _change(visit, four_weeks)


async def _switch_off(visit: Visit) -> Message:
    async def off(session: AsyncSession, member: Member) -> None:
        await schedules.switch_off(session, member.id, Kind.DIGEST)

    return await _change(visit, off)


async def _change(visit: Visit, change: Change) -> Message:
    """Change when the digest comes, and say when that is."""
    await people.known(visit)
    async with visit.sessions.begin() as session:
        member, _ = await _mentor(session, visit)
        await change(session, member)
        upcoming = await rhythm.upcoming(session, member, visit.now, Kind.DIGEST)
    return Message.of(views.comes(upcoming, people.today(member, visit.now)))
