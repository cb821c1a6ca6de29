"""Which messages show an entry."""

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import array_of
from db.mentoring.stale import COMPOSING
from db.outbox.stale import MARK

ENTRIES = text(f"""
    WITH changed (id) AS (SELECT unnest(CAST(:ids AS bigint[]))),
         shows (kind, subject_id) AS (
           SELECT 'entry', id FROM changed
            UNION SELECT 'check_in', e.check_in_id FROM entries e JOIN changed USING (id)
                   WHERE e.check_in_id IS NOT NULL
            UNION SELECT 'check_in', c.id FROM check_ins c JOIN changed ON c.quoted_entry_id = changed.id
            UNION SELECT 'digest', s.digest_id FROM disclosures s JOIN changed ON s.entry_id = changed.id
                   WHERE s.digest_id IS NOT NULL
            UNION SELECT 'digest', d.subject_id
                    FROM changed JOIN shares s ON s.entry_id = changed.id JOIN mentorships m ON m.id = s.mentorship_id
                         JOIN deliveries d ON d.member_id = m.mentor_id AND {COMPOSING}
            UNION SELECT 'comment', c.id FROM comments c JOIN changed ON c.entry_id = changed.id)
    {MARK}
""")


async def mark_entries(session: AsyncSession, entry_ids: Collection[int]) -> None:
    """These entries have changed, or who may read them: their own messages, questions, digests and comments."""
    await session.execute(ENTRIES, {"ids": array_of(entry_ids)})
