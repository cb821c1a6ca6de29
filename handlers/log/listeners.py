"""The growth log: `log`, its form, edit and undo."""

from dataclasses import replace
from functools import partial

from db.checkins import check_ins
from db.entries import entries
from db.enums import Source
from db.mentoring import shares
from db.models import CheckIn
from growth.entry import Written
from growth.errors import GoneForGood, NoLongerThere
from handlers.checkins import presenter as showing_question
from handlers.entries import presenter as showing
from handlers.entries.views import entry as views
from handlers.log import entry_form, log_list
from handlers.log.views import entry_form as form
from handlers.log.views.entry_form import LogMemory
from handlers.slack import action_ids, people
from handlers.slack.interaction import Answer, Interaction, Modal
from handlers.slack.message import Message
from handlers.slack.people import EntryFormContext, SlackActor, number, suggested
from handlers.slack.router import Group, Router
from services import growth_log
from services.growth_log import Changed, Origin


def register(router: Router) -> None:
    examples = {"log shipped the drift monitor": "keep something you did, in your own words"}
    router.command("log", log, Group.LOG, examples)
    router.action(action_ids.LOG_OPEN, open_form)
    router.action(action_ids.LOG_EDIT, open_edit)
    router.action(action_ids.LOG_DETAILS, add_details)
    router.action(action_ids.LOG_TAG, tag)
    router.action(action_ids.LOG_UNDO, undo)
    router.action(action_ids.LOG_RESTORE, bring_back)
    router.action(action_ids.SHARE_PRIVATE, keep_private)
    router.view(action_ids.LOG_FORM, save_form)
    router.view(action_ids.LOG_EDIT_FORM, save_edit)


async def log(i: Interaction) -> Modal:
    what, key = i.words.rest, f"command:{i.body['trigger_id']}"
    desk = await people.entry_form_context(i)
    criteria = suggested(i.index, what, desk)
    memory = LogMemory(key=key, **i.origin)
    modal = entry_form.entry_modal(i, desk, Written(what, desk.today, criteria), memory, suggested=bool(criteria))
    return replace(modal, refused=partial(_without_form, i, desk, what, key))


async def _without_form(actor: SlackActor, desk: EntryFormContext, what: str, key: str, refusal: Exception) -> Message:
    """Save the words as they were typed, which Slack shows the person no longer."""
    if entry_form.is_open_already(refusal) and await growth_log.of_source(actor, key) is None:
        return views.form_is_open()
    if not what:
        raise refusal
    saved = await growth_log.save(actor, desk.zone, Written(what, desk.today), Origin(Source.COMMAND, key))
    as_typed = saved.entry.source == Source.COMMAND
    return await showing.entry_now(actor, saved.entry.id, again=not saved.is_new, as_typed=as_typed)


async def open_form(i: Interaction) -> Modal:
    desk = await people.entry_form_context(i)
    criterion = i.ladder.criterion(i.value)
    written = Written("", desk.today, (criterion.id,) if criterion else ())
    return entry_form.entry_modal(i, desk, written, LogMemory(**i.origin))


async def open_edit(i: Interaction) -> Message | Modal:
    """What shows an entry that is no longer there is shown as it is now."""
    entry_id, _, shown_in = i.value.partition(" ")
    try:
        written, memory = await _as_it_is(i, number(entry_id))
    except NoLongerThere as refusal:
        if not shown_in:
            raise
        return await log_list.current(i, log_list.decode(shown_in), note=refusal.sentence)
    memory = memory.model_copy(update={"listing": shown_in or None})
    return entry_form.entry_modal(i, await people.entry_form_context(i), written, memory)


async def add_details(i: Interaction) -> Modal:
    """As an edit, with what the form would have suggested."""
    written, memory = await _as_it_is(i, number(i.value))
    desk = await people.entry_form_context(i)
    criteria = () if written.criteria else suggested(i.index, written.what, desk)
    filled = replace(written, criteria=written.criteria or criteria)
    return entry_form.entry_modal(i, desk, filled, memory, suggested=bool(criteria))


async def _as_it_is(i: Interaction, entry_id: int) -> tuple[Written, LogMemory]:
    async with i.sessions() as session:
        entry = await entries.get(session, i.who, entry_id)
        tags = await entries.criteria_of(session, i.who.workspace, [entry_id])
        shared = await shares.live(session, i.who, [entry_id])
    if entry is None or entry.deleted_at:
        raise NoLongerThere("entry")
    readers = [each.mentorship_id for each in shared.get(entry_id, ())]
    return showing.written(entry, tags.get(entry_id, ()), readers), LogMemory(entry=entry_id, **i.origin)


async def save_form(i: Interaction) -> Answer:
    memory = LogMemory.of(i.view)
    here = await people.local_time(i, saving=True)
    written = form.read(i.view, here.today)
    source = Source.MESSAGE if memory.snippet else Source.FORM
    key = memory.key or f"view:{i.view['id']}"
    origin = Origin(source, key, after=memory.after, typed=memory.key is not None)
    saved = await growth_log.save(i, here.zone, written, origin)
    return await entry_form.saved(i, memory, saved, again=not saved.is_new)


async def save_edit(i: Interaction) -> Answer:
    memory = LogMemory.of(i.view)
    written = form.read(i.view, (await people.local_time(i)).today)
    changed = await growth_log.change(i, memory.entry or 0, written, shown=memory.readers)
    return await entry_form.saved(i, memory, changed)


async def tag(i: Interaction) -> Message:
    entry_id = number(i.action["action_id"].rpartition(".")[2])
    return await _shown(i, await growth_log.tag(i, entry_id, i.value))


async def undo(i: Interaction) -> Message:
    return await _shown(i, await growth_log.delete(i, number(i.value)))


async def bring_back(i: Interaction) -> Message:
    try:
        changed = await growth_log.restore(i, number(i.value))
    except GoneForGood:
        question = await _clicked_question(i)
        return await showing_question.question_now(i, question.id) if question else views.gone()
    return await _shown(i, changed)


async def keep_private(i: Interaction) -> Message:
    return await _shown(i, await growth_log.keep_private(i, number(i.value)))


async def _shown(i: Interaction, changed: Changed) -> Message:
    """What is to stand where the person clicked: the question with its answer, or the entry."""
    question = await _clicked_question(i)
    return await (showing_question.question_now(i, question.id) if question else showing.entry_now(i, changed.entry.id))


async def _clicked_question(i: Interaction) -> CheckIn | None:
    """The question that was asked in the message that was clicked in."""
    here = (i.body.get("channel") or {}).get("id", ""), i.message_ts or ""
    async with i.sessions() as session:
        return await check_ins.at_message(session, i.who, *here)
