"""The growth log: `log`, its form, edit and undo."""

import re
from dataclasses import replace

import aiohttp
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.errors import SlackApiError

from db import entries, shares
from db.tables import Entry, Source
from growth.errors import NoLongerThere
from handlers import forms, people, saving
from handlers.people import Answer, Desk, Json, Visit, number
from handlers.routing import COMMAND, first_word, words
from handlers.views import entry as form
from handlers.views import log as views
from handlers.views import sharing
from handlers.views.entry import LogMemory
from handlers.views.log import Written
from handlers.views.message import Message
from ladder_content.search import Index


def register(app: AsyncApp) -> None:
    app.command(COMMAND, matchers=[first_word("log")])(log)
    app.action(views.OPEN)(open_form)
    app.action(re.compile(rf"^{re.escape(views.EDIT)}(\.|$)"))(open_edit)
    app.action(views.DETAILS)(add_details)
    app.action(re.compile(rf"^{re.escape(views.TAG)}\."))(tag)
    app.action(views.UNDO)(undo)
    app.action(sharing.PRIVATE)(keep_private)
    app.view(form.FORM)(save_form)
    app.view(form.EDIT_FORM)(save_edit)


async def log(
    ack: AsyncAck, respond: AsyncRespond, answer: Answer, command: Json, body: Json, visit: Visit, index: Index
) -> None:
    what = words(command).rest

    async def work() -> Message | None:
        desk = await people.desk(visit)
        criteria = suggested(index, what, desk)
        memory = LogMemory(**forms.origin(body))
        written = Written(what, desk.today, criteria)
        try:
            await forms.show_entry(visit, body, desk, written, memory, suggested=bool(criteria))
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as refusal:
            return await _without_form(visit, desk, what, f"command:{command['trigger_id']}", refusal)
        return None

    await answer(ack, respond, work())


async def _without_form(visit: Visit, desk: Desk, what: str, key: str, refusal: Exception) -> Message:
    """Save the words as they were typed, which Slack shows the person no longer."""
    if forms.is_open_already(refusal) and await saving.of_source(visit, key) is None:
        return views.form_is_open()
    if not what:
        raise refusal
    saved = await saving.save(visit, desk.zone, Written(what, desk.today), Source.COMMAND, key)
    return await saving.entry_now(visit, saved.entry.id, again=not saved.is_new, as_typed=True)


async def open_form(ack: AsyncAck, action: dict[str, str], body: Json, visit: Visit) -> None:
    await ack()
    desk = await people.desk(visit)
    criterion = visit.ladder.criterion(action["value"])
    written = Written("", desk.today, (criterion.id,) if criterion else ())
    memory = LogMemory(**forms.origin(body))
    await forms.show_entry(visit, body, desk, written, memory)


async def open_edit(ack: AsyncAck, action: dict[str, str], body: Json, visit: Visit) -> None:
    await ack()
    entry_id, _, listing = action["value"].partition(" ")
    written, memory = await _as_it_is(visit, body, number(entry_id))
    desk = await people.desk(visit)
    memory = memory.model_copy(update={"listing": listing or None})
    await forms.show_entry(visit, body, desk, written, memory)


async def add_details(ack: AsyncAck, action: dict[str, str], body: Json, visit: Visit, index: Index) -> None:
    """As an edit, with what the form would have suggested."""
    await ack()
    written, memory = await _as_it_is(visit, body, number(action["value"]))
    desk = await people.desk(visit)
    criteria = () if written.criteria else suggested(index, written.what, desk)
    filled = replace(written, criteria=written.criteria or criteria)
    await forms.show_entry(visit, body, desk, filled, memory, suggested=bool(criteria))


async def _as_it_is(visit: Visit, body: Json, entry_id: int) -> tuple[Written, LogMemory]:
    async with visit.sessions() as session:
        entry = await entries.find(session, visit.who, entry_id)
        tags = await entries.criteria_of(session, [entry_id])
        shared = await shares.live(session, visit.who, [entry_id])
    if entry is None or entry.deleted_at:
        raise NoLongerThere("entry")
    readers = [each.mentorship_id for each in shared.get(entry_id, ())]
    return saving.written(entry, tags.get(entry_id, ()), readers), LogMemory(entry=entry_id, **forms.origin(body))


def suggested(index: Index, words: str, desk: Desk) -> tuple[str, ...]:
    """The criteria that words seem to be about, for the person to confirm."""
    return tuple(criterion.id for criterion in index.suggest(words, desk.relevant))


async def save_form(ack: AsyncAck, view: Json, visit: Visit) -> None:
    memory = LogMemory.of(view)
    here = await people.here(visit)
    written = form.read(view, here.today)
    source, key = (Source.MESSAGE, memory.key) if memory.key else (Source.FORM, f"view:{view['id']}")
    saved = await saving.save(visit, here.zone, written, source, key, after=memory.after)
    await forms.finish(visit, ack, memory, await saving.entry_now(visit, saved.entry.id, again=not saved.is_new))


async def save_edit(ack: AsyncAck, view: Json, visit: Visit) -> None:
    memory = LogMemory.of(view)
    written = form.read(view, (await people.here(visit)).today)
    entry = await saving.change(visit, memory.entry or 0, written, shown=memory.readers)
    if entry.check_in_id:
        await forms.finish_question(visit, ack, memory, entry.check_in_id)
    else:
        await forms.finish(visit, ack, memory, await saving.entry_now(visit, entry.id), replace=True)


async def tag(ack: AsyncAck, respond: AsyncRespond, answer: Answer, action: Json, body: Json, visit: Visit) -> None:
    async def work() -> Message:
        entry_id = number(action["action_id"].rpartition(".")[2])
        await saving.tag(visit, entry_id, action["selected_option"]["value"])
        return await saving.entry_now(visit, entry_id)

    await answer.redraw(ack, respond, forms.refreshed(visit, body, work()))


async def undo(
    ack: AsyncAck, respond: AsyncRespond, answer: Answer, action: dict[str, str], body: Json, visit: Visit
) -> None:
    async def work() -> Message:
        entry = await saving.undo(visit, number(action["value"]))
        return await _question_here(visit, body, entry) or views.undone()

    await answer.redraw(ack, respond, forms.refreshed(visit, body, work()))


async def keep_private(
    ack: AsyncAck, respond: AsyncRespond, answer: Answer, action: dict[str, str], body: Json, visit: Visit
) -> None:
    async def work() -> Message:
        entry = await saving.keep_private(visit, number(action["value"]))
        return await _question_here(visit, body, entry) or await saving.entry_now(visit, entry.id)

    await answer.redraw(ack, respond, forms.refreshed(visit, body, work()))


async def _question_here(visit: Visit, body: Json, entry: Entry) -> Message | None:
    """Redraw the question that the entry answers; its message, if that is where the person clicked."""
    if not entry.check_in_id:
        return None
    question, asked_at = await saving.redraw(visit, entry.check_in_id)
    return question if body["container"].get("message_ts") in asked_at else None
