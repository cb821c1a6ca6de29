"""A mentor's digest, as it is composed, sent, shown again and previewed."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from db import digests, mentorships, reading
from db.digests import Held
from db.engine import AsyncSession
from db.members import Who
from db.tables import DeliveryKind, Mentorship, Surface
from growth import digest
from growth.cadence import local_date, zone
from growth.digest import REST, Digest, Part
from handlers import redrawing
from handlers.people import Visit
from handlers.views import digest as views
from handlers.views.message import Message
from ladder_content.model import Ladder


async def compose(session: AsyncSession, held: Held, ladder: Ladder, now: datetime) -> Message | None:
    """The digest as its mentor may read it now; none when there is nothing to tell.

    The first time it chooses what is in it, and writes down what is going to be shown.
    """
    row = held.digest
    if row.composed_at is None:
        parts = await _choose(session, held.mentor, ladder, now)
        row.parts, row.composed_at = [vars(part) for part in parts], now
        shown = [id_ for part in parts for id_ in part.entries]
        await reading.disclose(session, held.mentor, shown, Surface.DIGEST, now, row.id)
    if not row.parts:
        return views.quiet() if row.quiet else None
    read = await _read(session, held.mentor, _parts(held), ladder, now)
    return views.digest(read, ladder, local_date(now, zone(held.tz))) if read.chapters else None


async def preview(session: AsyncSession, who: Who, mentor: Who, ladder: Ladder, now: datetime) -> Digest:
    """What the mentor would read of the person, by what they may read at that instant. Nothing is written down."""
    parts = await _choose(session, mentor, ladder, now)
    read = await _read(session, mentor, parts, ladder, now)
    return Digest([chapter for chapter in read.chapters if chapter.mentee.user == who.user])


async def _choose(session: AsyncSession, mentor: Who, ladder: Ladder, now: datetime) -> list[Part]:
    shown = digest.picked(await reading.news(session, mentor, now))
    items = await reading.readable(session, mentor, _ids(shown.values()), now)
    asked = await digests.asked(session, mentor, now - REST)
    return digest.choose(await mentorships.mentees(session, mentor), shown, items, asked, ladder)


async def _read(session: AsyncSession, mentor: Who, parts: list[Part], ladder: Ladder, now: datetime) -> Digest:
    news = await reading.news(session, mentor, now)
    items = await reading.readable(session, mentor, _ids(part.entries for part in parts), now)
    return digest.read(parts, await mentorships.mentees(session, mentor), news, items, ladder)


def _ids(some: Iterable[Sequence[int]]) -> list[int]:
    return [id_ for ids in some for id_ in ids]


def _parts(held: Held) -> list[Part]:
    return [Part(**part) for part in held.digest.parts]


async def redraw_entries(visit: Visit, entry_ids: Collection[int]) -> None:
    """Show the digests that these entries stand in as they may be read now."""
    async with visit.sessions() as session:
        ids = await digests.showing(session, entry_ids)
    await redraw(visit, ids)


async def redraw_mentorship(visit: Visit, mentorship: Mentorship) -> None:
    """As `redraw_entries`, for all that the mentorship stands in."""
    async with visit.sessions() as session:
        ids = await digests.of_mentorship(session, mentorship)
    await redraw(visit, ids)


async def redraw(visit: Visit, digest_ids: Collection[int]) -> None:
    """Show these digests as they may be read now."""
    for id_ in digest_ids:
        async with visit.sessions.begin() as session:
            held = await digests.hold(session, id_)
            message = await compose(session, held, visit.ladder, visit.now) if held else None
        await redrawing.redraw(visit, DeliveryKind.DIGEST, id_, message or views.gone())
