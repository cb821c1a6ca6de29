"""Messages, and how much of what there is to say one of them takes."""

import json
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from handlers.slack.blocks import Block, View, modal, section
from handlers.slack.text import clip

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
            content["blocks"] = list(self.blocks)
        return content

    @cached_property
    def size(self) -> int:
        """Characters of JSON that the blocks are sent as."""
        return len(json.dumps(self.blocks))

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


def notice(title: str, message: Message) -> View:
    """A message as a modal."""
    return modal(title, message.blocks)
