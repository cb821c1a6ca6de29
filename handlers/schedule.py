"""`/ladder set`: level, target, and when the weekly question comes."""

from handlers import settling
from handlers.slack.interaction import Interaction, Modal
from handlers.slack.router import Group, Router
from handlers.views import checkin
from handlers.views import schedule as views
from handlers.views.message import Message
from handlers.views.schedule import ScheduleMemory
from handlers.views.wishes import Wishes, typed


def register(router: Router) -> None:
    about = {"set": "your level, your target, and when I ask"}
    router.command("set", set_by_command, Group.CHECK_INS, about, aliases=("schedule", "settings"))
    router.action(views.OPEN, open_form)
    router.action(checkin.MORE, open_form, verb=checkin.CHANGE)
    router.view(views.FORM, save_form)


async def set_by_command(i: Interaction) -> Message | Modal:
    if not i.words.rest:
        return await open_form(i)
    settings = await settling.as_it_is(i)
    wishes = typed(i.words.rest, i.ladder, settings.now, settings.usual)
    return await _apply(i, wishes, settings.slack_zone)


async def open_form(i: Interaction) -> Modal:
    settings = await settling.as_it_is(i)
    memory = ScheduleMemory(slack_zone=settings.slack_zone, **i.origin)
    return Modal(views.form(i.ladder, settings.now, memory, settings.usual, settings.paused))


async def save_form(i: Interaction) -> Message:
    memory = ScheduleMemory.of(i.view)
    return await _apply(i, views.read(i.view, i.ladder), memory.slack_zone)


async def _apply(i: Interaction, wishes: Wishes, slack_zone: str) -> Message:
    async with i.sessions.begin() as session:
        return await settling.put(session, i, wishes, slack_zone)
