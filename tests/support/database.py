"""The tables that every test finds empty."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.models import Base

RESTART = "SELECT setval(seqrelid::regclass, 1, false) FROM pg_sequence"


async def emptied(engine: AsyncEngine) -> None:
    """Delete every row, and count from 1 again. TRUNCATE takes ten times as long on a few rows."""
    deletes = [f"DELETE FROM {table.name}" for table in reversed(Base.metadata.sorted_tables)]
    async with engine.begin() as connection:
        await connection.execute(text("SET LOCAL statement_timeout = 0"))  # a busy machine takes its time
        await connection.execute(text("; ".join([*deletes, RESTART])))
