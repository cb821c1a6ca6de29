"""Which messages show a mentorship."""

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import array_of
from db.outbox.stale import MARK

# A digest that may be composed at this moment: what it shows is written down, and not committed yet.
COMPOSING = "d.kind = 'digest' AND d.state IN ('ready', 'sending', 'unknown')"
MENTORSHIPS = text(f"""
    WITH changed (id) AS (SELECT unnest(CAST(:ids AS bigint[]))),
         shows (kind, subject_id) AS (
           SELECT kind, id FROM changed, unnest(ARRAY['mentor_request', 'mentor_answer']) AS told (kind)
            UNION SELECT 'digest', g.id
                    FROM changed JOIN mentorships m USING (id) JOIN digests g ON g.mentor_id = m.mentor_id
                   WHERE g.parts @> jsonb_build_array(jsonb_build_object('mentorship', m.id))
            UNION SELECT 'digest', d.subject_id
                    FROM changed JOIN mentorships m USING (id) JOIN deliveries d ON d.member_id = m.mentor_id
                         AND {COMPOSING})
    {MARK}
""")


async def mark_mentorships(session: AsyncSession, mentorship_ids: Collection[int]) -> None:
    """These mentorships have changed: what was said about them, and the digests that told of them."""
    await session.execute(MENTORSHIPS, {"ids": array_of(mentorship_ids)})
