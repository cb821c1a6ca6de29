"""Workspaces: installed or not, and whether Slack asked them to wait."""

from datetime import datetime, timedelta

from sqlalchemy import ScalarSelect, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import Workspace


def here(key: str) -> ScalarSelect[int]:
    """The id of the workspace, for a condition on rows that are found by ids from outside."""
    return select(Workspace.id).where(Workspace.key == key).scalar_subquery()


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
    await session.execute(update(Workspace).where(Workspace.key == key).values(installed_at=at, uninstalled_at=None))


async def refill(session: AsyncSession) -> None:
    """Every token bucket is full."""
    await session.execute(update(Workspace).values(bucket_full_at=None))
