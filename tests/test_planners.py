"""Several planners at once: each schedule is planned by one of them, and nobody waits for anybody."""

import asyncio
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.orm import InstrumentedAttribute

from bot.planning.plan import plan
from db.engine import Sessions, create_engine
from db.enums import Kind
from db.models import CheckIn, Delivery, Digest, Schedule
from ladder_content.model import Ladder
from services import planning

DUE = 2_000
MONDAY = date(2027, 1, 18)
NOW = datetime(2027, 1, 18, 8, tzinfo=UTC)  # 09:00 in Berlin
FILL = (
    "INSERT INTO workspaces (key) VALUES ('T1')",
    f"""INSERT INTO members (workspace_id, slack_user, tz, level)
        SELECT w.id, 'U' || n, 'Europe/Berlin', 'l4' FROM workspaces w, generate_series(1, {DUE}) n""",
    f"""INSERT INTO schedules (member_id, kind, weekday, local_time, next_week, due_at)
        SELECT id, :kind, 1, '09:00', '{MONDAY}', '{NOW}' FROM members""",
    # Somebody shares an entry with all of them.
    """INSERT INTO members (workspace_id, slack_user, tz) SELECT id, 'U0', 'UTC' FROM workspaces""",
    f"""INSERT INTO entries (member_id, what, happened_on, source, source_key, created_at)
        SELECT id, 'Shipped it', '{MONDAY}', 'form', 'one', '{NOW}' FROM members WHERE slack_user = 'U0'""",
    f"""INSERT INTO mentorships (mentor_id, mentee_id, state, requested_at, accepted_at)
        SELECT m.id, u.id, 'active', '{NOW}', '{NOW}' FROM members m, members u
         WHERE u.slack_user = 'U0' AND m.id <> u.id""",
    f"""INSERT INTO shares (entry_id, mentee_id, mentorship_id, shared_at)
        SELECT e.id, e.member_id, m.id, timestamptz '{NOW}' - interval '1 hour' FROM entries e, mentorships m""",
)


@pytest.mark.parametrize(("kind", "subjects"), [(Kind.CHECK_IN, CheckIn.member_id), (Kind.DIGEST, Digest.mentor_id)])
async def test_four_planners_share_the_work(
    engine: AsyncEngine,
    database_url: str,
    ladder: Ladder,
    monkeypatch: pytest.MonkeyPatch,
    kind: Kind,
    subjects: InstrumentedAttribute[int],
) -> None:
    monkeypatch.setattr(planning, "BATCH", 100)
    async with engine.begin() as connection:
        for statement in FILL:
            await connection.execute(text(statement), {"kind": kind} if ":kind" in statement else {})
    engines = [create_engine(database_url) for _ in range(4)]
    async with engine.begin() as somebody:
        await somebody.execute(text("SELECT FROM schedules ORDER BY id LIMIT 1 FOR UPDATE"))
        shares = await asyncio.gather(*(plan(Sessions(each), ladder, NOW) for each in engines))
        assert sum(shares) == DUE - 1, "each but the one that somebody holds, which nobody waits for"
    assert await plan(Sessions(engine), ladder, NOW) == 1
    for each in engines:
        await each.dispose()

    async with Sessions(engine)() as session:
        assert await session.scalar(select(func.count()).where(Schedule.due_at <= NOW)) == 0
        for rows in (subjects, Delivery.member_id):
            found = (await session.execute(select(func.count(rows), func.count(rows.distinct())))).one()
            assert tuple(found) == (DUE, DUE)
        assert await session.scalar(select(func.count()).where(Schedule.last_planned_week == MONDAY)) == DUE
