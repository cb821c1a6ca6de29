"""Who mentors whom."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from db.engine import any_of, array_of
from db.members import UserRef, of_person
from db.models import Member, Mentorship, Share
from db.workspaces import workspaces
from growth.mentoring import MentorshipState
from growth.sharing import Mentee, Mentor

MENTOR, MENTEE = aliased(Member, name="mentor"), aliased(Member, name="mentee")


def _active(side: type[Member]) -> Select[int]:
    """The active mentorships in which the person is on that side."""
    return of_person(
        select(Mentorship.id)
        .join(MENTOR, MENTOR.id == Mentorship.mentor_id)
        .join(MENTEE, MENTEE.id == Mentorship.mentee_id)
        .where(Mentorship.state == MentorshipState.ACTIVE),
        side,
    )


OLDEST_FIRST = (Mentorship.accepted_at, Mentorship.id)
MENTORS = (
    _active(MENTEE)
    .add_columns(MENTOR.slack_user, Mentorship.share_by_default)
    .where(MENTOR.active)
    .order_by(*OLDEST_FIRST)
)


async def mentors(session: AsyncSession, who: UserRef) -> list[Mentor]:
    """The person's active mentors, the longest first; those who left are not among them."""
    return [Mentor(*row) for row in await session.execute(MENTORS, who._asdict())]


MENTEES = (
    _active(MENTOR)
    .add_columns(MENTEE.slack_user, MENTEE.level, MENTEE.target)
    .where(MENTEE.active)
    .order_by(*OLDEST_FIRST)
)
MENTEES_SINCE = MENTEES.where(Mentorship.accepted_at <= bindparam("since"))


async def mentees(session: AsyncSession, who: UserRef, since: datetime | None = None) -> list[Mentee]:
    """Whom the person mentors, if an instant is given at least since then, the longest first.

    Those who left are not among them.
    """
    rows = await session.execute(MENTEES_SINCE if since else MENTEES, {**who._asdict(), "since": since})
    return [Mentee(*row) for row in rows]


TICK = (
    update(Mentorship)
    .where(Mentorship.id.in_(_active(MENTEE)))
    .values(share_by_default=Mentorship.id == any_of("ids"))
    .execution_options(synchronize_session=False)
)


async def tick(session: AsyncSession, who: UserRef, ids: Collection[int]) -> None:
    """From now on the form for a new entry of the person's begins with these of their mentors ticked."""
    await session.execute(TICK, {**who._asdict(), "ids": array_of(ids)})


HELD = (
    select(Mentorship.id)
    .join(Member, Member.id == Mentorship.mentor_id)
    .where(Mentorship.id == any_of("ids"), Mentorship.mentee_id == bindparam("mentee"))
    .where(Mentorship.state == MentorshipState.ACTIVE, Member.active)
    .order_by(Mentorship.id)
    .with_for_update(read=True, of=Mentorship)
)


async def lock(session: AsyncSession, mentee_id: int, mentorship_ids: Sequence[int]) -> set[int]:
    """Those of the mentorships that are active and the mentee's, none of which ends before the transaction does."""
    values = {"ids": array_of(mentorship_ids), "mentee": mentee_id}
    return set(await session.scalars(HELD, values)) if mentorship_ids else set()


class Pair(NamedTuple):
    """A mentorship and its two people."""

    mentorship: Mentorship
    mentor: Member
    mentee: Member


PAIRS = (
    select(Mentorship, MENTOR, MENTEE)
    .join(MENTOR, MENTOR.id == Mentorship.mentor_id)
    .join(MENTEE, MENTEE.id == Mentorship.mentee_id)
)
PAIR = of_person(PAIRS, MENTOR, MENTEE).where(Mentorship.id == bindparam("id"))


async def get(session: AsyncSession, who: UserRef, mentorship_id: int) -> Pair | None:
    """A mentorship of the person's, on whichever side."""
    row = (await session.execute(PAIR, {**who._asdict(), "id": mentorship_id})).first()
    return Pair(*row) if row else None


PAIRS_HERE = PAIRS.where(MENTOR.workspace_id == workspaces.HERE, Mentorship.id == any_of("ids"))


async def pairs(session: AsyncSession, workspace: str, ids: Collection[int]) -> dict[int, Pair]:
    """Mentorship id → the mentorship and its people, of those that are there."""
    if not ids:
        return {}
    rows = await session.execute(PAIRS_HERE, {"workspace": workspace, "ids": array_of(ids)})
    return {row[0].id: Pair(*row) for row in rows}


OPEN = {
    side: of_person(PAIRS, side)
    .where(Mentorship.ended_at.is_(None), MENTOR.active, MENTEE.active)
    .order_by(Mentorship.accepted_at.nulls_first(), Mentorship.requested_at, Mentorship.id)
    for side in (MENTOR, MENTEE)
}


async def open_ones(session: AsyncSession, who: UserRef, side: type[Member]) -> list[Pair]:
    """Requests, then active mentorships, in which the person is on that side (MENTOR, MENTEE); the oldest first."""
    return [Pair(*row) for row in await session.execute(OPEN[side], who._asdict())]


SHARED = (
    select(Share.mentorship_id, func.count())
    .join(Member, Member.id == Share.mentee_id)
    .where(Member.workspace_id == workspaces.HERE, Share.mentorship_id == any_of("ids"))
    .where(Share.revoked_at.is_(None), Share.shared_at <= bindparam("until"))
    .group_by(Share.mentorship_id)
)


async def shared(session: AsyncSession, workspace: str, ids: Collection[int], until: datetime) -> dict[int, int]:
    """Mentorship id → how many entries are shared by it and were at that instant."""
    if not ids:
        return {}
    rows = await session.execute(SHARED, {"workspace": workspace, "ids": array_of(ids), "until": until})
    return {id_: entries for id_, entries in rows}
