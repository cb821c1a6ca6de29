"""`/ladder pause` and `/ladder resume`."""

from datetime import date

from handlers.schedule.views import days
from handlers.schedule.views import pause as views
from handlers.slack import action_ids, people
from handlers.slack.inputs import Memory
from handlers.slack.interaction import Beside, Interaction, Modal
from handlers.slack.message import Message
from handlers.slack.router import Group, Router
from services import schedules


def register(router: Router) -> None:
    about = {"pause until 2 Jan": "nothing from me before that day; `next monday` and `two weeks` work too"}
    router.command("pause", pause_by_command, Group.CHECK_INS, about, aliases=("snooze",))
    about = {"resume": "ends a pause, or starts questions again that were off"}
    router.command("resume", resume, Group.CHECK_INS, about, aliases=("unpause",))
    router.action(action_ids.CHECKIN_MORE, open_form, verb=action_ids.VERB_PAUSE)
    router.action(action_ids.PAUSE_OPEN, open_form)
    router.action(action_ids.PAUSE_RESUME, resume_by_click)
    router.view(action_ids.PAUSE_FORM, save_form)


async def pause_by_command(i: Interaction) -> Message | Modal:
    if not i.words.rest:
        return await open_form(i)
    return await _pause(i, days.until(i.words.rest, (await people.local_time(i)).today))


async def open_form(i: Interaction) -> Modal:
    return Modal(views.form(Memory(**i.origin), (await people.local_time(i)).today))


async def save_form(i: Interaction) -> Message:
    return await _pause(i, views.read(i.view, (await people.local_time(i)).today))


async def resume(i: Interaction) -> Message:
    resumed = await schedules.resume(i)
    return views.resumed(resumed.upcoming, resumed.today, resumed.digest)


async def resume_by_click(i: Interaction) -> Beside:
    return Beside(await resume(i))


async def _pause(i: Interaction, until: date) -> Message:
    paused = await schedules.pause(i, until)
    return views.paused(until, paused.upcoming, paused.today, stands=paused.waiting is not None)
