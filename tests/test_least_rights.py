"""docs/database.md: its statements are run, and Rung works with the role that they leave it."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from subprocess import CalledProcessError

import pytest
from sqlalchemy import select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.startup import CannotStartError, database
from db import migrate
from db.embedded import server as embedded
from db.engine import create_engine
from db.models import Entry, Member, Removal
from ladder_content.model import Ladder
from tests.support.forgetting import a_full_life, cleared, forget
from tests.support.install import steps
from tests.support.postgres_tools import libpq, program
from tests.support.world import MAYA, world_of

PAGE = Path(__file__).parents[1] / "docs/database.md"
PASSWORDS = "local rung,rung_restored rung_owner,rung_app scram-sha-256"
DATABASES = ("rung", "rung_restored")
CLEAN = (
    *(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)" for name in DATABASES),
    "DROP ROLE IF EXISTS rung_app",
    "DROP ROLE IF EXISTS rung_owner",
)


async def run(url: URL, *statements: str) -> None:
    engine = create_engine(url.render_as_string(hide_password=False))
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("SET statement_timeout = 0"))  # a database takes its time
        for statement in statements:
            await connection.execute(text(statement))
    await engine.dispose()


async def blocks() -> list[list[str]]:
    """The statements of each block of the page."""
    found = re.findall(r"```sql\n(.*?)```", await asyncio.to_thread(PAGE.read_text), re.DOTALL)
    return [[statement.strip() for statement in block.split(";") if statement.strip()] for block in found]


def let_in(rules: Path) -> None:
    """Let the two in by their passwords: the embedded server knows nobody but its owner."""
    said = rules.read_text()
    if PASSWORDS not in said:
        rules.write_text(f"{PASSWORDS}\n{said}")


@pytest.fixture
async def owner(postgres_home: Path) -> AsyncIterator[URL]:
    """The page followed as far as the tables, as their owner."""
    server = make_url(await asyncio.to_thread(embedded.start, postgres_home, "postgres"))
    once, schema, _ = await blocks()
    await asyncio.to_thread(let_in, postgres_home / "pg_hba.conf")
    await run(server, "SELECT pg_reload_conf()", *CLEAN)
    await run(server, *once)
    await run(server.set(database="rung"), *schema)
    yield server.set(database="rung", username="rung_owner", password="choose one")
    await run(server, *CLEAN)


@pytest.fixture
async def app_url(owner: URL) -> str:
    """The page followed to its end; the address of the role that Rung runs with."""
    async with database(owner.render_as_string(hide_password=False)):
        pass
    await run(owner, *(await blocks())[2])
    return owner.set(username="rung_app", password="choose another one").render_as_string(hide_password=False)


async def test_with_it_rung_does_all_it_can(app_url: str, ladder: Ladder) -> None:
    """Next, log, plan, send, answer, share, digests, comments, export; and it forgets who did all that."""
    async with database(app_url) as engine, world_of(engine, ladder) as world:
        assert await world.rows(select(text("current_user"))) == ["rung_app"]
        await a_full_life(world)
        assert await world.rows(select(Entry.id)) != []
        assert "Everything of yours is gone." in await forget(world)
        await cleared(world)
        assert await world.rows(select(Removal.id)) == []
        assert await world.rows(select(Member.id).where(Member.slack_user == MAYA)) == []


async def test_a_backup_goes_into_a_new_database_with_the_same_rights(
    owner: URL, app_url: str, postgres_home: Path, tmp_path: Path, ladder: Ladder
) -> None:
    """As the page says: the same statements, with the new name; the tables from the backup, and then the grants."""
    new, backup = "rung_restored", tmp_path / "rung.dump"
    address = owner.render_as_string(hide_password=False)
    await asyncio.to_thread(program, "pg_dump", "--format=custom", f"--file={backup}", f"--dbname={libpq(address)}")
    with pytest.raises(CalledProcessError):  # as the page says, too
        await asyncio.to_thread(program, "pg_dump", f"--file={tmp_path / 'no'}", f"--dbname={libpq(app_url)}")
    once, schema, grants = await blocks()
    server = make_url(await asyncio.to_thread(embedded.start, postgres_home, "postgres"))
    await run(server, *(re.sub(r"\brung\b", new, statement) for statement in once[-3:]))
    await run(server.set(database=new), *schema)
    [bring_back] = [line for _, text in steps("Go back") for line in text.splitlines() if line.startswith("pg_restore")]
    options = [each for each in bring_back.split() if each.startswith("--") and not each.startswith("--dbname")]
    restored = owner.set(database=new)
    into = f"--dbname={libpq(restored.render_as_string(hide_password=False))}"
    await asyncio.to_thread(program, "pg_restore", *options, into, str(backup))
    await run(restored, *grants)
    there = make_url(app_url).set(database=new).render_as_string(hide_password=False)
    async with database(there) as engine, world_of(engine, ladder) as world:
        await a_full_life(world)


MORE = [
    "CREATE TABLE mine (id int)",
    "CREATE TEMPORARY TABLE mine (id int)",
    "CREATE SCHEMA mine",
    "ALTER TABLE members ADD COLUMN mine int",
    "DROP TABLE members",
    "TRUNCATE members CASCADE",
    "UPDATE alembic_version SET version_num = '0001'",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql RETURN 1",
]


async def test_it_can_do_nothing_else(app_url: str) -> None:
    engine = create_engine(app_url)
    for statement in MORE:
        with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
            async with engine.begin() as connection:
                await connection.execute(text(statement))
    await engine.dispose()


async def back_to(owner: URL, revision: str) -> None:
    engine: AsyncEngine = create_engine(owner.render_as_string(hide_password=False))
    await migrate.downgrade(engine, revision)
    await engine.dispose()


async def test_a_start_before_the_tables_are_there_says_what_to_do(owner: URL, app_url: str) -> None:
    await back_to(owner, "0010")
    with pytest.raises(CannotStartError, match=r"run `make migrate` with the DATABASE_URL of their owner first"):
        async with database(app_url):
            pass
    async with database(owner.render_as_string(hide_password=False)):
        pass
    async with database(app_url) as engine, engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM removals")) == 0, "made anew, with the same rights"
