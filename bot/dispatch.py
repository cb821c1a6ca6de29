"""From Slack's request to a listener, and from what it returns to the person.

Bolt sees one listener for each kind of request. Which of ours it is for is looked up in the router; its answer is
delivered with the ack when it is there in time, afterwards when it is not.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.late import HomeTabs, Reply, Running, respond_with
from growth.errors import NoLongerThere
from handlers.slack import posting
from handlers.slack.inputs import Memory
from handlers.slack.interaction import Answer, Beside, InPlace, Interaction, Listener, Modal
from handlers.slack.message import PLEASE_WAIT, Message, notice
from handlers.slack.patience import REFUSALS, patient, slacks_word, tried
from handlers.slack.router import Router
from services import growth_log, messages

log = structlog.get_logger()
ANY = re.compile("")
Result = TypeVar("Result")
PATIENCE = 2.5  # seconds, of the three that Slack waits
TOO_OLD = "That list is too old to show it: `/ladder logs` has it as it is now."
BY_PEOPLE = ("message",)  # of the events: the rest is told of people, and changes nobody's Home by their own doing


@dataclass(frozen=True)
class Dispatcher:
    """Runs listeners and delivers their answers."""

    router: Router
    running: Running
    homes: HomeTabs

    def attach(self, app: AsyncApp) -> None:
        """Let Bolt bring everything here."""
        app.command(ANY)(self.command)
        app.action(ANY)(self.click)
        app.view(ANY)(self.form)
        app.shortcut(ANY)(self.shortcut)
        app.event(ANY)(self.event)

    async def command(self, ack: AsyncAck, respond: AsyncRespond, interaction: Interaction) -> None:
        """Answered in the ack; with nothing where a form has opened, which says enough."""
        i = interaction
        listener = self.router.for_command(i.body["command"], i.words.first, i.typed, i.ladder)
        async with self._followed(interaction):
            task = asyncio.create_task(_carried_out(listener, interaction))
            if await self._in_time(task):
                message = task.result().message
                await ack(**message.payload() if message else {})
            else:
                await ack(PLEASE_WAIT)
                self.running.hold(self._late(interaction, task, respond))

    async def click(self, ack: AsyncAck, respond: AsyncRespond, interaction: Interaction) -> None:
        """Answered where it was clicked: in the message, beside it, or in the modal."""
        await ack()
        async with self._followed(interaction):
            task = asyncio.create_task(_carried_out(self.router.for_action(interaction.action), interaction))
            if await self._in_time(task):
                await _respond(interaction, respond, task.result())
            else:
                self.running.hold(self._late(interaction, task, respond))

    async def shortcut(self, ack: AsyncAck, interaction: Interaction) -> None:
        """Answered with a form."""
        await ack()
        await _carried_out(self.router.for_shortcut(interaction.body["callback_id"]), interaction)

    async def event(self, ack: AsyncAck, interaction: Interaction) -> None:
        """Answered in the conversation, and in its thread."""
        await ack()
        if listener := self.router.for_event(interaction.event["type"]):
            async with self._followed(interaction):
                reply = await _carried_out(listener, interaction)
                if reply.message:
                    await _say(interaction, reply.message)

    async def form(self, ack: AsyncAck, interaction: Interaction) -> None:
        """Closed, with what came of it where it was opened: in the conversation, in the modal below, or on Home.

        What the form was for is done once its listener returns, so nothing after it fails.
        """
        listener, memory = self.router.for_view(interaction.view["callback_id"]), Memory.of(interaction.view)
        async with self._followed(interaction):
            answer = await listener(interaction)
            if isinstance(answer, Modal):
                await ack(response_action="update", view=answer.view)
            elif answer is None:
                await ack()
            else:
                message, in_place = _message_of(answer), isinstance(answer, InPlace)
                if memory.from_home or memory.response_url or (memory.below and in_place):
                    await ack()
                    await _show(interaction, memory, message, in_place=in_place)
                else:
                    await ack(response_action="update", view=notice(message.title, message))

    async def _late(self, interaction: Interaction, task: asyncio.Task[Reply], respond: AsyncRespond) -> None:
        async with self._followed(interaction):
            await self.running.late(task, partial(_respond, interaction, respond))

    @asynccontextmanager
    async def _followed(self, interaction: Interaction) -> AsyncIterator[None]:
        """After a change, be it all that went well, Home shows it, and there may be something to send.

        A button of Home that finds nothing any more was of an old one.
        """
        try:
            yield
        except NoLongerThere:
            if interaction.surface == "home":
                self.homes.changed(interaction)
            raise
        finally:
            if interaction.sessions.committed:
                interaction.wake()
                event = interaction.body.get("event")
                if event is None or event["type"] in BY_PEOPLE:
                    self.homes.changed(interaction)

    async def _in_time(self, task: asyncio.Task[Reply]) -> bool:
        done, _ = await asyncio.wait({task}, timeout=PATIENCE)
        return bool(done)


async def _carried_out(listener: Listener, interaction: Interaction) -> Reply:
    """Run a listener and show what needs no response_url: forms, and what takes the place of a modal."""
    return await _shown(interaction, await listener(interaction))


async def _respond(interaction: Interaction, respond: AsyncRespond, reply: Reply | None) -> None:
    """Answer a click, or a command late."""
    ts = interaction.message_ts if reply and reply.replace else None
    await _in_place(interaction, ts, respond_with(respond, reply))


async def _in_place(interaction: Interaction, ts: str | None, answer: Awaitable[Result]) -> Result:
    """Answer in the place of a message, which may have been refreshed to something newer by then."""
    stale = ts and interaction.sessions.committed and await messages.is_stale(interaction, ts)
    try:
        return await answer
    finally:
        if ts and stale:
            await messages.refresh_again(interaction, ts)


async def _show(interaction: Interaction, memory: Memory, message: Message, *, in_place: bool) -> None:
    """Show what came of a form where that was opened; in the DM where its response_url is spent."""
    if memory.from_home:
        return
    if not memory.response_url:
        await tried(interaction.client.views_update(view_id=memory.below, view=notice(message.title, message)))
        return
    webhook = AsyncWebhookClient(memory.response_url)
    answer = tried(webhook.send_dict({**message.payload(), "replace_original": in_place}))
    told = await _in_place(interaction, memory.message_ts if in_place else None, answer)
    if told and told.status_code == 200:
        return
    if in_place and memory.message_ts and await messages.stays(interaction, memory.message_ts):
        return  # it is refreshed
    if memory.listing:
        message = Message.of(f"Saved. {TOO_OLD}")
    posted = await tried(posting.post(interaction.client, interaction.who.user, message))
    if posted and message.shows:
        await growth_log.shown_at(interaction, message.shows, posted["channel"], posted["ts"], composed_before=True)


def _message_of(answer: Message | Beside | InPlace) -> Message:
    return answer if isinstance(answer, Message) else answer.message


async def _shown(interaction: Interaction, answer: Answer) -> Reply:
    if isinstance(answer, Modal):
        answer = await _opened(interaction, answer)
    if answer is None or isinstance(answer, Modal):
        return Reply(None)
    message = _message_of(answer)
    if interaction.surface == "modal":  # which takes no messages
        view = notice(message.title, message)
        await tried(interaction.client.views_update(view_id=interaction.view["id"], view=view))
    return Reply(message, replace=not isinstance(answer, Beside))


async def _opened(interaction: Interaction, modal: Modal) -> Answer:
    """Open a modal, lay it on the one that is open, or put it in its place; the answer instead where Slack refuses."""
    client = interaction.client
    try:
        if modal.here and interaction.surface == "modal":
            await client.views_update(view_id=interaction.view["id"], view=modal.view)
        else:
            open_it = client.views_push if interaction.surface == "modal" else client.views_open
            await open_it(trigger_id=interaction.body["trigger_id"], view=modal.view)
    except REFUSALS as error:
        if modal.refused is None:
            raise
        return await modal.refused(error)
    if modal.shown:
        await modal.shown()
    return None


async def _say(interaction: Interaction, message: Message) -> None:
    """Answer where it was said; later, if Slack asks for that."""
    event = interaction.event
    channel, thread = event["channel"], event.get("thread_ts") or (event.get("message") or {}).get("thread_ts")
    try:
        await posting.post(interaction.client, channel, message, thread_ts=thread)
    except SlackApiError as error:
        if slacks_word(error) != "ratelimited":
            raise

        async def later() -> None:
            await posting.post(patient(interaction.client, reads=False), channel, message, thread_ts=thread)

        interaction.replies.later(later())
