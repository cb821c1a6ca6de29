"""Block Kit as plain JSON: blocks, and the views that they make up.

A builder says what it is given and leaves out what it is not. Texts that come from people or ladders are cut to Slack's
limits; how many there are, values and fixed texts are not looked at: tests hold all that is shown to the limits.
"""

from collections.abc import Sequence
from typing import Any, NewType

from handlers.slack.elements import Element, given, mrkdwn, plain
from handlers.slack.text import cut

Json = dict[str, Any]
"""An object that Slack sends or takes, as JSON has it."""

Block = NewType("Block", Json)
View = NewType("View", Json)


def header(text: str) -> Block:
    return Block({"type": "header", "text": plain(cut(text, 150), emoji=False)})


def section(text: str, accessory: Element | None = None) -> Block:
    return Block(given(type="section", accessory=accessory, text=mrkdwn(cut(text, 3000))))


def columns(*texts: str) -> Block:
    """Texts side by side, below each other on a phone; ten at most."""
    return Block({"type": "section", "fields": [mrkdwn(cut(text, 2000)) for text in texts]})


def small(*texts: str) -> Block:
    """Texts in small print; ten at most."""
    return Block({"type": "context", "elements": [mrkdwn(cut(text, 3000)) for text in texts]})


def divider() -> Block:
    return Block({"type": "divider"})


def actions(*elements: Element) -> Block:
    """Elements in a row; 25 at most."""
    return Block({"type": "actions", "elements": list(elements)})


def field(name: str, label: str, element: Element, *, hint: str | None = None, optional: bool = False) -> Block:
    """An input whose errors and value are found under `name`."""
    below = plain(hint) if hint else None
    about = given(type="input", block_id=name, element=element, hint=below, label=plain(label), optional=optional)
    return Block(about)


def modal(
    title: str,
    blocks: Sequence[Block],
    *,
    callback_id: str | None = None,
    close: str = "Close",
    private_metadata: str | None = None,
    submit: str | None = None,
) -> View:
    """A modal; one with inputs needs a `submit`."""
    about = given(
        callback_id=callback_id,
        private_metadata=private_metadata,
        submit=plain(submit, emoji=True) if submit else None,
    )
    shell = {"type": "modal", "title": plain(cut(title, 24)), "close": plain(close), "blocks": list(blocks)}
    return View({**shell, **about})


def home_tab(blocks: Sequence[Block]) -> View:
    return View({"type": "home", "blocks": list(blocks)})
