"""Pages of what a mentee shares with their mentor."""

from collections.abc import Sequence
from functools import partial

from db.enums import Surface
from db.mentoring import disclosures
from handlers.mentoring.views import shared_list as views
from handlers.mentoring.views.shared_list import PAGE, Shown
from handlers.slack import action_ids, people
from handlers.slack.interaction import Interaction, Modal
from handlers.slack.people import SlackActor, number


async def at(actor: SlackActor, place: str) -> Modal:
    """The page at that place, of a mentorship so many entries on; turned to where the list is open.

    What is on it is written down as shown before it is; certain once Slack has it.
    """
    mentorship, _, skip = place.partition(" ")
    today = (await people.local_time(actor)).today
    async with actor.sessions.begin() as session:
        page = await disclosures.page(session, actor.who, number(mentorship), actor.now, skip=number(skip), limit=PAGE)
        ids = [item.id for item in page.items]
        disclosed = await disclosures.disclose(session, actor.who, ids, Surface.LIST, actor.now)
    view = views.page(Shown(number(mentorship), page.items, number(skip), page.more), today)
    return Modal(view, here=True, shown=partial(_confirm, actor, disclosed))


async def _confirm(actor: SlackActor, disclosed: Sequence[int]) -> None:
    async with actor.sessions.begin() as session:
        await disclosures.confirm(session, disclosed)


def place_of(i: Interaction) -> str | None:
    """The place of the page that a click was made on; none for a click elsewhere."""
    return i.view["private_metadata"] if i.view.get("callback_id") == action_ids.READING_LIST else None
