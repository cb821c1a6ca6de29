"""What goes into the outbox, in the transaction of whatever it tells about."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import columns


class NewDelivery(NamedTuple):
    """One message to come. Of the same member, kind and key there is only ever one."""

    member_id: int
    kind: str
    subject_id: int
    dedupe_key: str


# Rows as NewDelivery has them, of a CTE named `new`, into the outbox.
INSERT = """
    INSERT INTO deliveries (member_id, workspace_id, kind, subject_id, dedupe_key)
    SELECT m.id, m.workspace_id, new.kind, new.subject_id, new.dedupe_key
      FROM new JOIN members m ON m.id = new.member_id
        ON CONFLICT (member_id, kind, dedupe_key) DO NOTHING
 RETURNING id, kind, member_id
"""
ENQUEUE = text(f"""
      WITH new (member_id, kind, subject_id, dedupe_key) AS (
           SELECT * FROM unnest(CAST(:member_id AS bigint[]), CAST(:kind AS text[]), CAST(:subject_id AS bigint[]),
                                CAST(:dedupe_key AS text[])))
    {INSERT}
""")


class Enqueued(NamedTuple):
    """A message that is in the outbox, and whom it is for."""

    id: UUID
    kind: str
    member_id: int


async def enqueue(session: AsyncSession, new: Sequence[NewDelivery]) -> list[Enqueued]:
    """Put messages into the outbox, ready to be sent; those that are there already stay, and are not returned."""
    if not new:
        return []
    rows = await session.execute(ENQUEUE, columns(new))
    return [Enqueued._make(row) for row in rows.all()]


SHOWN = text("""
    INSERT INTO deliveries (member_id, workspace_id, kind, subject_id, dedupe_key, state, channel, ts)
    SELECT id, workspace_id, :kind, :subject_id, :key, 'sent', :channel, :ts FROM members WHERE id = :member_id
        ON CONFLICT (member_id, kind, dedupe_key) DO UPDATE SET subject_id = excluded.subject_id
""")


async def shown(session: AsyncSession, member_id: int, kind: str, subject_id: int, channel: str, ts: str) -> None:
    """An answer that stays in the member's DM shows that subject from now on, and is refreshed with it."""
    about = {"member_id": member_id, "kind": kind, "subject_id": subject_id, "channel": channel, "ts": ts}
    await session.execute(SHOWN, {**about, "key": f"{channel}:{ts}"})
