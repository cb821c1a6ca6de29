"""Which deliveries the messages in Slack are of, and where they stand."""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import Text, bindparam, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from db.engine import any_of, array_of
from db.enums import DeliveryKind, DeliveryState
from db.members import UserRef, of_person
from db.models import Delivery, Member, Workspace
from db.outbox.deliveries import HELD
from db.workspaces.workspaces import SILENT

CHANNEL, TS = bindparam("channel", type_=Text), bindparam("ts", type_=Text)
DELIVERIES = of_person(
    select(Delivery.id, Delivery.kind, Delivery.subject_id).join(Member, Member.id == Delivery.member_id)
)
KNOWN = aliased(Delivery)
IN_DOUBT = DELIVERIES.where(Delivery.channel == CHANNEL, Delivery.state.in_((*HELD, DeliveryState.FAILED))).where(
    ~exists().where(KNOWN.channel == CHANNEL, KNOWN.ts == TS)
)


async def in_doubt(session: AsyncSession, who: UserRef, channel: str, ts: str) -> dict[str, tuple[DeliveryKind, int]]:
    """Delivery id → kind and subject of what may have been sent to the person as that message of their DM."""
    rows = await session.execute(IN_DOUBT, {**who._asdict(), "channel": channel, "ts": ts})
    return {str(row.id): (DeliveryKind(row.kind), row.subject_id) for row in rows}


AMONG = select(Delivery.ts).where(Delivery.channel == CHANNEL, Delivery.ts == any_of("stamps", Text))


async def known(session: AsyncSession, channel: str, stamps: Collection[str]) -> set[str]:
    """Those of the messages of a DM, by their ts, that are known to be of a delivery."""
    if not stamps:
        return set()
    return {str(ts) for ts in await session.scalars(AMONG, {"channel": channel, "stamps": array_of(stamps)})}


AT_MESSAGE = DELIVERIES.where(Delivery.channel == CHANNEL, Delivery.ts == TS)


async def at_message(session: AsyncSession, who: UserRef, channel: str, ts: str) -> tuple[DeliveryKind, int] | None:
    """Kind and subject of what was sent to the person as that message."""
    row = (await session.execute(AT_MESSAGE, {**who._asdict(), "channel": channel, "ts": ts})).first()
    return (DeliveryKind(row.kind), row.subject_id) if row else None


IS_SENT = DELIVERIES.where(Delivery.ts == TS, Delivery.state == DeliveryState.SENT)


async def is_sent(session: AsyncSession, who: UserRef, ts: str) -> bool:
    """Whether a message of the person's DM is known to be of a delivery."""
    return await session.scalar(IS_SENT, {**who._asdict(), "ts": ts}) is not None


class Sent(NamedTuple):
    """A message of a delivery: its workspace, and where it stands."""

    workspace: str
    channel: str
    ts: str


async def newest(session: AsyncSession, workspace: str | None = None) -> Sent | None:
    """The newest message that was sent, in the workspace of that key or in any that Rung can write to."""
    here = Workspace.key == workspace if workspace else ~SILENT
    row = (
        await session.execute(
            select(Workspace.key, Delivery.channel, Delivery.ts)
            .join(Workspace, Workspace.id == Delivery.workspace_id)
            .where(here, Delivery.state == DeliveryState.SENT)
            .order_by(Delivery.ts.desc())
            .limit(1)
        )
    ).first()
    return Sent(row[0], str(row[1]), str(row[2])) if row else None
