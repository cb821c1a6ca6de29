"""A local Slack: its state, its wires to the app, and what people do in it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playground import elements, messages, modals, payloads, slash
from playground.clock import Clock
from playground.elements import Value
from playground.faults import Faults
from playground.journal import Journal
from playground.mrkdwn import typed
from playground.outbound import Answer, Outbound, Receiver
from playground.payloads import Sender
from playground.refusal import Refusal
from playground.responses import respond
from playground.socket_mode import SocketMode
from playground.tickets import ResponseUrl, ResponseUrls, Triggers
from playground.workspace import Channel, Json, Message, Person, View, Workspace

SLACKBOT = "USLACKBOT"
TROUBLE = "We had some trouble connecting. Try again?"


class Playground:
    """One workspace and one app; people act through its coroutines, which return what the app answered.

    A `user` is an id or a handle. A `channel` is an id or a name; without one it is the person's DM with the app.
    """

    def __init__(
        self,
        workspace: Workspace | None = None,
        *,
        receiver: Receiver | None = None,
        manifest: Json | None = None,
        journal: Path | None = None,
        bot_token: str = "xoxb-playground",
        app_token: str = "xapp-playground",
        signing_secret: str = "signing-playground",
    ) -> None:
        self.workspace = workspace or Workspace()
        self.clock: Clock = self.workspace.clock
        self.manifest: Json = manifest or {}
        self.bot_token, self.app_token, self.signing_secret = bot_token, app_token, signing_secret
        self.url = ""
        self.journal = Journal(journal)
        self.faults = Faults()
        self.triggers = Triggers()
        self.response_urls = ResponseUrls(self.clock)
        self.socket_mode = SocketMode(self.workspace.app_id)
        self.outbound = Outbound(self.socket_mode, signing_secret, receiver)
        self._background: set[asyncio.Task[Answer]] = set()

    # What people do. Each waits for the app and returns an Answer: ok, status, body, error.

    async def enter(self, user: str, text: str, channel: str | None = None, thread_ts: str | None = None) -> Answer:
        """Type something and press Enter: a command where it begins with a slash, else a message."""
        if slash.is_command(text):
            return await self.command(user, text, channel, thread_ts)
        return await self.say(user, text.strip(), channel, thread_ts)

    async def command(self, user: str, text: str, channel: str | None = None, thread_ts: str | None = None) -> Answer:
        """Type a slash command as a person would: `/ladder next`. What the manifest lacks never reaches the app."""
        person, place = self.workspace.person(user), self._place(user, channel)
        command, rest = slash.parted(text)
        error = slash.refusal(self.manifest, command, thread_ts)
        answer = Answer(error=error) if error else await self._run(person, place, command, rest)
        if answer.error:
            words = slash.told(answer.error, command)
            self.workspace.post(place, SLACKBOT, text=words, ephemeral_to=person.id, thread_ts=thread_ts)
        return answer

    async def _run(self, person: Person, place: Channel, command: str, rest: str) -> Answer:
        ticket = self.response_urls.issue(person.id, place.id)
        said = typed(rest, self.workspace, named=True)
        trigger = self.triggers.issue(person.id)
        answer = await self.outbound.command(self._sender.command(person, place, command, said, trigger, ticket.token))
        if answer.ok and answer.body:
            answer = self._checked(answer, self._respond("command.response", ticket, answer.body))
        return answer

    async def say(self, user: str, text: str, channel: str | None = None, thread_ts: str | None = None) -> Answer:
        """Write a message, in a thread with `thread_ts`. Whatever it begins with: one may type a space before it."""
        person, place = self.workspace.person(user), self._place(user, channel)
        said = typed(text, self.workspace)
        message = self.workspace.post(place, person.id, text=said, thread_ts=thread_ts)
        return await self._heard(place, payloads.message_event(self.workspace, message))

    async def edit(self, user: str, ts: str, text: str, channel: str | None = None) -> Answer:
        """Change one's own message."""
        place = self._place(user, channel)
        message = self.workspace.message(place.id, ts)
        before = messages.as_json(self.workspace, message)
        message.text, message.edited = typed(text, self.workspace), self.workspace.new_ts()
        self.workspace.changed()
        return await self._heard(place, payloads.changed_event(self.workspace, message, before))

    async def delete(self, user: str, ts: str, channel: str | None = None) -> Answer:
        """Delete one's own message."""
        place = self._place(user, channel)
        message = self.workspace.message(place.id, ts)
        event = payloads.deleted_event(self.workspace, message)
        self.workspace.remove(message)
        return await self._heard(place, event)

    def fill(self, target: Message | View, values: Mapping[str, Value]) -> None:
        """Fill inputs in, by block_id, label or action_id, without sending anything.

        A value is text, an option's value (a list of them where several can be chosen), a date, a time, a user id; None
        empties. KeyError for an input that is not there, ValueError for an option that is not on offer.
        """
        target.values = elements.filled(target.blocks, target.values, values)
        self.workspace.changed()

    async def click(
        self, user: str, target: Message | View, action_id: str, value: Value = None, *, block_id: str | None = None
    ) -> Answer:
        """Press a button, or choose `value` (as in `fill`) in a menu of a message, modal or Home tab."""
        person = self.workspace.person(user)
        block, element = elements.find(target.blocks, action_id, block_id)
        action = elements.action(block, element, value, self.workspace.new_ts())
        if element["type"] in elements.STATE:
            target.values.setdefault(block["block_id"], {})[action_id] = elements.chosen(element, value)
            self.workspace.changed()
        trigger = self.triggers.issue(person.id)
        if isinstance(target, View):
            return await self.outbound.interaction(self._sender.view_action(person, target, action, trigger))
        ticket = self.response_urls.issue(person.id, target.channel, target)
        payload = self._sender.message_action(person, target, action, trigger, ticket.token)
        return await self.outbound.interaction(payload)

    async def submit(self, user: str, values: Mapping[str, Value] | None = None) -> Answer:
        """Fill the top modal in (as in `fill`) and submit it; `Answer.error` is `errors` when they stay on the view.

        What the form itself complains of never reaches the app. ValueError when no modal is open.
        """
        person, view = self.workspace.person(user), self._top(user)
        self.fill(view, values or {})
        view.errors = elements.missing(view.blocks, view.values)
        if view.errors:
            self.workspace.changed()
            return Answer(error="errors")
        payload = self._sender.submission(person, view, self.triggers.issue(person.id))
        answer = await self.outbound.interaction(payload)
        if answer.ok:
            answer = self._checked(answer, self._submitted(view, answer.body))
        if not answer.ok and not view.errors:
            view.errors = {"": TROUBLE}
            self.workspace.changed()
        return answer

    async def close(self, user: str) -> Answer:
        """Cancel the top modal, or the whole stack if it says `clear_on_close`; ValueError when none is open."""
        person, view = self.workspace.person(user), self._top(user)
        cleared = bool(view.body.get("clear_on_close"))
        modals.close_modal(self.workspace, person.id, everything=cleared)
        if not view.body.get("notify_on_close"):
            return Answer()
        return await self.outbound.interaction(self._sender.closed(person, view, is_cleared=cleared))

    async def open_home(self, user: str, tab: str = "home") -> Answer:
        """Open the app's `home` or `messages` tab."""
        person, place = self.workspace.person(user), self._place(user, None)
        return await self.event(payloads.home_event(self.workspace, person, place, tab))

    async def shortcut(self, user: str, callback_id: str, message: Message | None = None) -> Answer:
        """Use a global shortcut, or a message shortcut on a message."""
        person = self.workspace.person(user)
        trigger = self.triggers.issue(person.id)
        if message is None:
            return await self.outbound.interaction(self._sender.shortcut(person, callback_id, trigger))
        ticket = self.response_urls.issue(person.id, message.channel, message)
        payload = self._sender.message_shortcut(person, callback_id, message, trigger, ticket.token)
        return await self.outbound.interaction(payload)

    async def change_person(self, user: str, **changes: Any) -> Answer:
        """Change a person's profile (fields of Person); the app hears `user_change`."""
        person = self.workspace.person(user)
        for name, value in changes.items():
            setattr(person, name, value)
        self.workspace.changed()
        return await self.event({"type": "user_change", "user": payloads.user_json(self.workspace, person)})

    async def event(self, event: Json) -> Answer:
        """Send an event such as `{"type": "app_uninstalled"}`, unless the manifest does not subscribe to it."""
        if not self._subscribed(event):
            return Answer()
        return await self.outbound.event(self._sender.event(event))

    # What people see.

    def dm(self, user: str) -> list[Message]:
        """What the person sees in the DM with the app, ephemerals included, in order."""
        return self.workspace.dm(user).seen_by(self.workspace.person(user).id)

    def home(self, user: str) -> View | None:
        """The Home tab the app published for them."""
        return self.workspace.homes.get(self.workspace.person(user).id)

    def modal(self, user: str) -> View | None:
        """The modal on top."""
        return self.workspace.modal(self.workspace.person(user).id)

    def errors(self, user: str) -> dict[str, str]:
        """The errors on the top modal by block_id; under "" what concerns the whole of it."""
        view = self.modal(user)
        return view.errors if view else {}

    # What the server and the Web API need.

    def answer_url(self, token: str, body: Json) -> Json:
        """A post to a response_url."""
        try:
            return self._respond("response_url", self.response_urls.use(token), body)
        except Refusal as refusal:
            self.journal.record(self.clock.now(), "response_url", body, refusal.as_json())
            return refusal.as_json()

    def tell(self, event: Json) -> None:
        """Send an event that nobody waits for: an app hears of its own messages too."""
        if self.outbound.reachable and self._subscribed(event):
            task = asyncio.create_task(self.outbound.event(self._sender.event(event)))
            self._background.add(task)
            task.add_done_callback(self._background.discard)

    async def aclose(self) -> None:
        """Let go of the app: connections and deliveries in the background."""
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await self.socket_mode.drop()

    @property
    def _sender(self) -> Sender:
        return Sender(self.workspace, self.url)

    def _place(self, user: str, channel: str | None) -> Channel:
        return self.workspace.channel(channel) if channel else self.workspace.dm(user)

    def _top(self, user: str) -> View:
        view = self.modal(user)
        if view is None:
            raise ValueError(f"No modal is open for {user}.")
        return view

    async def _heard(self, place: Channel, event: Json) -> Answer:
        """Send what was said where the app is a member; elsewhere it hears nothing."""
        return await self.event(event) if self.workspace.bot.id in place.members else Answer()

    def _subscribed(self, event: Json) -> bool:
        wanted = self.manifest.get("settings", {}).get("event_subscriptions", {}).get("bot_events")
        kind = event["type"]
        if kind == "message":
            kind = f"message.{event['channel_type']}".replace("message.channel", "message.channels")
        return wanted is None or kind in wanted

    def _respond(self, method: str, ticket: ResponseUrl, body: Json) -> Json:
        try:
            respond(self.workspace, ticket, body)
            response: Json = {"ok": True}
        except Refusal as refusal:
            response = refusal.as_json()
        self.journal.record(self.clock.now(), method, body, response)
        return response

    def _submitted(self, view: View, body: Json) -> Json:
        try:
            error = modals.answer_submission(self.workspace, view, body)
            response: Json = {"ok": False, "error": error} if error else {"ok": True}
        except Refusal as refusal:
            response = refusal.as_json()
        if body.get("response_action") in ("update", "push"):
            args = {"view": body.get("view")}
            self.journal.record(self.clock.now(), f"views.{body['response_action']}", args, response)
        return response

    def _checked(self, answer: Answer, response: Json) -> Answer:
        """The answer, with what Slack has against it."""
        return Answer(answer.status, answer.body, response.get("error"))
