"""`/ladder set`: level, target, and when the weekly question comes."""

from growth.preferences import Preferences
from handlers.schedule.views import schedule as views
from handlers.schedule.views.days import spoken_day
from handlers.schedule.views.preferences import typed
from handlers.schedule.views.schedule import ScheduleMemory
from handlers.slack import action_ids, people
from handlers.slack.interaction import Interaction, Modal
from handlers.slack.message import Message
from handlers.slack.router import Group, Router
from services import schedules


def register(router: Router) -> None:
    about = {
        "set": "your level, your target, and when I ask",
        "set friday 15:00": "the same, typed; `{lower}`, `target {higher}`, `zone Asia/Tokyo` and `off` work too",
    }
    router.command("set", set_by_command, Group.CHECK_INS, about, aliases=("schedule", "settings"))
    router.action(action_ids.SCHEDULE_OPEN, open_form)
    router.action(action_ids.CHECKIN_MORE, open_form, verb=action_ids.VERB_CHANGE)
    router.view(action_ids.SCHEDULE_FORM, save_form)


async def set_by_command(i: Interaction) -> Message | Modal:
    if not i.words.rest:
        return await open_form(i)
    slack_zone = await people.profile_zone(i)
    settings = await schedules.settings(i)
    return await _apply(i, typed(i.words.rest, i.ladder, settings.now, settings.usual), slack_zone)


async def open_form(i: Interaction) -> Modal:
    memory = ScheduleMemory(slack_zone=await people.profile_zone(i), **i.origin)
    settings = await schedules.settings(i)
    until = settings.paused_until
    paused = spoken_day(until, settings.today) if until and settings.today else None
    return Modal(views.form(i.ladder, settings.now, memory, settings.usual, paused))


async def save_form(i: Interaction) -> Message:
    return await _apply(i, views.read(i.view, i.ladder), ScheduleMemory.of(i.view).slack_zone)


async def _apply(i: Interaction, wanted: Preferences, slack_zone: str) -> Message:
    done = await schedules.apply(i, wanted, slack_zone)
    return views.confirmed(i.ladder, wanted, done.upcoming, done.today)
