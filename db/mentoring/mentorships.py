"""Who mentors whom."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from db.members import Who
from db.models import Member, Mentorship, Share, Workspace
from db.workspaces import workspaces
from growth.mentoring import MentorshipState
from growth.sharing import Mentee, Mentor

MENTOR, MENTEE = aliased(Member, name="mentor"), aliased(Member, name="mentee")


async def mentors(session: AsyncSession, who: Who) -> list[Mentor]:
    """The person's active mentors, the longest first; those who left are not among them."""
    rows = await session.execute(
        _active(who, MENTEE).add_columns(MENTOR.slack_user, Mentorship.ticked).where(MENTOR.active)
    )
    return [Mentor(*row) for row in rows]


async def mentees(session: AsyncSession, who: Who, since: datetime | None = None) -> list[Mentee]:
    """Whom the person mentors, if an instant is given at least since then, the longest first.

    Those who left are not among them.
    """
    about = (MENTEE.slack_user, MENTEE.level, MENTEE.target)
    found = _active(who, MENTOR).add_columns(*about).where(MENTEE.active)
    rows = await session.execute(found.where(Mentorship.accepted_at <= since) if since else found)
    return [Mentee(*row) for row in rows]


def _active(who: Who, side: type[Member]) -> Select[int]:
    """The active mentorships in which the person is on that side."""
    return (
        select(Mentorship.id)
        .join(MENTOR, MENTOR.id == Mentorship.mentor_id)
        .join(MENTEE, MENTEE.id == Mentorship.mentee_id)
        .join(Workspace, Workspace.id == side.workspace_id)
        .where(Workspace.key == who.workspace, side.slack_user == who.user)
        .where(Mentorship.state == MentorshipState.ACTIVE)
        .order_by(Mentorship.accepted_at, Mentorship.id)
    )


async def tick(session: AsyncSession, who: Who, ids: Collection[int]) -> None:
    """From now on the form for a new entry of the person's begins with these of their mentors ticked."""
    active = _active(who, MENTEE).order_by(None)
    await session.execute(
        update(Mentorship)
        .where(Mentorship.id.in_(active))
        .values(ticked=Mentorship.id.in_(ids))
        .execution_options(synchronize_session=False)
    )


async def hold(session: AsyncSession, mentee_id: int, mentorship_ids: Sequence[int]) -> set[int]:
    """Those of the mentorships that are active and the mentee's, none of which ends before the transaction does."""
    rows = await session.scalars(
        select(Mentorship.id)
        .join(Member, Member.id == Mentorship.mentor_id)
        .where(Mentorship.id.in_(mentorship_ids), Mentorship.mentee_id == mentee_id)
        .where(Mentorship.state == MentorshipState.ACTIVE, Member.active)
        .order_by(Mentorship.id)
        .with_for_update(read=True, of=Mentorship)
    )
    return set(rows)


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


async def find(session: AsyncSession, who: Who, mentorship_id: int) -> Pair | None:
    """A mentorship of the person's, on whichever side."""
    row = (
        await session.execute(
            PAIRS.join(Workspace, Workspace.id == MENTOR.workspace_id)
            .where(Workspace.key == who.workspace, or_(MENTOR.slack_user == who.user, MENTEE.slack_user == who.user))
            .where(Mentorship.id == mentorship_id)
        )
    ).first()
    return Pair(*row) if row else None


async def pairs(session: AsyncSession, workspace: str, ids: Collection[int]) -> dict[int, Pair]:
    """Mentorship id → the mentorship and its people, of those that are there."""
    here = MENTOR.workspace_id == workspaces.here(workspace)
    rows = await session.execute(PAIRS.where(here, Mentorship.id.in_(ids)))
    return {row[0].id: Pair(*row) for row in rows}


async def open_ones(session: AsyncSession, who: Who, side: type[Member]) -> list[Pair]:
    """Requests, then active mentorships, in which the person is on that side (MENTOR, MENTEE); the oldest first."""
    rows = await session.execute(
        PAIRS.join(Workspace, Workspace.id == side.workspace_id)
        .where(Workspace.key == who.workspace, side.slack_user == who.user)
        .where(Mentorship.ended_at.is_(None), MENTOR.active, MENTEE.active)
        .order_by(Mentorship.accepted_at.nulls_first(), Mentorship.requested_at, Mentorship.id)
    )
    return [Pair(*row) for row in rows]


async def shared(session: AsyncSession, workspace: str, ids: Collection[int], until: datetime) -> dict[int, int]:
    """Mentorship id → how many entries are shared by it and were at that instant."""
    rows = await session.execute(
        select(Share.mentorship_id, func.count())
        .join(Member, Member.id == Share.mentee_id)
        .where(Member.workspace_id == workspaces.here(workspace))
        .where(Share.mentorship_id.in_(ids), Share.revoked_at.is_(None), Share.shared_at <= until)
        .group_by(Share.mentorship_id)
    )
    return {id_: entries for id_, entries in rows}
