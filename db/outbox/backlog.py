"""The outbox as whoever runs Rung sees it: what has not come to a good end. Nothing in it is anybody's words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.enums import CheckInState, DeliveryKind, DeliveryState
from db.models import CheckIn, Delivery, Member
from db.outbox.deliveries import HELD
from db.workspaces import workspaces

OPEN = (DeliveryState.READY, *HELD)


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
    SELECT d.state, count(*),
           now() - min(CASE WHEN d.attempts > 0 THEN d.created_at ELSE d.run_at END) FILTER (
             WHERE d.state = 'ready' AND w.uninstalled_at IS NULL AND w.refused_since IS NULL
             AND (d.attempts > 0 OR d.run_at <= now()))
      FROM deliveries d JOIN workspaces w ON w.id = d.workspace_id
     WHERE d.state IN ('ready', 'unknown')
     GROUP BY d.state
     UNION ALL
    SELECT 'sending', count(*), NULL FROM deliveries WHERE state = 'sending'
""").columns()  # a SELECT: read sessions ask


async def backlog(session: AsyncSession) -> Backlog:
    """By Postgres's clock."""
    rows = (await session.execute(BACKLOG)).all()
    counts = dict.fromkeys(map(str, OPEN), 0) | {state: count for state, count, _ in rows}
    refused = len(await workspaces.silent(session))
    return Backlog(counts, max((lag for *_, lag in rows if lag), default=timedelta()), refused)


class Waiting(NamedTuple):
    """A delivery, to whom and about what; `question` is the ids of criterion and prompt."""

    id: UUID
    state: str
    run_at: datetime
    user: str
    kind: str
    question: str | None
    attempts: int
    error: str | None


async def waiting(session: AsyncSession) -> list[Waiting]:
    """What is waiting, under way, unknown or failed, oldest first."""
    rows = await session.execute(
        select(
            Delivery.id,
            Delivery.state,
            Delivery.run_at,
            Member.slack_user,
            Delivery.kind,
            CheckIn.criterion_id + "/" + CheckIn.prompt_id,
            Delivery.attempts,
            Delivery.error,
        )
        .join(Member, Member.id == Delivery.member_id)
        .outerjoin(CheckIn, (CheckIn.id == Delivery.subject_id) & (Delivery.kind == DeliveryKind.CHECK_IN))
        .where(Delivery.state.in_((*OPEN, DeliveryState.FAILED)))
        .order_by(Delivery.run_at)
    )
    return [Waiting(*row) for row in rows]


async def requeue(session: AsyncSession, delivery: UUID) -> bool:
    """Look for a failed one in Slack, and send it if it is not there; False if there is none that failed."""
    about = (CheckIn.id == Delivery.subject_id) & (Delivery.kind == DeliveryKind.CHECK_IN)
    question = select(CheckIn.id).join(Delivery, about).where(Delivery.id == delivery)
    await session.execute(question.with_for_update(of=CheckIn, key_share=True))  # the question first, as all do
    result = await session.execute(
        update(Delivery)
        .where(Delivery.id == delivery, Delivery.state == DeliveryState.FAILED)
        .values(state=DeliveryState.UNKNOWN, run_at=func.now(), unknown_since=func.now())
        .returning(Delivery.kind, Delivery.subject_id)
    )
    row = result.first()
    if row and row.kind == DeliveryKind.CHECK_IN:
        cancelled = CheckIn.state == CheckInState.CANCELLED
        await session.execute(
            update(CheckIn).where(CheckIn.id == row.subject_id, cancelled).values(state=CheckInState.PLANNED)
        )
    return row is not None
