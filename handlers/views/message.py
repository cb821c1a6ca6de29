"""The pieces that messages and forms are made of."""

import json
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

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

from handlers.views.text import clip, cut

# Characters of JSON that the blocks of one message may have, as they are sent: spaces and escapes are counted. Slack
# refuses longer ones (`msg_blocks_too_long`), seen from about 11,300, and publishes no number.
BUDGET = 10_000
MOST_BLOCKS = 50
Size = TypeVar("Size")

PLEASE_WAIT = "One moment…"


@dataclass(frozen=True)
class Message:
    """A message: blocks, and the text that notifications and screen readers use, which never holds a person's words.

    `title` stands above it where it is a modal. `shows`: the id of the entry that it shows and is to follow, if any.
    """

    text: str
    blocks: Sequence[Block] = ()
    title: str = "Rung"
    shows: int | None = None

    def payload(self) -> dict[str, Any]:
        """What `ack`, `respond` and the Web API take."""
        content: dict[str, Any] = {"text": self.text, "unfurl_links": False, "unfurl_media": False}
        if self.blocks:
            content["blocks"] = self._sent
        return content

    @cached_property
    def _sent(self) -> list[dict[str, Any]]:
        return [block.to_dict() for block in self.blocks]

    @property
    def size(self) -> int:
        """Characters of JSON that the blocks are sent as."""
        return len(json.dumps(self._sent))

    def fits(self, room: int = BUDGET) -> bool:
        """Whether Slack takes it as one message."""
        return len(self.blocks) <= MOST_BLOCKS and self.size <= room

    @classmethod
    def of(cls, text: str) -> "Message":
        """A message of one paragraph."""
        return cls(text, (section(clip(text, BUDGET - 200)),))


def fullest(compose: Callable[[Size], Message], sizes: Sequence[Size], room: int = BUDGET) -> Message:
    """What is composed of the first size that fits; each says less than the one before, and the last one has to do."""
    message = compose(sizes[0])
    if message.fits(room):
        return message
    first = bisect_left(sizes, True, 1, key=lambda size: compose(size).fits(room))
    return compose(sizes[min(first, len(sizes) - 1)])


def less(most: int, least: int = 1) -> list[int]:
    """Ever less, from the most to the least, by a quarter each time."""
    found = []
    while most > least:
        found.append(most)
        most = most * 3 // 4
    return [*found, least]


def listed(compose: Callable[[int, int], Message], rows: int, words: int, few: int, *, room: int = BUDGET) -> Message:
    """The fullest message of so many rows with so many characters each.

    Rows are left out first, down to a few; then words grow shorter, down to 80 characters; then rows go again. What is
    left out has to be reached in another way.
    """
    few, short = min(few, rows), min(80, words)
    sizes = [(n, words) for n in less(rows, few)]
    sizes += [(few, n) for n in less(words, short)]
    sizes += [(n, short) for n in less(few)]
    return fullest(lambda size: compose(*size), sizes, room)


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
        accessibility_label=clip(cut(label, 75), 150) if label else None,
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
