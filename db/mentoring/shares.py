"""Who may read an entry beside its member: nobody without a live share."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Update, exists, literal, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from db.members import Who
from db.mentoring import mentorships
from db.models import Entry, Member, Mentorship, Share, Workspace
from growth.errors import NotYourMentor
from growth.mentoring import MentorshipState
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


async def hand_over(
    session: AsyncSession, member: Member, mentorship_id: int, entry_ids: Collection[int], now: datetime
) -> list[Entry]:
    """Share these of the member's entries by that mentorship, beside what it shares; those that are new to it.

    The member is held. Raises NotYourMentor.
    """
    if not await mentorships.hold(session, member.id, [mentorship_id]):
        raise NotYourMentor
    theirs = select(Entry.id, literal(mentorship_id), Entry.member_id, literal(now)).where(
        Entry.id.in_(entry_ids), Entry.member_id == member.id, Entry.deleted_at.is_(None)
    )
    shared = await session.scalars(
        insert(Share)
        .from_select(["entry_id", "mentorship_id", "mentee_id", "shared_at"], theirs)
        .on_conflict_do_nothing(index_elements=["entry_id", "mentorship_id"], index_where=Share.revoked_at.is_(None))
        .returning(Share.entry_id)
    )
    return await _entries(session, shared.all())


async def take_back(
    session: AsyncSession, member: Member, mentorship_id: int, entry_ids: Collection[int], now: datetime
) -> list[Entry]:
    """End the shares of these entries by that mentorship; the entries that it had. The member is held."""
    ended = await session.scalars(
        update(Share)
        .where(Share.mentorship_id == mentorship_id, Share.mentee_id == member.id)
        .where(Share.entry_id.in_(entry_ids), Share.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(Share.entry_id)
        .execution_options(synchronize_session=False)
    )
    return await _entries(session, ended.all())


async def _entries(session: AsyncSession, ids: Collection[int]) -> list[Entry]:
    return list(await session.scalars(select(Entry).where(Entry.id.in_(ids)).order_by(Entry.id)))


async def not_yet(session: AsyncSession, who: Who, mentorship_id: int, limit: int) -> list[tuple[Entry, bool]]:
    """The person's entries that the mentorship does not share, and whether others have been shared each.

    Those come first; the newest first among themselves.
    """
    by_it = Share.mentorship_id == mentorship_id
    before = exists().where(Share.entry_id == Entry.id, Share.mentee_id == Entry.member_id, ~by_it)
    rows = await session.execute(
        select(Entry, before.label("before"))
        .join(Member, Member.id == Entry.member_id)
        .join(Workspace, Workspace.id == Member.workspace_id)
        .where(Workspace.key == who.workspace, Member.slack_user == who.user, Entry.deleted_at.is_(None))
        .where(~exists().where(Share.entry_id == Entry.id, by_it, Share.revoked_at.is_(None)))
        .order_by(before.desc(), Entry.happened_on.desc(), Entry.id.desc())
        .limit(limit)
    )
    return [(entry, shared) for entry, shared in rows]


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
