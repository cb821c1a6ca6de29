"""What people write to Rung in the DM: answers in a question's thread, corrections, and the rest."""

from datetime import UTC, datetime

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from db import check_ins
from db.states import Source
from db.tables import CheckIn
from growth.errors import NoLongerThere
from handlers import forms, naming, people, posting, remarks, saving, showing
from handlers.once import Once
from handlers.people import Answer, Json, Visit, Wake, number
from handlers.routing import as_command, is_greeting, starts_like_a_command
from handlers.saving import Answers, Origin, message_key
from handlers.views import help, log
from handlers.views.log import Written
from handlers.views.message import Message
from ladder_content.search import Index

WRITTEN = (None, "file_share", "me_message", "thread_broadcast")


def register(app: AsyncApp) -> None:
    feature = Messages()
    app.event("message", matchers=[is_edit])(take_correction)
    app.event("message", matchers=[is_from_a_person])(feature.take_message)
    app.event("message")(ignore)
    app.action(log.SAVE_ANSWER)(save_as_answer)
    app.action(log.SAVE_ENTRY)(save_as_entry)


async def is_edit(event: Json) -> bool:
    """A person changed what they wrote in the DM."""
    changed = event.get("message") or {}
    return event.get("subtype") == "message_changed" and _is_of_a_person(changed, event)


async def is_from_a_person(event: Json) -> bool:
    """A person wrote in the DM; files, `/me` and what is sent to thread and DM alike count for their text."""
    return event.get("subtype") in WRITTEN and _is_of_a_person(event, event)


def _is_of_a_person(message: Json, event: Json) -> bool:
    return bool(event.get("channel_type") == "im" and message.get("user") and not message.get("bot_id"))


async def ignore(ack: AsyncAck) -> None:
    await ack()


async def take_correction(ack: AsyncAck, event: Json, visit: Visit, index: Index) -> None:
    """An entry follows its message until it is edited in Rung: what was polished there is not overwritten.

    So does a mentor's comment. An edit may make a reply out of what was none, a greeting or a command.
    """
    await ack()
    message: Json = event["message"]
    text = await naming.as_typed(visit, message.get("text") or "")
    before = await naming.as_typed(visit, (event.get("previous_message") or {}).get("text") or "")
    if not text or text == before:
        return
    changed = await saving.correct(visit, message_key(event["channel"], message["ts"]), before, text)
    if changed:
        await showing.everywhere(visit, changed)
    elif not await _take_reply(visit, index, event["channel"], message, text):
        await remarks.correct(visit, event["channel"], message["ts"], text)


class Messages:
    """The listener to what is written, which knows what it answered: Slack may deliver a message again."""

    def __init__(self) -> None:
        self._once = Once()

    async def take_message(self, ack: AsyncAck, event: Json, visit: Visit, index: Index, wake: Wake) -> None:
        await ack()
        text = await naming.as_typed(visit, event.get("text") or "")
        thread = event.get("thread_ts")

        async def answer() -> None:
            remark = await remarks.in_thread(visit, wake, event["channel"], thread, event["ts"], text)
            reply = remark or await _reply(visit, event["ts"], text)
            await posting.post(visit.client, event["channel"], reply, thread_ts=thread)

        if not await _take_reply(visit, index, event["channel"], event, text):
            await self._once(message_key(event["channel"], event["ts"]), answer)


async def _take_reply(visit: Visit, index: Index, channel: str, message: Json, text: str) -> bool:
    """Save the answer to the question in whose thread it is; whether it is one."""
    thread = message.get("thread_ts")
    question = await _question_at(visit, channel, thread) if thread else None
    if question is None or not text or is_greeting(text) or as_command(text, visit.ladder):
        return False
    desk = await people.desk(visit)
    written = Written(text, desk.today, (question.criterion_id,))
    origin = Origin(Source.CHECK_IN, message_key(channel, message["ts"]))
    await showing.everywhere(visit, await saving.save(visit, desk.zone, written, origin, Answers(question.id)))
    return True


async def _reply(visit: Visit, ts: str, text: str) -> Message:
    if not text:
        return Message.of("I can only keep words. Tell me in a line what it is about, and I'll offer to save it.")
    if is_greeting(text):
        return help.overview(visit.ladder)
    if command := as_command(text, visit.ladder):
        return help.mute(command)
    async with visit.sessions() as session:
        waiting = await check_ins.open_one(session, visit.who)
    meant = text if starts_like_a_command(text) else None
    return log.offer_to_save(ts, f"{waiting.id} {waiting.asks}" if waiting else None, meant)


async def save_as_answer(
    ack: AsyncAck, respond: AsyncRespond, answer: Answer, action: Json, body: Json, visit: Visit, index: Index
) -> None:
    ts, check_in_id, asked = [*str(action["value"]).split(), "", "", ""][:3]

    async def work() -> Message:
        async with visit.sessions() as session:
            question = await check_ins.get(session, visit.who, number(check_in_id))
        if question is None:
            raise NoLongerThere("question")
        return await _save_message(visit, index, body, ts, Answers(question.id, asked or None), question.criterion_id)

    await answer.redraw(ack, respond, forms.refreshed(visit, body, work()))


async def save_as_entry(
    ack: AsyncAck, respond: AsyncRespond, answer: Answer, action: Json, body: Json, visit: Visit, index: Index
) -> None:
    work = _save_message(visit, index, body, action["value"])
    await answer.redraw(ack, respond, forms.refreshed(visit, body, work))


async def _save_message(
    visit: Visit, index: Index, body: Json, ts: str, answers: Answers | None = None, criterion: str | None = None
) -> Message:
    """Save what stands in the message now; whoever deleted it meanwhile has changed their mind."""
    channel = body["channel"]["id"]
    text = await naming.message_now(visit, channel, ts)
    if not text:
        raise NoLongerThere("message")
    desk = await people.desk(visit)
    clicked_at = datetime.fromtimestamp(float(body["actions"][0]["action_ts"]), UTC)
    origin = Origin(Source.CHECK_IN if answers else Source.MESSAGE, message_key(channel, ts), at=clicked_at)
    written = Written(text, desk.today, (criterion,) if criterion else ())
    saved = await saving.save(visit, desk.zone, written, origin, answers)
    if here := body["container"].get("message_ts"):
        await showing.remember(visit, saved.entry.id, channel, here)
    await showing.everywhere(visit, saved)
    suggested = people.suggested(index, text, desk)
    return await showing.entry_now(visit, saved.entry.id, again=not saved.is_new, suggested=suggested)


async def _question_at(visit: Visit, channel: str, thread_ts: str) -> CheckIn | None:
    await showing.prove_at(visit, channel, thread_ts)
    async with visit.sessions() as session:
        return await check_ins.at_message(session, visit.who, channel, thread_ts)
