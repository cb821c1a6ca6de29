"""Whether the database answers, for those who look at Rung from outside and do not wait for long."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

T = TypeVar("T")
PATIENCE = 2.0  # seconds, less than whoever probes waits


async def answers(engine: AsyncEngine) -> bool:
    """Whether Postgres answers, and soon."""
    return await soon(_select(engine)) is not None


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
