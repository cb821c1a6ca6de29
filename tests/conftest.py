"""What the tests run on: a real Postgres, the real app, and the playground as Slack."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot import logs
from db import embedded, migrate
from db.engine import Sessions, create_engine
from db.tables import Base
from ladder_content.loader import default_folder, load
from ladder_content.model import Ladder
from tests.world import World, journal_path, world_of


@pytest.fixture(scope="session")
def ladder() -> Ladder:
    return load(default_folder())


@pytest.fixture(scope="session")
def postgres_home() -> Iterator[Path]:
    """A Postgres of the test run's own, gone at its end."""
    home = Path(tempfile.mkdtemp(prefix="rung-tests-"))
    home.chmod(0o755)  # as root the server runs as nobody, who has to get in
    yield home
    embedded.stop(home)
    shutil.rmtree(home)


@pytest.fixture(scope="session")
def database_url(postgres_home: Path) -> str:
    """A migrated database."""
    url = embedded.start(postgres_home, "tests")

    async def prepare() -> None:
        engine = create_engine(url)
        await migrate.upgrade(engine)
        await engine.dispose()

    asyncio.run(prepare())
    return url


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """An engine on empty tables."""
    engine = create_engine(database_url)
    names = ", ".join(table.name for table in Base.metadata.sorted_tables)
    async with engine.begin() as connection:
        await connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY"))
    yield engine
    await engine.dispose()


@pytest.fixture
def sessions(engine: AsyncEngine) -> Sessions:
    return Sessions(engine)


@pytest.fixture(params=["socket"])
async def world(
    request: pytest.FixtureRequest, engine: AsyncEngine, ladder: Ladder, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[World]:
    """Rung at work against the playground, by Socket Mode unless a test asks for HTTP by an indirect parameter."""
    async with world_of(engine, ladder, transport=request.param) as world:
        yield world
    # Bolt gives a listener None for a parameter it does not know, and only warns.
    assert "is not a valid argument" not in caplog.text
    assert "tick failed" not in caplog.text


@pytest.fixture(scope="session", autouse=True)
def log_lines() -> None:
    """Let pytest see what is logged."""
    logs.hand_over()


@pytest.fixture(scope="session", autouse=True)
def journal() -> None:
    """With PLAYGROUND_JOURNAL set, everything that crossed in the whole run is in that file."""
    if path := journal_path(os.environ):
        path.unlink(missing_ok=True)
