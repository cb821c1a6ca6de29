"""What goes to Postgres arrives there as it was."""

from datetime import UTC, date, datetime
from typing import NamedTuple

import pytest
from sqlalchemy import text
from sqlalchemy.exc import InternalError
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import Sessions, array_of, columns, create_engine

AWKWARD = ["", " ", "NULL", "null", '"', "\\", '\\"', "{}", "{a,b}", ",", "it's", "a\nb\tc", "%s :x", "日本 🙂", "\x01"]


class Row(NamedTuple):
    words: str | None
    on: date | None
    at: datetime | None
    number: int | None


async def test_awkward_words_survive_being_an_array(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        there = await session.scalar(text("SELECT CAST(:words AS text[])"), {"words": array_of([*AWKWARD, None])})
        assert there == [*AWKWARD, None]
        assert await session.scalar(text("SELECT CAST(:none AS bigint[])"), {"none": array_of([])}) == []


async def test_columns_are_rows_again(sessions: Sessions) -> None:
    rows = [
        Row("a, b", date(2027, 1, 18), datetime(2027, 1, 18, 8, 0, 0, 7, tzinfo=UTC), -1),
        Row(None, None, None, None),
    ]
    statement = text("""
        SELECT * FROM unnest(CAST(:words AS text[]), CAST(:on AS date[]), CAST(:at AS timestamptz[]),
                             CAST(:number AS bigint[]))
    """)
    async with sessions.begin() as session:
        assert [Row(*row) for row in await session.execute(statement, columns(rows))] == rows


async def test_background_work_has_time_and_checks_keys_with_a_kept_plan(sessions: Sessions) -> None:
    show = text("SELECT current_setting('statement_timeout'), current_setting('plan_cache_mode')")
    async with sessions.begin() as session:
        before = tuple((await session.execute(show)).one())
    async with sessions.background() as session:
        assert tuple((await session.execute(show)).one()) == ("15s", "auto")
    async with sessions.begin() as session:
        assert tuple((await session.execute(show)).one()) == before == ("1500ms", "force_custom_plan")


async def test_where_one_only_reads_postgres_refuses_what_would_write(engine: AsyncEngine) -> None:
    reader = create_engine(engine.url.render_as_string(hide_password=False), read_only=True)
    for isolation in ("READ COMMITTED", "AUTOCOMMIT"):
        async with reader.connect() as connection:
            await connection.execution_options(isolation_level=isolation)
            with pytest.raises(InternalError, match="read-only transaction"):
                await connection.execute(text("INSERT INTO workspaces (key) VALUES ('T0NEW')"))
    await reader.dispose()
