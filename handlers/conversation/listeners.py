"""What people write to Rung in the DM: answers in a question's thread, corrections, and the rest."""

from collections import deque
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from db.checkins import check_ins
from db.enums import Source
from db.models import CheckIn
from growth.entry import Written
from growth.errors import NotReadable
from handlers.conversation import edits, original, renaming, replies, views
from handlers.conversation.original import Original
from handlers.conversation.views import Offered
from handlers.entries import presenter
from handlers.mentoring.comments import keep
from handlers.mentoring.views import comments
from handlers.slack import action_ids, people, proof
from handlers.slack.blocks import Json
from handlers.slack.dedupe import REMEMBERED, Once
from handlers.slack.interaction import Interaction
from handlers.slack.message import Message
from handlers.slack.people import SlackActor, number
from handlers.slack.router import Router
from handlers.usage import views as usage
from services import check_ins as questions
from services import comments as comment_service
from services import growth_log
from services.growth_log import Answers, Changed, Origin

WRITTEN = (None, "file_share", "me_message", "thread_broadcast")


def register(router: Router) -> None:
    router.event("message", Messages(router).hear)
    router.action(action_ids.LOG_SAVE_ANSWER, save_as_answer)
    router.action(action_ids.LOG_SAVE_MESSAGE, save_as_entry)
    router.action(action_ids.COMMENTS_PICK, pick_entry)


def is_edit(event: Json) -> bool:
    """A person changed what they wrote in the DM."""
    changed = event.get("message") or {}
    return event.get("subtype") == "message_changed" and _is_of_a_person(changed, event)


def is_from_a_person(event: Json) -> bool:
    """A person wrote in the DM; files, `/me` and what is sent to thread and DM alike count for their text."""
    return event.get("subtype") in WRITTEN and _is_of_a_person(event, event)


def _is_of_a_person(message: Json, event: Json) -> bool:
    return bool(event.get("channel_type") == "im" and message.get("user") and not message.get("bot_id"))


class Messages:
    """The listener to what is written, which knows what it answered: Slack may deliver a message again."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._once = Once()
        self._remarked: deque[str] = deque(maxlen=REMEMBERED)

    async def hear(self, i: Interaction) -> Message | None:
        if is_edit(i.event):
            return await self._take_correction(i)
        return await self._take_message(i) if is_from_a_person(i.event) else None

    async def _take_message(self, i: Interaction) -> Message | None:
        said = Original.of(i.event["channel"], i.event)
        if await self._take_reply(i, said):
            await renaming.follow(i, said)
            return None
        return await self._once.first(said.key, partial(self._answer, i, said))

    async def _take_correction(self, i: Interaction) -> Message | None:
        """An entry follows its message until it is edited in Rung: what was polished there is not overwritten.

        So does a mentor's comment. An edit may make either out of what was none: a greeting, a command, too long.
        """
        said = Original.of(i.event["channel"], i.event["message"])
        before = replace(said, sent=(i.event.get("previous_message") or {}).get("text") or "")
        if not said.text or said.text == before.text:
            return None
        changed = await edits.follow(i, said, before) or await self._take_reply(i, said)
        remark = None
        if changed is None and not await replies.correct(i, said):
            remark = await self._take_remark(i, said)
        await renaming.follow(i, said)
        return remark and self._unless_answered(said, remark)

    async def _answer(self, i: Interaction, said: Original) -> Message | None:
        if remark := await self._take_remark(i, said):
            await renaming.follow(i, said)
            return self._unless_answered(said, remark)
        return await self._reply(i, said)

    async def _take_reply(self, actor: Interaction, said: Original) -> Changed | None:
        """Save the answer to the question in whose thread it is, if it is one."""
        question = await _question_at(actor, said.channel, said.thread) if said.thread else None
        if question is None or not self._says_something(actor, said.text):
            return None
        desk = await people.entry_form_context(actor)
        written = Written(said.text, desk.today, (question.criterion_id,))
        return await growth_log.save(actor, desk.zone, written, Origin(Source.CHECK_IN, said.key), Answers(question.id))

    async def _take_remark(self, i: Interaction, said: Original) -> Message | None:
        """Take it as what a mentor says to an entry, if it is that; what they are to be told."""
        return await replies.in_thread(i, said) if self._says_something(i, said.text) else None

    def _unless_answered(self, said: Original, remark: Message) -> Message | None:
        """A mentor is told once, however often they edit what they said."""
        if said.key in self._remarked:
            return None
        self._remarked.append(said.key)
        return remark

    async def _reply(self, actor: SlackActor, said: Original) -> Message:
        text = said.text
        if not text:
            return Message.of("I can only keep words. Tell me in a line what it is about, and I'll offer to save it.")
        if self._is_greeting(text):
            return usage.overview(list(self._router.usage(actor.ladder)))
        if command := self._router.typed_as_message(text, actor.ladder):
            return usage.mute(command)
        async with actor.sessions() as session:
            waiting = await check_ins.open_one(session, actor.who)
        meant = text if text.split(maxsplit=1)[0].casefold() in self._router.words else None
        return views.to_save(said.ts, said.sent, f"{waiting.id} {waiting.asks}" if waiting else None, meant)

    def _says_something(self, actor: SlackActor, text: str) -> bool:
        """Whether there is more to it than a greeting, or a command that lost its slash."""
        is_talk = not text or self._is_greeting(text) or self._router.typed_as_message(text, actor.ladder)
        return not is_talk

    def _is_greeting(self, text: str) -> bool:
        """Whether it only says hello, or asks for help."""
        command = self._router.named(text.strip(" .!?"))
        return command is not None and command.name == "help"


async def save_as_answer(i: Interaction) -> Message:
    offered = Offered.answer(i.value)
    return await _save(i, offered, await questions.question(i, number(offered.check_in)))


async def save_as_entry(i: Interaction) -> Message:
    return await _save(i, Offered.entry(i.value))


async def _save(i: Interaction, offered: Offered, question: CheckIn | None = None) -> Message:
    """Save what stands in the message now; whoever deleted it meanwhile has changed their mind."""
    said = await original.clicked(i, offered.ts, offered.sent)
    desk = await people.entry_form_context(i)
    clicked_at = datetime.fromtimestamp(float(i.action["action_ts"]), UTC)
    origin = Origin(Source.CHECK_IN if question else Source.MESSAGE, said.key, at=clicked_at)
    written = Written(said.text, desk.today, (question.criterion_id,) if question else ())
    answers = Answers(question.id, offered.asked) if question else None
    saved = await growth_log.save(i, desk.zone, written, origin, answers)
    if i.message_ts:
        await growth_log.shown_at(i, saved.entry.id, said.channel, i.message_ts)
    await renaming.follow(i, said)
    if said.carried:
        i.replies.later(_catch_up(i, said))
    suggested = people.suggested(i.index, said.text, desk)
    return await presenter.entry_now(i, saved.entry.id, again=not saved.is_new, suggested=suggested)


async def _catch_up(i: Interaction, carried: Original) -> None:
    """Let what was saved as a button had it follow its message, which was perhaps edited before; if it still can."""
    try:
        said = await original.later(i, carried)
    except NotReadable:
        return
    if said.text and said.text != carried.text:
        await edits.follow(i, said, carried)
        await renaming.follow(i, said)


async def _question_at(actor: Interaction, channel: str, thread_ts: str) -> CheckIn | None:
    await proof.of_message(actor, channel, thread_ts)
    async with actor.sessions() as session:
        return await check_ins.at_message(session, actor.who, channel, thread_ts)


async def pick_entry(i: Interaction) -> Message:
    """Which entry a reply in the digest's thread is for."""
    entry_id, _, ts = i.value.partition(" ")
    await comment_service.readable(i, number(entry_id))
    said = await original.clicked(i, ts)
    sent = await keep(i, number(entry_id), comments.checked(said.text), said.key)
    await renaming.follow(i, said)
    return sent
