"""Back up, upgrade, go back: what the pages say to type is typed, and everything is as it was before the upgrade."""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from bot.startup import CannotStartError, database
from db import migrate
from db.embedded import server as embedded
from db.engine import create_engine
from tests.support.install import steps
from tests.support.postgres_tools import binaries, dump, libpq
from tests.support.processes import ROOT

OPERATING = (ROOT / "docs/operating.md").read_text()
OLDER = "0011"
WRITTEN_THEN = """
    INSERT INTO workspaces (key) VALUES ('T0OLD');
    INSERT INTO members (workspace_id, slack_user, tz, level)
    SELECT id, 'U0MAYA', 'Europe/Berlin', 'l4' FROM workspaces;
    INSERT INTO entries (member_id, what, happened_on, source, source_key, created_at)
    SELECT id, 'Shipped the “drift” monitor', '2026-11-02', 'form', 'then', now() FROM members;
"""
WRITTEN_SINCE = """
    INSERT INTO workspaces (key) VALUES ('T0NEW');
    INSERT INTO invitations (member_id, level, weekday, local_time, invited_at)
    SELECT id, 'l4', 1, '09:00', now() FROM members;
    INSERT INTO removals (workspace_id, kind, channel, ts, forgotten_at)
    SELECT id, 'message', 'D1', '1.1', now() FROM workspaces;
    UPDATE entries SET what = 'Changed since';
"""
DATABASES = ("rung", "rung_restored", "rung_newer")
# What stands for programs that are not here: each runs what it is given, on the embedded Postgres.
STAND_INS = {
    "sudo": 'shift 2; exec "$@"',
    "docker": 'if [ "$2" = exec ]; then shift 4; exec "$@"; fi',
    "git": "echo 0123abc",
}


@dataclass
class Operator:
    """Somebody in Rung's folder, with a shell; `server` is the address of the database `postgres`."""

    folder: Path
    server: str
    home: Path

    def type(self, commands: str) -> None:
        """Type it all into one shell. Raises CalledProcessError."""
        where = make_url(self.server).query
        environ = {
            "PATH": os.pathsep.join([str(self.folder / "bin"), str(binaries()), os.environ["PATH"]]),
            "HOME": str(self.folder),
            "PYTHONPATH": str(ROOT),
            "RUNG_HOME": str(self.home),
            "PGHOST": str(where["host"]),
            "PGPORT": str(where["port"]),
            "PGUSER": "rung",  # whom `sudo` and the container make an administrator
        }
        commands = commands.replace("~/.local/share/rung", str(self.home))
        subprocess.run(["sh", "-ec", commands], cwd=self.folder, env=environ, check=True, capture_output=True)

    def write(self, url: str, quote: str = "") -> None:
        """Write the address into `.env`."""
        (self.folder / ".env").write_text(f"PORT=3000\nDATABASE_URL={quote}{libpq(url)}{quote}\n")

    def address(self, name: str) -> str:
        return make_url(self.server).set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def operator(postgres_home: Path) -> Iterator[Operator]:
    folder = Path(tempfile.mkdtemp(prefix="rung-back-"))
    folder.chmod(0o755)  # as root the server runs as nobody, who has to get in
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / "bin").mkdir()
    for name, words in STAND_INS.items():
        (folder / "bin" / name).write_text(f"#!/bin/sh\n{words}\n")
        (folder / "bin" / name).chmod(0o755)
    it = Operator(folder, embedded.start(postgres_home, "postgres"), folder / "home")
    drop = "".join(f"dropdb --if-exists --force {name}\n" for name in DATABASES)
    it.type(drop)
    yield it
    it.type(drop)
    embedded.stop(it.home)
    shutil.rmtree(folder)


async def written(url: str, statements: str, revision: str) -> list[str]:
    """Bring the tables to a revision, and write into them; all that is there."""
    engine = create_engine(url)
    await migrate.upgrade(engine, revision)
    async with engine.begin() as connection:
        for statement in filter(str.strip, statements.split(";\n")):
            await connection.execute(text(statement))
    await engine.dispose()
    return await asyncio.to_thread(dump, url)


async def goes_on(url: str) -> None:
    """Whether a newer Rung can be started there, once more."""
    async with database(url) as engine:
        assert await migrate.is_current(engine)


def typed(kind: str, section: str, document: str | None = None) -> Iterator[str]:
    """What stands to be typed in that section, block by block."""
    yield from (words for each, words in (steps(section, document) if document else steps(section)) if each == kind)


@pytest.mark.parametrize("quote", ["", '"'])
async def test_with_a_postgresql_of_yours(operator: Operator, quote: str) -> None:
    now, restored = operator.address("rung"), operator.address("rung_restored")
    operator.type("createdb rung")
    then = await written(now, WRITTEN_THEN, OLDER)
    operator.write(now, quote)
    back_up, _ = typed("sh", "Back up")
    operator.type(back_up)
    since = await written(now, WRITTEN_SINCE, "head")

    make, bring_back, _ = typed("sh", "Go back")
    [line] = typed("env", "Go back")
    assert line.startswith("DATABASE_URL=postgresql://")
    assert line.endswith("/rung_restored")
    operator.type(make)
    with pytest.raises(subprocess.CalledProcessError):
        operator.type(bring_back)  # who forgot the second step loses nothing
    assert await asyncio.to_thread(dump, now) == since
    operator.write(restored, quote)
    operator.type(bring_back)
    assert await asyncio.to_thread(dump, restored) == then
    assert any(OLDER in row for row in then)
    await goes_on(restored)
    assert await asyncio.to_thread(dump, now) == since, "it is kept until the other one is seen to work"


async def test_with_compose(operator: Operator) -> None:
    now = operator.address("rung")
    operator.type("createdb rung")
    then = await written(now, WRITTEN_THEN, OLDER)
    back_up, go_back = typed("sh", "Backups", OPERATING)
    operator.type(back_up)
    since = await written(now, WRITTEN_SINCE, "head")
    operator.type(go_back)
    assert await asyncio.to_thread(dump, now) == then
    assert await asyncio.to_thread(dump, operator.address("rung_newer")) == since
    await goes_on(now)


async def test_with_the_embedded_one(operator: Operator) -> None:
    url = await asyncio.to_thread(embedded.start, operator.home)
    then = await written(url, WRITTEN_THEN, OLDER)
    _, back_up = typed("sh", "Back up")
    operator.type(back_up)
    await asyncio.to_thread(embedded.start, operator.home)
    await written(url, WRITTEN_SINCE, "head")
    *_, go_back = typed("sh", "Go back")
    operator.type(go_back)
    await asyncio.to_thread(embedded.start, operator.home)
    assert await asyncio.to_thread(dump, url) == then
    await goes_on(url)


async def test_an_older_rung_does_not_start_on_newer_tables(operator: Operator) -> None:
    operator.type("createdb rung")
    newer = operator.address("rung")
    await written(newer, "UPDATE alembic_version SET version_num = '9999'", "head")
    with pytest.raises(CannotStartError, match="Another version of Rung migrated the database"):
        async with database(newer):
            pass
