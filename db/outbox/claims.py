"""Who may send or refresh what, and when: leases, token buckets, and whose turn it is; all on Postgres's clock.

What is claimed is paid for in the same transaction, out of the bucket of its workspace. The row of the workspace is
locked meanwhile, so that senders side by side never spend a token twice; a sender that finds it locked passes it over.
Where Slack refuses what Rung sends, one delivery at a time is claimed, to try whether it still does.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.enums import DeliveryState
from db.models import Delivery
from db.outbox.deliveries import Claim

# Opening a DM, reading its history and changing a message are calls that Slack allows some fifty times a minute only.
RARE_CALL = 5  # tokens
SENDER_GONE, UNINSTALLED = "its sender was gone", "Rung was uninstalled"


@dataclass(frozen=True)
class Pace:
    """How fast one workspace is written to: never more than `per_minute` messages in any minute."""

    per_minute: int = 240

    @property
    def capacity(self) -> float:
        """What may go out at once after a quiet time: about three seconds' worth."""
        return max(RARE_CALL, self.per_minute / 20)

    @property
    def per_second(self) -> float:
        """How fast the bucket fills: in a minute it gives what it holds and what flows in."""
        return (self.per_minute - self.capacity) / 60


# As the condition of the index of what waits.
WAITS = "(d.state IN ('ready', 'unknown') OR d.state = 'sent' AND d.stale_at IS NOT NULL) AND d.run_at <= now()"
CLAIM = text(f"""
    WITH open AS MATERIALIZED (
        SELECT w.id, w.key, w.refused_since IS NOT NULL AS refused,
               :capacity - :per_second * extract(epoch FROM GREATEST(w.bucket_full_at, now()) - now()) AS tokens
          FROM workspaces w
         WHERE w.uninstalled_at IS NULL AND (w.paused_until IS NULL OR w.paused_until <= now())
           AND EXISTS (SELECT FROM deliveries d
                        WHERE d.workspace_id = w.id AND {WAITS})
           FOR NO KEY UPDATE SKIP LOCKED
    ), waiting AS MATERIALIZED (
        SELECT open.key AS workspace, open.id AS workspace_id, open.tokens, open.refused, d.*
          FROM open CROSS JOIN LATERAL (
            SELECT d.id, d.run_at, d.state, COALESCE(d.channel, m.dm_channel) AS dm
              FROM deliveries d JOIN members m ON m.id = d.member_id
             WHERE d.workspace_id = open.id AND {WAITS}
             ORDER BY d.run_at
             LIMIT :limit
               FOR NO KEY UPDATE OF d SKIP LOCKED) d
         WHERE open.tokens >= 1
    ), priced AS (
        SELECT *, CASE WHEN state <> 'ready' OR dm IS NULL THEN :rare_call ELSE 1 END AS price FROM waiting
    ), ranked AS (
        SELECT *, row_number() OVER line AS turn, sum(price) OVER line AS spent
          FROM priced WINDOW line AS (PARTITION BY workspace_id ORDER BY run_at, id)
    ), taken AS (
        SELECT * FROM ranked WHERE spent <= tokens AND (turn = 1 OR NOT refused) ORDER BY turn, run_at LIMIT :limit
    ), paid AS (
        UPDATE workspaces w
           SET bucket_full_at = GREATEST(w.bucket_full_at, now()) + make_interval(secs => bill.tokens / :per_second),
               paused_until = CASE WHEN w.refused_since IS NULL THEN w.paused_until
                                   ELSE now() + CAST(:lease AS interval) END
          FROM (SELECT workspace_id, sum(price) AS tokens FROM taken GROUP BY workspace_id) bill
         WHERE w.id = bill.workspace_id
    )
    UPDATE deliveries d
       SET token = gen_random_uuid(), channel = taken.dm,
           state = CASE WHEN taken.state = 'ready' THEN 'sending' ELSE taken.state END,
           attempts = CASE WHEN taken.state = 'ready' THEN d.attempts + 1 ELSE d.attempts END,
           lease_until = CASE WHEN taken.state = 'ready' THEN now() + CAST(:lease AS interval) END,
           run_at = CASE WHEN taken.state = 'ready' THEN d.run_at ELSE now() + CAST(:lease AS interval) END
      FROM taken
     WHERE d.id = taken.id
 RETURNING d.id, d.token, d.member_id, d.kind, d.subject_id, d.attempts, d.channel, d.ts, d.stale_at, d.created_at,
           taken.workspace, taken.state, taken.refused AS probe
""")


async def claim(session: AsyncSession, limit: int, lease: timedelta, pace: Pace) -> list[Claim]:
    """Up to `limit` deliveries to send, look for or refresh: in turn of their workspaces, oldest first within each."""
    values = {
        "limit": limit,
        "lease": lease,
        "capacity": pace.capacity,
        "per_second": pace.per_second,
        "rare_call": RARE_CALL,
    }
    return [Claim(**row._mapping) for row in await session.execute(CLAIM, values)]


PROBES = text(f"""
    UPDATE workspaces
       SET paused_until = now() + CAST(:lease AS interval)
     WHERE id IN (
       SELECT w.id FROM workspaces w
        WHERE w.refused_for = ANY(CAST(:words AS text[])) AND w.uninstalled_at IS NULL
          AND (w.paused_until IS NULL OR w.paused_until <= now())
          AND NOT EXISTS (SELECT FROM deliveries d
                           WHERE d.workspace_id = w.id AND {WAITS})
        ORDER BY w.paused_until
        LIMIT :limit
          FOR NO KEY UPDATE SKIP LOCKED)
 RETURNING key
""")


async def probes(session: AsyncSession, words: Collection[str], limit: int, lease: timedelta) -> list[str]:
    """Workspaces where Slack refuses with one of these words, and nothing is due that would show whether it still does.

    Nobody else gets them for as long as the lease.
    """
    return list(await session.scalars(PROBES, {"words": list(words), "limit": limit, "lease": lease}))


class Swept(NamedTuple):
    """A delivery that nobody held any more, about what, the state it is in now, and why."""

    id: UUID
    kind: str
    subject_id: int
    state: str
    reason: str | None


async def expire_leases(session: AsyncSession, margin: timedelta) -> list[Swept]:
    """Whoever held them is gone, perhaps after the message went out: unknown until Slack's history was read."""
    expired = (
        select(Delivery.id)
        .where(Delivery.state == DeliveryState.SENDING, Delivery.lease_until < func.now())
        .with_for_update(key_share=True, skip_locked=True)
    )
    rows = await session.execute(
        update(Delivery)
        .where(Delivery.id.in_(expired))
        .values(
            state=DeliveryState.UNKNOWN,
            lease_until=None,
            unknown_since=func.now(),
            run_at=func.now() + margin,
            error=SENDER_GONE,
        )
        .returning(Delivery.id, Delivery.kind, Delivery.subject_id, Delivery.state, Delivery.error)
        .execution_options(synchronize_session=False)
    )
    return [Swept(*row) for row in rows]


ABANDON = text("""
    UPDATE deliveries d
       SET state = CASE d.state WHEN 'ready' THEN 'cancelled' ELSE 'failed' END, unknown_since = NULL, error = :reason
      FROM workspaces w
     WHERE w.id = d.workspace_id AND w.uninstalled_at < now() - CAST(:after AS interval)
       AND d.state IN ('ready', 'unknown')
 RETURNING d.id, d.kind, d.subject_id, d.state, d.error
""")


async def abandon(session: AsyncSession, after: timedelta) -> list[Swept]:
    """End what still waits for a workspace that uninstalled Rung so long ago."""
    rows = await session.execute(ABANDON, {"after": after, "reason": UNINSTALLED})
    return [Swept(*row) for row in rows]
