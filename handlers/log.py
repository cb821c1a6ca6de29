"""The growth log: `log`, its form, edit and undo."""

import re

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from db import entries, members
from db.tables import Source
from growth.errors import NoLongerThere
from handlers import forms, people, saving
from handlers.people import Answer, Json, Visit, number
from handlers.routing import COMMAND, first_word, words
from handlers.views import log as views
from handlers.views.log import LogMemory, Written
from handlers.views.message import Message
from ladder_content.model import Criterion


def register(app: AsyncApp) -> None:
    app.command(COMMAND, matchers=[first_word("log")])(log)
    app.action(views.OPEN)(open_form)
    app.action(re.compile(rf"^{re.escape(views.EDIT)}(\.|$)"))(open_edit)
    app.action(re.compile(rf"^{re.escape(views.TAG)}\."))(tag)
    app.action(views.UNDO)(undo)
    app.view(views.FORM)(save_form)
    app.view(views.EDIT_FORM)(save_edit)


async def log(ack: AsyncAck, respond: AsyncRespond, answer: Answer, command: Json, body: Json, visit: Visit) -> None:
    what = words(command).rest
    if not what:
        await ack()
        await _open_form(visit, body, None)
        return

    async def work() -> Message:
        here = await people.here(visit)
        written = Written(what, here.today, None, None)
        key = f"command:{command['trigger_id']}"
        entry = await saving.save(visit, here.zone, written, Source.COMMAND, key)
        return await saving.entry_now(visit, entry.id)

    await answer(ack, respond, work())


async def open_form(ack: AsyncAck, action: dict[str, str], body: Json, visit: Visit) -> None:
    await ack()
    await _open_form(visit, body, visit.ladder.criterion(action["value"]))


async def open_edit(ack: AsyncAck, action: dict[str, str], body: Json, visit: Visit) -> None:
    await ack()
    entry_id = number(action["value"])
    async with visit.sessions() as session:
        member = await members.find(session, visit.who)
        entry = await entries.find(session, visit.who, entry_id)
        tags = await entries.criteria_of(session, [entry_id])
    if member is None or entry is None or entry.deleted_at:
        raise NoLongerThere("entry")
    written = saving.written(entry, tags.get(entry_id, ()), visit.ladder)
    memory = LogMemory(entry=entry_id, **forms.origin(body))
    today = people.today(member, visit.now)
    form = views.form(visit.ladder, people.relevant(member, visit.ladder), today, written, memory)
    await forms.show(visit, body, form)


async def save_form(ack: AsyncAck, view: Json, visit: Visit) -> None:
    here = await people.here(visit)
    written = views.read(view, here.today)
    entry = await saving.save(visit, here.zone, written, Source.FORM, f"view:{view['id']}")
    await forms.finish(visit, ack, LogMemory.of(view), await saving.entry_now(visit, entry.id))


async def save_edit(ack: AsyncAck, view: Json, visit: Visit) -> None:
    memory = LogMemory.of(view)
    written = views.read(view, (await people.here(visit)).today)
    entry = await saving.change(visit, memory.entry or 0, written)
    if entry.check_in_id:
        await forms.finish_question(visit, ack, memory, entry.check_in_id)
    else:
        await forms.finish(visit, ack, memory, await saving.entry_now(visit, entry.id), replace=True)


async def tag(ack: AsyncAck, respond: AsyncRespond, answer: Answer, action: Json, visit: Visit) -> None:
    async def work() -> Message:
        entry_id = number(action["action_id"].rpartition(".")[2])
        await saving.retag(visit, entry_id, action["selected_option"]["value"])
        return await saving.entry_now(visit, entry_id)

    await answer.redraw(ack, respond, work())


async def undo(
    ack: AsyncAck, respond: AsyncRespond, answer: Answer, action: dict[str, str], body: Json, visit: Visit
) -> None:
    async def work() -> Message:
        entry = await saving.undo(visit, number(action["value"]))
        if entry.check_in_id:
            question, asked_at = await saving.redraw(visit, entry.check_in_id)
            if asked_at == body["container"].get("message_ts"):
                return question
        return views.undone()

    await answer.redraw(ack, respond, work())


async def _open_form(visit: Visit, body: Json, criterion: Criterion | None) -> None:
    async with visit.sessions() as session:
        member = await members.find(session, visit.who)
    today = (await people.here(visit)).today
    written = Written("", today, criterion.id if criterion else None, None)
    memory = LogMemory(**forms.origin(body))
    form = views.form(visit.ladder, people.relevant(member, visit.ladder), today, written, memory)
    await forms.show(visit, body, form)
