"""What Slack says about people: their zones, and who is still there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.account.rezoning import rezone
from db.mentoring import requests
from db.models import Member, Workspace
from db.outbox import stale


@dataclass(frozen=True)
class Profile:
    """A user of Slack's. `tz` is none where Slack names no zone."""

    user: str
    tz: str | None
    active: bool


FOLLOW = text("""
    UPDATE members m
       SET active = p.active,
           left_at = CASE WHEN p.active THEN NULL ELSE COALESCE(m.left_at, :now) END,
           tz = CASE WHEN m.tz_pinned THEN m.tz ELSE COALESCE(p.tz, m.tz) END
      FROM workspaces w, members before,
           unnest(CAST(:users AS text[]), CAST(:zones AS text[]), CAST(:active AS boolean[]))
           AS p (slack_user, tz, active)
     WHERE before.id = m.id AND w.key = :workspace AND m.workspace_id = w.id AND m.slack_user = p.slack_user
       AND (m.active <> p.active OR NOT m.tz_pinned AND m.tz <> p.tz)
 RETURNING m.id, m.active, m.tz, before.tz AS tz_before
""")


async def follow(session: AsyncSession, workspace: str, profiles: Sequence[Profile], now: datetime) -> int:
    """Bring members up to date with their profiles; how many changed. Zones that they pinned stay.

    The mentorships of those who left are over, silently: whoever comes back asks anew.
    """
    changed = await session.execute(
        FOLLOW,
        {
            "workspace": workspace,
            "now": now,
            "users": [each.user for each in profiles],
            "zones": [each.tz for each in profiles],
            "active": [each.active for each in profiles],
        },
    )
    rows = changed.all()
    if moved := {row.id: row.tz_before for row in rows if row.tz != row.tz_before}:
        await rezone(session, moved, now)
    if gone := [row.id for row in rows if not row.active]:
        await _have_left(session, gone, now)
    return len(rows)


async def left(session: AsyncSession, member_id: int, now: datetime) -> None:
    """Slack has nobody there any more whom Rung could write to; their mentorships end with that."""
    since = func.coalesce(Member.left_at, now)
    await session.execute(update(Member).where(Member.id == member_id).values(active=False, left_at=since))
    await _have_left(session, [member_id], now)


async def _have_left(session: AsyncSession, member_ids: Sequence[int], now: datetime) -> None:
    await requests.suspend(session, member_ids, now)
    await stale.mark_in_flight(session, member_ids)


async def claim_workspace(session: AsyncSession, now: datetime, every: timedelta, again: timedelta) -> str | None:
    """The key of a workspace whose people were not read for as long as `every`.

    Nobody else gets it for as long as `again`, after which it is due once more, unless `was_read` was said.
    """
    oldest = (
        select(Workspace.id)
        .where(
            Workspace.uninstalled_at.is_(None),
            Workspace.people_read_at.is_(None) | (Workspace.people_read_at <= now - every),
        )
        .order_by(Workspace.people_read_at.nulls_first())
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    key: str | None = await session.scalar(
        update(Workspace)
        .where(Workspace.id == oldest.scalar_subquery())
        .values(people_read_at=now - every + again)
        .returning(Workspace.key)
        .execution_options(synchronize_session=False)
    )
    return key


async def was_read(session: AsyncSession, workspace: str, now: datetime) -> None:
    """All its people were read."""
    await session.execute(update(Workspace).where(Workspace.key == workspace).values(people_read_at=now))
