"""`/ladder set`: level, target, and when the weekly question comes."""

from dataclasses import dataclass

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from db import check_ins, members, schedules
from db.tables import Kind
from growth.cadence import Cadence
from growth.errors import NoLevelYet
from handlers import forms, people, rhythm
from handlers.people import Answer, Json, Visit
from handlers.routing import COMMAND, first_word, option_of, words
from handlers.views import checkin
from handlers.views import schedule as views
from handlers.views.days import spoken_day
from handlers.views.message import Message
from handlers.views.schedule import ScheduleMemory
from handlers.views.wishes import Wishes, typed


@dataclass(frozen=True)
class Settings:
    """What holds now, the rhythm that a switched-off question had, and the zone of the person's Slack profile.

    `paused` is the day up to which nothing comes.
    """

    now: Wishes
    usual: Cadence
    slack_zone: str
    paused: str | None = None


def register(app: AsyncApp) -> None:
    app.command(COMMAND, matchers=[first_word("set", "schedule", "settings")])(set_by_command)
    app.action(views.OPEN)(open_form)
    app.action(checkin.MORE, matchers=[option_of(checkin.CHANGE)])(open_form)
    app.view(views.FORM)(save_form)


async def set_by_command(
    ack: AsyncAck, respond: AsyncRespond, answer: Answer, command: Json, body: Json, visit: Visit
) -> None:
    wanted = words(command).rest
    if not wanted:
        await open_form(ack, body, visit)
        return

    async def work() -> Message:
        settings = await _as_it_is(visit)
        wishes = typed(wanted, visit.ladder, settings.now, settings.usual)
        return await _apply(visit, wishes, settings.slack_zone)

    await answer(ack, respond, work())


async def open_form(ack: AsyncAck, body: Json, visit: Visit) -> None:
    await ack()
    await _open(visit, body, await _as_it_is(visit))


async def save_form(ack: AsyncAck, view: Json, visit: Visit) -> None:
    memory = ScheduleMemory.of(view)
    message = await _apply(visit, views.read(view, visit.ladder), memory.slack_zone)
    await forms.finish(visit, ack, memory, message)


async def _open(visit: Visit, body: Json, settings: Settings) -> None:
    memory = ScheduleMemory(slack_zone=settings.slack_zone, **forms.origin(body))
    await forms.show(visit, body, views.form(visit.ladder, settings.now, memory, settings.usual, settings.paused))


async def _as_it_is(visit: Visit) -> Settings:
    slack_zone = await people.slack_zone(visit)
    async with visit.sessions() as session:
        member = await members.find(session, visit.who)
        schedule = await schedules.find(session, member.id, Kind.CHECK_IN) if member else None
        upcoming = await rhythm.upcoming(session, member, visit.now) if member else None
    usual = schedules.cadence_of(schedule) if schedule else views.MONDAY_AT_NINE
    if member is None or upcoming is None:
        return Settings(Wishes(None, None, None, None), usual, slack_zone)
    wishes = Wishes(
        member.level, member.target, usual if upcoming.at else None, member.tz if member.tz_pinned else None
    )
    until = upcoming.paused_until
    paused = spoken_day(until, people.today(member, visit.now)) if until else None
    return Settings(wishes, usual, slack_zone, paused)


async def _apply(visit: Visit, wishes: Wishes, slack_zone: str) -> Message:
    level = visit.ladder.level(wishes.level)
    if level is None:
        raise NoLevelYet
    tz = wishes.zone or slack_zone
    async with visit.sessions.begin() as session:
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
