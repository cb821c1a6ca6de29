"""What is in the growth log, shown where it stands: in answers, and in messages that stay."""

from collections.abc import Sequence
from datetime import datetime

import structlog

from db import members
from db.checkins import check_ins
from db.checkins.asking import comes_later
from db.engine import AsyncSession
from db.entries import entries
from db.enums import CheckInState
from db.log.deletion import UNDO_FOR
from db.members import Who
from db.mentoring import disclosures, shares
from db.models import CheckIn, Entry, Member
from growth.cadence import zone
from growth.entry import Snippet, Written
from growth.errors import NoLongerThere
from handlers.people import Visit, offered, today
from handlers.views import checkin, log
from handlers.views.checkin import Question
from handlers.views.log import TakenOut, meaning, shown
from handlers.views.message import Message
from handlers.views.sharing import ReadBy, read_by
from ladder_content.model import Ladder
from services import scheduling

logger = structlog.get_logger()


def written(entry: Entry, criteria: Sequence[str] = (), readers: Sequence[int] = ()) -> Written:
    """An entry as the views show it."""
    author, link = entry.snippet_author, entry.permalink
    snippet = Snippet(entry.snippet or "", author, link) if author else None
    return Written(
        entry.what, entry.happened_on, tuple(criteria), entry.impact, tuple(entry.links), snippet, tuple(readers)
    )


def question_of(check_in: CheckIn, ladder: Ladder) -> Question:
    """A check-in as the views show it."""
    return Question(check_in.id, check_in.question, check_in.why, ladder.criterion(check_in.criterion_id))


async def entry_now(
    visit: Visit, entry_id: int, *, again: bool = False, as_typed: bool = False, suggested: Sequence[str] = ()
) -> Message:
    """The entry as it stands. `again`: it was there before; `as_typed`: its form did not open."""
    async with visit.sessions() as session:
        return await entry_message(
            session,
            visit.who,
            entry_id,
            visit.ladder,
            visit.now,
            again=again,
            as_typed=as_typed,
            suggested=suggested,
        )


async def entry_message(
    session: AsyncSession,
    who: Who,
    entry_id: int,
    ladder: Ladder,
    now: datetime,
    *,
    again: bool = False,
    as_typed: bool = False,
    suggested: Sequence[str] = (),
) -> Message:
    """As `entry_now`."""
    member = await members.find(session, who)
    entry = await entries.find(session, who, entry_id)
    if member is None or entry is None:
        return log.gone()
    by = await _read_by(session, who, member, entry, now)
    if entry.deleted_at:
        taken_out = _taken_out(member, entry, by.seen, now)
        return log.undone(taken_out) if taken_out else log.gone()
    tags = await entries.criteria_of(session, who.workspace, [entry_id])
    stands, on = written(entry, tags.get(entry_id, ())), today(member, now)
    if as_typed:
        return log.saved_as_typed(entry_id, stands, on, read_by=by, again=again)
    choice = offered(member, ladder)
    return log.saved(entry_id, stands, ladder, choice, on, read_by=by, again=again, suggested=suggested)


def _taken_out(member: Member, entry: Entry, seen: str, now: datetime) -> TakenOut | None:
    """A deleted entry, while it can be brought back."""
    until = entry.deleted_at + UNDO_FOR if entry.deleted_at else None
    return TakenOut(entry.id, until.astimezone(zone(member.tz)), seen) if until and until > now else None


async def question_now(visit: Visit, check_in_id: int) -> Message:
    """The question as it stands: open, skipped, or with what was saved."""
    async with visit.sessions() as session:
        return await question_message(session, visit.who, check_in_id, visit.ladder, visit.now)


async def question_message(session: AsyncSession, who: Who, check_in_id: int, ladder: Ladder, now: datetime) -> Message:
    """As `question_now`. Raises NoLongerThere."""
    check_in = await check_ins.get(session, who, check_in_id)
    member = await members.find(session, who)
    if check_in is None or member is None:
        raise NoLongerThere("question")
    entry = await entries.of_check_in(session, who, check_in_id, deleted_after=now - UNDO_FOR)
    tags = await entries.criteria_of(session, who.workspace, [entry.id]) if entry else {}
    by = await _read_by(session, who, member, entry, now) if entry else ReadBy()
    upcoming = await scheduling.upcoming(session, member, now)
    question = question_of(check_in, ladder)
    if entry and not entry.deleted_at:
        stands = written(entry, tags.get(entry.id, ()))
        about = meaning(stands, ladder, today(member, now), by)
        return checkin.answered(question, entry.id, shown(stands), about, by.take_back)
    if check_in.state == CheckInState.SKIPPED:
        return checkin.skipped(question, upcoming, today(member, now))
    if check_in.later_at and comes_later(check_in):
        return checkin.put_off(question, check_in.later_at, upcoming.zone, held_up=upcoming.held_up)
    return checkin.question(question, taken_out=_taken_out(member, entry, by.seen, now) if entry else None)


async def _read_by(session: AsyncSession, who: Who, member: Member, entry: Entry, now: datetime) -> ReadBy:
    shared = await shares.live(session, who, [entry.id])
    seen = await disclosures.seen(session, who, [entry.id])
    return read_by(entry.id, shared.get(entry.id, ()), now, zone(member.tz), seen.get(entry.id, ()))
