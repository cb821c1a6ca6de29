"""What a mentor says to an entry, wherever they say it."""

from datetime import datetime
from typing import NoReturn

from db import members
from db.enums import DeliveryKind
from db.mentoring import comments, digests, disclosures
from db.mentoring.comments import ToTell
from db.outbox import messages
from growth.cadence import local_date, zone
from growth.digest import Item
from growth.errors import NoLongerShared
from handlers import digesting, naming, people, redrawing
from handlers.original import Original
from handlers.people import Visit
from handlers.views import comments as views
from handlers.views import offer
from handlers.views.message import Message


async def readable(visit: Visit, entry_id: int) -> Item:
    """The entry, if the person may read it now. Raises NoLongerShared."""
    async with visit.sessions() as session:
        found = await disclosures.readable(session, visit.who, [entry_id], visit.now)
    if not found:
        await _gone(visit, entry_id)
    return found[0]


async def _gone(visit: Visit, entry_id: int) -> NoReturn:
    """Whoever asked may have pressed a button of a digest that Slack did not redraw. Raises NoLongerShared."""
    await digesting.redraw_entries(visit, [entry_id])
    raise NoLongerShared


async def keep(visit: Visit, entry_id: int, words: str | None, key: str) -> Message:
    """Keep words, or kudos without, and bring them to the entry's member. Raises NoLongerShared."""
    async with visit.sessions.begin() as session:
        author = await members.find(session, visit.who)
        found = await disclosures.readable(session, visit.who, [entry_id], visit.now)
        if author and found:
            await comments.add(session, author.id, entry_id, words, key, visit.now)
    if author is None or not found:
        await _gone(visit, entry_id)
    if words is None:
        await digesting.redraw_entries(visit, [entry_id])
    return views.sent(found[0], people.today(author, visit.now), words)


async def in_thread(visit: Visit, said: Original) -> Message | None:
    """The answer to a reply to a digest, kept when that showed one entry alone, or to a comment. None: to neither."""
    if not said.thread:
        return None
    async with visit.sessions() as session:
        kind, id_ = await messages.at_message(session, visit.who, said.channel, said.thread) or (None, 0)
        shown = await digests.entries(session, visit.who, id_) if kind == DeliveryKind.DIGEST else []
        found = await disclosures.readable(session, visit.who, shown, visit.now)
    if kind == DeliveryKind.COMMENT:
        return offer.to_save(said.ts, said.sent, unread=True)
    if kind != DeliveryKind.DIGEST:
        return None
    if not shown:
        return views.about_nothing()
    if not found:
        raise NoLongerShared
    if len(shown) > 1:
        names = await naming.full_names(visit, {each.user for each in found})
        return views.which(found, names, said.ts, (await people.here(visit)).today)
    return await keep(visit, found[0].id, views.checked(said.text), said.key)


async def correct(visit: Visit, said: Original) -> bool:
    """Let what was said in that message follow it; whether anything was. Raises NoLongerShared, TooLong."""
    async with visit.sessions.begin() as session:
        found = await comments.of_source(session, visit.who, said.key)
        for each in found:
            if not await disclosures.readable(session, visit.who, [each.entry_id], visit.now):
                raise NoLongerShared
            each.words = views.checked(said.text)
    for each in found:
        await redraw(visit, each.entry_id)
    return bool(found)


async def rename(visit: Visit, said: Original, before: str, text: str) -> None:
    """Say the same with people's names, where that message said exactly this before, and there is room for them."""
    if len(text) > views.LONGEST:
        return
    async with visit.sessions.begin() as session:
        found = [each for each in await comments.of_source(session, visit.who, said.key) if each.words == before]
        for each in found:
            each.words = text
    for each in found:
        await redraw(visit, each.entry_id)


async def redraw(visit: Visit, entry_id: int) -> None:
    """Show what was said to the entry, and the entry there, as they are now."""
    async with visit.sessions() as session:
        told = await comments.told_of(session, visit.who.workspace, entry_id)
    for id_, each in told.items():
        await redrawing.redraw(visit, DeliveryKind.COMMENT, id_, message(each, visit.now))


def message(told: ToTell, now: datetime) -> Message:
    """What brings a comment, or kudos, to the member of the entry."""
    entry = told.entry
    what = None if entry.deleted_at else entry.what or entry.snippet or ""
    return views.told(told.said, what, entry.happened_on, local_date(now, zone(told.tz)))
