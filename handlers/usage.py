"""`/ladder help`, and the last listener: whatever no other one took."""

import re
from difflib import get_close_matches
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from growth.errors import OutOfDate
from handlers.routing import COMMAND, first_word, is_empty, typed, words
from handlers.views import details, usage
from ladder_content.model import Ladder
from ladder_content.search import Index

ANY = re.compile("")


def register(app: AsyncApp) -> None:
    """Registered last: what has no matcher, and what names any, takes what is left."""
    app.command(COMMAND, matchers=[first_word("help", "?", "hi", "hello", "hey")])(show_help)
    app.command(COMMAND, matchers=[is_empty])(show_help)
    app.command(COMMAND)(did_you_mean)
    for listen in (app.command, app.action, app.view, app.shortcut):
        listen(ANY)(refuse_unknown)
    app.event(ANY)(ignore)


async def show_help(ack: AsyncAck, ladder: Ladder) -> None:
    await ack(**usage.overview(ladder).payload())


async def did_you_mean(ack: AsyncAck, command: dict[str, Any], ladder: Ladder, index: Index) -> None:
    """A near command is named; words that the ladder knows something about are looked up."""
    text = typed(command)
    known = _known(ladder)
    near = [known[word] for word in get_close_matches(words(command).first, known, n=2)]
    hits = [] if near else index.find(text, limit=4)
    message = details.found(text, hits, guessed=True) if hits else usage.did_you_mean(text, near)
    await ack(**message.payload())


def _known(ladder: Ladder) -> dict[str, str]:
    """Every word that one may have meant, by its lower case."""
    names = (name for level in ladder.levels for name in level.aliases if " " not in name)
    return {name.casefold(): name for name in (*usage.WORDS, *names)}


async def refuse_unknown(ack: AsyncAck) -> None:
    """Buttons and forms outlive the version of Rung that drew them."""
    await ack()
    raise OutOfDate


async def ignore(ack: AsyncAck) -> None:
    await ack()
