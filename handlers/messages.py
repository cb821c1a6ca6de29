"""What people write to Rung in the DM: answers in a question's thread, corrections, and the rest."""

from collections.abc import Mapping

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_bolt.context.say.async_say import AsyncSay
from slack_sdk.errors import SlackApiError

from db import check_ins, deliveries, entries, members
from db.tables import CheckIn, Source
from growth.errors import NoLongerThere
from handlers import people, saving
from handlers.once import Once
from handlers.people import Answer, Json, Visit, number
from handlers.routing import as_command, is_greeting, starts_like_a_command
from handlers.saving import message_key
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

    An edit may make a reply out of what was none, a greeting or a command.
    """
    await ack()
    message: Json = event["message"]
    text = await people.as_typed(visit, message.get("text") or "")
    before = await people.as_typed(visit, (event.get("previous_message") or {}).get("text") or "")
    if not text or text == before:
        return
    key = message_key(event["channel"], message["ts"])
    async with visit.sessions.begin() as session:
        member = await members.find(session, visit.who)
        entry = await entries.by_source(session, member, key, lock=True) if member else None
        follows = entry is not None and not entry.deleted_at and entry.what == before
        if entry and follows:
            entry.what, entry.edited_at = text, visit.now
    if entry is None:
        await _take_reply(visit, index, event["channel"], message, text)
    elif follows and entry.check_in_id:
        await saving.redraw(visit, entry.check_in_id)


class Messages:
    """The listener to what is written, which knows what it answered: Slack may deliver a message again."""

    def __init__(self) -> None:
        self._once = Once()

    async def take_message(self, ack: AsyncAck, event: Json, say: AsyncSay, visit: Visit, index: Index) -> None:
        await ack()
        text = await people.as_typed(visit, event.get("text") or "")

        async def answer() -> None:
            await say(**(await _reply(visit, event["ts"], text)).payload(), thread_ts=event.get("thread_ts"))

        if not await _take_reply(visit, index, event["channel"], event, text):
            await self._once(message_key(event["channel"], event["ts"]), answer)


async def _take_reply(visit: Visit, index: Index, channel: str, message: Json, text: str) -> bool:
    """Save the answer to the question in whose thread it is; whether it is one."""
    thread = message.get("thread_ts")
    question = await _question_at(visit, channel, thread) if thread else None
    if question is None or not text or is_greeting(text) or as_command(text, visit.ladder):
        return False
    await _save(visit, index, text, message_key(channel, message["ts"]), question)
    await saving.redraw(visit, question.id)
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
    return log.offer_to_save(ts, waiting.id if waiting else None, meant)


async def save_as_answer(
    ack: AsyncAck, respond: AsyncRespond, answer: Answer, action: Json, body: Json, visit: Visit, index: Index
) -> None:
    ts, _, check_in_id = str(action["value"]).partition(" ")

    async def work() -> Message:
        async with visit.sessions() as session:
            question = await check_ins.get(session, visit.who, number(check_in_id))
        if question is None:
            raise NoLongerThere("question")
        message = await _save_message(visit, index, body["channel"]["id"], ts, question)
        await saving.redraw(visit, number(check_in_id))
        return message

    await answer.redraw(ack, respond, work())


async def save_as_entry(
    ack: AsyncAck, respond: AsyncRespond, answer: Answer, action: Json, body: Json, visit: Visit, index: Index
) -> None:
    await answer.redraw(ack, respond, _save_message(visit, index, body["channel"]["id"], action["value"], None))


async def _save_message(visit: Visit, index: Index, channel: str, ts: str, question: CheckIn | None) -> Message:
    """Save what stands in the message now; whoever deleted it meanwhile has changed their mind."""
    text = await people.as_typed(visit, await _now_at(visit, channel, ts))
    if not text:
        raise NoLongerThere("message")
    return await _save(visit, index, text, message_key(channel, ts), question)


async def _now_at(visit: Visit, channel: str, ts: str) -> str:
    """The text of a message, empty when it was deleted; unlike the history, `replies` has those of threads too."""
    try:
        answer = await visit.client.conversations_replies(channel=channel, ts=ts, latest=ts, oldest=ts, inclusive=True)
    except SlackApiError as error:
        if error.response["error"] == "thread_not_found":
            return ""
        raise
    found: list[Json] = answer["messages"]
    return next((message.get("text") or "" for message in found if message["ts"] == ts), "")


async def _save(visit: Visit, index: Index, text: str, key: str, question: CheckIn | None) -> Message:
    desk = await people.desk(visit)
    written = Written(text, desk.today, (question.criterion_id,) if question else ())
    source = Source.CHECK_IN if question else Source.MESSAGE
    saved = await saving.save(visit, desk.zone, written, source, key, question.id if question else None)
    suggested = people.suggested(index, text, desk)
    return await saving.entry_now(visit, saved.entry.id, again=not saved.is_new, suggested=suggested)


async def _question_at(visit: Visit, channel: str, thread_ts: str) -> CheckIn | None:
    async with visit.sessions() as session:
        question = await check_ins.at_message(session, visit.who, channel, thread_ts)
        in_doubt = {} if question else await deliveries.in_doubt(session, visit.who, channel)
    return await _prove(visit, channel, thread_ts, in_doubt) if in_doubt else question


async def _prove(visit: Visit, channel: str, ts: str, in_doubt: Mapping[str, int]) -> CheckIn | None:
    """The question in that message, where nobody knew whether it was sent: its metadata has the delivery's id."""
    answer = await visit.client.conversations_replies(channel=channel, ts=ts, limit=1, include_all_metadata=True)
    payload = (answer["messages"][0].get("metadata") or {}).get("event_payload") or {}
    check_in_id = in_doubt.get(payload.get("delivery_id", ""))
    if check_in_id is None:
        return None
    async with visit.sessions.begin() as session:
        await saving.proven(session, visit, check_in_id, channel, ts)
        return await check_ins.get(session, visit.who, check_in_id)
