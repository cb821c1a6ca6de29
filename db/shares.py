"""Who may read an entry beside its member: nobody without a live share."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Update, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from db import mentorships
from db.members import Who
from db.tables import Entry, Member, Mentorship, MentorshipState, Share, Workspace
from growth.errors import NotYourMentor
from growth.sharing import Shared


async def put(session: AsyncSession, entry: Entry, mentorship_ids: Collection[int], now: datetime) -> None:
    """Share the entry with exactly these mentorships; where it is shared already, its hour goes on.

    The entry is held. Raises NotYourMentor for a mentorship that is not active or not its member's.
    """
    live = set(
        await session.scalars(select(Share.mentorship_id).where(Share.entry_id == entry.id, Share.revoked_at.is_(None)))
    )
    new, gone = set(mentorship_ids) - live, live - set(mentorship_ids)
    if new != await mentorships.hold(session, entry.member_id, sorted(new)):
        raise NotYourMentor
    if gone:
        await session.execute(_revoked(entry, now).where(Share.mentorship_id.in_(gone)))
    if new:
        row = {"entry_id": entry.id, "mentee_id": entry.member_id, "shared_at": now}
        await session.execute(insert(Share), [{**row, "mentorship_id": id_} for id_ in sorted(new)])


async def revoke(session: AsyncSession, entry: Entry, now: datetime) -> None:
    """Make the entry private again."""
    await session.execute(_revoked(entry, now))


def _revoked(entry: Entry, now: datetime) -> Update:
    return (
        update(Share)
        .where(Share.entry_id == entry.id, Share.mentee_id == entry.member_id, Share.revoked_at.is_(None))
        .values(revoked_at=now)
        .execution_options(synchronize_session=False)
    )


async def live(session: AsyncSession, who: Who, entry_ids: Collection[int] | None = None) -> dict[int, list[Shared]]:
    """Entry id → the live shares of that entry of the person's; of all their entries, where none are named."""
    mentor, mentee = aliased(Member), aliased(Member)
    rows = await session.execute(
        select(Share.entry_id, Share.mentorship_id, mentor.slack_user, Share.shared_at)
        .join(Mentorship, Mentorship.id == Share.mentorship_id)
        .join(mentor, mentor.id == Mentorship.mentor_id)
        .join(mentee, mentee.id == Share.mentee_id)
        .join(Workspace, Workspace.id == mentee.workspace_id)
        .where(Workspace.key == who.workspace, mentee.slack_user == who.user)
        .where(true() if entry_ids is None else Share.entry_id.in_(entry_ids), Share.revoked_at.is_(None))
        .where(Mentorship.state == MentorshipState.ACTIVE, mentor.active)
        .order_by(Share.entry_id, Mentorship.accepted_at, Mentorship.id)
    )
    found: dict[int, list[Shared]] = {}
    for entry_id, mentorship_id, user, shared_at in rows:
        found.setdefault(entry_id, []).append(Shared(mentorship_id, user, shared_at))
    return found
