"""The migrations: forward, back, and to the same schema that the tables describe."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from db import migrate
from db.embedded import server
from db.engine import create_engine
from db.models import Base

# Alembic does not compare checks and the conditions of indexes: Postgres's own words for them.
SCHEMA = text("""
    SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version'
     UNION ALL
    SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'
     ORDER BY 1
""")
TABLES = text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")

# Two messages show one entry each, one shows the later of two; what is to be shown anew is a removal of its own kind.
BEFORE_MARKS = """
    INSERT INTO workspaces (key) VALUES ('T1');
    INSERT INTO members (workspace_id, slack_user, tz) SELECT id, 'U1', 'UTC' FROM workspaces;
    INSERT INTO check_ins (member_id, slot_at, criterion_id, prompt_id, question, why, state)
    SELECT id, now(), 'c', 'p', '?', '', 'answered' FROM members;
    INSERT INTO entries (member_id, what, happened_on, source, source_key, check_in_id, created_at)
    SELECT m.id, 'Shipped', '2026-11-02', 'form', n, c.id, now()
      FROM members m, (VALUES ('1', 1), ('2', NULL)) AS made (n, answers) LEFT JOIN check_ins c ON c.id = answers;
    INSERT INTO entry_messages (entry_id, channel, ts)
    VALUES (1, 'D', '1'), (2, 'D', '1'), (1, 'D', '2'), (2, 'D', '3');
    INSERT INTO deliveries (member_id, workspace_id, kind, subject_id, dedupe_key, state, channel, ts, run_at,
                            unknown_since)
    SELECT m.id, m.workspace_id, kind, subject, kind || subject, state, 'D', kind || subject, '2099-01-01',
           CASE state WHEN 'unknown' THEN now() END
      FROM members m, (VALUES ('check_in', 1, 'sent'), ('digest', 7, 'sent'), ('digest', 8, 'sent'),
                              ('comment', 7, 'unknown'), ('comment', 9, 'sent'), ('invitation', 7, 'sent'),
                              ('invitation', 9, 'cancelled')) AS known (kind, subject, state);
    INSERT INTO removals (workspace_id, kind, subject_id, forgotten_at)
    SELECT id, kind, subject, now()
      FROM workspaces, (VALUES ('entry', 1), ('digest', 7), ('comment', 7), ('comment', 9), ('invitation', 7),
                               ('invitation', 9)) AS anew (kind, subject);
    INSERT INTO removals (workspace_id, kind, channel, ts, forgotten_at)
    SELECT id, 'message', 'D', '9', now() FROM workspaces
"""
SHOWN = text("""
    SELECT subject_id || ' in ' || channel || ts FROM deliveries WHERE kind = 'entry' AND state = 'sent' ORDER BY 1
""")
ENTRY_MESSAGES = text("SELECT entry_id || ' in ' || channel || ts FROM entry_messages ORDER BY 1")
STALE = text("SELECT kind || subject_id FROM deliveries WHERE stale_at IS NOT NULL ORDER BY 1")
DUE = text("SELECT kind || subject_id FROM deliveries WHERE run_at <= now() ORDER BY 1")
REMOVALS = text("SELECT kind || COALESCE(subject_id::text, '') FROM removals ORDER BY 1")
KINDS = text("SELECT kind FROM removals")


@pytest.fixture
async def empty(postgres_home: Path) -> AsyncIterator[AsyncEngine]:
    """An engine on a database without a table."""
    engine = create_engine(await asyncio.to_thread(server.start, postgres_home, "migrations"))
    await migrate.clear(engine)
    yield engine
    await engine.dispose()


async def column(engine: AsyncEngine, query: object) -> list[str]:
    async with engine.connect() as connection:
        return list(await connection.scalars(query))  # type: ignore[call-overload]


async def test_forward_back_and_forward_again(empty: AsyncEngine) -> None:
    await migrate.upgrade(empty)
    assert await migrate.is_current(empty)
    there = await column(empty, TABLES)
    assert there == sorted([*Base.metadata.tables, "alembic_version"])

    await migrate.downgrade(empty, "base")
    assert await column(empty, TABLES) == ["alembic_version"]
    assert not await migrate.is_current(empty)

    await migrate.upgrade(empty)
    assert await column(empty, TABLES) == there


async def test_the_migrations_make_what_the_tables_describe(empty: AsyncEngine) -> None:
    def differences(connection: Connection) -> list[object]:
        options = {"compare_server_default": True, "compare_type": True}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata))

    await migrate.upgrade(empty)
    async with empty.connect() as connection:
        assert await connection.run_sync(differences) == []
    migrated = await column(empty, SCHEMA)
    await migrate.clear(empty)
    async with empty.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    assert migrated == await column(empty, SCHEMA)


async def test_what_was_to_be_shown_anew_is_marked_and_back(empty: AsyncEngine) -> None:
    await migrate.upgrade(empty, "0017")
    async with empty.begin() as connection:
        for statement in BEFORE_MARKS.split(";\n"):
            await connection.execute(text(statement))

    await migrate.upgrade(empty, "0018")
    shown = ["1 in D2", "2 in D1", "2 in D3"]
    assert await column(empty, SHOWN) == shown
    assert await column(empty, STALE) == ["check_in1", "comment7", "comment9", "digest7", "entry1", "invitation7"]
    due = ["check_in1", "comment9", "digest7", "entry1", "entry2", "entry2", "invitation7"]
    assert await column(empty, DUE) == due, "what nobody knows of is looked for no sooner"
    assert await column(empty, KINDS) == ["message"]

    await migrate.downgrade(empty, "0017")
    assert await column(empty, ENTRY_MESSAGES) == shown
    assert await column(empty, REMOVALS) == ["comment9", "digest7", "entry1", "invitation7", "message"]
    kinds = text("SELECT DISTINCT kind FROM deliveries ORDER BY 1")
    assert await column(empty, kinds) == ["check_in", "comment", "digest", "invitation"]

    await migrate.upgrade(empty, "0018")
    assert await column(empty, SHOWN) == shown
    assert await column(empty, STALE) == ["check_in1", "comment9", "digest7", "entry1", "invitation7"]


async def test_processes_that_migrate_at_once_wait_for_each_other(empty: AsyncEngine) -> None:
    others = [create_engine(empty.url.render_as_string(hide_password=False)) for _ in range(3)]
    await asyncio.gather(*(migrate.upgrade(engine) for engine in [empty, *others]))
    assert await migrate.is_current(empty)
    for engine in others:
        await engine.dispose()
