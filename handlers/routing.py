"""Which listener a command is for: Bolt's own routing, one matcher a subcommand."""

import re
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from handlers.views.text import unescape
from ladder_content.model import Ladder

COMMAND = "/ladder"
MENTION = re.compile(r"<@(?P<user>[A-Z0-9]+)(?:\|[^>]*)?>[\s,:;.–—-]*(?P<rest>.*)", re.DOTALL)
ANOTHER = re.compile(r"((and|or|&amp;|\+)\s+)?<@")
Matcher = Callable[..., Awaitable[bool]]


class Words(NamedTuple):
    """What follows `/ladder`: its first word in lower case, and the rest as typed."""

    first: str
    rest: str


def words(command: dict[str, Any]) -> Words:
    """The words of a command, as typed."""
    first, *rest = typed(command).split(maxsplit=1) or [""]
    return Words(first.casefold(), "".join(rest))


def typed(command: dict[str, Any]) -> str:
    """All that follows `/ladder`, as typed."""
    return unescape(command.get("text") or "").strip()


class Addressed(NamedTuple):
    """A command about somebody: their Slack id, none where Slack took nobody for a person, and what follows, raw."""

    user: str | None
    rest: str

    @property
    def names_another(self) -> bool:
        return ANOTHER.match(self.rest) is not None


def addressed(command: dict[str, Any]) -> Addressed:
    """Whom a command names after its first word; without one, the rest as typed."""
    _, *rest = (command.get("text") or "").split(maxsplit=1) or [""]
    found = MENTION.match("".join(rest))
    return Addressed(found["user"], found["rest"]) if found else Addressed(None, words(command).rest)


def first_word(*names: str) -> Matcher:
    """Commands that start with one of these words."""

    async def matches(command: dict[str, Any]) -> bool:
        return words(command).first in names

    return matches


def option_of(name: str) -> Matcher:
    """Choices in a menu whose value starts with that word."""

    async def matches(action: dict[str, Any]) -> bool:
        chosen: str = (action.get("selected_option") or {}).get("value") or ""
        return chosen.partition(" ")[0] == name

    return matches


def chosen_id(action: dict[str, Any]) -> str:
    """What follows that word in the value of the choice: the id that it is about."""
    return str(action["selected_option"]["value"]).partition(" ")[2]


async def names_a_level(command: dict[str, Any], ladder: Ladder) -> bool:
    """Commands that are the name of a level, `L5` or `senior ml engineer`."""
    return ladder.find_level(typed(command)) is not None


async def is_empty(command: dict[str, Any]) -> bool:
    """`/ladder` alone."""
    return not typed(command)
