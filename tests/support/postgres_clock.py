"""A Postgres whose clock is the test's own: it stands still until it is told to go on, or it hurries."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from sqlalchemy import URL, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

START = datetime(2040, 1, 2, 9, 0, tzinfo=UTC)
# Found before the one of pg_catalog, which comes last. Defaults of columns keep to that one, long before START.
CLOCK = (
    "DROP SCHEMA IF EXISTS clock CASCADE",
    "CREATE SCHEMA clock",
    "CREATE TABLE clock.hands (at timestamptz, since timestamptz, speed float)",
    "CREATE FUNCTION clock.now() RETURNS timestamptz LANGUAGE sql STABLE AS"
    " 'SELECT at + (pg_catalog.now() - since) * speed FROM clock.hands'",
    # Of what is marked one after the other each has an instant of its own, also while the clock stands still.
    "CREATE FUNCTION clock.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS"
    " 'SELECT at + (pg_catalog.clock_timestamp() - since) * GREATEST(speed, 0.01) FROM clock.hands'",
)
SET = text("INSERT INTO clock.hands VALUES (:at, pg_catalog.now(), :speed)")
ADVANCE = text("UPDATE clock.hands SET at = at + CAST(:by AS interval)")


@dataclass(frozen=True)
class Clocked:
    """The database with a clock of its own."""

    engine: AsyncEngine

    async def advance(self, by: timedelta) -> None:
        """Let time go by."""
        async with self.engine.begin() as connection:
            await connection.execute(ADVANCE, {"by": by})


@cache
def _engine(url: URL) -> AsyncEngine:
    """One for all tests, as it remembers what statements compile to."""
    options = "-c timezone=UTC -c search_path=clock,public,pg_catalog -c plan_cache_mode=force_custom_plan"
    return create_async_engine(url, connect_args={"options": options}, hide_parameters=True)


@asynccontextmanager
async def clocked(engine: AsyncEngine, *, speed: float = 0) -> AsyncIterator[Clocked]:
    """The same database, where `now()` goes so many times as fast as time does."""
    async with engine.begin() as connection:
        for statement in CLOCK:
            await connection.execute(text(statement))
        await connection.execute(SET, {"at": START, "speed": speed})
    own = _engine(engine.url)
    try:
        yield Clocked(own)
    finally:
        await own.dispose()
        async with engine.begin() as connection:
            await connection.execute(text("DROP SCHEMA clock CASCADE"))
