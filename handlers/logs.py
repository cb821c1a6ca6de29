"""`/ladder logs`: looking through the growth log, and taking entries out of it."""

import re
from collections.abc import Awaitable, Callable

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from db import members
from db.mentoring import mentorships
from growth.errors import GoneForGood, NoLongerThere
from handlers import forms, listing, people, saving, showing
from handlers.people import Answer, Json, Visit
from handlers.routing import COMMAND, first_word, words
from handlers.saving import Changed
from handlers.views import log_filter
from handlers.views import logs as views
from handlers.views.forms import Memory
from handlers.views.log_filter import Listing
from handlers.views.message import Message, notice


def register(app: AsyncApp) -> None:
    app.command(COMMAND, matchers=[first_word("logs")])(show)
    app.action(views.OPEN)(open_list)
    app.action(re.compile(rf"^({re.escape(views.OLDER)}|{re.escape(views.NEWER)})$"))(turn)
    app.action(views.CLEAR)(clear)
    app.action(re.compile(rf"^{re.escape(views.DELETE)}\."))(delete)
    app.action(re.compile(rf"^{re.escape(views.RESTORE)}\."))(restore)
    app.action(views.FILTER)(open_filter)
    app.view(log_filter.FORM)(save_filter)


async def show(ack: AsyncAck, respond: AsyncRespond, answer: Answer, command: Json, visit: Visit) -> None:
    await answer(ack, respond, listing.current(visit, Listing.of_words(words(command).rest)))


async def open_list(ack: AsyncAck, action: dict[str, str], body: Json, visit: Visit) -> None:
    await ack()
    message = await listing.current(visit, listing.decode(action["value"]))
    await forms.show(visit, body, notice(message.title, message))


async def turn(
    ack: AsyncAck, respond: AsyncRespond, answer: Answer, action: dict[str, str], body: Json, visit: Visit
) -> None:
    async def work() -> Message:
        return await listing.current(visit, listing.decode(action["value"]))

    await answer.redraw(ack, respond, forms.refreshed(visit, body, work(), changes=False))


async def clear(ack: AsyncAck, respond: AsyncRespond, answer: Answer, body: Json, visit: Visit) -> None:
    work = listing.current(visit, Listing())
    await answer.redraw(ack, respond, forms.refreshed(visit, body, work, changes=False))


async def delete(
    ack: AsyncAck, respond: AsyncRespond, answer: Answer, action: dict[str, str], body: Json, visit: Visit
) -> None:
    work = _changed(visit, action["value"], saving.undo)
    await answer.redraw(ack, respond, forms.refreshed(visit, body, work))


async def restore(
    ack: AsyncAck, respond: AsyncRespond, answer: Answer, action: dict[str, str], body: Json, visit: Visit
) -> None:
    work = _changed(visit, action["value"], saving.restore, views.RESTORED)
    await answer.redraw(ack, respond, forms.refreshed(visit, body, work))


async def open_filter(ack: AsyncAck, action: dict[str, str], body: Json, visit: Visit) -> None:
    await ack()
    async with visit.sessions() as session:
        member = await members.find(session, visit.who)
        mentors = await mentorships.mentors(session, visit.who)
    shown, memory = listing.decode(action["value"]), Memory(**forms.origin(body))
    offered = people.offered(member, visit.ladder)
    form = log_filter.form(visit.ladder, offered, shown, memory, mentored=bool(mentors))
    await forms.show(visit, body, form)


async def save_filter(ack: AsyncAck, view: Json, visit: Visit) -> None:
    message = await listing.current(visit, log_filter.read(view))
    await forms.finish(visit, ack, Memory.of(view), message, replace=True)


async def _changed(
    visit: Visit, value: str, change: Callable[[Visit, int], Awaitable[Changed]], note: str | None = None
) -> Message:
    """Change a line's entry, everywhere it is shown; the list as it is then, with a note if there is one."""
    entry_id, shown = listing.decode_line(value)
    try:
        changed = await change(visit, entry_id)
    except (NoLongerThere, GoneForGood) as refusal:
        return await listing.current(visit, shown, note=refusal.sentence)
    await showing.everywhere(visit, changed)
    again = views.THERE_AGAIN if changed.entry.id != entry_id else note
    return await listing.current(visit, shown, note=again)
