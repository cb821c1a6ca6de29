"""`/ladder set`: level, target, and when the weekly question comes."""

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from handlers import forms, settling
from handlers.people import Answer, Json, Visit
from handlers.routing import COMMAND, first_word, option_of, words
from handlers.settling import Settings
from handlers.views import checkin
from handlers.views import schedule as views
from handlers.views.message import Message
from handlers.views.schedule import ScheduleMemory
from handlers.views.wishes import Wishes, typed


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
        settings = await settling.as_it_is(visit)
        wishes = typed(wanted, visit.ladder, settings.now, settings.usual)
        return await _apply(visit, wishes, settings.slack_zone)

    await answer(ack, respond, work())


async def open_form(ack: AsyncAck, body: Json, visit: Visit) -> None:
    await ack()
    await _open(visit, body, await settling.as_it_is(visit))


async def save_form(ack: AsyncAck, view: Json, visit: Visit) -> None:
    memory = ScheduleMemory.of(view)
    message = await _apply(visit, views.read(view, visit.ladder), memory.slack_zone)
    await forms.finish(visit, ack, memory, message)


async def _open(visit: Visit, body: Json, settings: Settings) -> None:
    memory = ScheduleMemory(slack_zone=settings.slack_zone, **forms.origin(body))
    await forms.show(visit, body, views.form(visit.ladder, settings.now, memory, settings.usual, settings.paused))


async def _apply(visit: Visit, wishes: Wishes, slack_zone: str) -> Message:
    async with visit.sessions.begin() as session:
        return await settling.put(session, visit, wishes, slack_zone)
