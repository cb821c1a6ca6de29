"""What becomes of what is in the outbox. Marks are fenced by the token of the claim.

The one thing that no fence holds up is that Slack has the message: by its answer, its history, or a click.
Whoever changes what is a member's locks the member first; so does whoever records what became of a delivery to them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import CursorResult, case, exists, func, null, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from db.enums import DeliveryKind, DeliveryState
from db.members import Who
from db.models import Delivery, Member, Workspace

HELD = (DeliveryState.SENDING, DeliveryState.UNKNOWN)
LONGEST_WAIT = timedelta(hours=1)  # between two looks for an unknown one, or two tries to refresh one


@dataclass(frozen=True)
class Claim:
    """A delivery that this process may send until its lease runs out; or look for, or refresh.

    `state` is the one that it was claimed in: ready, unknown, or sent and stale. `stale_at` is when something that it
    shows changed last, of what was committed by then. `probe`: Slack refused the last that was sent in its workspace,
    and this one is to show whether it still does.
    """

    id: UUID
    token: UUID
    member_id: int
    kind: DeliveryKind
    subject_id: int
    attempts: int
    channel: str | None
    ts: str | None
    stale_at: datetime | None
    created_at: datetime
    workspace: str
    state: DeliveryState
    probe: bool = False

    @property
    def unknown(self) -> bool:
        return self.state == DeliveryState.UNKNOWN


class Held(NamedTuple):
    """A delivery as it stands, locked: its state, since when it is stale, and the ts of its message if it has one."""

    state: DeliveryState
    stale_at: datetime | None
    ts: str | None


async def lock_member(session: AsyncSession, claim: Claim) -> None:
    """Nobody else changes what is the member's until the transaction ends."""
    await session.execute(select(Member.id).where(Member.id == claim.member_id).with_for_update(key_share=True))


async def lock(session: AsyncSession, claim: Claim) -> Held | None:
    """Lock the delivery until the transaction ends; None when its member was forgotten."""
    row = (
        await session.execute(
            select(Delivery.state, Delivery.stale_at, Delivery.ts)
            .where(Delivery.id == claim.id)
            .with_for_update(key_share=True)
        )
    ).first()
    return Held(DeliveryState(row.state), row.stale_at, row.ts) if row else None


async def sent(session: AsyncSession, claim: Claim, channel: str, ts: str, *, stale: bool) -> None:
    """Record where the message stands, whoever holds the delivery. `stale`: it may show what is no longer so."""
    await _is_at(session, claim.id, channel, ts, stale=stale)


async def _is_at(session: AsyncSession, delivery: UUID, channel: str, ts: str, *, stale: bool) -> None:
    await session.execute(
        update(Delivery)
        .where(Delivery.id == delivery, Delivery.state != DeliveryState.SENT)
        .values(state=DeliveryState.SENT, lease_until=None, unknown_since=None, channel=channel, ts=ts, error=None)
        .values(stale_at=func.clock_timestamp() if stale else null(), run_at=func.now())
        .execution_options(synchronize_session=False)
    )


async def overtaken(session: AsyncSession, claim: Claim, reason: str) -> bool:
    """Its message is not to stay, whoever holds the delivery by now; False where it was sent as another message."""
    row = await session.execute(
        update(Delivery)
        .where(Delivery.id == claim.id, Delivery.state != DeliveryState.SENT)
        .values(state=DeliveryState.CANCELLED, lease_until=None, unknown_since=None, error=reason)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(row, CursorResult)
    return row.rowcount == 1


async def proven(
    session: AsyncSession, who: Who, kind: DeliveryKind, subject_id: int, channel: str, ts: str
) -> UUID | None:
    """The person acted on the message at that place, which is about that subject: so that delivery was sent.

    Its id, if nobody knew; it is refreshed, as nobody knows what it says either.
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
        await _is_at(session, found, channel, ts, stale=True)
    return found


async def refreshed(session: AsyncSession, claim: Claim) -> bool:
    """The message shows what was so at `claim.stale_at`; whether that is all, else it is refreshed again at once."""
    newer = Delivery.stale_at != claim.stale_at
    row = await session.execute(
        update(Delivery)
        .where(Delivery.id == claim.id, Delivery.token == claim.token, Delivery.state == DeliveryState.SENT)
        .values(stale_at=case((newer, Delivery.stale_at)), run_at=func.now(), error=None)
        .returning(Delivery.stale_at)
        .execution_options(synchronize_session=False)
    )
    return row.scalar() is None


async def refresh_later(session: AsyncSession, claim: Claim, margin: timedelta, error: str) -> None:
    """It could not be refreshed: again, the more rarely the longer it is stale, after `margin` at the least."""
    wait = func.least(func.greatest(func.now() - Delivery.stale_at, margin), LONGEST_WAIT)
    await session.execute(
        update(Delivery)
        .where(Delivery.id == claim.id, Delivery.token == claim.token, Delivery.state == DeliveryState.SENT)
        .values(run_at=func.now() + wait, error=error)
        .execution_options(synchronize_session=False)
    )


async def withdrawn(session: AsyncSession, claim: Claim, reason: str) -> bool:
    """Nobody is to read the message any more; whether it stood there until now. Whoever calls sees to its removal."""
    row = await session.execute(
        update(Delivery)
        .where(Delivery.id == claim.id, Delivery.token == claim.token, Delivery.state == DeliveryState.SENT)
        .values(state=DeliveryState.CANCELLED, stale_at=None, error=reason)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(row, CursorResult)
    return row.rowcount == 1


async def failed(session: AsyncSession, claim: Claim, error: str) -> bool:
    """Given up; the reason stays.

    Of this and the other marks: whether the claim still held it; else nothing was done.
    """
    return await _mark(session, claim, DeliveryState.FAILED, unknown_since=None, error=error)


async def cancelled(session: AsyncSession, claim: Claim, reason: str) -> bool:
    """What it was to tell is no longer so."""
    return await _mark(session, claim, DeliveryState.CANCELLED, unknown_since=None, error=reason)


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
    return await _mark(session, claim, DeliveryState.READY, run_at=run_at, unknown_since=None, error=error)


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
