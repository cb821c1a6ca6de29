"""10,000 due schedules planned, beside plain inserts of the rows that come of it."""

import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Table, insert, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.table import Row
from bot.planner import BATCH, plan
from db.engine import Sessions
from db.tables import Base
from ladder_content.model import Ladder

SCHEDULES = 10_000
WEEK = date(2027, 1, 18)
NOW = datetime(2027, 1, 18, 8, 0, tzinfo=UTC)  # Monday, 09:00 in Berlin
SEED = (
    "TRUNCATE workspaces CASCADE",
    "INSERT INTO workspaces (key) VALUES ('T-bench')",
    f"""INSERT INTO members (workspace_id, slack_user, tz, level)
        SELECT w.id, 'U' || n, 'Europe/Berlin', 'l4'
          FROM workspaces w, generate_series(1, {SCHEDULES}) n WHERE w.key = 'T-bench'""",
    f"""INSERT INTO schedules (member_id, kind, weekday, local_time, next_week, due_at)
        SELECT m.id, 'check_in', 1, '09:00', '{WEEK}', '{NOW}'
          FROM members m JOIN workspaces w ON w.id = m.workspace_id WHERE w.key = 'T-bench'""",
)


async def measure(engine: AsyncEngine, ladder: Ladder) -> list[Row]:
    """Schedules planned a second: locked, chosen for, written with their deliveries, moved on."""
    await _run(engine, *SEED, "ANALYZE")
    start = time.perf_counter()
    assert await plan(Sessions(engine), ladder, NOW) == SCHEDULES
    planned = time.perf_counter() - start

    tables = [Base.metadata.tables[name] for name in ("check_ins", "deliveries")]
    rows = [await _rows(engine, table) for table in tables]
    await _run(engine, "TRUNCATE check_ins, deliveries CASCADE")
    start = time.perf_counter()
    for first in range(0, SCHEDULES, BATCH):
        async with engine.begin() as connection:
            for table, all_of_it in zip(tables, rows, strict=True):
                await connection.execute(insert(table), all_of_it[first : first + BATCH])
    inserted = time.perf_counter() - start
    return [
        Row(
            f"{SCHEDULES:,} due schedules planned",
            f"{SCHEDULES / planned:,.0f}/s",
            f"{SCHEDULES / inserted:,.0f}/s",
            planned / inserted,
        )
    ]


async def _run(engine: AsyncEngine, *statements: str) -> None:
    async with engine.begin() as connection:
        for statement in ("SET LOCAL statement_timeout = 0", *statements):
            await connection.execute(text(statement))


async def _rows(engine: AsyncEngine, table: Table) -> Sequence[dict[str, Any]]:
    async with engine.connect() as connection:
        return [dict(row._mapping) for row in await connection.execute(select(table))]
