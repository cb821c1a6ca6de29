"""What is in the growth log, shown where it stands: in answers, and in messages that stay."""

from collections.abc import Sequence
from datetime import datetime

import structlog

from db import members
from db.engine import AsyncSession
from db.entries import entries
from db.log.deletion import UNDO_FOR
from db.members import UserRef
from db.mentoring import disclosures, shares
from db.models import Entry, Member
from growth.cadence import zone
from growth.entry import Snippet, Written
from handlers.entries.views import entry as log
from handlers.entries.views.entry import TakenOut
from handlers.entries.views.sharing import ReadBy, read_by
from handlers.slack.message import Message
from handlers.slack.people import SlackActor, offered, today
from ladder_content.model import Ladder

logger = structlog.get_logger()


def written(entry: Entry, criteria: Sequence[str] = (), readers: Sequence[int] = ()) -> Written:
    """An entry as the views show it."""
    author, link = entry.snippet_author, entry.permalink
    snippet = Snippet(entry.snippet or "", author, link) if author else None
    return Written(
        entry.what, entry.happened_on, tuple(criteria), entry.impact, tuple(entry.links), snippet, tuple(readers)
    )


async def entry_now(
    actor: SlackActor, entry_id: int, *, again: bool = False, as_typed: bool = False, suggested: Sequence[str] = ()
) -> Message:
    """The entry as it stands. `again`: it was there before; `as_typed`: its form did not open."""
    async with actor.sessions() as session:
        return await entry_message(
            session,
            actor.who,
            entry_id,
            actor.ladder,
            actor.now,
            again=again,
            as_typed=as_typed,
            suggested=suggested,
        )


async def entry_message(
    session: AsyncSession,
    who: UserRef,
    entry_id: int,
    ladder: Ladder,
    now: datetime,
    *,
    again: bool = False,
    as_typed: bool = False,
    suggested: Sequence[str] = (),
) -> Message:
    """As `entry_now`."""
    member = await members.get(session, who)
    entry = await entries.get(session, who, entry_id)
    if member is None or entry is None:
        return log.gone()
    by = await read_by_whom(session, who, member, entry, now)
    if entry.deleted_at:
        undoable = taken_out(member, entry, by.seen, now)
        return log.undone(undoable) if undoable else log.gone()
    tags = await entries.criteria_of(session, who.workspace, [entry_id])
    stands, on = written(entry, tags.get(entry_id, ())), today(member, now)
    if as_typed:
        return log.saved_as_typed(entry_id, stands, on, read_by=by, again=again)
    choice = offered(member, ladder)
    return log.saved(entry_id, stands, ladder, choice, on, read_by=by, again=again, suggested=suggested)


def taken_out(member: Member, entry: Entry, seen: str, now: datetime) -> TakenOut | None:
    """A deleted entry, while it can be brought back."""
    until = entry.deleted_at + UNDO_FOR if entry.deleted_at else None
    return TakenOut(entry.id, until.astimezone(zone(member.tz)), seen) if until and until > now else None


async def read_by_whom(session: AsyncSession, who: UserRef, member: Member, entry: Entry, now: datetime) -> ReadBy:
    """Who can read an entry, and who has seen it."""
    shared = await shares.live(session, who, [entry.id])
    seen = await disclosures.seen(session, who, [entry.id])
    return read_by(entry.id, shared.get(entry.id, ()), now, zone(member.tz), seen.get(entry.id, ()))
