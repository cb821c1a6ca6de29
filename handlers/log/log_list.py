"""The growth log as a list, wherever it stands: in an answer, or in a modal over the Home tab."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from db.engine import AsyncSession
from db.log import log
from db.log.deletion import UNDO_FOR
from db.log.log import COUNTED, Cursor, Filter, ListMovedOn
from db.mentoring import comments, disclosures, shares
from db.models import Member
from growth.cadence import zone
from growth.sharing import Said
from handlers.entries.views.sharing import mark, seen_by
from handlers.log.views import log_list
from handlers.log.views.log_filter import PERIODS, Listing
from handlers.log.views.log_list import Line, Shown
from handlers.slack import people
from handlers.slack.message import Message, less
from handlers.slack.people import SlackActor
from handlers.slack.text import count
from ladder_content.model import Ladder

LINES = 10


def decode(value: str) -> Listing:
    """The list that a button carries. Raises ListMovedOn for what none of ours carries."""
    try:
        return Listing.model_validate_json(value)
    except ValidationError:
        raise ListMovedOn from None


def decode_line(value: str) -> tuple[int, Listing]:
    """The entry and the list that a line's button carries. Raises ListMovedOn for what none of ours carries."""
    entry_id, _, listing = value.partition(" ")
    if not (entry_id.isascii() and entry_id.isdigit() and len(entry_id) < 19):
        raise ListMovedOn
    return int(entry_id), decode(listing)


async def current(actor: SlackActor, listing: Listing, *, note: str | None = None) -> Message:
    """The list as it is now; from the newest entry when its page is no longer there. `note`: as the view has it.

    On a page are as many entries as can be read in one message.
    """
    member = await people.known(actor)
    tz = zone(member.tz if member else "UTC")
    shown = await _read(actor, member, listing, tz, LINES)
    if not shown.lines and listing != listing.placed():
        return await current(actor, listing.placed(), note=note)

    def page(shown: Shown) -> Message:
        return log_list.page(listing, shown, actor.ladder, _today(actor, tz), note=note, least=log_list.READABLE)

    def some(n: int) -> Shown:
        return replace(shown, lines=shown.lines[-n:] if listing.after else shown.lines[:n])

    message = page(shown)
    if not message.fits():
        most = next((n for n in less(LINES) if page(some(n)).fits()), 1)
        for lines in less(most):  # with fewer there may be a button more
            message = page(await _read(actor, member, listing, tz, lines))
            if message.fits():
                break
    return message


async def _read(actor: SlackActor, member: Member | None, listing: Listing, tz: ZoneInfo, lines: int) -> Shown:
    async with actor.sessions() as session:
        found = await _page(session, actor, member, listing, _today(actor, tz), lines) if member else log.NOTHING
        ids = [line.entry.id for line in found.lines]
        shared = await shares.live(session, actor.who, ids)
        seen = await disclosures.seen(session, actor.who, ids)
        said = await comments.on(session, actor.who, ids)
    drawn = [
        _line(
            line,
            actor.ladder,
            mark(shared.get(line.entry.id, ()), actor.now, tz, seen.get(line.entry.id, ())),
            seen_by(seen.get(line.entry.id, ())),
            said.get(line.entry.id, ()),
            tz,
        )
        for line in found.lines
    ]
    newer = found.previous.encode() if found.previous else None
    older = found.next.encode() if found.next else None
    return Shown(drawn, total=_total(found.total), newer=newer, older=older)


def _today(actor: SlackActor, tz: ZoneInfo) -> date:
    return actor.now.astimezone(tz).date()


def _total(entries: int) -> str:
    counted = count(entries, "entry", "entries") if entries else ""
    return f"more than {COUNTED:,} entries" if entries > COUNTED else counted


async def _page(
    session: AsyncSession, actor: SlackActor, member: Member, listing: Listing, today: date, lines: int
) -> log.Page:
    return await log.page(
        session,
        member,
        _filter(listing, actor.ladder, today),
        before=Cursor.decode(listing.before) if listing.before else None,
        after=Cursor.decode(listing.after) if listing.after else None,
        limit=lines,
        deleted_after=actor.now - UNDO_FOR,
    )


def _filter(listing: Listing, ladder: Ladder, today: date) -> Filter:
    since = today - PERIODS[listing.period][1] if listing.period else None
    criteria = ladder.lineage(listing.criterion) if listing.criterion else ()
    return Filter(criteria, since, listing.check_in, listing.words, listing.shared)


def _line(line: log.Line, ladder: Ladder, read_by: str, seen: str, said: Sequence[Said], tz: ZoneInfo) -> Line:
    entry = line.entry
    evidence_of = {**line.evidence_of, **ladder.sentences(line.evidence_of)}  # what has left the ladder as it was then
    undo_until = (entry.deleted_at + UNDO_FOR).astimezone(tz) if entry.deleted_at else None
    return Line(
        entry.id,
        entry.what or entry.snippet or "",
        entry.impact,
        entry.happened_on,
        entry.snippet_author,
        tuple(evidence_of.values()),
        undo_until,
        read_by,
        seen,
        said,
    )
