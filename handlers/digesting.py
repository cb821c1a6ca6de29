"""A mentor's digest, as it is composed, sent, shown again and previewed."""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime

from slack_sdk.web.async_client import AsyncWebClient

from db.engine import AsyncSession, Sessions
from db.enums import DeliveryKind, Surface
from db.members import Who
from db.mentoring import digests, disclosures, mentorships
from db.mentoring.digests import Held
from db.outbox import messages
from growth import digest
from growth.cadence import local_date, zone
from growth.digest import LATELY, MOST, REST, Digest, Part
from handlers import redrawing
from handlers.people import Visit
from handlers.views import digest as views
from handlers.views.message import Message
from ladder_content.model import Ladder


async def compose(session: AsyncSession, held: Held, ladder: Ladder, now: datetime) -> Message | None:
    """The digest as its mentor may read it now; none when there is nothing to tell.

    The first time it chooses what is in it; what comes later, or is shared again, is for another one. What is going to
    be shown, and was not as it reads now, is written down.
    """
    row = held.digest
    if row.composed_at is None:
        parts = await _choose(session, held.mentor, ladder, now, local_date(now, zone(held.tz)))
        row.parts, row.composed_at = [vars(part) for part in parts], now
    if not row.parts:
        return views.quiet() if row.quiet else None
    read = await _read(session, held.mentor, _parts(held), ladder, row.composed_at)
    untold = await disclosures.untold(session, row.id, [item.id for chapter in read.chapters for item in chapter.items])
    await disclosures.disclose(session, held.mentor, untold, Surface.DIGEST, now, row.id)
    return views.digest(read, ladder, local_date(now, zone(held.tz))) if read.chapters else None


async def recompose(session: AsyncSession, held: Held, ladder: Ladder, now: datetime) -> tuple[Message | None, bool]:
    """A digest that was sent, with what it showed and may be read now; none where nothing of that is left.

    And whether it may show something that is not to be read any more. What reads otherwise is written down as shown.
    """
    showed = await disclosures.of_digest(session, held.digest.id)
    parts = [replace(part, entries=[id_ for id_ in part.entries if id_ in showed]) for part in _parts(held)]
    read = await _read(session, held.mentor, parts, ladder, held.digest.composed_at or now)
    ids = {item.id for chapter in read.chapters for item in chapter.items}
    untold = await disclosures.untold(session, held.digest.id, ids)
    await disclosures.disclose(session, held.mentor, untold, Surface.DIGEST, now, held.digest.id)
    message = views.digest(read, ladder, local_date(now, zone(held.tz))) if read.chapters else None
    return message, bool(showed - ids)


async def preview(session: AsyncSession, who: Who, mentor: Who, ladder: Ladder, now: datetime) -> Digest:
    """What the mentor would read of the person, by what they may read at that instant, had they no other mentees.

    Nothing is written down.
    """
    parts = await _choose(session, mentor, ladder, now, now.date(), alone=who.user)
    return Digest((await _read(session, mentor, parts, ladder, now)).chapters)


async def _choose(
    session: AsyncSession, mentor: Who, ladder: Ladder, now: datetime, today: date, alone: str | None = None
) -> list[Part]:
    """Of all mentees', or of one `alone`: as much as there is room for."""
    mentees = [each for each in await mentorships.mentees(session, mentor) if alone in (None, each.user)]
    all_news = await disclosures.news(session, mentor, now)
    news = {id_: all_news[id_] for each in mentees if (id_ := each.mentorship_id) in all_news}
    items = await disclosures.readable(session, mentor, _ids(ids[:MOST] for ids in news.values()), now)
    asked = await digests.asked(session, mentor, now - REST)
    lately = await disclosures.lately(session, mentor, now - LATELY, now)

    def parts(shown: dict[int, Sequence[int]]) -> list[Part]:
        seen = [item for item in items if item.id in shown.get(item.mentorship_id, ())]
        return digest.choose(mentees, shown, seen, asked, ladder)

    def has_room(shown: dict[int, Sequence[int]]) -> bool:
        return views.has_room(digest.read(parts(shown), mentees, news, items, lately, ladder), ladder, today)

    choices = digest.choices(news)
    return parts(choices[min(bisect_left(choices, True, key=has_room), len(choices) - 1)])


async def _read(session: AsyncSession, mentor: Who, parts: list[Part], ladder: Ladder, chosen_at: datetime) -> Digest:
    """What is left of the parts that were chosen at that instant, and nothing of later."""
    news = await disclosures.news(session, mentor, chosen_at)
    items = await disclosures.readable(session, mentor, _ids(part.entries for part in parts), chosen_at)
    lately = await disclosures.lately(session, mentor, chosen_at - LATELY, chosen_at)
    return digest.read(parts, await mentorships.mentees(session, mentor, chosen_at), news, items, lately, ladder)


def _ids(some: Iterable[Sequence[int]]) -> list[int]:
    return [id_ for ids in some for id_ in ids]


def _parts(held: Held) -> list[Part]:
    return [Part(**part) for part in held.digest.parts]


async def redraw_entries(visit: Visit, entry_ids: Collection[int]) -> None:
    """Show the digests that these entries stand in as they may be read now."""
    async with visit.sessions() as session:
        ids = await digests.showing(session, visit.who.workspace, entry_ids)
    for id_ in ids:
        await redraw(visit.client, visit.sessions, visit.who.workspace, visit.ladder, id_, visit.now)


async def redraw_mentorships(
    client: AsyncWebClient,
    sessions: Sessions,
    workspace: str,
    ladder: Ladder,
    mentorship_ids: Collection[int],
    now: datetime,
) -> None:
    """As `redraw_entries`, for all that stands in them of these mentorships."""
    if not mentorship_ids:
        return
    async with sessions() as session:
        ids = await digests.of_mentorships(session, workspace, mentorship_ids)
    for id_ in ids:
        await redraw(client, sessions, workspace, ladder, id_, now)


async def redraw(
    client: AsyncWebClient,
    sessions: Sessions,
    workspace: str,
    ladder: Ladder,
    digest_id: int,
    now: datetime,
    shown: Message | None = None,
) -> bool:
    """Show a digest that was sent as it may be read now, whoever else does so; `shown` is what it says already.

    Whether Slack has it.
    """

    async def composed() -> Message:
        async with sessions.begin() as session:
            held = await digests.hold(session, workspace, digest_id)
            return (held and await compose(session, held, ladder, now)) or views.gone()

    async with sessions() as session:
        places = await messages.places(session, workspace, DeliveryKind.DIGEST, digest_id)
    if not places:
        return True
    settled = await redrawing.settle(client, places, composed, shown)
    if settled:
        async with sessions.begin() as session:
            await disclosures.were_shown(session, digest_id)
    return settled
