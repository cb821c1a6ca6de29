"""Digests: what is planned, what each showed and asked, and where it stands."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import bindparam, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import any_of, array_of
from db.enums import DeliveryKind, DeliveryState
from db.members import UserRef, of_person
from db.models import Delivery, Digest, Disclosure, Member, Mentorship, Workspace
from db.outbox import deliveries, outbox
from db.outbox.outbox import Enqueued, NewDelivery
from db.workspaces import workspaces
from growth.mentoring import MentorshipState


@dataclass(frozen=True)
class NewDigest:
    """A mentor's week: with news, or `quiet`. `told`: the mentor gets a message."""

    mentor_id: int
    week: date
    slot_at: datetime
    quiet: bool
    told: bool


class LockedDigest(NamedTuple):
    """A digest, held, and its mentor by Slack id and zone."""

    digest: Digest
    mentor: UserRef
    tz: str


PLAN = text("""
    INSERT INTO digests (mentor_id, week, slot_at, quiet)
    SELECT * FROM unnest(CAST(:mentors AS bigint[]), CAST(:weeks AS date[]), CAST(:slots AS timestamptz[]),
                         CAST(:quiet AS boolean[]))
        ON CONFLICT (mentor_id, week) DO NOTHING
 RETURNING id, mentor_id, week
""")


async def plan(session: AsyncSession, planned: Sequence[NewDigest]) -> list[Enqueued]:
    """Write the weeks down, one of each mentor's and once, and put what is to be told into the outbox."""
    if not planned:
        return []
    rows = await session.execute(
        PLAN,
        {
            "mentors": [each.mentor_id for each in planned],
            "weeks": [each.week for each in planned],
            "slots": [each.slot_at for each in planned],
            "quiet": [each.quiet for each in planned],
        },
    )
    told = {each.mentor_id for each in planned if each.told}
    new = [_delivery(row.mentor_id, row.id, f"week:{row.week}") for row in rows if row.mentor_id in told]
    return await outbox.enqueue(session, new)


async def ask(session: AsyncSession, mentor: Member, now: datetime) -> None:
    """Put a digest by hand, of no week, into the outbox; the one that waits there is it from now on.

    That comes at once, whether or not one is wanted every week. The mentor is held.
    """
    waiting = (
        await session.execute(
            select(Delivery, Digest)
            .join(Digest, Digest.id == Delivery.subject_id)
            .where(Delivery.member_id == mentor.id, Delivery.kind == DeliveryKind.DIGEST)
            .where(Delivery.state.in_((DeliveryState.READY, *deliveries.HELD)))
            .limit(1)
            .with_for_update()
        )
    ).first()
    if waiting:
        delivery, digest = waiting
        digest.week, digest.quiet = None, False
        if delivery.state == DeliveryState.READY:
            delivery.run_at = func.now()
            digest.composed_at = digest.composed_at if digest.parts else None
        await session.flush()
        return
    row = Digest(mentor_id=mentor.id, slot_at=now)
    session.add(row)
    await session.flush()
    await outbox.enqueue(session, [_delivery(mentor.id, row.id, f"digest:{row.id}")])


def _delivery(mentor_id: int, digest_id: int, key: str) -> NewDelivery:
    return NewDelivery(mentor_id, DeliveryKind.DIGEST, digest_id, key)


QUIET_WEEKS = text("""
    SELECT wanted.id, (SELECT count(*) FROM digests
                        WHERE mentor_id = wanted.id
                          AND week > GREATEST((SELECT max(week) FROM digests
                                                WHERE mentor_id = wanted.id AND NOT quiet),
                                              (SELECT date_trunc('week', max(shown_at) AT TIME ZONE 'UTC')::date
                                                 FROM disclosures WHERE viewer_id = wanted.id),
                                              '-infinity'))
      FROM unnest(CAST(:mentors AS bigint[])) AS wanted (id)
""")


async def quiet_weeks(session: AsyncSession, mentor_ids: Collection[int]) -> dict[int, int]:
    """Mentor id → how many weeks there were since the last one with news, or in which they read."""
    rows = await session.execute(QUIET_WEEKS, {"mentors": list(mentor_ids)})
    return {mentor_id: weeks for mentor_id, weeks in rows}


MENTORING = select(Mentorship.mentor_id).where(
    Mentorship.mentor_id == any_of("members"), Mentorship.state == MentorshipState.ACTIVE
)


async def mentoring(session: AsyncSession, member_ids: Collection[int]) -> set[int]:
    """Which of these members have a mentee."""
    return set(await session.scalars(MENTORING, {"members": array_of(member_ids)})) if member_ids else set()


HELD = (
    select(Digest, Workspace.key, Member.slack_user, Member.tz)
    .join(Member, Member.id == Digest.mentor_id)
    .join(Workspace, Workspace.id == Member.workspace_id)
    .where(Workspace.key == bindparam("workspace"), Digest.id == bindparam("id"), Member.active)
    .with_for_update(of=Digest, key_share=True)
)


async def lock(session: AsyncSession, workspace: str, digest_id: int) -> LockedDigest | None:
    """The digest, held until the transaction ends; None when its mentor is not there any more."""
    row = (await session.execute(HELD, {"workspace": workspace, "id": digest_id})).first()
    return LockedDigest(row[0], UserRef(row[1], row[2]), row[3]) if row else None


PARTS = of_person(select(Digest.parts).join(Member, Member.id == Digest.mentor_id))
PARTS_SINCE = PARTS.where(Digest.composed_at > bindparam("since"))
PARTS_OF_ONE = PARTS.where(Digest.id == bindparam("id"))
MENTEES = (
    select(Mentorship.id, Member.slack_user)
    .join(Member, Member.id == Mentorship.mentee_id)
    .where(Mentorship.id == any_of("mentorships"))
)


async def asked(session: AsyncSession, mentor: UserRef, since: datetime) -> dict[str, set[str]]:
    """Mentee's Slack id → the questions about them in the mentor's digests since then, by whichever mentorship."""
    digests = await session.scalars(PARTS_SINCE, {**mentor._asdict(), "since": since})
    parts = [part for each in digests for part in each]
    if not parts:
        return {}
    mentorships = {"mentorships": array_of({part["mentorship"] for part in parts})}
    found: dict[str, set[str]] = {}
    for id_, user in await session.execute(MENTEES, mentorships):
        found.setdefault(user, set()).update(part["question"] for part in parts if part["mentorship"] == id_)
    return found


SHOWING = (
    select(Digest.id)
    .join(Disclosure, Disclosure.digest_id == Digest.id)
    .join(Member, Member.id == Digest.mentor_id)
    .where(Member.workspace_id == workspaces.HERE, Disclosure.entry_id == any_of("entries"))
    .distinct()
)


async def showing(session: AsyncSession, workspace: str, entry_ids: Collection[int]) -> list[int]:
    """The digests there that were composed of one of these entries."""
    values = {"workspace": workspace, "entries": array_of(entry_ids)}
    return list(await session.scalars(SHOWING, values)) if entry_ids else []


async def entries(session: AsyncSession, mentor: UserRef, digest_id: int) -> list[int]:
    """The entries that were in the mentor's digest, be they taken back or gone since."""
    parts = await session.scalar(PARTS_OF_ONE, {**mentor._asdict(), "id": digest_id})
    return [id_ for part in parts or () for id_ in part["entries"]]
