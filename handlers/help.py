"""`/ladder help`, and the last listener: whatever no other one took."""

from difflib import get_close_matches
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from handlers.routing import COMMAND, first_word, is_empty, typed, words
from handlers.views import details, help
from ladder_content.model import Ladder
from ladder_content.search import Index


def register(app: AsyncApp) -> None:
    """Registered last: the command without matchers takes what is left."""
    app.command(COMMAND, matchers=[first_word("help", "?", "hi", "hello", "hey")])(show_help)
    app.command(COMMAND, matchers=[is_empty])(show_help)
    app.command(COMMAND)(did_you_mean)


async def show_help(ack: AsyncAck, ladder: Ladder) -> None:
    await ack(**help.overview(ladder).payload())


async def did_you_mean(ack: AsyncAck, command: dict[str, Any], ladder: Ladder, index: Index) -> None:
    """A near command is named; words that the ladder knows something about are looked up."""
    text = typed(command)
    known = _known(ladder)
    near = [known[word] for word in get_close_matches(words(command).first, known, n=2)]
    hits = [] if near else index.find(text, limit=4)
    message = details.found(text, hits, guessed=True) if hits else help.did_you_mean(text, near)
    await ack(**message.payload())


def _known(ladder: Ladder) -> dict[str, str]:
    """Every word that one may have meant, by its lower case."""
    names = (name for level in ladder.levels for name in level.aliases if " " not in name)
    return {name.casefold(): name for name in (*help.WORDS, *names)}
