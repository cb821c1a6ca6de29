"""Workspaces: installed or not, and whether Slack takes what Rung sends there, or asked it to wait."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, case, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import Workspace

REFUSED = Workspace.refused_since.is_not(None)
SILENT = REFUSED | Workspace.uninstalled_at.is_not(None)
UNINSTALLED = "uninstalled"
LONGEST_REFUSED = timedelta(hours=1)  # between two tries
# The id of the workspace whose key is bound as `workspace`: for a condition on rows that are found by ids from outside.
HERE = select(Workspace.id).where(Workspace.key == bindparam("workspace")).scalar_subquery()


async def pause(session: AsyncSession, key: str, wait: timedelta) -> None:
    """Nothing is sent there for so long; nobody else waits."""
    until = func.greatest(Workspace.paused_until, func.now() + wait)
    await session.execute(update(Workspace).where(Workspace.key == key).values(paused_until=until))


async def add(session: AsyncSession, key: str) -> None:
    """The workspace, made when missing."""
    await session.execute(insert(Workspace).values(key=key).on_conflict_do_nothing())


async def uninstalled(session: AsyncSession, key: str, at: datetime) -> bool:
    """Slack did not know Rung there at that instant: nothing is planned or sent until it is installed again.

    Whether that is news: of what was before the latest installation it is none.
    """
    done = await session.execute(
        update(Workspace)
        .where(
            Workspace.key == key,
            Workspace.uninstalled_at.is_(None),
            Workspace.installed_at.is_(None) | (Workspace.installed_at < at),
        )
        .values(uninstalled_at=func.now())
        .returning(Workspace.id)
    )
    return done.first() is not None


async def installed(session: AsyncSession, key: str, at: datetime) -> None:
    """Slack gave or took a token of this workspace: all that it had goes on."""
    paused_until = case((REFUSED, None), else_=Workspace.paused_until)
    now_on = {"installed_at": at, "uninstalled_at": None, "refused_since": None, "refused_for": None}
    await session.execute(update(Workspace).where(Workspace.key == key).values(paused_until=paused_until, **now_on))


async def refuse(session: AsyncSession, key: str, word: str, wait: timedelta) -> bool:
    """Slack refuses what Rung sends there: nothing is, but one try after `wait`, then ever more rarely.

    Whether that is news.
    """
    known = await session.scalar(
        select(Workspace.refused_for).where(Workspace.key == key).with_for_update(key_share=True)
    )
    since = func.coalesce(Workspace.refused_since, func.now())
    pause = func.least(func.now() - since + wait, LONGEST_REFUSED)
    await session.execute(
        update(Workspace)
        .where(Workspace.key == key)
        .values(refused_since=since, refused_for=word, paused_until=func.now() + pause)
    )
    return known != word


async def try_again(session: AsyncSession, key: str) -> None:
    """The last try never came to Slack: the next may follow."""
    await session.execute(update(Workspace).where(Workspace.key == key, REFUSED).values(paused_until=None))


async def accepted(session: AsyncSession, key: str, at: datetime) -> bool:
    """Slack took what Rung sent there at that instant: all goes on. Whether that is news."""
    done = await session.execute(
        update(Workspace)
        .where(Workspace.key == key, REFUSED)
        .values(
            refused_since=None,
            refused_for=None,
            paused_until=None,
            installed_at=func.greatest(Workspace.installed_at, at),
        )
        .returning(Workspace.id)
    )
    return done.first() is not None


IS_SILENT = select(SILENT).where(Workspace.id == bindparam("id"))


async def is_silent(session: AsyncSession, workspace_id: int) -> bool:
    """Whether nothing can be sent there now, because Slack refuses it or Rung is not installed."""
    return bool(await session.scalar(IS_SILENT, {"id": workspace_id}))


class Silent(NamedTuple):
    """A workspace where nothing can be sent, since when, and Slack's word for it."""

    key: str
    since: datetime
    word: str


async def silent(session: AsyncSession, key: str | None = None) -> Sequence[Silent]:
    """Where Slack refuses what Rung sends, longest first; with a key, that workspace, even if Rung is uninstalled."""
    there = SILENT & (Workspace.key == key) if key else REFUSED & Workspace.uninstalled_at.is_(None)
    since = func.coalesce(Workspace.refused_since, Workspace.uninstalled_at)
    word = func.coalesce(Workspace.refused_for, UNINSTALLED)
    rows = await session.execute(select(Workspace.key, since, word).where(there).order_by(since))
    return [Silent(*row) for row in rows]


async def installed_count(session: AsyncSession) -> int:
    """In how many workspaces Rung is installed."""
    return await session.scalar(select(func.count()).where(Workspace.uninstalled_at.is_(None))) or 0


async def refill(session: AsyncSession) -> None:
    """Every token bucket is full."""
    await session.execute(update(Workspace).values(bucket_full_at=None))
