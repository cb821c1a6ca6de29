"""The Home tab as it is now; every feature that changes what it shows publishes it anew."""

from collections.abc import Coroutine
from typing import Any

from slack_bolt.context.respond.async_respond import AsyncRespond

from db.log import home as stored
from growth.errors import NotForGuests
from handlers import people
from handlers.people import Stranger, Visit
from handlers.redrawing import tried
from handlers.showing import question_of, written
from handlers.views import home
from handlers.views.blocks import View
from handlers.views.home import Company, Noted
from handlers.views.message import Message
from handlers.views.sharing import mark

ENTRIES_SHOWN = 5


async def publish(visit: Visit, *, offer: bool = False) -> None:
    """Show the person their Home tab; `offer` a weekly question to whoever has none."""
    await visit.client.views_publish(user_id=visit.who.user, view=await read(visit, offer=offer))


async def read(visit: Visit, *, offer: bool = False) -> View:
    """The Home tab from three statements, however much there is to show."""
    try:
        standing = await people.standing(visit)
    except NotForGuests as refusal:
        return home.guest(refusal.sentence)
    async with visit.sessions() as session:
        known = await stored.read(session, visit.who, ENTRIES_SHOWN)
    zone = standing.zone if isinstance(standing, Stranger) else standing.upcoming.zone
    shown = [Noted(each.entry.id, written(each.entry), mark(each.shared, visit.now, zone)) for each in known.newest]
    if isinstance(standing, Stranger):
        return home.stranger(visit.ladder, known.mentees, shown, standing.today, gone=standing.level_gone)
    waiting = question_of(known.question, visit.ladder) if known.question else None
    company = Company(known.mentors, known.mentees)
    offer = offer and not standing.upcoming.is_on
    return home.member(standing, visit.ladder, waiting, shown, company, offer=offer)


async def refreshed(
    visit: Visit, respond: AsyncRespond, work: Coroutine[Any, Any, Message], *, offer: bool = False
) -> Message:
    """The work's message; where it was begun on the Home tab, which takes no messages, the tab as it is now."""
    message = await work
    if respond.response_url is None:
        await tried(publish(visit, offer=offer))
    return message
