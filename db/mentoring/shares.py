"""Who may read an entry beside its member: nobody without a live share."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Integer, Update, bindparam, exists, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import any_of, array_of
from db.members import UserRef, of_person
from db.mentoring import mentorships
from db.mentoring.mentorships import MENTEE, MENTOR
from db.models import Entry, Member, Mentorship, Share
from growth.errors import NotYourMentor
from growth.mentoring import MentorshipState
from growth.sharing import Shared

READERS = select(Share.mentorship_id).where(Share.entry_id == bindparam("entry"), Share.revoked_at.is_(None))


async def put(session: AsyncSession, entry: Entry, mentorship_ids: Collection[int], now: datetime) -> None:
    """Share the entry with exactly these mentorships; where it is shared already, its hour goes on.

    The entry is held. Raises NotYourMentor for a mentorship that is not active or not its member's.
    """
    live = set(await session.scalars(READERS, {"entry": entry.id}))
    new, gone = set(mentorship_ids) - live, live - set(mentorship_ids)
    if new != await mentorships.lock(session, entry.member_id, sorted(new)):
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
    if not await mentorships.lock(session, member.id, [mentorship_id]):
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


ENTRIES = select(Entry).where(Entry.id == any_of("ids")).order_by(Entry.id)


async def _entries(session: AsyncSession, ids: Collection[int]) -> list[Entry]:
    return list(await session.scalars(ENTRIES, {"ids": array_of(ids)})) if ids else []


BY_IT = Share.mentorship_id == bindparam("mentorship")
SHARED_BEFORE = exists().where(Share.entry_id == Entry.id, Share.mentee_id == Entry.member_id, ~BY_IT)
NOT_YET = of_person(
    select(Entry, SHARED_BEFORE.label("before"))
    .join(Member, Member.id == Entry.member_id)
    .where(Entry.deleted_at.is_(None))
    .where(~exists().where(Share.entry_id == Entry.id, BY_IT, Share.revoked_at.is_(None)))
    .order_by(SHARED_BEFORE.desc(), Entry.happened_on.desc(), Entry.id.desc())
    .limit(bindparam("limit", type_=Integer))
)


async def not_yet(session: AsyncSession, who: UserRef, mentorship_id: int, limit: int) -> list[tuple[Entry, bool]]:
    """The person's entries that the mentorship does not share, and whether others have been shared each.

    Those come first; the newest first among themselves.
    """
    rows = await session.execute(NOT_YET, {**who._asdict(), "mentorship": mentorship_id, "limit": limit})
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


LIVE = of_person(
    select(Share.entry_id, Share.mentorship_id, MENTOR.slack_user, Share.shared_at)
    .join(Mentorship, Mentorship.id == Share.mentorship_id)
    .join(MENTOR, MENTOR.id == Mentorship.mentor_id)
    .join(MENTEE, MENTEE.id == Share.mentee_id)
    .where(Share.revoked_at.is_(None), Mentorship.state == MentorshipState.ACTIVE, MENTOR.active)
    .order_by(Share.entry_id, Mentorship.accepted_at, Mentorship.id),
    MENTEE,
)
LIVE_OF_ENTRIES = LIVE.where(Share.entry_id == any_of("entries"))


async def live(
    session: AsyncSession, who: UserRef, entry_ids: Collection[int] | None = None
) -> dict[int, list[Shared]]:
    """Entry id → the live shares of that entry of the person's; of all their entries, where none are named."""
    if entry_ids is not None and not entry_ids:
        return {}
    found: dict[int, list[Shared]] = {}
    statement = LIVE if entry_ids is None else LIVE_OF_ENTRIES
    rows = await session.execute(statement, {**who._asdict(), "entries": array_of(entry_ids or ())})
    for entry_id, mentorship_id, user, shared_at in rows:
        found.setdefault(entry_id, []).append(Shared(mentorship_id, user, shared_at))
    return found
