"""What is still to be removed from Slack; all on Postgres's clock."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import CursorResult, delete, exists, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.enums import RemovalKind
from db.models import Delivery, Removal, Workspace
from db.workspaces.workspaces import SILENT


class Task(NamedTuple):
    """A removal that this process has until its lease runs out; the rest as in the table."""

    id: int
    workspace: str
    kind: str
    channel: str
    ts: str | None
    last_word: bool
    forgotten_at: datetime


# Whoever has it and dies has done a part, or all of it: doing it again does no harm.
CLAIM = text("""
    UPDATE removals r
       SET run_at = now() + CAST(:lease AS interval)
      FROM workspaces w
     WHERE w.id = r.workspace_id
       AND r.id = (SELECT due.id FROM removals due JOIN workspaces here ON here.id = due.workspace_id
                    WHERE due.run_at <= now() AND here.uninstalled_at IS NULL
                    ORDER BY due.run_at, due.id LIMIT 1
                      FOR UPDATE OF due SKIP LOCKED)
 RETURNING r.id, w.key, r.kind, r.channel, r.ts, r.last_word, r.forgotten_at
""")


REMOVE = text("""
    INSERT INTO removals (workspace_id, kind, channel, ts, forgotten_at)
    SELECT id, 'message', :channel, :ts, :now FROM workspaces WHERE key = :workspace
""")


async def remove_message(session: AsyncSession, workspace: str, channel: str, ts: str, now: datetime) -> None:
    """A message that nobody is to read any more is to be deleted."""
    await session.execute(REMOVE, {"workspace": workspace, "channel": channel, "ts": ts, "now": now})


async def anything(session: AsyncSession) -> bool:
    """Whether something is to be removed, now or later."""
    return bool(await session.scalar(select(exists().select_from(Removal))))


async def claim(session: AsyncSession, lease: timedelta) -> Task | None:
    """One that is due, for nobody else as long as the lease."""
    row = (await session.execute(CLAIM, {"lease": lease})).first()
    return Task(*row) if row else None


async def done(session: AsyncSession, task: Task) -> None:
    """There is nothing left of it."""
    await session.execute(delete(Removal).where(Removal.id == task.id))


async def look_again(session: AsyncSession, task: Task, after: timedelta) -> bool:
    """Its conversation is done. Once more later, for what was on its way there. False: somebody said so before."""
    row = await session.execute(
        update(Removal)
        .where(Removal.id == task.id, Removal.kind == RemovalKind.CONVERSATION)
        .values(kind=RemovalKind.ORPHANS, ts=None, run_at=func.now() + after)
    )
    assert isinstance(row, CursorResult)
    here = (Removal.kind == RemovalKind.MESSAGE) & (Removal.channel == task.channel)
    await session.execute(delete(Removal).where(here).execution_options(synchronize_session=False))
    return row.rowcount == 1


async def back_to(session: AsyncSession, task: Task, ts: str) -> None:
    """Its conversation is done back to that message."""
    await session.execute(update(Removal).where(Removal.id == task.id, Removal.kind == task.kind).values(ts=ts))


async def defer(session: AsyncSession, task: Task, after: timedelta) -> None:
    """Again after a while."""
    await session.execute(update(Removal).where(Removal.id == task.id).values(run_at=func.now() + after))


async def pause(session: AsyncSession, task: Task, wait: timedelta) -> None:
    """None of that workspace's for so long."""
    here = select(Workspace.id).where(Workspace.key == task.workspace).scalar_subquery()
    until = func.greatest(Removal.run_at, func.now() + wait)
    await session.execute(update(Removal).where(Removal.id == task.id).values(run_at=func.now()))
    await session.execute(update(Removal).where(Removal.workspace_id == here).values(run_at=until))


async def give_up(session: AsyncSession, after: timedelta) -> int:
    """Drop what could not be removed for so long; how many that were. Where nothing can be done now it waits."""
    tried_since = func.greatest(Removal.created_at, Workspace.installed_at)
    old = delete(Removal).where(Removal.workspace_id == Workspace.id, ~SILENT, tried_since < func.now() - after)
    result = await session.execute(old.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)
    return result.rowcount


async def expected(session: AsyncSession, ids: Collection[UUID]) -> set[UUID]:
    """Those of the deliveries that are in the outbox."""
    return set(await session.scalars(select(Delivery.id).where(Delivery.id.in_(ids))))
