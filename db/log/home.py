"""What the Home tab shows beside where a person stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, ScalarSelect, Select, bindparam, extract, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from db.checkins.check_ins import NEWEST_OPEN
from db.entries.entries import LIVE, NEWEST_FIRST
from db.members import UserRef, of_person
from db.mentoring.mentorships import MENTEE, MENTOR
from db.models import CheckIn, Entry, Member, Mentorship, Share
from growth.mentoring import MentorshipState
from growth.sharing import Mentee, Shared


@dataclass(frozen=True)
class Noted:
    """An entry and its live shares."""

    entry: Entry
    shared: Sequence[Shared]


@dataclass(frozen=True)
class Home:
    """The newest question that waits to be sent or answered, the newest entries, and both kinds of company.

    `mentors`: Slack id → how many entries are shared with them.
    """

    question: CheckIn | None
    newest: Sequence[Noted]
    mentors: dict[str, int]
    mentees: Sequence[Mentee]


def _home() -> Select[Any]:
    here = (
        of_person(
            select(Member.id, NEWEST_OPEN.label("question"), _mentors().label("mentors"), _mentees().label("mentees"))
        )
        .cte("here")
        .prefix_with("MATERIALIZED")  # once, not for each of the entries
    )
    live = select(Entry).where(Entry.member_id == here.c.id, LIVE)
    newest = live.order_by(*NEWEST_FIRST).limit(bindparam("entries", type_=Integer))
    entry = aliased(Entry, newest.lateral())
    return (
        select(CheckIn, entry, _shares(entry), here.c.mentors, here.c.mentees)
        .join_from(here, CheckIn, CheckIn.id == here.c.question, isouter=True)
        .outerjoin(entry, true())
        .order_by(entry.happened_on.desc(), entry.id.desc())
    )


def _shares(entry: type[Entry]) -> ScalarSelect[Any]:
    return (
        select(_list_of(Mentorship.id, MENTOR.slack_user, extract("epoch", Share.shared_at)))
        .join(MENTOR, MENTOR.id == Mentorship.mentor_id)
        .join(Share, Share.mentorship_id == Mentorship.id)
        .where(Share.entry_id == entry.id, Share.revoked_at.is_(None))
        .where(Mentorship.state == MentorshipState.ACTIVE, MENTOR.active)
        .scalar_subquery()
    )


def _mentors() -> ScalarSelect[Any]:
    shared = (
        select(func.count()).where(Share.mentorship_id == Mentorship.id, Share.revoked_at.is_(None)).scalar_subquery()
    )
    return (
        select(_list_of(MENTOR.slack_user, shared))
        .join(MENTOR, MENTOR.id == Mentorship.mentor_id)
        .where(Mentorship.mentee_id == Member.id, Mentorship.state == MentorshipState.ACTIVE, MENTOR.active)
        .scalar_subquery()
    )


def _mentees() -> ScalarSelect[Any]:
    return (
        select(_list_of(Mentorship.id, MENTEE.slack_user, MENTEE.level, MENTEE.target))
        .join(MENTEE, MENTEE.id == Mentorship.mentee_id)
        .where(Mentorship.mentor_id == Member.id, Mentorship.state == MentorshipState.ACTIVE, MENTEE.active)
        .scalar_subquery()
    )


def _list_of(*about: Any) -> ColumnElement[Any]:
    """A row of values per mentorship, the longest first; null for none."""
    rows = func.jsonb_agg(func.jsonb_build_array(*about))
    return rows.aggregate_order_by(Mentorship.accepted_at, Mentorship.id)


HOME = _home()


async def read(session: AsyncSession, who: UserRef, entries: int) -> Home:
    """The person's Home, with that many entries, in one statement."""
    rows = (await session.execute(HOME, {**who._asdict(), "entries": entries})).all()
    if not rows:
        return Home(None, (), {}, ())
    asked, _, _, mentors, mentees = rows[0]
    noted = [Noted(entry, [_shared(*about) for about in shares or ()]) for _, entry, shares, _, _ in rows if entry]
    return Home(asked, noted, dict(mentors or ()), [Mentee(*about) for about in mentees or ()])


def _shared(mentorship_id: int, user: str, since: float) -> Shared:
    return Shared(mentorship_id, user, datetime.fromtimestamp(since, UTC))
