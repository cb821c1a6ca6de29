"""Who mentors whom."""

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from db.members import Who
from db.tables import Member, Mentorship, MentorshipState, Workspace
from growth.sharing import Mentee, Mentor

MENTOR, MENTEE = aliased(Member, name="mentor"), aliased(Member, name="mentee")


async def mentors(session: AsyncSession, who: Who) -> list[Mentor]:
    """The person's active mentors, the longest first; those who left are not among them."""
    rows = await session.execute(_active(who, MENTEE).add_columns(MENTOR.slack_user).where(MENTOR.active))
    return [Mentor(*row) for row in rows]


async def mentees(session: AsyncSession, who: Who) -> list[Mentee]:
    """Whom the person mentors, the longest first; those who left are not among them."""
    about = (MENTEE.slack_user, MENTEE.level, MENTEE.target)
    rows = await session.execute(_active(who, MENTOR).add_columns(*about).where(MENTEE.active))
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
