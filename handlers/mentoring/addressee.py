"""Whom a command is about."""

import re
from typing import NamedTuple

from handlers.slack.blocks import Json
from handlers.slack.interaction import words

MENTION = re.compile(r"<@(?P<user>[A-Z0-9]+)(?:\|[^>]*)?>[\s,:;.–—-]*(?P<rest>.*)", re.DOTALL)
ANOTHER = re.compile(r"((and|or|&amp;|\+)\s+)?<@")


class Addressed(NamedTuple):
    """A command about somebody: their Slack id, none where Slack took nobody for a person, and what follows, raw."""

    user: str | None
    rest: str

    @property
    def names_another(self) -> bool:
        return ANOTHER.match(self.rest) is not None


def addressed(command: Json) -> Addressed:
    """Whom a command names after its first word; without one, the rest as typed."""
    _, *rest = (command.get("text") or "").split(maxsplit=1) or [""]
    found = MENTION.match("".join(rest))
    return Addressed(found["user"], found["rest"]) if found else Addressed(None, words(command).rest)
