"""The open question is found without going through all that a member was ever asked."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.checkins import check_ins
from db.engine import AsyncSession, Sessions
from db.log import home
from db.members import UserRef

WHO = UserRef("T1", "U7")
YEARS_OF_QUESTIONS = (
    "INSERT INTO workspaces (key) VALUES ('T1')",
    """INSERT INTO members (workspace_id, slack_user, tz)
       SELECT w.id, 'U' || n, 'UTC' FROM workspaces w, generate_series(1, 40) n""",
    """INSERT INTO check_ins (member_id, week, slot_at, criterion_id, prompt_id, question, why, state)
       SELECT m.id, date '2024-01-01' + 7 * n, timestamptz '2024-01-01' + n * interval '1 week', 'c', 'p',
              'What did you do about it? ' || repeat('.', 150), 'why', CASE n WHEN 100 THEN 'asked' ELSE 'lapsed' END
         FROM generate_series(1, 100) n, members m""",
    "VACUUM ANALYZE check_ins, members",
)
FETCHED = text("SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'check_ins'")


@pytest.mark.parametrize(
    "read", [lambda session: check_ins.open_one(session, WHO), lambda session: home.read(session, WHO, 5)]
)
async def test_of_all_questions_one_row_is_read(
    engine: AsyncEngine, sessions: Sessions, read: Callable[[AsyncSession], Awaitable[Any]]
) -> None:
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        for statement in YEARS_OF_QUESTIONS:
            await connection.execute(text(statement))
    async with sessions.begin() as session:
        before = await session.scalar(FETCHED)
        found = await read(session)
        assert getattr(found, "question", None)
        assert await session.scalar(FETCHED) - before == 1
