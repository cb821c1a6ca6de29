"""What people write to Rung in the DM: answers in a question's thread, corrections, and the rest."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.errors import SlackApiError

from db.checkins import check_ins
from db.enums import Source
from db.models import CheckIn
from growth.errors import NoLongerThere, NotReadable
from handlers import forms, naming, original, people, posting, remarks, renaming, saving, showing
from handlers.once import Once
from handlers.original import Original
from handlers.patience import patient, slacks_word
from handlers.people import Answer, Json, Visit, Wake, number
from handlers.routing import as_command, is_greeting, starts_like_a_command
from handlers.saving import Answers, Changed, Origin
from handlers.slack.interaction import Interaction
from handlers.views import offer, usage
from handlers.views.log import Written
from handlers.views.message import PLEASE_WAIT, Message
from handlers.views.offer import Offered
from ladder_content.search import Index

WRITTEN = (None, "file_share", "me_message", "thread_broadcast")


def register(app: AsyncApp) -> None:
    feature = Messages()
    app.event("message", matchers=[is_edit])(feature.take_correction)
    app.event("message", matchers=[is_from_a_person])(feature.take_message)
    app.event("message")(ignore)
    app.action(offer.SAVE_ANSWER)(save_as_answer)
    app.action(offer.SAVE_ENTRY)(save_as_entry)


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


async def _correct(visit: Visit, said: Original, before: Original) -> Changed | None:
    """Slack is asked for names only where they alone can tell whether the entry is as its message was."""
    changed = await saving.correct(visit, said.key, before.sent, said.text)
    if changed is None or changed.entry.what == said.text or not before.mentioned:
        return changed
    return await saving.correct(visit, said.key, before.sent, said.text, await naming.soon(visit, before.mentioned))


class Messages:
    """The listener to what is written, which knows what it answered: Slack may deliver a message again."""

    def __init__(self) -> None:
        self._once, self._remarked = Once(), Once()

    async def take_message(
        self,
        ack: AsyncAck,
        respond: AsyncRespond,
        answer: Answer,
        event: Json,
        visit: Visit,
        wake: Wake,
        interaction: Interaction,
    ) -> None:
        await ack()
        said = Original.of(event["channel"], event)

        async def reply() -> None:
            if await self._take_remark(visit, wake, answer, respond, said):
                await renaming.follow(interaction, said, None)
            else:
                await _say(visit, answer, respond, said, await _reply(visit, said))

        if saved := await _take_reply(visit, said):
            await renaming.follow(interaction, said, saved)
        else:
            await self._once(said.key, reply)

    async def take_correction(
        self,
        ack: AsyncAck,
        respond: AsyncRespond,
        answer: Answer,
        event: Json,
        visit: Visit,
        wake: Wake,
        interaction: Interaction,
    ) -> None:
        """An entry follows its message until it is edited in Rung: what was polished there is not overwritten.

        So does a mentor's comment. An edit may make either out of what was none: a greeting, a command, too long.
        """
        await ack()
        said = Original.of(event["channel"], event["message"])
        before = replace(said, sent=(event.get("previous_message") or {}).get("text") or "")
        if not said.text or said.text == before.text:
            return
        changed = await _correct(visit, said, before) or await _take_reply(visit, said)
        if changed is None and not await remarks.correct(visit, said):
            await self._take_remark(visit, wake, answer, respond, said)
        await renaming.follow(interaction, said, changed)

    async def _take_remark(
        self, visit: Visit, wake: Wake, answer: Answer, respond: AsyncRespond, said: Original
    ) -> bool:
        """Take it as what a mentor says to an entry, if it is that, and answer once, however often it is edited."""
        remark = await remarks.in_thread(visit, said)
        if remark:
            wake()
            await self._remarked(said.key, partial(_say, visit, answer, respond, said, remark))
        return remark is not None


async def _say(visit: Visit, answer: Answer, respond: AsyncRespond, said: Original, message: Message) -> None:
    """Answer where it was said; later, if Slack asks for that."""
    try:
        await posting.post(visit.client, said.channel, message, thread_ts=said.thread)
    except SlackApiError as error:
        if slacks_word(error) != "ratelimited":
            raise

        async def later() -> None:
            client = patient(visit.client, reads=False)
            await posting.post(client, said.channel, message, thread_ts=said.thread)

        answer.follow_up(respond, later())


async def _take_reply(visit: Visit, said: Original) -> Changed | None:
    """Save the answer to the question in whose thread it is, if it is one."""
    question = await _question_at(visit, said.channel, said.thread) if said.thread else None
    if question is None or not said.text or is_greeting(said.text) or as_command(said.text, visit.ladder):
        return None
    desk = await people.desk(visit)
    written = Written(said.text, desk.today, (question.criterion_id,))
    return await saving.save(visit, desk.zone, written, Origin(Source.CHECK_IN, said.key), Answers(question.id))


async def _reply(visit: Visit, said: Original) -> Message:
    text = said.text
    if not text:
        return Message.of("I can only keep words. Tell me in a line what it is about, and I'll offer to save it.")
    if is_greeting(text):
        return usage.overview([])
    if command := as_command(text, visit.ladder):
        return usage.mute(command)
    async with visit.sessions() as session:
        waiting = await check_ins.open_one(session, visit.who)
    meant = text if starts_like_a_command(text) else None
    return offer.to_save(said.ts, said.sent, f"{waiting.id} {waiting.asks}" if waiting else None, meant)


async def save_as_answer(
    ack: AsyncAck,
    respond: AsyncRespond,
    answer: Answer,
    action: Json,
    body: Json,
    visit: Visit,
    index: Index,
    interaction: Interaction,
) -> None:
    offered = Offered.answer(action["value"])

    async def work() -> Message:
        async with visit.sessions() as session:
            question = await check_ins.get(session, visit.who, number(offered.check_in))
        if question is None:
            raise NoLongerThere("question")
        return await _save(visit, index, answer, respond, interaction, body, offered, question)

    await answer.redraw(ack, respond, forms.refreshed(visit, body, work()))


async def save_as_entry(
    ack: AsyncAck,
    respond: AsyncRespond,
    answer: Answer,
    action: Json,
    body: Json,
    visit: Visit,
    index: Index,
    interaction: Interaction,
) -> None:
    work = _save(visit, index, answer, respond, interaction, body, Offered.entry(action["value"]))
    await answer.redraw(ack, respond, forms.refreshed(visit, body, work))


async def _save(
    visit: Visit,
    index: Index,
    answer: Answer,
    respond: AsyncRespond,
    interaction: Interaction,
    body: Json,
    offered: Offered,
    question: CheckIn | None = None,
) -> Message:
    """Save what stands in the message now; whoever deleted it meanwhile has changed their mind."""
    wait = partial(respond, PLEASE_WAIT, replace_original=False)
    said = await original.clicked(visit, body, offered.ts, wait, offered.sent)
    desk = await people.desk(visit)
    clicked_at = datetime.fromtimestamp(float(body["actions"][0]["action_ts"]), UTC)
    origin = Origin(Source.CHECK_IN if question else Source.MESSAGE, said.key, at=clicked_at)
    written = Written(said.text, desk.today, (question.criterion_id,) if question else ())
    answers = Answers(question.id, offered.asked) if question else None
    saved = await saving.save(visit, desk.zone, written, origin, answers)
    if here := body["container"].get("message_ts"):
        await showing.remember(visit, saved.entry.id, said.channel, here)
    await renaming.follow(interaction, said, saved)
    if said.carried:
        answer.follow_up(respond, _catch_up(visit, interaction, said))
    suggested = people.suggested(index, said.text, desk)
    return await showing.entry_now(visit, saved.entry.id, again=not saved.is_new, suggested=suggested)


async def _catch_up(visit: Visit, interaction: Interaction, carried: Original) -> None:
    """Let what was saved as a button had it follow its message, which was perhaps edited before; if it still can."""
    try:
        said = await original.later(visit, carried)
    except NotReadable:
        return
    if said.text and said.text != carried.text:
        await renaming.follow(interaction, said, await _correct(visit, said, carried))


async def _question_at(visit: Visit, channel: str, thread_ts: str) -> CheckIn | None:
    await showing.prove_at(visit, channel, thread_ts)
    async with visit.sessions() as session:
        return await check_ins.at_message(session, visit.who, channel, thread_ts)
