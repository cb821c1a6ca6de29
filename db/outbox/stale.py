"""Which messages show something that changed: marked in the transaction of the change, and refreshed by the sender.

Those that are on their way are marked too, and those that wait to be composed: who composed one before the change was
committed finds the mark when Slack has it. A mark takes the locks of its messages in the order of their ids; a
transaction that marks locks nothing afterwards.
"""

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import array_of
from db.enums import DeliveryKind
from db.members import UserRef

# A refresh that is under way is waited for: `run_at` of what is stale already stays, so that no two cross.
MARK = """
    , locked AS (
           SELECT d.id FROM deliveries d JOIN shows s ON s.kind = d.kind AND s.subject_id = d.subject_id
            WHERE d.state IN ('ready', 'sending', 'unknown', 'sent')
            ORDER BY d.id
              FOR NO KEY UPDATE OF d)
    UPDATE deliveries d
       SET stale_at = clock_timestamp(),
           run_at = CASE WHEN d.state = 'sent' AND d.stale_at IS NULL THEN now() ELSE d.run_at END
      FROM locked
     WHERE d.id = locked.id
"""
SUBJECTS = text(f"""
    WITH shows (kind, subject_id) AS (
           SELECT CAST(:kind AS text), id FROM unnest(CAST(:ids AS bigint[])) AS wanted (id))
    {MARK}
""")
UNSETTLED = text(f"""
    WITH shows (kind, subject_id) AS (
           SELECT d.kind, d.subject_id FROM deliveries d
            WHERE d.kind = :kind AND d.subject_id = ANY(CAST(:ids AS bigint[]))
              AND (d.state <> 'sent' OR d.stale_at IS NOT NULL))
    {MARK}
""")
IN_FLIGHT = text("""
    WITH locked AS (
           SELECT id FROM deliveries
            WHERE member_id = ANY(CAST(:ids AS bigint[])) AND state IN ('ready', 'sending', 'unknown')
            ORDER BY id
              FOR NO KEY UPDATE)
    UPDATE deliveries d SET stale_at = clock_timestamp() FROM locked WHERE d.id = locked.id
""")
AT_MESSAGE = text("""
    UPDATE deliveries d
       SET stale_at = clock_timestamp(), run_at = CASE WHEN d.stale_at IS NULL THEN now() ELSE d.run_at END
      FROM members m JOIN workspaces w ON w.id = m.workspace_id
     WHERE m.id = d.member_id AND w.key = :workspace AND m.slack_user = :user AND d.ts = :ts AND d.state = 'sent'
""")
IS_STALE = text("""
    SELECT EXISTS (
      SELECT FROM deliveries d JOIN members m ON m.id = d.member_id JOIN workspaces w ON w.id = m.workspace_id
       WHERE w.key = :workspace AND m.slack_user = :user AND d.ts = :ts
         AND d.stale_at IS NOT NULL)
""").columns()  # a SELECT: read sessions ask


async def mark(session: AsyncSession, kind: DeliveryKind, subject_ids: Collection[int]) -> None:
    """What the messages of that kind about these subjects show has changed."""
    await session.execute(SUBJECTS, {"kind": kind, "ids": array_of(subject_ids)})


async def mark_unsettled(session: AsyncSession, kind: DeliveryKind, subject_ids: Collection[int]) -> None:
    """As `mark`, but a message that stands there, and is not stale, is answered in its place, with more than that."""
    await session.execute(UNSETTLED, {"kind": kind, "ids": array_of(subject_ids)})


async def mark_in_flight(session: AsyncSession, member_ids: Collection[int]) -> None:
    """What these members want, or may be sent, has changed: what is on its way may not be wanted any more."""
    await session.execute(IN_FLIGHT, {"ids": array_of(member_ids)})


async def mark_message(session: AsyncSession, who: UserRef, ts: str) -> None:
    """A message of the person's DM is to be refreshed again, be it that a refresh is under way."""
    await session.execute(AT_MESSAGE, {**who._asdict(), "ts": ts})


async def is_stale(session: AsyncSession, who: UserRef, ts: str) -> bool:
    """Whether that message of the person's DM is to be refreshed."""
    return bool(await session.scalar(IS_STALE, {**who._asdict(), "ts": ts}))
