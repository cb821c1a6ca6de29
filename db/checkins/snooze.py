"""Questions that were put off: the same check-in, asked again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Integer, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.checkins.check_ins import COMES_LATER
from db.enums import CheckInState, DeliveryKind
from db.models import CheckIn, Member, Workspace
from db.outbox import outbox
from db.outbox.outbox import Enqueued, NewDelivery


@dataclass(frozen=True)
class Later:
    """A question whose second time has come, with what asking it needs to know of its member."""

    id: int
    member_id: int
    later_at: datetime
    tz: str
    quiet_until: datetime | None
    reachable: bool


@dataclass(frozen=True)
class Outcome:
    """What becomes of it: open, with another message or without, or put off until `later_at`."""

    of: Later
    asked: bool = False
    later_at: datetime | None = None

    @property
    def state(self) -> CheckInState:
        return CheckInState.PLANNED if self.later_at else CheckInState.ASKED


DUE = (
    select(
        CheckIn.id,
        CheckIn.member_id,
        CheckIn.later_at,
        Member.tz,
        Member.quiet_until,
        (Member.active & Workspace.uninstalled_at.is_(None)).label("reachable"),
    )
    .join(Member, Member.id == CheckIn.member_id)
    .join(Workspace, Workspace.id == Member.workspace_id)
    .where(COMES_LATER, CheckIn.later_at <= bindparam("now"))
    .order_by(CheckIn.later_at)
    .limit(bindparam("limit", type_=Integer))
    .with_for_update(of=(CheckIn, Member), skip_locked=True, key_share=True)
)


async def claim(session: AsyncSession, now: datetime, limit: int) -> list[Later]:
    """Up to `limit` that are due, oldest first, held with their members until the transaction ends."""
    rows = await session.execute(DUE, {"now": now, "limit": limit})
    return [Later(**row._mapping) for row in rows]


ANYTHING_DUE = text("""
    SELECT EXISTS (SELECT FROM schedules WHERE due_at <= :now)
        OR EXISTS (SELECT FROM check_ins WHERE state = 'planned' AND later_at <= :now)
""").columns()  # a SELECT: read sessions ask


async def anything_due(session: AsyncSession, now: datetime) -> bool:
    """Whether there is anything to plan or to ask again: in most ticks there is not, and this costs least."""
    return bool(await session.scalar(ANYTHING_DUE, {"now": now}))


NEXT_DUE = text("""
    SELECT LEAST((SELECT min(due_at) FROM schedules WHERE due_at > :after),
                 (SELECT min(later_at) FROM check_ins WHERE state = 'planned' AND later_at > :after))
""").columns()


async def next_due(session: AsyncSession, after: datetime) -> datetime | None:
    """The next instant at which there is something to plan or to ask again."""
    found: datetime | None = await session.scalar(NEXT_DUE, {"after": after})
    return found


SETTLE = text("""
    UPDATE check_ins AS c
       SET state = o.state, later_at = o.later_at, slot_at = CASE WHEN o.asked THEN c.later_at ELSE c.slot_at END
      FROM unnest(CAST(:ids AS bigint[]), CAST(:states AS text[]), CAST(:asked AS boolean[]),
                  CAST(:later AS timestamptz[])) AS o (id, state, asked, later_at)
     WHERE c.id = o.id
""")


async def settle(session: AsyncSession, outcomes: Sequence[Outcome]) -> list[Enqueued]:
    """Write down what becomes of claimed ones; those asked again move their slot, and get a delivery."""
    await session.execute(
        SETTLE,
        {
            "ids": [each.of.id for each in outcomes],
            "states": [each.state for each in outcomes],
            "asked": [each.asked for each in outcomes],
            "later": [each.later_at for each in outcomes],
        },
    )
    again = [each.of for each in outcomes if each.asked]
    return await outbox.enqueue(
        session,
        [
            NewDelivery(of.member_id, DeliveryKind.CHECK_IN, of.id, f"later:{of.id}:{of.later_at.isoformat()}")
            for of in again
        ],
    )
