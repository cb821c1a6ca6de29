"""`/ladder logs`: looking through the growth log, and taking entries out of it."""

from collections.abc import Awaitable, Callable

from db import members
from db.mentoring import mentorships
from growth.errors import GoneForGood, NoLongerThere
from handlers.log import log_list
from handlers.log.views import log_filter
from handlers.log.views import log_list as views
from handlers.log.views.log_filter import Listing
from handlers.slack import action_ids, people
from handlers.slack.inputs import Memory
from handlers.slack.interaction import InPlace, Interaction, Modal
from handlers.slack.message import Message, notice
from handlers.slack.router import Group, Router
from services import growth_log
from services.actor import Actor
from services.growth_log import Changed


def register(router: Router) -> None:
    examples = {"logs": "all you kept, newest first; `/ladder logs drift` looks for words"}
    router.command("logs", show, Group.LOG, examples)
    router.action(action_ids.LOGS_OPEN, open_list)
    router.action(action_ids.LOGS_OLDER, turn)
    router.action(action_ids.LOGS_NEWER, turn)
    router.action(action_ids.LOGS_CLEAR, clear)
    router.action(action_ids.LOGS_DELETE, delete)
    router.action(action_ids.LOGS_RESTORE, restore)
    router.action(action_ids.LOGS_FILTER, open_filter)
    router.view(action_ids.LOGS_FILTER_FORM, save_filter)


async def show(i: Interaction) -> Message:
    return await log_list.current(i, Listing.of_words(i.words.rest))


async def open_list(i: Interaction) -> Modal:
    message = await log_list.current(i, log_list.decode(i.value))
    return Modal(notice(message.title, message))


async def turn(i: Interaction) -> Message:
    return await log_list.current(i, log_list.decode(i.value))


async def clear(i: Interaction) -> Message:
    return await log_list.current(i, Listing())


async def delete(i: Interaction) -> Message:
    return await _changed(i, growth_log.delete)


async def restore(i: Interaction) -> Message:
    return await _changed(i, growth_log.restore, views.RESTORED)


async def open_filter(i: Interaction) -> Modal:
    shown = log_list.decode(i.value)
    async with i.sessions() as session:
        member = await members.get(session, i.who)
        mentors = await mentorships.mentors(session, i.who)
    offered, memory = people.offered(member, i.ladder), Memory(**i.origin)
    return Modal(log_filter.form(i.ladder, offered, shown, memory, mentored=bool(mentors)))


async def save_filter(i: Interaction) -> InPlace:
    return InPlace(await log_list.current(i, log_filter.read(i.view)))


async def _changed(
    i: Interaction, change: Callable[[Actor, int], Awaitable[Changed]], note: str | None = None
) -> Message:
    """Change a line's entry, everywhere it is shown; the list as it is then, with a note if there is one."""
    entry_id, shown = log_list.decode_line(i.value)
    try:
        changed = await change(i, entry_id)
    except (NoLongerThere, GoneForGood) as refusal:
        return await log_list.current(i, shown, note=refusal.sentence)
    again = views.THERE_AGAIN if changed.entry.id != entry_id else note
    return await log_list.current(i, shown, note=again)
