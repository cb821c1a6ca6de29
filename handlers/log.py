"""The growth log: `log`, its form, edit and undo."""

import re
from collections.abc import Awaitable
from dataclasses import replace

import aiohttp
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.errors import SlackApiError

from db.checkins import check_ins
from db.entries import entries
from db.enums import Source
from db.mentoring import shares
from growth.errors import GoneForGood, NoLongerThere
from handlers import forms, people, saving, showing
from handlers.people import Answer, Desk, Json, Visit, number, suggested
from handlers.routing import COMMAND, first_word, words
from handlers.saving import Changed, Origin
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
    app.action(views.BRING_BACK)(bring_back)
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
        key = f"command:{command['trigger_id']}"
        memory = LogMemory(key=key, **forms.origin(body))
        written = Written(what, desk.today, criteria)
        try:
            await forms.show_entry(visit, body, desk, written, memory, suggested=bool(criteria))
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as refusal:
            return await _without_form(visit, desk, what, key, refusal)
        return None

    await answer(ack, respond, work())


async def _without_form(visit: Visit, desk: Desk, what: str, key: str, refusal: Exception) -> Message:
    """Save the words as they were typed, which Slack shows the person no longer."""
    if forms.is_open_already(refusal) and await saving.of_source(visit, key) is None:
        return views.form_is_open()
    if not what:
        raise refusal
    saved = await saving.save(visit, desk.zone, Written(what, desk.today), Origin(Source.COMMAND, key))
    as_typed = saved.entry.source == Source.COMMAND
    return await showing.entry_now(visit, saved.entry.id, again=not saved.is_new, as_typed=as_typed)


async def open_form(ack: AsyncAck, action: dict[str, str], body: Json, visit: Visit) -> None:
    await ack()
    desk = await people.desk(visit)
    criterion = visit.ladder.criterion(action["value"])
    written = Written("", desk.today, (criterion.id,) if criterion else ())
    memory = LogMemory(**forms.origin(body))
    await forms.show_entry(visit, body, desk, written, memory)


async def open_edit(ack: AsyncAck, respond: AsyncRespond, action: dict[str, str], body: Json, visit: Visit) -> None:
    """What shows an entry that is no longer there is shown as it is now."""
    await ack()
    entry_id, _, shown_in = action["value"].partition(" ")
    try:
        written, memory = await _as_it_is(visit, body, number(entry_id))
    except NoLongerThere as refusal:
        if not await forms.redrawn(visit, body, respond, shown_in, refusal.sentence):
            raise
        return
    desk = await people.desk(visit)
    memory = memory.model_copy(update={"listing": shown_in or None})
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
        tags = await entries.criteria_of(session, visit.who.workspace, [entry_id])
        shared = await shares.live(session, visit.who, [entry_id])
    if entry is None or entry.deleted_at:
        raise NoLongerThere("entry")
    readers = [each.mentorship_id for each in shared.get(entry_id, ())]
    return showing.written(entry, tags.get(entry_id, ()), readers), LogMemory(entry=entry_id, **forms.origin(body))


async def save_form(ack: AsyncAck, view: Json, visit: Visit) -> None:
    memory = LogMemory.of(view)
    here = await people.here(visit, saving=True)
    written = form.read(view, here.today)
    source = Source.MESSAGE if memory.snippet else Source.FORM
    key = memory.key or f"view:{view['id']}"
    origin = Origin(source, key, after=memory.after, typed=memory.key is not None)
    saved = await saving.save(visit, here.zone, written, origin)
    await forms.finish_entry(visit, ack, memory, saved, again=not saved.is_new)


async def save_edit(ack: AsyncAck, view: Json, visit: Visit) -> None:
    memory = LogMemory.of(view)
    written = form.read(view, (await people.here(visit)).today)
    changed = await saving.change(visit, memory.entry or 0, written, shown=memory.readers)
    await forms.finish_entry(visit, ack, memory, changed)


async def tag(ack: AsyncAck, respond: AsyncRespond, answer: Answer, action: Json, body: Json, visit: Visit) -> None:
    entry_id = number(action["action_id"].rpartition(".")[2])
    work = _changed(visit, body, saving.tag(visit, entry_id, action["selected_option"]["value"]))
    await answer.redraw(ack, respond, forms.refreshed(visit, body, work))


async def undo(
    ack: AsyncAck, respond: AsyncRespond, answer: Answer, action: dict[str, str], body: Json, visit: Visit
) -> None:
    work = _changed(visit, body, saving.undo(visit, number(action["value"])))
    await answer.redraw(ack, respond, forms.refreshed(visit, body, work))


async def bring_back(
    ack: AsyncAck, respond: AsyncRespond, answer: Answer, action: dict[str, str], body: Json, visit: Visit
) -> None:
    async def work() -> Message:
        entry_id = number(action["value"])
        try:
            return await _changed(visit, body, saving.restore(visit, entry_id))
        except GoneForGood:
            return await _where_it_was(visit, body)

    await answer.redraw(ack, respond, forms.refreshed(visit, body, work()))


async def keep_private(
    ack: AsyncAck, respond: AsyncRespond, answer: Answer, action: dict[str, str], body: Json, visit: Visit
) -> None:
    work = _changed(visit, body, saving.keep_private(visit, number(action["value"])))
    await answer.redraw(ack, respond, forms.refreshed(visit, body, work))


async def _changed(visit: Visit, body: Json, change: Awaitable[Changed]) -> Message:
    """Show the change wherever the entry stands; what is to stand where the person clicked."""
    changed = await change
    shown = await showing.everywhere(visit, changed)
    return shown.get(body["container"].get("message_ts")) or await showing.entry_now(visit, changed.entry.id)


async def _where_it_was(visit: Visit, body: Json) -> Message:
    """What is to stand where the way back was, now that there is none: the question, or that the entry is gone."""
    here = (body.get("channel") or {}).get("id", ""), body["container"].get("message_ts") or ""
    async with visit.sessions() as session:
        question = await check_ins.at_message(session, visit.who, *here)
    return await showing.question_now(visit, question.id) if question else views.gone()
