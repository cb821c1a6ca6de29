"""The outbox as whoever runs Rung sees it: what has not come to a good end. Nothing in it is anybody's words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import CursorResult, case, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.enums import DeliveryState
from db.models import Delivery, Member
from db.outbox.deliveries import HELD
from db.workspaces import workspaces

OPEN = (DeliveryState.READY, *HELD)
STALE = "stale"  # sent, and to be refreshed


@dataclass(frozen=True)
class Backlog:
    """How many deliveries are in each state that is no end, and for how long one could have been sent.

    `refused`: in how many workspaces Slack refuses what Rung sends.
    """

    waiting: Mapping[str, int]
    lag: timedelta
    refused: int


# Workspaces that are uninstalled or refused wait for nobody, nor does what waits for its hour; what is tried again has
# waited all the time.
# Two halves, as each has an index of its own.
BACKLOG = text("""
    SELECT CASE d.state WHEN 'sent' THEN 'stale' ELSE d.state END, count(*),
           now() - min(CASE WHEN d.attempts > 0 THEN d.created_at ELSE d.run_at END) FILTER (
             WHERE d.state = 'ready' AND w.uninstalled_at IS NULL AND w.refused_since IS NULL
             AND (d.attempts > 0 OR d.run_at <= now()))
      FROM deliveries d JOIN workspaces w ON w.id = d.workspace_id
     WHERE d.state IN ('ready', 'unknown') OR d.state = 'sent' AND d.stale_at IS NOT NULL
     GROUP BY d.state
     UNION ALL
    SELECT 'sending', count(*), NULL FROM deliveries WHERE state = 'sending'
""").columns()  # a SELECT: read sessions ask


async def backlog(session: AsyncSession) -> Backlog:
    """By Postgres's clock."""
    rows = (await session.execute(BACKLOG)).all()
    counts = dict.fromkeys((*map(str, OPEN), STALE), 0) | {state: count for state, count, _ in rows}
    refused = len(await workspaces.silent(session))
    return Backlog(counts, max((lag for *_, lag in rows if lag), default=timedelta()), refused)


class Waiting(NamedTuple):
    """A delivery, to whom and about what; `state` is `stale` for a message that is to be refreshed."""

    id: UUID
    state: str
    run_at: datetime
    user: str
    kind: str
    subject_id: int
    attempts: int
    error: str | None


async def waiting(session: AsyncSession) -> list[Waiting]:
    """What is waiting, under way, unknown, failed or to be refreshed, oldest first."""
    stale = (Delivery.state == DeliveryState.SENT) & Delivery.stale_at.is_not(None)
    rows = await session.execute(
        select(
            Delivery.id,
            case((stale, STALE), else_=Delivery.state),
            Delivery.run_at,
            Member.slack_user,
            Delivery.kind,
            Delivery.subject_id,
            Delivery.attempts,
            Delivery.error,
        )
        .join(Member, Member.id == Delivery.member_id)
        .where(Delivery.state.in_((*OPEN, DeliveryState.FAILED)) | stale)
        .order_by(Delivery.run_at)
    )
    return [Waiting(*row) for row in rows]


class Failed(NamedTuple):
    """A delivery that was given up, and about what it was."""

    kind: str
    subject_id: int


async def failed(session: AsyncSession, delivery: UUID) -> Failed | None:
    """That delivery, if it was given up; its member is locked."""
    row = await session.execute(
        select(Delivery.kind, Delivery.subject_id)
        .join(Member, Member.id == Delivery.member_id)
        .where(Delivery.id == delivery, Delivery.state == DeliveryState.FAILED)
        .with_for_update(of=Member, key_share=True)
    )
    found = row.first()
    return Failed(*found) if found else None


async def requeue(session: AsyncSession, delivery: UUID) -> bool:
    """Look for a failed one in Slack, and send it if it is not there; False if there is none that failed."""
    result = await session.execute(
        update(Delivery)
        .where(Delivery.id == delivery, Delivery.state == DeliveryState.FAILED)
        .values(state=DeliveryState.UNKNOWN, run_at=func.now(), unknown_since=func.now())
    )
    assert isinstance(result, CursorResult)
    return result.rowcount == 1
