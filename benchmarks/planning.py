"""A million schedules: a tick with nothing due, and 10,000 of them due at once, for one planner and for four."""

import asyncio
import logging
import multiprocessing
import statistics
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import Select, insert, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.table import Row, milliseconds
from bot import logs
from bot.planning.plan import plan
from bot.startup import settle
from db.engine import Sessions, create_engine
from db.models import Base
from ladder_content.loader import default_folder, load
from ladder_content.model import Ladder
from services.planning import BATCH

SCHEDULES, DUE = 1_000_000, 10_000
PLANNERS = 4
TICKS = 200
WAVES = 5  # a machine that others use too is not equally fast in all of them
MONDAY = date(2027, 1, 18)
NOW = datetime(2027, 1, 18, 8, 0, tzinfo=UTC)  # Monday, 09:00 in Berlin
WEEK = timedelta(weeks=1)
FILL = (
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL session_replication_role = replica",  # no checks of foreign keys, one by one
    "TRUNCATE workspaces CASCADE",
    "INSERT INTO workspaces (key) VALUES ('T-bench')",
    f"""INSERT INTO members (workspace_id, slack_user, tz, level)
        SELECT w.id, 'U' || n, 'Europe/Berlin', 'l4'
          FROM workspaces w, generate_series(1, {SCHEDULES}) n ORDER BY n""",
    # Who is due lies scattered over the table; the others come weeks later.
    f"""INSERT INTO schedules (member_id, kind, weekday, local_time, next_week, due_at, configured_at)
        SELECT m.id, 'check_in', 1, '09:00', date '{MONDAY}' + 7 * ahead.weeks,
               timestamptz '{NOW}' + ahead.weeks * interval '1 week', timestamptz '{NOW}' - interval '2 years'
          FROM members m,
               LATERAL (SELECT CASE WHEN substr(m.slack_user, 2)::int % {SCHEDULES // DUE} = 0 THEN 0
                                    ELSE 26 + m.id::int % 8 END AS weeks) ahead
         ORDER BY m.id""",
    """CREATE TEMP TABLE asks ON COMMIT DROP AS
       SELECT * FROM unnest(CAST(:criteria AS text[]), CAST(:prompts AS text[]))
           WITH ORDINALITY a (criterion, prompt, n)""",
    # A year of every second one of them, week after week, as it grew.
    f"""INSERT INTO check_ins (member_id, week, slot_at, criterion_id, prompt_id, question, why, state)
        SELECT s.member_id, date '{MONDAY}' - 7 * ago, s.due_at - ago * interval '1 week', a.criterion, a.prompt,
               'What did you make simpler?', 'Nothing yet.', CASE WHEN ago % 3 = 0 THEN 'lapsed' ELSE 'answered' END
          FROM generate_series(52, 1, -1) ago, schedules s, asks a
         WHERE s.next_week = '{MONDAY}' AND s.member_id / {SCHEDULES // DUE} % 2 = 0
           AND a.n = 1 + (s.member_id + ago) % (SELECT count(*) FROM asks)
         ORDER BY ago DESC""",
    """INSERT INTO entries (member_id, check_in_id, what, happened_on, source, source_key, created_at)
       SELECT member_id, id, 'I took the feature store apart and wrote down what each team needs of it',
              week + 2, 'check_in', 'bench:' || id, slot_at
         FROM check_ins WHERE state = 'answered' ORDER BY id""",
    """INSERT INTO entry_criteria (entry_id, member_id, criterion_id, sentence)
       SELECT e.id, e.member_id, c.criterion_id, 'as it was'
         FROM entries e JOIN check_ins c ON c.id = e.check_in_id ORDER BY e.id""",
)
PLANNED = f"week >= '{MONDAY + (WAVES - 1) * WEEK}'"


async def measure(engine: AsyncEngine, ladder: Ladder) -> list[Row]:
    """Fills the tables first. Planned means: locked, chosen for, written with its delivery, moved on."""
    start = time.perf_counter()
    await _fill(engine, ladder)
    filled = time.perf_counter() - start
    settle()
    sessions = Sessions(engine)
    empty = [await _seconds(sessions, ladder, NOW - WEEK, expected=0) for _ in range(TICKS)]
    resident = _resident()
    waves = [await _seconds(sessions, ladder, NOW + n * WEEK, expected=DUE) for n in range(WAVES)]
    planned, grown = statistics.median(waves), _resident() - resident
    inserted = await _plain_inserts(engine)
    taken, together = await asyncio.to_thread(_together, engine.url.render_as_string(hide_password=False))
    [[questions]] = await _read(engine, f"SELECT count(*) FROM check_ins WHERE {PLANNED}")
    [[left]] = await _read(engine, f"SELECT count(*) FROM schedules WHERE due_at <= '{NOW + WAVES * WEEK}'")
    return [
        Row(f"{SCHEDULES:,} schedules filled in, {DUE // 2:,} with a year", f"{filled:,.0f} s"),
        Row("a tick with nothing due, p50", f"{milliseconds(empty):.2f} ms"),
        Row(
            f"{DUE:,} due planned, p50 of {WAVES} weeks, beside plain inserts",
            f"{planned:.2f} s",
            f"{inserted:.2f} s",
            planned / inserted,
        ),
        Row("memory that they took more", f"{grown / 2**20:.0f} MB"),
        Row(f"{PLANNERS} planners at once", f"{DUE / together:,.0f}/s"),
        Row("planned twice, planned by nobody", f"{max(taken, questions - DUE) - DUE}, {left}"),
    ]


async def _seconds(sessions: Sessions, ladder: Ladder, now: datetime, *, expected: int) -> float:
    start = time.perf_counter()
    assert await plan(sessions, ladder, now) == expected
    return time.perf_counter() - start


async def _fill(engine: AsyncEngine, ladder: Ladder) -> None:
    asks = [(criterion.id, prompt.id) for criterion in ladder.relevant("l4") for prompt in criterion.prompts]
    criteria, prompts = zip(*asks, strict=True)
    async with engine.begin() as connection:
        for statement in FILL:
            await connection.execute(text(statement), {"criteria": list(criteria), "prompts": list(prompts)})
    async with engine.connect() as connection:
        bare = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await bare.execute(text("SET statement_timeout = 0"))
        await bare.execute(text("VACUUM (ANALYZE)"))
        await bare.execute(text("RESET statement_timeout"))


def _resident() -> int:
    """Bytes of memory that this process has."""
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * 4096


async def _plain_inserts(engine: AsyncEngine) -> float:
    """Seconds to insert once more the rows that came of it, as many at a time."""
    tables = [Base.metadata.tables[name] for name in ("check_ins", "deliveries")]
    rows = [await _read(engine, select(table).order_by(table.c.id.desc()).limit(DUE)) for table in tables]
    async with engine.begin() as connection:
        await connection.execute(text("DELETE FROM deliveries"))
        await connection.execute(text(f"DELETE FROM check_ins WHERE {PLANNED}"))
    start = time.perf_counter()
    for first in range(0, DUE, BATCH):
        async with engine.begin() as connection:
            for table, all_of_it in zip(tables, rows, strict=True):
                batch = [dict(row._mapping) for row in all_of_it[first : first + BATCH]]
                await connection.execute(insert(table), batch)
    return time.perf_counter() - start


async def _read(engine: AsyncEngine, query: Select[Any] | str) -> Sequence[sqlalchemy.Row[Any]]:
    async with engine.connect() as connection:
        return (await connection.execute(text(query) if isinstance(query, str) else query)).all()


def _together(url: str) -> tuple[int, float]:
    """How many schedules planners moved on that started at once, a week later, and the seconds until the last ended."""
    processes = multiprocessing.get_context("forkserver")
    start, moved = processes.Barrier(PLANNERS + 1), processes.SimpleQueue()
    planners = [processes.Process(target=_planner, args=(url, start, moved)) for _ in range(PLANNERS)]
    for planner in planners:
        planner.start()
    start.wait()
    began = time.perf_counter()
    taken = sum(moved.get() for _ in planners)
    seconds = time.perf_counter() - began
    for planner in planners:
        planner.join()
    return taken, seconds


def _planner(url: str, start: Barrier, moved: "SimpleQueue[int]") -> None:
    logs.configure("console", logging.WARNING)
    asyncio.run(_plan_in_a_process(url, load(default_folder()), start, moved))


async def _plan_in_a_process(url: str, ladder: Ladder, start: Barrier, moved: "SimpleQueue[int]") -> None:
    engine = create_engine(url)
    await plan(Sessions(engine), ladder, NOW)  # connected
    start.wait()
    moved.put(await plan(Sessions(engine), ladder, NOW + WAVES * WEEK))
    await engine.dispose()
