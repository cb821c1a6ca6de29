"""Bring the schema up or back: Alembic without an ini file, under an advisory lock, for replicas that start at once."""

from collections.abc import Callable
from enum import Enum, auto
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

LOCK = 0x52756E67  # "Rung"


class Standing(Enum):
    """The tables of a database, as this code sees them."""

    EMPTY = auto()
    BEHIND = auto()
    CURRENT = auto()
    UNKNOWN = auto()


async def upgrade(engine: AsyncEngine, revision: str = "head") -> None:
    """Migrate forward to `revision`; nothing happens when the schema is already there."""
    async with engine.begin() as connection:
        await connection.run_sync(_run, command.upgrade, revision)


async def downgrade(engine: AsyncEngine, revision: str) -> None:
    """Migrate back to `revision` (`base` is an empty database)."""
    async with engine.begin() as connection:
        await connection.run_sync(_run, command.downgrade, revision)


async def clear(engine: AsyncEngine) -> None:
    """Leave nothing in the database: for the demo and for tests."""
    async with engine.begin() as connection:
        await connection.execute(text("DROP SCHEMA public CASCADE"))
        await connection.execute(text("CREATE SCHEMA public"))


async def is_current(engine: AsyncEngine) -> bool:
    """Whether the database is at the revision that this code expects."""
    return await standing(engine) == Standing.CURRENT


async def standing(engine: AsyncEngine) -> Standing:
    """How far the database was migrated; UNKNOWN if by another version of Rung."""
    async with engine.connect() as connection:
        revision = await connection.run_sync(lambda c: MigrationContext.configure(c).get_current_revision())
    if revision is None:
        return Standing.EMPTY
    if revision == head():
        return Standing.CURRENT
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    return Standing.BEHIND if revision in known else Standing.UNKNOWN


def head() -> str | None:
    return ScriptDirectory.from_config(_config()).get_current_head()


def _run(connection: Connection, verb: Callable[[Config, str], None], revision: str) -> None:
    connection.execute(text("SET LOCAL statement_timeout = 0"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    config = _config()
    config.attributes["connection"] = connection
    verb(config, revision)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.set_main_option("path_separator", "os")
    return config
