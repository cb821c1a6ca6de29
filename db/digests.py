"""Digests: what is planned, what each showed and asked, and where it stands."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db import deliveries, reading
from db.deliveries import NewDelivery
from db.members import Who
from db.tables import (
    Delivery,
    DeliveryKind,
    DeliveryState,
    Digest,
    Disclosure,
    Member,
    Mentorship,
    MentorshipState,
    Workspace,
)
from growth.digest import Item


@dataclass(frozen=True)
class NewDigest:
    """A mentor's week: with news, or `quiet`. `told`: the mentor gets a message."""

    mentor_id: int
    week: date
    slot_at: datetime
    quiet: bool
    told: bool


class Held(NamedTuple):
    """A digest, held, and its mentor by Slack id and zone."""

    digest: Digest
    mentor: Who
    tz: str


async def plan(session: AsyncSession, planned: Sequence[NewDigest]) -> list[int]:
    """Write the weeks down, once each, and put what is to be told into the outbox; the mentors who are told."""
    told: list[int] = []
    for new in planned:
        id_ = await session.scalar(
            insert(Digest)
            .values(mentor_id=new.mentor_id, week=new.week, slot_at=new.slot_at, quiet=new.quiet)
            .on_conflict_do_nothing(index_elements=["mentor_id", "week"])
            .returning(Digest.id)
        )
        if id_ and new.told:
            await _enqueue(session, new.mentor_id, id_, f"week:{new.week}")
            told.append(new.mentor_id)
    return told


async def ask(session: AsyncSession, mentor: Member, now: datetime) -> None:
    """Put a digest by hand, of no week, into the outbox, unless one waits there. The mentor is held."""
    waiting = await session.scalar(
        select(Delivery.id)
        .where(Delivery.member_id == mentor.id, Delivery.kind == DeliveryKind.DIGEST)
        .where(Delivery.state.in_((DeliveryState.READY, *deliveries.HELD)))
        .limit(1)
    )
    if waiting:
        return
    row = Digest(mentor_id=mentor.id, slot_at=now)
    session.add(row)
    await session.flush()
    await _enqueue(session, mentor.id, row.id, f"digest:{row.id}")


async def _enqueue(session: AsyncSession, mentor_id: int, digest_id: int, key: str) -> None:
    await deliveries.enqueue(session, [NewDelivery(mentor_id, DeliveryKind.DIGEST, digest_id, key)])


async def quiet_weeks(session: AsyncSession, mentor_ids: Collection[int]) -> dict[int, int]:
    """Mentor id → how many weeks there were since the last one with news."""
    newer = Digest.__table__.alias("newer")
    loud = select(func.max(newer.c.week)).where(newer.c.mentor_id == Digest.mentor_id, ~newer.c.quiet).scalar_subquery()
    rows = await session.execute(
        select(Digest.mentor_id, func.count())
        .where(Digest.mentor_id.in_(mentor_ids), Digest.week > func.coalesce(loud, date(2000, 1, 3)))
        .group_by(Digest.mentor_id)
    )
    return {mentor_id: weeks for mentor_id, weeks in rows}


async def mentoring(session: AsyncSession, member_ids: Collection[int]) -> set[int]:
    """Which of these members have a mentee."""
    rows = await session.scalars(
        select(Mentorship.mentor_id).where(
            Mentorship.mentor_id.in_(member_ids), Mentorship.state == MentorshipState.ACTIVE
        )
    )
    return set(rows)


async def hold(session: AsyncSession, digest_id: int) -> Held | None:
    """The digest, held until the transaction ends; None when its mentor is not there any more."""
    row = (
        await session.execute(
            select(Digest, Workspace.key, Member.slack_user, Member.tz)
            .join(Member, Member.id == Digest.mentor_id)
            .join(Workspace, Workspace.id == Member.workspace_id)
            .where(Digest.id == digest_id, Member.active)
            .with_for_update(of=Digest, key_share=True)
        )
    ).first()
    return Held(row[0], Who(row[1], row[2]), row[3]) if row else None


async def asked(session: AsyncSession, mentor: Who, since: datetime) -> dict[int, set[str]]:
    """Mentorship id → the questions about that mentee in the mentor's digests since then."""
    rows = await session.scalars(
        select(Digest.parts)
        .join(Member, Member.id == Digest.mentor_id)
        .join(Workspace, Workspace.id == Member.workspace_id)
        .where(Workspace.key == mentor.workspace, Member.slack_user == mentor.user, Digest.composed_at > since)
    )
    found: dict[int, set[str]] = {}
    for parts in rows:
        for each in parts:
            found.setdefault(each["mentorship"], set()).add(each["question"])
    return found


async def showing(session: AsyncSession, entry_ids: Collection[int]) -> list[int]:
    """The digests that were composed of one of these entries."""
    rows = await session.scalars(
        select(Disclosure.digest_id)
        .where(Disclosure.entry_id.in_(entry_ids), Disclosure.digest_id.is_not(None))
        .distinct()
    )
    return [id_ for id_ in rows if id_]


async def of_mentorship(session: AsyncSession, mentorship: Mentorship) -> list[int]:
    """The mentor's digests that told of the mentorship."""
    rows = await session.scalars(
        select(Digest.id).where(
            Digest.mentor_id == mentorship.mentor_id, Digest.parts.contains([{"mentorship": mentorship.id}])
        )
    )
    return list(rows)


async def items(session: AsyncSession, mentor: Who, digest_id: int, now: datetime) -> list[Item]:
    """What of the digest its mentor may read now."""
    shown = await session.scalars(select(Disclosure.entry_id).where(Disclosure.digest_id == digest_id))
    return await reading.readable(session, mentor, shown.all(), now)


async def at_message(session: AsyncSession, who: Who, channel: str, ts: str) -> int | None:
    """The person's digest that stands in that message."""
    found: int | None = await session.scalar(
        select(Delivery.subject_id)
        .join(Member, Member.id == Delivery.member_id)
        .join(Workspace, Workspace.id == Member.workspace_id)
        .where(Workspace.key == who.workspace, Member.slack_user == who.user)
        .where(Delivery.kind == DeliveryKind.DIGEST, Delivery.channel == channel, Delivery.ts == ts)
    )
    return found
