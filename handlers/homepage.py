"""The Home tab as it is now; every feature that changes what it shows publishes it anew."""

from collections.abc import Coroutine
from typing import Any

from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.models.views import View

from db import log
from handlers import people
from handlers.people import Stranger, Visit
from handlers.saving import question_of, written
from handlers.views import home
from handlers.views.message import Message

ENTRIES_SHOWN = 5


async def publish(visit: Visit, *, offer: bool = False) -> None:
    """Show the person their Home tab; `offer` a weekly question to whoever has none."""
    await visit.client.views_publish(user_id=visit.who.user, view=await read(visit, offer=offer))


async def read(visit: Visit, *, offer: bool = False) -> View:
    """The Home tab from three statements, however much there is to show."""
    async with visit.sessions() as session:
        standing = await people.standing(session, visit)
        if isinstance(standing, Stranger):
            return home.stranger(visit.ladder, gone=standing.level_gone)
        asked, newest = await log.lately(session, visit.who, ENTRIES_SHOWN)
    waiting = question_of(asked, visit.ladder) if asked else None
    shown = [(entry.id, written(entry)) for entry in newest]
    return home.member(standing, visit.ladder, waiting, shown, offer=offer and standing.next_question is None)


async def refreshed(
    visit: Visit, respond: AsyncRespond, work: Coroutine[Any, Any, Message], *, offer: bool = False
) -> Message:
    """The work's message; where it was begun on the Home tab, which takes no messages, the tab as it is now."""
    message = await work
    if respond.response_url is None:
        await publish(visit, offer=offer)
    return message
