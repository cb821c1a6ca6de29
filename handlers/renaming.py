"""What is said is saved at once, people by their ids; their names follow as Slack tells them."""

import structlog

from handlers import naming, remarks, saving, showing
from handlers.naming import Names
from handlers.original import Original
from handlers.people import Visit
from handlers.saving import Changed
from handlers.slack.interaction import Interaction

log = structlog.get_logger()


async def follow(i: Interaction, said: Original, saved: Changed | None) -> None:
    """Name whom a message mentions in what was made from it, and show that: at once, and again for whoever is late.

    `saved`: the entry that was made from it; without one, what it said to somebody else's.
    """
    mentioned = set(sorted(said.mentioned)[: naming.NAMED])
    names = await naming.soon(i, mentioned)
    await _name(i, said, {}, names, saved)
    if unnamed := mentioned - names.keys():
        i.replies.later(_later(i, said, names, unnamed))


async def _later(visit: Visit, said: Original, names: Names, unnamed: set[str]) -> None:
    """A nicety: what fails of it is no news to whoever was answered already."""
    try:
        if found := await naming.later(visit, unnamed):
            await _name(visit, said, names, names | found)
    except Exception as error:
        log.error("unforeseen", exc_info=error)


async def _name(visit: Visit, said: Original, before: Names, names: Names, saved: Changed | None = None) -> None:
    """Where its words are still those that were saved."""
    was, text = said.with_names(before), said.with_names(names)
    renamed = await saving.rename(visit, said.key, was, text) if text != was else None
    if changed := renamed or saved:
        await showing.everywhere(visit, changed)
    if text != was:
        await remarks.rename(visit, said, was, text)
