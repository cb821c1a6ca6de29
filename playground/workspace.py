"""What a Slack workspace holds: people, channels, messages, modals and Home tabs."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from playground.clock import Clock

Json = dict[str, Any]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MODAL_STACK = 3


@dataclass(kw_only=True)
class Person:
    """A member of the workspace; `name` is the handle, `tz` an IANA zone, `team_id` that of a visitor's workspace."""

    id: str
    name: str
    real_name: str
    tz: str = "Etc/UTC"
    title: str = ""
    email: str = ""
    is_admin: bool = False
    is_owner: bool = False
    is_bot: bool = False
    is_restricted: bool = False
    team_id: str = ""
    deleted: bool = False


@dataclass(kw_only=True)
class Message:
    """A message; `text` is escaped as Slack stores it, `values` what is chosen in it by block_id and action_id."""

    ts: str
    channel: str
    user: str
    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    thread_ts: str | None = None
    edited: str | None = None
    ephemeral_to: str | None = None
    bot_id: str | None = None
    files: list[Json] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    values: dict[str, Json] = field(default_factory=dict)


@dataclass(kw_only=True)
class View:
    """A modal or Home tab: `body` as the app sent it with every id in place; `values`, `errors` by block_id."""

    id: str
    user: str
    body: Json
    hash: str
    root_view_id: str
    previous_view_id: str | None = None
    values: dict[str, Json] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def type(self) -> str:
        """`modal` or `home`."""
        return str(self.body["type"])

    @property
    def blocks(self) -> list[Json]:
        """The blocks on show."""
        blocks: list[Json] = self.body["blocks"]
        return blocks


@dataclass(kw_only=True)
class File:
    """An uploaded file; `content` is None until the bytes arrive, `alt_txt` describes a picture to screen readers."""

    id: str
    name: str
    title: str
    length: int
    alt_txt: str = ""
    content: bytes | None = None


@dataclass(kw_only=True)
class Channel:
    """A channel, or with `im_of` the DM between the app and that person; `messages` in order of ts."""

    id: str
    name: str
    members: set[str] = field(default_factory=set)
    im_of: str | None = None
    messages: list[Message] = field(default_factory=list)

    def seen_by(self, user: str) -> list[Message]:
        """What this person sees here, their ephemerals included."""
        return [m for m in self.messages if m.ephemeral_to in (None, user)]


class Workspace:
    """One workspace with one app installed; whoever subscribes hears of every change.

    With an `enterprise_id` it belongs to an enterprise that has the app for all its workspaces.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        name: str = "Playground",
        app_name: str = "app",
        team_id: str = "T0PLAYGROUND",
        enterprise_id: str | None = None,
    ) -> None:
        self.clock = clock or Clock()
        self.name = name
        self.domain = name.lower().replace(" ", "-")
        self.team_id, self.enterprise_id = team_id, enterprise_id
        self.app_id = "A0PLAYGROUND"
        self.bot_id = "B0PLAYGROUND"
        self.people: dict[str, Person] = {}
        self.channels: dict[str, Channel] = {}
        self.modals: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}
        self.files: dict[str, File] = {}
        self._numbers = itertools.count(1)
        self._last_ts = 0
        self._dms: dict[str, Channel] = {}
        self._subscribers: list[Callable[[], None]] = []
        self.bot = self.add_person(app_name, user="U0APP", is_bot=True)

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back after every change; returns the function that ends it."""
        self._subscribers.append(callback)
        return lambda: self._subscribers.remove(callback)

    def changed(self) -> None:
        """Tell the subscribers; for whoever changed a message or view in place."""
        for callback in list(self._subscribers):
            callback()

    def new_id(self, prefix: str) -> str:
        """An id nobody has yet, like `V0007`."""
        return f"{prefix}{next(self._numbers):04}"

    def new_ts(self) -> str:
        """A message ts from the playground's clock, unique and increasing."""
        now = (self.clock.now() - EPOCH) // timedelta(microseconds=1)
        self._last_ts = max(now, self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06}"

    def add_person(self, name: str, real_name: str = "", *, user: str | None = None, **about: Any) -> Person:
        """Add a person, of that id if one is given; `about` are further fields of Person."""
        person = Person(id=user or self.new_id("U"), name=name, real_name=real_name or name.title(), **about)
        self.people[person.id] = person
        self.changed()
        return person

    def add_channel(self, name: str, members: Iterable[str] = (), *, with_app: bool = True) -> Channel:
        """Add a public channel with these people (ids), and the app unless told otherwise."""
        channel = Channel(id=self.new_id("C"), name=name, members={*members, *([self.bot.id] if with_app else [])})
        self.channels[channel.id] = channel
        self.changed()
        return channel

    def person(self, key: str) -> Person:
        """The person with this id or handle; KeyError when there is none."""
        found = self.people.get(key) or next((p for p in self.people.values() if p.name == key), None)
        if found is None:
            raise KeyError(key)
        return found

    def channel(self, key: str) -> Channel:
        """The channel with this id or name; KeyError when there is none."""
        found = self.channels.get(key) or next((c for c in self.channels.values() if c.name == key), None)
        if found is None:
            raise KeyError(key)
        return found

    def dm(self, user: str) -> Channel:
        """The DM between the app and this person, opened when there is none yet."""
        person = self.person(user)
        if person.id in self._dms:
            return self._dms[person.id]
        channel = Channel(id=self.new_id("D"), name="directmessage", members={person.id, self.bot.id}, im_of=person.id)
        self.channels[channel.id] = self._dms[person.id] = channel
        return channel

    def post(self, channel: Channel, user: str, **content: Any) -> Message:
        """Append a message; `content` are further fields of Message."""
        message = Message(ts=self.new_ts(), channel=channel.id, user=user, **content)
        channel.messages.append(message)
        self.changed()
        return message

    def message(self, channel: str, ts: str) -> Message:
        """The message with this ts in this channel (id); KeyError when there is none."""
        for message in self.channel(channel).messages:
            if message.ts == ts:
                return message
        raise KeyError(ts)

    def remove(self, message: Message) -> None:
        """Take a message away."""
        self.channel(message.channel).messages.remove(message)
        self.changed()

    def views(self) -> list[View]:
        """Every open modal and every Home tab."""
        return [*itertools.chain.from_iterable(self.modals.values()), *self.homes.values()]

    def modal(self, user: str) -> View | None:
        """The modal on top for this person (id)."""
        stack = self.modals.get(user)
        return stack[-1] if stack else None
