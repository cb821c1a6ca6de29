"""Which deliveries the messages in Slack are of, and where they stand."""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from db.enums import DeliveryKind, DeliveryState
from db.members import Who
from db.models import Delivery, Member, Workspace
from db.outbox.deliveries import HELD
from db.workspaces.workspaces import SILENT


async def in_doubt(session: AsyncSession, who: Who, channel: str, ts: str) -> dict[str, tuple[DeliveryKind, int]]:
    """Delivery id → kind and subject of what may have been sent to the person as that message of their DM."""
    here = aliased(Delivery)
    rows = await session.execute(
        select(Delivery.id, Delivery.kind, Delivery.subject_id)
        .join(Member, Member.id == Delivery.member_id)
        .join(Workspace, Workspace.id == Member.workspace_id)
        .where(Workspace.key == who.workspace, Member.slack_user == who.user)
        .where(Delivery.channel == channel, ~exists().where(here.channel == channel, here.ts == ts))
        .where(Delivery.state.in_((*HELD, DeliveryState.FAILED)))
    )
    return {str(row.id): (DeliveryKind(row.kind), row.subject_id) for row in rows}


async def known(session: AsyncSession, channel: str, stamps: Collection[str]) -> set[str]:
    """Those of the messages of a DM, by their ts, that are known to be of a delivery."""
    sent = select(Delivery.ts).where(Delivery.channel == channel, Delivery.ts.in_(stamps))
    return {str(ts) for ts in await session.scalars(sent)}


async def at_message(session: AsyncSession, who: Who, channel: str, ts: str) -> tuple[DeliveryKind, int] | None:
    """Kind and subject of what was sent to the person as that message."""
    row = (
        await session.execute(
            select(Delivery.kind, Delivery.subject_id)
            .join(Member, Member.id == Delivery.member_id)
            .join(Workspace, Workspace.id == Member.workspace_id)
            .where(Workspace.key == who.workspace, Member.slack_user == who.user)
            .where(Delivery.channel == channel, Delivery.ts == ts)
        )
    ).first()
    return (DeliveryKind(row.kind), row.subject_id) if row else None


async def is_sent(session: AsyncSession, who: Who, ts: str) -> bool:
    """Whether a message of the person's DM is known to be of a delivery."""
    found = (
        select(Delivery.id)
        .join(Member, Member.id == Delivery.member_id)
        .join(Workspace, Workspace.id == Member.workspace_id)
        .where(Workspace.key == who.workspace, Member.slack_user == who.user)
        .where(Delivery.ts == ts, Delivery.state == DeliveryState.SENT)
    )
    return await session.scalar(found) is not None


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
