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


async def test_processes_that_migrate_at_once_wait_for_each_other(empty: AsyncEngine) -> None:
    others = [create_engine(empty.url.render_as_string(hide_password=False)) for _ in range(3)]
    await asyncio.gather(*(migrate.upgrade(engine) for engine in [empty, *others]))
    assert await migrate.is_current(empty)
    for engine in others:
        await engine.dispose()
