"""Pages of what a mentee shares with their mentor."""

from db.enums import Surface
from db.mentoring import disclosures
from handlers import forms, people
from handlers.people import Json, Visit, number
from handlers.views import reading as views
from handlers.views.reading import PAGE, Shown


async def show(visit: Visit, body: Json, place: str) -> None:
    """Open the page at that place, of a mentorship so many entries on, or turn to it where the list is open.

    What is on it is written down as shown before it is; certain once Slack has it.
    """
    mentorship, _, skip = place.partition(" ")
    today = (await people.here(visit)).today
    async with visit.sessions.begin() as session:
        page = await disclosures.page(session, visit.who, number(mentorship), visit.now, skip=number(skip), limit=PAGE)
        ids = [item.id for item in page.items]
        disclosed = await disclosures.disclose(session, visit.who, ids, Surface.LIST, visit.now)
    view = views.page(Shown(number(mentorship), page.items, number(skip), page.more), today)
    surface = body.get("view") or {}
    if surface.get("type") == "modal":
        await visit.client.views_update(view_id=surface["id"], view=view)
    else:
        await forms.show(visit, body, view)
    async with visit.sessions.begin() as session:
        await disclosures.confirm(session, disclosed)


def place_of(body: Json) -> str | None:
    """The place of the page that a click was made on; none for a click elsewhere."""
    view = body.get("view") or {}
    return view.get("private_metadata") if view.get("callback_id") == views.LIST else None
