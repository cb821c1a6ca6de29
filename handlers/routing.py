"""Which listener a command is for: Bolt's own routing, one matcher a subcommand."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from handlers.views.help import WORDS
from handlers.views.text import unescape
from ladder_content.model import Ladder

COMMAND = "/ladder"
Matcher = Callable[..., Awaitable[bool]]


class Words(NamedTuple):
    """What follows `/ladder`: its first word in lower case, and the rest as typed."""

    first: str
    rest: str


def words(command: dict[str, Any]) -> Words:
    """The words of a command, as typed."""
    text = unescape(command.get("text") or "").strip()
    first, _, rest = text.partition(" ") if "\n" not in text.partition(" ")[0] else text.partition("\n")
    return Words(first.casefold(), rest.strip())


def typed(command: dict[str, Any]) -> str:
    """All that follows `/ladder`, as typed."""
    return unescape(command.get("text") or "").strip()


def first_word(*names: str) -> Matcher:
    """Commands that start with one of these words."""

    async def matches(command: dict[str, Any]) -> bool:
        return words(command).first in names

    return matches


async def names_a_level(command: dict[str, Any], ladder: Ladder) -> bool:
    """Commands that are the name of a level, `L5` or `senior ml engineer`."""
    return ladder.find_level(typed(command)) is not None


async def is_empty(command: dict[str, Any]) -> bool:
    """`/ladder` alone."""
    return not typed(command)


def reads_like_a_command(text: str, ladder: Ladder) -> bool:
    """Whether a message reads like a command without its slash: one of the words alone, or a level."""
    return text.casefold().strip() in WORDS or ladder.find_level(text) is not None
