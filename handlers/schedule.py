"""`/ladder set`: level, target, and when the weekly question comes."""

from dataclasses import dataclass

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from db import check_ins, members, schedules
from db.tables import Kind
from growth.cadence import Cadence, zone
from growth.errors import NoLevelYet
from handlers import forms, people, rhythm
from handlers.people import Answer, Json, Visit
from handlers.routing import COMMAND, first_word, words
from handlers.views import schedule as views
from handlers.views.message import Message
from handlers.views.schedule import ScheduleMemory
from handlers.views.wishes import Wishes, typed


@dataclass(frozen=True)
class Settings:
    """What holds now, the rhythm that a switched-off question had, and the zone of the person's Slack profile."""

    now: Wishes
    usual: Cadence
    slack_zone: str


def register(app: AsyncApp) -> None:
    app.command(COMMAND, matchers=[first_word("set", "schedule", "settings")])(set_by_command)
    app.action(views.OPEN)(open_form)
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
    await forms.show(visit, body, views.form(visit.ladder, settings.now, memory, settings.usual))


async def _as_it_is(visit: Visit) -> Settings:
    slack_zone = await people.slack_zone(visit)
    async with visit.sessions() as session:
        member = await members.find(session, visit.who)
        schedule = await schedules.find(session, member.id, Kind.CHECK_IN) if member else None
    usual = rhythm.of(schedule) if schedule else views.MONDAY_AT_NINE
    if member is None:
        return Settings(Wishes(None, None, None, None), usual, slack_zone)
    cadence = usual if schedule and schedule.due_at else None
    return Settings(
        Wishes(member.level, member.target, cadence, member.tz if member.tz_pinned else None), usual, slack_zone
    )


async def _apply(visit: Visit, wishes: Wishes, slack_zone: str) -> Message:
    level = visit.ladder.level(wishes.level)
    if level is None:
        raise NoLevelYet
    tz = zone(wishes.zone or slack_zone)
    async with visit.sessions.begin() as session:
        member = await members.add(session, visit.who, tz.key)
        if member.level != level.id:
            await check_ins.cancel_planned(session, member.id)
        await members.set_level(session, member, level.id, wishes.target, visit.now)
        member.tz, member.tz_pinned = tz.key, wishes.zone is not None
        if wishes.cadence:
            due = await rhythm.start(session, member, wishes.cadence, visit.now)
        else:
            await schedules.switch_off(session, member.id, Kind.CHECK_IN)
            due = None
    return views.confirmed(visit.ladder, wishes, due, tz)
