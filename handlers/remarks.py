"""What a mentor says to an entry, wherever they say it."""

from db import comments, digests, members, reading
from growth.digest import Item
from growth.errors import NoLongerShared
from handlers import digests as drawn
from handlers import people
from handlers.people import Visit, Wake
from handlers.routing import as_command, is_greeting
from handlers.views import comments as views
from handlers.views.message import Message


async def readable(visit: Visit, entry_id: int) -> Item:
    """The entry, if the person may read it now. Raises NoLongerShared."""
    async with visit.sessions() as session:
        found = await reading.readable(session, visit.who, [entry_id], visit.now)
    if not found:
        raise NoLongerShared
    return found[0]


async def keep(visit: Visit, wake: Wake, entry_id: int, words: str | None, key: str) -> Message:
    """Keep words, or kudos without, and bring them to the entry's member. Raises NoLongerShared."""
    async with visit.sessions.begin() as session:
        author = await members.find(session, visit.who)
        found = await reading.readable(session, visit.who, [entry_id], visit.now)
        if author is None or not found:
            raise NoLongerShared
        await comments.add(session, author.id, entry_id, words, key, visit.now)
    wake()
    if words is None:
        await drawn.redraw_entries(visit, [entry_id])
    return views.sent(found[0], people.today(author, visit.now), words)


async def in_thread(
    visit: Visit, wake: Wake, channel: str, thread_ts: str | None, ts: str, text: str
) -> Message | None:
    """The answer to a reply to a digest: kept when that showed one entry alone. None: it is no such reply."""
    async with visit.sessions() as session:
        id_ = await digests.at_message(session, visit.who, channel, thread_ts) if thread_ts else None
        shown = await digests.entries(session, id_) if id_ else []
        found = await reading.readable(session, visit.who, shown, visit.now)
    if not id_ or not text or is_greeting(text) or as_command(text, visit.ladder):
        return None
    if not shown:
        return views.about_nothing()
    if not found:
        raise NoLongerShared
    if len(shown) > 1:
        names = await people.full_names(visit, {each.user for each in found})
        return views.which(found, names, ts, (await people.here(visit)).today)
    return await keep(visit, wake, found[0].id, views.checked(text), key_of(channel, ts))


def key_of(channel: str, ts: str) -> str:
    """The source key of a comment made from a message."""
    return f"message:{channel}:{ts}"
