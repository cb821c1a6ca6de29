"""Workspaces: installed or not, and whether Slack asked them to wait."""

from datetime import timedelta

from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import Workspace


async def pause(session: AsyncSession, key: str, wait: timedelta) -> None:
    """Nothing is sent there for so long; nobody else waits."""
    until = func.greatest(Workspace.paused_until, func.now() + wait)
    await session.execute(update(Workspace).where(Workspace.key == key).values(paused_until=until))


async def uninstalled(session: AsyncSession, key: str) -> None:
    """Slack does not know Rung there any more: nothing is sent until it is installed again."""
    await session.execute(
        update(Workspace)
        .where(Workspace.key == key, Workspace.uninstalled_at.is_(None))
        .values(uninstalled_at=func.now())
    )


async def installed(session: AsyncSession, key: str) -> None:
    """Slack took the token of this workspace."""
    await session.execute(
        update(Workspace).where(Workspace.key == key, Workspace.uninstalled_at.is_not(None)).values(uninstalled_at=None)
    )


async def refill(session: AsyncSession) -> None:
    """Every token bucket is full."""
    await session.execute(update(Workspace).values(bucket_full_at=None))
