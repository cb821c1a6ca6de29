"""Whether the database answers, and Slack takes what Rung sends: for those who look from outside, and soon."""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import Sessions
from db.workspaces import workspaces
from db.workspaces.workspaces import Silent

T = TypeVar("T")
PATIENCE = 2.0  # seconds, less than whoever probes waits


async def answers(engine: AsyncEngine) -> bool:
    """Whether Postgres answers, and soon."""
    return await soon(_select(engine)) is not None


@dataclass(frozen=True)
class Refusals:
    """The workspaces where Slack refuses what Rung sends, of so many."""

    silent: Sequence[Silent] = ()
    of: int = 1

    @property
    def everywhere(self) -> bool:
        return 0 < len(self.silent) >= self.of

    def lines(self) -> list[str]:
        """How many they are, and since when and for which word it is so in the first of them."""
        if not self.silent:
            return []
        first = self.silent[0]
        return [f"refused: {len(self.silent)} of {self.of}, since {first.since:%Y-%m-%d %H:%M} UTC ({first.word})"]


async def refusals_in(sessions: Sessions, key: str | None) -> Refusals:
    """Where Slack refuses what Rung sends: in the workspace of that key, or among all that installed Rung."""
    async with sessions() as session:
        silent = await workspaces.silent(session, key)
        return Refusals(silent, 1 if key else await workspaces.installed_count(session))


async def soon(question: Coroutine[Any, Any, T]) -> T | None:
    """What the database says; None where it is away, or hangs."""
    asked = asyncio.create_task(_unless_away(question))
    await asyncio.wait({asked}, timeout=PATIENCE)
    if asked.done():
        return asked.result()
    asked.cancel()  # not waited for: the driver takes its time where Postgres hangs
    return None


async def _unless_away(question: Coroutine[Any, Any, T]) -> T | None:
    try:
        return await question
    except SQLAlchemyError:
        return None


async def _select(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return int(await connection.scalar(text("SELECT 1")) or 0)
