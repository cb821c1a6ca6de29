"""Every verb of the command line, on a database that is not as this Rung has it: only three of them bring it there."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from typer.main import get_command

from bot.__main__ import cli
from db import migrate
from db.embedded import server
from db.engine import create_engine
from tests.support.postgres_tools import dump
from tests.support.processes import output, slack

Command = tuple[str, ...]
BRING_UP_TO_DATE = {("run",), ("migrate",), ("demo",)}
NEEDS_A_DATABASE: list[Command] = [
    ("deliveries",),
    ("deliveries", "--dry-run"),
    ("deliveries", "--requeue", str(UUID(int=1))),
    ("people", "invite", "people.csv"),
    ("people", "invite", "people.csv", "--dry-run"),
    ("tokens", "rotate"),
]
NEEDS_NONE: list[Command] = [
    ("doctor",),
    ("manifest",),
    ("content", "check"),
    ("content", "new", "ladder"),
    ("tokens", "key"),
    ("postgres", "stop"),
]
LOOKS_AT_IT: list[Command] = [("doctor",)]
EMPTY = "The database has no tables of Rung yet: `python -m bot migrate` makes them. Nothing was changed.\n"
BEHIND = "The tables are of an older Rung: back up, then `python -m bot migrate`. Nothing was changed.\n"
NEWER = "Another version of Rung migrated the database: run that one. Nothing was changed.\n"
KEYS = "0" * 43 + "="


def verbs(command: Any, *path: str) -> Iterator[Command]:
    """Every verb that can be typed."""
    groups: dict[str, Any] = getattr(command, "commands", {})
    for name, below in groups.items():
        yield from verbs(below, *path, name)
    if not groups:
        yield path


def test_every_verb_is_here() -> None:
    here = {each[:words] for each in [*NEEDS_A_DATABASE, *NEEDS_NONE] for words in range(len(each) + 1)}
    assert {verb for verb in verbs(get_command(cli)) if verb not in here} == BRING_UP_TO_DATE


@pytest.fixture
async def other(postgres_home: Path) -> AsyncIterator[AsyncEngine]:
    """An engine on a database without a table."""
    engine = create_engine(await asyncio.to_thread(server.start, postgres_home, "verbs"))
    await migrate.clear(engine)
    yield engine
    await engine.dispose()


def address(engine: AsyncEngine) -> str:
    return engine.url.render_as_string(hide_password=False)


async def tried(command: Command, folder: Path, **settings: str) -> tuple[int | None, str]:
    """The exit code and what stands on standard error."""
    (folder / "people.csv").write_text("slack_id,level\nU0MAYA,L4\n")
    async with slack("socket") as (_, theirs):
        ended = await output(*command, folder=folder, **theirs, TOKEN_KEYS=KEYS, **settings)
    assert "Traceback" not in ended.stderr
    return ended.code, ended.stderr


@pytest.mark.parametrize(
    ("revision", "sentence"), [(None, EMPTY), ("0015", BEHIND), ("9999", NEWER)], ids=["empty", "older", "newer"]
)
async def test_each_leaves_the_database_as_it_is(
    other: AsyncEngine, tmp_path: Path, revision: str | None, sentence: str
) -> None:
    if revision == "0015":
        await migrate.upgrade(other, revision)
        async with other.begin() as connection:
            await connection.execute(text("INSERT INTO workspaces (key) VALUES ('T0OLD')"))
    elif revision:
        await migrate.upgrade(other)
        async with other.begin() as connection:
            await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    before = await asyncio.to_thread(dump, address(other))
    for command in [*NEEDS_A_DATABASE, *(NEEDS_NONE if revision is None else LOOKS_AT_IT)]:
        ended = await tried(command, tmp_path, DATABASE_URL=address(other))
        assert command not in NEEDS_A_DATABASE or ended == (2, sentence), command
    assert await asyncio.to_thread(dump, address(other)) == before


@pytest.mark.parametrize("command", [*NEEDS_A_DATABASE, *NEEDS_NONE], ids=" ".join)
async def test_it_makes_no_postgres(tmp_path: Path, command: Command) -> None:
    home = tmp_path / "home"
    ended = await tried(command, tmp_path, RUNG_HOME=str(home))
    assert not home.exists()
    if command in NEEDS_A_DATABASE:
        assert ended == (
            2,
            f"There is no database yet: DATABASE_URL is not set, and {home} holds no Postgres of Rung's."
            " `python -m bot migrate` makes one. Nothing was changed.\n",
        )
