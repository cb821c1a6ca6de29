"""An entry follows the message that it was made from, until its words are others than the message had."""

import re
from collections.abc import Mapping
from functools import partial

from handlers.conversation.original import Original
from handlers.slack import display_names
from handlers.slack.people import SlackActor
from handlers.slack.text import called
from services import growth_log
from services.growth_log import Changed

LONGEST_NAME = 80  # characters: Slack's limit
IN_NO_NAME, HANDLE = re.compile(r"[\n@]"), re.compile(r"[\w.-]+")


async def follow(actor: SlackActor, said: Original, before: Original) -> Changed | None:
    """Let the entry of the message say what that says now, where it says what that said before; None without an entry.

    Slack is asked for names only where they alone can tell whether it does.
    """
    changed = await _correct(actor, said, before, None)
    if changed is None or changed.entry.what == said.text or not before.mentioned:
        return changed
    return await _correct(actor, said, before, await display_names.soon(actor, before.mentioned))


async def _correct(
    actor: SlackActor, said: Original, before: Original, names: Mapping[str, str] | None
) -> Changed | None:
    return await growth_log.correct(actor, said.key, said.text, partial(_is_as_sent, before.sent, names))


def _is_as_sent(sent: str, names: Mapping[str, str] | None, what: str, was_edited: bool) -> bool:
    """Whether an entry says what its message said, whatever people were called when it was saved.

    `names`: what those whom it mentions are called, as far as Slack tells that; None where it was not asked.
    """
    found = called(sent, what)
    if found is None:
        return False
    if not was_edited:
        return all(len(name) <= LONGEST_NAME and not IN_NO_NAME.search(name) for _, name in found)
    return all(name == user or (names is not None and _is_name(name, names.get(user))) for user, name in found)


def _is_name(name: str, known: str | None) -> bool:
    """Of an entry that was edited: somebody may have written on after a name, or named another one.

    Where Slack does not tell the name, whatever may be a handle is taken for it.
    """
    return name == known if known else len(name) <= LONGEST_NAME and HANDLE.fullmatch(name) is not None
