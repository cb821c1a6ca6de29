"""The pieces that messages and forms are made of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    InteractiveElement,
    MarkdownTextObject,
    Option,
    PlainTextObject,
    SectionBlock,
)
from slack_sdk.models.views import View

from handlers.views.text import cut

PLEASE_WAIT = "One moment…"


@dataclass(frozen=True)
class Message:
    """A message: blocks, and the text that notifications and screen readers use, which never holds a person's words.

    `title` stands above it where it is a modal.
    """

    text: str
    blocks: Sequence[Block] = ()
    title: str = "Rung"

    def payload(self) -> dict[str, Any]:
        """What `ack`, `respond` and the Web API take."""
        content: dict[str, Any] = {"text": self.text, "unfurl_links": False, "unfurl_media": False}
        if self.blocks:
            content["blocks"] = [block.to_dict() for block in self.blocks]
        return content

    @classmethod
    def of(cls, text: str) -> "Message":
        """A message of one paragraph."""
        return cls(text, (section(text),))


def header(text: str) -> HeaderBlock:
    return HeaderBlock(text=PlainTextObject(text=cut(text, 150), emoji=False))


def section(text: str, accessory: InteractiveElement | None = None) -> SectionBlock:
    return SectionBlock(text=MarkdownTextObject(text=cut(text, 3000)), accessory=accessory)


def columns(*texts: str) -> SectionBlock:
    """Texts side by side, below each other on a phone."""
    return SectionBlock(fields=[MarkdownTextObject(text=cut(text, 2000)) for text in texts])


def small(*texts: str) -> ContextBlock:
    return ContextBlock(elements=[MarkdownTextObject(text=cut(text, 3000)) for text in texts])


def divider() -> DividerBlock:
    return DividerBlock()


def button(
    text: str, action_id: str, value: str = "-", *, style: str | None = None, label: str | None = None
) -> ButtonElement:
    """A button; `label` is read by screen readers where its text alone does not say what it opens."""
    return ButtonElement(
        text=PlainTextObject(text=cut(text, 75), emoji=False),
        action_id=action_id,
        value=value,
        style=style,
        accessibility_label=cut(label, 75) if label else None,
    )


def actions(*elements: InteractiveElement) -> ActionsBlock:
    return ActionsBlock(elements=list(elements))


def option(text: str, value: str) -> Option:
    return Option(text=PlainTextObject(text=cut(text, 75), emoji=False), value=value)


def chosen(options: Iterable[Option], value: str | None) -> Option | None:
    """The option with that value, for a menu's first state."""
    return next((each for each in options if each.value == value), None)


def modal(title: str, blocks: Sequence[Block], **about: Any) -> View:
    """A modal; `about` are further fields of the view."""
    shell = {"close": PlainTextObject(text="Close"), **about}
    return View(type="modal", title=PlainTextObject(text=cut(title, 24)), blocks=list(blocks), **shell)


def notice(title: str, message: Message) -> View:
    """A message as a modal."""
    return modal(title, message.blocks)
