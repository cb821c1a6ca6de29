"""Participation in a workspace, counted and not kept."""

from datetime import UTC, date, datetime, time

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from growth.participation import Counted, following

# What happened in a month stays as it was whoever leaves Slack later: an admin who deactivates somebody and looks again
# sees no difference.
COUNT = text("""
    SELECT count(*), count(*) FILTER (WHERE wrote)
      FROM (SELECT EXISTS (SELECT FROM entries e
                            WHERE e.member_id = m.id AND e.created_at >= :since AND e.created_at < :until) AS wrote,
                   EXISTS (SELECT FROM check_ins c
                            WHERE c.member_id = m.id AND c.slot_at >= :since AND c.slot_at < :until
                              AND c.state NOT IN ('missed', 'cancelled')
                              AND (c.state <> 'planned' OR c.later_at IS NOT NULL)) AS asked
              FROM members m JOIN workspaces w ON w.id = m.workspace_id
             WHERE w.key = :workspace) AS each
     WHERE wrote OR asked
""").columns()  # a SELECT: read sessions ask


async def count(session: AsyncSession, workspace: str, month: date) -> Counted:
    """How many people took part in the calendar month that begins on that day, in UTC."""
    since, until = (datetime.combine(day, time(), UTC) for day in (month, following(month)))
    row = (await session.execute(COUNT, {"workspace": workspace, "since": since, "until": until})).one()
    return Counted(*row)
