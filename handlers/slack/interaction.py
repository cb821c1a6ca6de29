"""What a person did, as a listener gets it; and what a listener may answer with."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from handlers.slack.blocks import Json, View
from handlers.slack.message import Message
from handlers.slack.people import SlackActor, Wake
from handlers.slack.text import unescape
from ladder_content.search import Index


class Words(NamedTuple):
    """What follows `/ladder`: its first word in lower case, and the rest as typed."""

    first: str
    rest: str


class Replies(Protocol):
    """What can be told beside the answer of an interaction."""

    async def wait(self) -> None:
        """The answer takes longer: say so where the interaction began."""

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Do some work after the answer; only what goes wrong with it is told."""


@dataclass(frozen=True)
class Interaction(SlackActor):
    """A command, click, form, shortcut or event: who, when, where, what was sent, and what is needed to serve it.

    `body` is Slack's payload, checked to have the shape that listeners read. `wake`: there is something to send.
    """

    body: Json
    index: Index
    wake: Wake
    replies: Replies

    @property
    def typed(self) -> str:
        """All that follows `/ladder`, as typed."""
        return typed(self.body)

    @property
    def words(self) -> Words:
        """The words of a command, as typed."""
        return words(self.body)

    @property
    def action(self) -> Json:
        """The button or menu that was used."""
        action: Json = self.body["actions"][0]
        return action

    @property
    def value(self) -> str:
        """The value of the button, or of what was chosen in a menu."""
        return value_of(self.action)

    @property
    def choice(self) -> str:
        """What follows the first word of that value: in a menu of verbs, what the verb is about."""
        return self.value.partition(" ")[2]

    @property
    def view(self) -> Json:
        """The view that was submitted or clicked in; empty for none."""
        return self.body.get("view") or {}

    @property
    def surface(self) -> str:
        """Where it was done: `modal`, `home`, or `message` for everything else."""
        return self.view.get("type") or "message"

    @property
    def event(self) -> Json:
        event: Json = self.body["event"]
        return event

    @property
    def message_ts(self) -> str | None:
        """The ts of the message that was clicked in."""
        ts: str | None = (self.body.get("container") or {}).get("message_ts")
        return ts

    @property
    def origin(self) -> Json:
        """Where a form is opened from, as its memory keeps it."""
        return {
            "response_url": self.body.get("response_url"),
            "from_home": self.surface == "home",
            "message_ts": self.message_ts,
            "below": self.view["id"] if self.surface == "modal" else None,
        }


def typed(command: Mapping[str, Any]) -> str:
    """All that follows `/ladder`, as typed."""
    return unescape(command.get("text") or "").strip()


def words(command: Mapping[str, Any]) -> Words:
    """The words of a command, as typed."""
    first, *rest = typed(command).split(maxsplit=1) or [""]
    return Words(first.casefold(), "".join(rest))


def value_of(action: Mapping[str, Any]) -> str:
    """The value of a button, or of what was chosen in a menu; empty for nothing."""
    chosen = action.get("selected_option") or {}
    return str(chosen.get("value") or action.get("value") or "")


@dataclass(frozen=True)
class Beside:
    """A message that leaves the one that was clicked in as it is."""

    message: Message


@dataclass(frozen=True)
class InPlace:
    """What came of a form, in the place of the message or modal that it was opened from."""

    message: Message


@dataclass(frozen=True)
class Modal:
    """A view to open: on top of the modal that was clicked in, or in its place (`here`).

    `shown` is awaited once Slack has it; where Slack refuses it, `refused` may answer otherwise.
    """

    view: View
    here: bool = False
    shown: Callable[[], Awaitable[None]] | None = None
    refused: "Callable[[Exception], Awaitable[Answer]] | None" = None


Answer = Message | Beside | InPlace | Modal | None
Listener = Callable[[Interaction], Awaitable[Answer]]
