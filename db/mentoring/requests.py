"""How mentorships come, change and end.

What limits a person is counted while that person's row is held, so that nobody gets past a limit by hurrying.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Select, bindparam, case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from db import members
from db.enums import DeliveryKind
from db.members import UserRef, of_person
from db.mentoring.mentorships import MENTEE, MENTOR, PAIRS, Pair
from db.mentoring.stale import mark_mentorships
from db.models import Member, Mentorship, Share
from db.outbox import outbox
from db.outbox.outbox import NewDelivery
from growth.cadence import local_date, zone
from growth.errors import AskAgainLater, NoLongerThere, NoMentorHere, NoRoomForMore, TakesNoMentees, TooManyRequests
from growth.mentoring import OPEN_REQUESTS, MentorshipState, Request, may_ask_from


async def request(
    session: AsyncSession,
    who: UserRef,
    user: str,
    zones: Mapping[str, str],
    why: str | None,
    source_key: str,
    now: datetime,
) -> Pair:
    """Ask a user to be the person's mentor; asked already, or by the same click, it stays as it is.

    `zones`: of both, by Slack id, for whoever is no member yet.
    Raises NoMentorHere, TooManyRequests, AskAgainLater, TakesNoMentees.
    """
    await members.ensure(session, who.workspace, zones)
    mentee, asked = await members.lock(session, who), await members.get(session, UserRef(who.workspace, user))
    if mentee is None or asked is None or not asked.active:
        raise NoMentorHere
    there: Mentorship | None = await session.scalar(
        select(Mentorship)
        .where(Mentorship.mentee_id == mentee.id)
        .where(
            or_(Mentorship.source_key == source_key, (Mentorship.mentor_id == asked.id) & Mentorship.ended_at.is_(None))
        )
        .order_by(Mentorship.ended_at.nulls_first())
        .limit(1)
    )
    if there is None:
        await _refuse(session, mentee, asked, now)
        there = Mentorship(
            mentor_id=asked.id,
            mentee_id=mentee.id,
            state=MentorshipState.REQUESTED,
            source_key=source_key,
            why=why,
            requested_at=now,
        )
        session.add(there)
        await session.flush()
        await _tell(session, asked.id, DeliveryKind.MENTOR_REQUEST, there.id)
    return Pair(there, asked, mentee)


async def _refuse(session: AsyncSession, mentee: Member, mentor: Member, now: datetime) -> None:
    if await _count(session, Mentorship.mentee_id == mentee.id, MentorshipState.REQUESTED) >= OPEN_REQUESTS:
        raise TooManyRequests(OPEN_REQUESTS)
    past = await session.execute(
        select(Mentorship.requested_at, Mentorship.state)
        .where(Mentorship.mentee_id == mentee.id, Mentorship.mentor_id == mentor.id)
        .order_by(Mentorship.requested_at.desc(), Mentorship.id.desc())
    )
    again = may_ask_from([Request(at, MentorshipState(state)) for at, state in past])
    if again and again > now:
        tz = zone(mentee.tz)
        raise AskAgainLater(local_date(again, tz), local_date(now, tz))
    if await _count(session, Mentorship.mentor_id == mentor.id, MentorshipState.ACTIVE) >= mentor.mentees_wanted:
        raise TakesNoMentees


async def accept(session: AsyncSession, who: UserRef, mentorship_id: int, now: datetime) -> Pair:
    """The mentor says yes. Raises NoRoomForMore; what is no open request any more stays as it is."""
    mentor = await members.lock(session, who)
    pair = await _lock(session, who, mentorship_id, MENTOR)
    if mentor and pair.mentorship.state == MentorshipState.REQUESTED:
        if await _count(session, Mentorship.mentor_id == mentor.id, MentorshipState.ACTIVE) >= mentor.mentees_wanted:
            raise NoRoomForMore(mentor.mentees_wanted)
        pair.mentorship.state, pair.mentorship.accepted_at = MentorshipState.ACTIVE, now
        await _tell(session, pair.mentee.id, DeliveryKind.MENTOR_ANSWER, mentorship_id)
        await mark_mentorships(session, [mentorship_id])
    return pair


async def decline(
    session: AsyncSession, who: UserRef, mentorship_id: int, decline_note: str | None, now: datetime
) -> Pair:
    """The mentor says no; what is no open request any more stays as it is."""
    pair = await _lock(session, who, mentorship_id, MENTOR)
    if pair.mentorship.state == MentorshipState.REQUESTED:
        pair.mentorship.decline_note = decline_note
        pair.mentorship.state, pair.mentorship.ended_at = MentorshipState.DECLINED, now
        await _tell(session, pair.mentee.id, DeliveryKind.MENTOR_ANSWER, mentorship_id)
        await mark_mentorships(session, [mentorship_id])
    return pair


async def take_back(session: AsyncSession, who: UserRef, mentorship_id: int, now: datetime) -> Pair:
    """The mentee asks no longer; what is no open request any more stays as it is."""
    pair = await _lock(session, who, mentorship_id, MENTEE)
    if pair.mentorship.state == MentorshipState.REQUESTED:
        pair.mentorship.state, pair.mentorship.ended_at = MentorshipState.CANCELLED, now
        await session.flush()
        await mark_mentorships(session, [mentorship_id])
    return pair


async def end(session: AsyncSession, who: UserRef, mentorship_id: int, now: datetime) -> Pair:
    """One of the two ends it: nothing is shared by it any more, and the other one is told."""
    pair = await _lock(session, who, mentorship_id, MENTOR, MENTEE)
    if pair.mentorship.state == MentorshipState.ACTIVE:
        pair.mentorship.state, pair.mentorship.ended_at = MentorshipState.ENDED, now
        await _revoke(session, [mentorship_id], now)
        other = pair.mentee if pair.mentor.slack_user == who.user else pair.mentor
        await _tell(session, other.id, DeliveryKind.MENTOR_END, mentorship_id)
        await mark_mentorships(session, [mentorship_id])
    return pair


async def suspend(session: AsyncSession, member_ids: Collection[int], now: datetime) -> None:
    """These members have left: what is open on either side is over, nothing stays shared, and nobody is told."""
    over = case(
        (Mentorship.state == MentorshipState.ACTIVE, MentorshipState.ENDED.value),
        else_=MentorshipState.CANCELLED.value,
    )
    ended = await session.scalars(
        update(Mentorship)
        .where(or_(Mentorship.mentor_id.in_(member_ids), Mentorship.mentee_id.in_(member_ids)))
        .where(Mentorship.ended_at.is_(None))
        .values(state=over, ended_at=now)
        .returning(Mentorship.id)
        .execution_options(synchronize_session=False)
    )
    ids = ended.all()
    await _revoke(session, ids, now)
    await mark_mentorships(session, ids)


async def want_mentees(session: AsyncSession, mentor: Member, most: int) -> None:
    """How many mentees the member takes; those that are stay, be they more."""
    mentor.mentees_wanted = most
    await session.flush()


SIDES: tuple[tuple[type[Member], ...], ...] = ((MENTOR,), (MENTEE,), (MENTOR, MENTEE))
HELD: dict[tuple[type[Member], ...], Select[Mentorship, Member, Member]] = {
    sides: of_person(PAIRS, *sides)
    .where(Mentorship.id == bindparam("id"), MENTOR.active, MENTEE.active)
    .with_for_update(of=Mentorship, key_share=True)
    for sides in SIDES
}


async def _lock(session: AsyncSession, who: UserRef, mentorship_id: int, *sides: type[Member]) -> Pair:
    """The mentorship that the person is on such a side of, held. Raises NoLongerThere."""
    row = (await session.execute(HELD[sides], {**who._asdict(), "id": mentorship_id})).first()
    if row is None:
        raise NoLongerThere("mentorship")
    return Pair(*row)


async def _count(session: AsyncSession, whose: ColumnElement[bool], state: MentorshipState) -> int:
    found = await session.scalar(select(func.count()).where(whose, Mentorship.state == state))
    return found or 0


async def _revoke(session: AsyncSession, mentorship_ids: Collection[int], now: datetime) -> None:
    await session.execute(
        update(Share)
        .where(Share.mentorship_id.in_(mentorship_ids), Share.revoked_at.is_(None))
        .values(revoked_at=now)
        .execution_options(synchronize_session=False)
    )


async def _tell(session: AsyncSession, member_id: int, kind: DeliveryKind, mentorship_id: int) -> None:
    """Put a message about the mentorship into the outbox, once."""
    await outbox.enqueue(session, [NewDelivery(member_id, kind, mentorship_id, str(mentorship_id))])
