"""The outbox. Leases, pauses and back-off run on Postgres's clock; every mark is fenced by its token."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CursorResult, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import CheckIn, CheckInState, Delivery, DeliveryKind, DeliveryState, Kind, Member, Workspace


@dataclass(frozen=True)
class Claim:
    """A delivery that this process may send until its lease runs out."""

    id: UUID
    token: UUID
    member_id: int
    kind: str
    subject_id: int
    attempts: int
    channel: str | None
    created_at: datetime
    workspace: str


# Both states that can be taken are taken alike: `ready` to be sent, `unknown` to be looked for in Slack.
CLAIM = text("""
    WITH taken AS (
        SELECT d.id, w.key AS workspace, COALESCE(d.channel, m.dm_channel) AS dm
          FROM deliveries d
          JOIN members m ON m.id = d.member_id
          JOIN workspaces w ON w.id = m.workspace_id
         WHERE d.state = :state AND d.run_at <= now()
           AND w.uninstalled_at IS NULL AND (w.paused_until IS NULL OR w.paused_until <= now())
         ORDER BY d.run_at
         LIMIT :limit
           FOR UPDATE OF d SKIP LOCKED
    )
    UPDATE deliveries d
       SET state = :becomes, token = gen_random_uuid(), attempts = d.attempts + :attempt, channel = taken.dm,
           lease_until = CASE WHEN :becomes = 'sending' THEN now() + CAST(:lease AS interval) END,
           run_at = CASE WHEN :becomes = 'sending' THEN d.run_at ELSE now() + CAST(:lease AS interval) END
      FROM taken
     WHERE d.id = taken.id
 RETURNING d.id, d.token, d.member_id, d.kind, d.subject_id, d.attempts, d.channel, d.created_at, taken.workspace
""")


async def claim(session: AsyncSession, limit: int, lease: timedelta) -> list[Claim]:
    """Up to `limit` deliveries to send, oldest first, each held until its lease runs out."""
    return await _claim(session, DeliveryState.READY, DeliveryState.SENDING, 1, limit, lease)


async def claim_unknown(session: AsyncSession, limit: int, again_after: timedelta) -> list[Claim]:
    """Up to `limit` deliveries whose answer was lost; nobody else looks for them before `again_after`."""
    return await _claim(session, DeliveryState.UNKNOWN, DeliveryState.UNKNOWN, 0, limit, again_after)


async def _claim(
    session: AsyncSession, state: DeliveryState, becomes: DeliveryState, attempt: int, limit: int, lease: timedelta
) -> list[Claim]:
    rows = await session.execute(
        CLAIM, {"state": state, "becomes": becomes, "attempt": attempt, "limit": limit, "lease": lease}
    )
    return [Claim(**row._mapping) for row in rows]


async def expire_leases(session: AsyncSession, margin: timedelta) -> None:
    """Whoever held them is gone, perhaps after the message went out: unknown until Slack's history was read."""
    await session.execute(
        update(Delivery)
        .where(Delivery.state == DeliveryState.SENDING, Delivery.lease_until < func.now())
        .values(state=DeliveryState.UNKNOWN, lease_until=None, run_at=func.now() + margin)
        .execution_options(synchronize_session=False)
    )


async def sent(session: AsyncSession, claim: Claim, channel: str, ts: str) -> bool:
    """Record where the message stands; False when the delivery is no longer ours to record."""
    if not await _mark(session, claim, DeliveryState.SENT, channel=channel, ts=ts):
        return False
    await _subject_becomes(session, claim, CheckInState.ASKED)
    return True


async def _subject_becomes(session: AsyncSession, claim: Claim, state: CheckInState) -> None:
    """A question that was only planned follows its delivery; one that moved on by itself stays."""
    if claim.kind == Kind.CHECK_IN:
        await session.execute(
            update(CheckIn)
            .where(CheckIn.id == claim.subject_id, CheckIn.state == CheckInState.PLANNED)
            .values(state=state)
            .execution_options(synchronize_session=False)
        )


async def failed(session: AsyncSession, claim: Claim, error: str) -> None:
    """Slack refused for good; the reason stays, and nobody waits for the question."""
    if await _mark(session, claim, DeliveryState.FAILED, error=error):
        await _subject_becomes(session, claim, CheckInState.CANCELLED)


async def cancelled(session: AsyncSession, claim: Claim, reason: str, becomes: CheckInState) -> None:
    """What it was to tell is no longer so; a question that was only planned becomes that."""
    if await _mark(session, claim, DeliveryState.CANCELLED, error=reason):
        await _subject_becomes(session, claim, becomes)


async def unknown(session: AsyncSession, claim: Claim, margin: timedelta, error: str) -> None:
    """The answer was lost: look for the message in Slack after `margin`."""
    await _mark(session, claim, DeliveryState.UNKNOWN, run_at=func.now() + margin, error=error)


async def again(session: AsyncSession, claim: Claim, after: timedelta, error: str) -> None:
    """Nothing was sent: ready again after a while."""
    await _mark(session, claim, DeliveryState.READY, run_at=func.now() + after, error=error)


async def _mark(session: AsyncSession, claim: Claim, state: DeliveryState, **values: object) -> bool:
    held = (DeliveryState.SENDING, DeliveryState.UNKNOWN)
    result = await session.execute(
        update(Delivery)
        .where(Delivery.id == claim.id, Delivery.token == claim.token, Delivery.state.in_(held))
        .values(state=state, lease_until=None, **values)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


async def pause_workspace(session: AsyncSession, key: str, wait: timedelta) -> None:
    """Slack asked the workspace to wait; nobody else does."""
    until = func.greatest(Workspace.paused_until, func.now() + wait)
    await session.execute(update(Workspace).where(Workspace.key == key).values(paused_until=until))


async def store_channel(session: AsyncSession, claim: Claim, channel: str) -> None:
    """Where the member's messages go, kept before the first attempt so that a lost one can be looked for."""
    await session.execute(update(Member).where(Member.id == claim.member_id).values(dm_channel=channel))
    await session.execute(update(Delivery).where(Delivery.id == claim.id).values(channel=channel))


async def place(session: AsyncSession, kind: DeliveryKind, subject_id: int) -> tuple[str, str] | None:
    """Channel and ts of the message that was sent about a subject."""
    row = (
        await session.execute(
            select(Delivery.channel, Delivery.ts).where(
                Delivery.kind == kind, Delivery.subject_id == subject_id, Delivery.state == DeliveryState.SENT
            )
        )
    ).first()
    return (row.channel, row.ts) if row else None


async def subjects(session: AsyncSession, claims: Sequence[Claim]) -> dict[int, tuple[CheckIn, Member]]:
    """Check-in id → the check-in and its member, as they are now."""
    rows = await session.execute(
        select(CheckIn, Member)
        .join(Member, Member.id == CheckIn.member_id)
        .where(CheckIn.id.in_([claim.subject_id for claim in claims if claim.kind == Kind.CHECK_IN]))
    )
    return {check_in.id: (check_in, member) for check_in, member in rows}


async def recipient(session: AsyncSession, claim: Claim) -> str:
    """The Slack id of whom it is for."""
    user: str | None = await session.scalar(select(Member.slack_user).where(Member.id == claim.member_id))
    return user or ""


async def exists(session: AsyncSession, claim: Claim) -> bool:
    return await session.scalar(select(Delivery.id).where(Delivery.id == claim.id)) is not None
