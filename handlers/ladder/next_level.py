"""`/ladder next`, and the first meeting that it begins with."""

from growth.errors import NoLongerThere
from handlers.ladder.views import next_level as views
from handlers.ladder.views import welcome
from handlers.schedule.views import days
from handlers.slack import action_ids, people
from handlers.slack.interaction import Interaction
from handlers.slack.message import Message
from handlers.slack.people import Stranger
from handlers.slack.router import Group, Router
from services import schedules


def register(router: Router) -> None:
    about = {"next": "what the next level asks of you, and the evidence you have"}
    router.command("next", show_next, Group.LADDER, about)
    router.action(action_ids.WELCOME_LEVEL, pick_level)
    router.action(action_ids.WELCOME_TIME, pick_time)
    router.action(action_ids.WELCOME_NO_QUESTIONS, decline_questions)


async def show_next(i: Interaction) -> Message:
    standing = await people.standing(i)
    if isinstance(standing, Stranger):
        return welcome.pick_level(i.ladder, gone=standing.level_gone)
    return views.next_level(standing, i.ladder)


async def pick_level(i: Interaction) -> Message:
    level = i.ladder.level(i.value)
    if level is None:
        raise NoLongerThere("level")
    done = await schedules.pick_level(i, (await people.local_time(i)).tz, level.id)
    rest = await show_next(i)
    return rest if done.upcoming.is_on else welcome.placed(done.upcoming, rest)


async def pick_time(i: Interaction) -> Message:
    weekday, _, at = i.value.partition(" ")
    cadence = days.rhythm(weekday, at)
    done = await schedules.start_questions(i, cadence)
    return welcome.started(done.upcoming, cadence, await show_next(i))


async def decline_questions(i: Interaction) -> Message:
    await schedules.decline_questions(i)
    return welcome.quiet(await show_next(i))
