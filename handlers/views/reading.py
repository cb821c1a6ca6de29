"""An entry as a mentor reads it."""

from datetime import date

from slack_sdk.models.blocks import Block

from growth.cadence import spoken_date
from growth.digest import Item
from handlers.views.message import actions, button, section
from handlers.views.text import cut, escape, quote

LIST = "reading.list"
COMMENT = "comments.write"
KUDOS = "comments.kudos"
WHAT_SHOWN, IMPACT_SHOWN, LINKS_SHOWN = 1200, 500, 600  # characters; together they fit one block


def entry(item: Item, today: date, *, live: bool = True) -> list[Block]:
    """The entry, and what the mentor can say to it; without that where it is only looked at (not `live`)."""
    kudos = [] if item.kudos else [button("👏 Kudos", f"{KUDOS}.{item.id}", str(item.id), label="Kudos for this entry")]
    comment = button("Comment", f"{COMMENT}.{item.id}", str(item.id), label="Comment on this entry")
    return [section(_told(item, today)), *([actions(comment, *kudos)] if live else [])]


def _told(item: Item, today: date) -> str:
    given = " · 👏 from you" if item.kudos else ""
    words = quote(item.what, WHAT_SHOWN) if item.what else "_A message that they saved, without words of their own_"
    impact = f"*What came of it:* {cut(escape(item.impact), IMPACT_SHOWN)}" if item.impact else ""
    return "\n".join(filter(None, (f"{spoken_date(item.happened_on, today)}{given}", words, impact, _links(item))))


def _links(item: Item) -> str:
    """Whole ones only, as many as there is room for."""
    lines = [f"•  {escape(link)}" for link in item.links]
    whole = max(n for n in range(len(lines) + 1) if len("\n".join(lines[:n])) <= LINKS_SHOWN)
    return "\n".join(lines[:whole])
