"""Several planners at once: each schedule is planned by one of them, and nobody waits for anybody."""

import asyncio
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot import planner
from db.engine import Sessions, create_engine
from db.tables import CheckIn, Delivery, Schedule
from ladder_content.model import Ladder

DUE = 2_000
MONDAY = date(2027, 1, 18)
NOW = datetime(2027, 1, 18, 8, tzinfo=UTC)  # 09:00 in Berlin
FILL = (
    "INSERT INTO workspaces (key) VALUES ('T1')",
    f"""INSERT INTO members (workspace_id, slack_user, tz, level)
        SELECT w.id, 'U' || n, 'Europe/Berlin', 'l4' FROM workspaces w, generate_series(1, {DUE}) n""",
    f"""INSERT INTO schedules (member_id, kind, weekday, local_time, next_week, due_at)
        SELECT id, 'check_in', 1, '09:00', '{MONDAY}', '{NOW}' FROM members""",
)


async def test_four_planners_share_the_work(
    engine: AsyncEngine, database_url: str, ladder: Ladder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planner, "BATCH", 100)
    async with engine.begin() as connection:
        for statement in FILL:
            await connection.execute(text(statement))
    engines = [create_engine(database_url) for _ in range(4)]
    async with engine.begin() as somebody:
        await somebody.execute(text("SELECT FROM schedules ORDER BY id LIMIT 1 FOR UPDATE"))
        shares = await asyncio.gather(*(planner.plan(Sessions(each), ladder, NOW) for each in engines))
        assert sum(shares) == DUE - 1, "each but the one that somebody holds, which nobody waits for"
    assert await planner.plan(Sessions(engine), ladder, NOW) == 1
    for each in engines:
        await each.dispose()

    async with Sessions(engine)() as session:
        assert await session.scalar(select(func.count()).where(Schedule.due_at <= NOW)) == 0
        for rows in (CheckIn.member_id, Delivery.member_id):
            found = (await session.execute(select(func.count(rows), func.count(rows.distinct())))).one()
            assert tuple(found) == (DUE, DUE)
        assert await session.scalar(select(func.count()).where(Schedule.last_planned_week == MONDAY)) == DUE
