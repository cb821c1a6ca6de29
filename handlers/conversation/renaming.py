"""What is said is saved at once, people by their ids; their names follow as Slack tells them."""

import structlog

from handlers.conversation import replies
from handlers.conversation.original import Original
from handlers.slack import display_names
from handlers.slack.display_names import Names
from handlers.slack.interaction import Interaction
from handlers.slack.people import SlackActor
from services import growth_log

log = structlog.get_logger()


async def follow(i: Interaction, said: Original) -> None:
    """Name whom a message mentions in what was made from it: at once, and again for whoever is late."""
    mentioned = set(sorted(said.mentioned)[: display_names.NAMED])
    names = await display_names.soon(i, mentioned)
    await _name(i, said, {}, names)
    if unnamed := mentioned - names.keys():
        i.replies.later(_later(i, said, names, unnamed))


async def _later(i: Interaction, said: Original, names: Names, unnamed: set[str]) -> None:
    """A nicety: what fails of it is no news to whoever was answered already."""
    try:
        if found := await display_names.later(i, unnamed):
            await _name(i, said, names, names | found)
            i.wake()
    except Exception as error:
        log.error("slack.unforeseen", exc_info=error)


async def _name(actor: SlackActor, said: Original, before: Names, names: Names) -> None:
    """Where its words are still those that were saved."""
    was, text = said.with_names(before), said.with_names(names)
    if text != was:
        await growth_log.rename(actor, said.key, was, text)
        await replies.rename(actor, said, was, text)
