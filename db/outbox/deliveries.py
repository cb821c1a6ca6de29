"""What becomes of what is in the outbox. Marks are fenced by the token of the claim.

The one thing that no fence holds up is that Slack has the message: by its answer, its history, or a click.
Whoever locks, locks in this order: member, question, delivery.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import CursorResult, delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from db.enums import CheckInState, DeliveryKind, DeliveryState
from db.members import Who
from db.models import CheckIn, Delivery, Disclosure, Member, Workspace

HELD = (DeliveryState.SENDING, DeliveryState.UNKNOWN)
NOT_ASKED_YET = (CheckIn.state == CheckInState.PLANNED) & CheckIn.later_at.is_(None)
LONGEST_WAIT = timedelta(hours=1)  # between two looks for an unknown one


@dataclass(frozen=True)
class Claim:
    """A delivery that this process may send until its lease runs out; or look for, where it is `unknown`.

    `probe`: Slack refused the last that was sent in its workspace, and this one is to show whether it still does.
    """

    id: UUID
    token: UUID
    member_id: int
    kind: str
    subject_id: int
    attempts: int
    channel: str | None
    created_at: datetime
    workspace: str
    unknown: bool
    probe: bool = False


class Held(NamedTuple):
    """A delivery as it stands, locked: its state, and the ts of its message if it has one."""

    state: str
    ts: str | None


async def hold(session: AsyncSession, claim: Claim) -> Held | None:
    """Lock the delivery and all it touches until the transaction ends; None when its member was forgotten."""
    await session.execute(
        select(Member.id).where(Member.id == claim.member_id).with_for_update(read=True, key_share=True)
    )
    if claim.kind == DeliveryKind.CHECK_IN:
        await session.execute(select(CheckIn.id).where(CheckIn.id == claim.subject_id).with_for_update(key_share=True))
    row = (
        await session.execute(
            select(Delivery.state, Delivery.ts).where(Delivery.id == claim.id).with_for_update(key_share=True)
        )
    ).first()
    return Held(*row) if row else None


async def sent(session: AsyncSession, claim: Claim, channel: str, ts: str) -> None:
    """Record where the message stands, whoever holds the delivery. Call `hold` before."""
    await _is_at(session, claim.id, channel, ts)
    await _arrived(session, claim.kind, claim.subject_id)


async def proven(
    session: AsyncSession, who: Who, kind: DeliveryKind, subject_id: int, channel: str, ts: str
) -> UUID | None:
    """The person acted on the message at that place, which is about that subject: so that delivery was sent.

    Its id, if nobody knew.
    """
    mine = (
        select(Delivery.id)
        .join(Member, Member.id == Delivery.member_id)
        .join(Workspace, Workspace.id == Member.workspace_id)
        .where(Workspace.key == who.workspace, Member.slack_user == who.user)
        .where(Delivery.kind == kind, Delivery.subject_id == subject_id)
    )
    here = aliased(Delivery)
    known = exists().where(here.subject_id == subject_id, here.kind == kind, here.channel == channel, here.ts == ts)
    open_ = Delivery.state.not_in((DeliveryState.SENT, DeliveryState.CANCELLED))
    found: UUID | None = await session.scalar(mine.where(open_, ~known).order_by(Delivery.created_at).limit(1))
    if found:
        if kind == DeliveryKind.CHECK_IN:
            await session.execute(select(CheckIn.id).where(CheckIn.id == subject_id).with_for_update(key_share=True))
        await _is_at(session, found, channel, ts)
        await _arrived(session, kind, subject_id)
    return found


async def _is_at(session: AsyncSession, delivery: UUID, channel: str, ts: str) -> None:
    await session.execute(
        update(Delivery)
        .where(Delivery.id == delivery, Delivery.state != DeliveryState.SENT)
        .values(state=DeliveryState.SENT, lease_until=None, unknown_since=None, channel=channel, ts=ts, error=None)
        .execution_options(synchronize_session=False)
    )


async def _arrived(session: AsyncSession, kind: str, subject_id: int) -> None:
    """Its member has the message: the question is asked, what a digest shows is seen."""
    await _question_becomes(session, kind, subject_id, CheckInState.ASKED)
    if kind == DeliveryKind.DIGEST:
        await shown(session, subject_id)


async def shown(session: AsyncSession, digest_id: int) -> None:
    """Its mentor has what the digest shows."""
    await session.execute(
        update(Disclosure)
        .where(Disclosure.digest_id == digest_id, ~Disclosure.certain)
        .values(certain=True)
        .execution_options(synchronize_session=False)
    )


async def _question_becomes(session: AsyncSession, kind: str, subject_id: int, state: CheckInState) -> None:
    """A question that nobody was asked yet follows its delivery; one that moved on by itself stays."""
    if kind == DeliveryKind.CHECK_IN:
        await session.execute(
            update(CheckIn)
            .where(CheckIn.id == subject_id, NOT_ASKED_YET)
            .values(state=state)
            .execution_options(synchronize_session=False)
        )


async def failed(session: AsyncSession, claim: Claim, error: str) -> bool:
    """Given up; the reason stays, and nobody waits for the question.

    Of this and the other marks: whether the claim still held it; else nothing was done.
    """
    return await _ended(session, claim, DeliveryState.FAILED, error, CheckInState.CANCELLED)


async def cancelled(session: AsyncSession, claim: Claim, reason: str, becomes: CheckInState) -> bool:
    """What it was to tell is no longer so; a question that was only planned becomes that."""
    return await _ended(session, claim, DeliveryState.CANCELLED, reason, becomes)


async def _ended(session: AsyncSession, claim: Claim, state: DeliveryState, error: str, becomes: CheckInState) -> bool:
    await hold(session, claim)
    marked = await _mark(session, claim, state, unknown_since=None, error=error)
    if marked:
        await _question_becomes(session, claim.kind, claim.subject_id, becomes)
    return marked


async def unknown(session: AsyncSession, claim: Claim, margin: timedelta, error: str) -> bool:
    """It may be in Slack, and not as it should: look after as long as that is not known by now, at least `margin`."""
    since = func.coalesce(Delivery.unknown_since, func.now())
    wait = func.least(func.greatest(func.now() - since, margin), LONGEST_WAIT)
    return await _mark(
        session, claim, DeliveryState.UNKNOWN, run_at=func.now() + wait, unknown_since=since, error=error
    )


async def unknown_for(session: AsyncSession, claim: Claim, long: timedelta) -> bool:
    """Whether nobody has known for longer than that what became of it."""
    since = select(Delivery.id).where(Delivery.id == claim.id, Delivery.unknown_since < func.now() - long)
    return await session.scalar(since) is not None


async def again(session: AsyncSession, claim: Claim, after: timedelta, error: str) -> bool:
    """Nothing was sent: ready again after a while."""
    run_at = func.now() + after
    marked = await _mark(session, claim, DeliveryState.READY, run_at=run_at, unknown_since=None, error=error)
    return marked and await _was_not_shown(session, claim)


async def refused(session: AsyncSession, claim: Claim, error: str) -> bool:
    """As `failed`, where Slack has nothing of it for certain."""
    return await failed(session, claim, error) and await _was_not_shown(session, claim)


async def _was_not_shown(session: AsyncSession, claim: Claim) -> bool:
    """What was written down as about to be shown is not there to frighten anybody; the next attempt writes it anew."""
    if claim.kind == DeliveryKind.DIGEST:
        about_to_be = (Disclosure.digest_id == claim.subject_id) & ~Disclosure.certain
        await session.execute(delete(Disclosure).where(about_to_be).execution_options(synchronize_session=False))
    return True


async def put_off(session: AsyncSession, claim: Claim, after: timedelta, reason: str) -> bool:
    """It has to wait, and nothing went wrong: ready after a while, as if it had not been tried."""
    return await _mark(session, claim, DeliveryState.READY, run_at=func.now() + after, attempts=0, error=reason)


async def store_channel(session: AsyncSession, claim: Claim, channel: str) -> bool:
    """Where the member's messages go, kept before the first attempt so that a lost one can be looked for.

    False when the delivery is no longer ours to send.
    """
    await session.execute(update(Member).where(Member.id == claim.member_id).values(dm_channel=channel))
    return await _change(session, claim, channel=channel)


async def _mark(session: AsyncSession, claim: Claim, state: DeliveryState, **values: object) -> bool:
    return await _change(session, claim, state=state, lease_until=None, **values)


async def _change(session: AsyncSession, claim: Claim, **values: object) -> bool:
    """Whether the delivery was still held by that claim."""
    result = await session.execute(
        update(Delivery)
        .where(Delivery.id == claim.id, Delivery.token == claim.token, Delivery.state.in_(HELD))
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


async def recipient(session: AsyncSession, claim: Claim) -> str:
    """The Slack id of whom it is for."""
    user: str | None = await session.scalar(select(Member.slack_user).where(Member.id == claim.member_id))
    return user or ""
