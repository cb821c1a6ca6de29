"""What the tests run on: a real Postgres, the real app, and the playground as Slack."""

import asyncio
import gc
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot import logs
from db import migrate
from db.embedded import server
from db.engine import Sessions, create_engine
from ladder_content.loader import default_folder, load
from ladder_content.model import Ladder
from tests.support.database import emptied
from tests.support.held_connections import calls_while_held as calls_while_held
from tests.support.held_connections import no_connection_is_held_over_a_call as no_connection_is_held_over_a_call
from tests.support.log_marks import log_watch as log_watch
from tests.support.log_marks import nothing_personal_in_the_logs as nothing_personal_in_the_logs
from tests.support.world import World, journal_path, world_of

# Examples are not timed: the machine may be busy. Every run draws others: half of the usual hundred are enough for one.
hypothesis.settings.register_profile(
    "tests", deadline=None, max_examples=50, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("tests")


def pytest_sessionstart(session: pytest.Session) -> None:
    """With PLAYGROUND_JOURNAL set, everything that crossed in the whole run, in all its workers, is in that file."""
    is_worker = hasattr(session.config, "workerinput")
    if (path := journal_path(os.environ)) and not is_worker:
        path.unlink(missing_ok=True)


def pytest_collection() -> None:
    gc.disable()


def pytest_collection_finish() -> None:
    """What is there by now stays to the end: the collector need not go through it again and again."""
    gc.enable()
    gc.freeze()


@pytest.fixture(scope="session")
def ladder() -> Ladder:
    return load(default_folder())


@pytest.fixture(scope="session")
def postgres_home() -> Iterator[Path]:
    """A Postgres of this worker's own, gone at its end."""
    home = Path(tempfile.mkdtemp(prefix="rung-tests-"))
    home.chmod(0o755)  # as root the server runs as nobody, who has to get in
    yield home
    server.stop(home)
    shutil.rmtree(home)


@pytest.fixture(scope="session")
def database_url(postgres_home: Path) -> str:
    """A migrated database."""
    url = server.start(postgres_home, "tests")

    async def prepare() -> None:
        engine = create_engine(url)
        async with engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text("ALTER SYSTEM SET fsync = off"))  # nothing here outlives the run
            await connection.execute(text("SELECT pg_reload_conf()"))
        await migrate.upgrade(engine)
        await engine.dispose()

    asyncio.run(prepare())
    return url


@pytest.fixture(scope="session")
async def only_engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """One engine for all tests: it remembers what statements compile to, and its connections what the tables are."""
    engine = create_engine(database_url)
    yield engine
    await engine.dispose()


@pytest.fixture(scope="session")
def loops_own_engine(database_url: str) -> AsyncEngine:
    """An engine for tests that bring event loops of their own, and dispose of it in each."""
    return create_engine(database_url)


@pytest.fixture
async def engine(only_engine: AsyncEngine) -> AsyncEngine:
    """An engine on empty tables."""
    await emptied(only_engine)
    return only_engine


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
    said = "\n".join(record.getMessage() for record in caplog.get_records("call"))
    # Bolt gives a listener None for a parameter it does not know, and only warns.
    assert "is not a valid argument" not in said
    assert "tick.failed" not in said


@pytest.fixture(scope="session", autouse=True)
def log_lines() -> None:
    """Let pytest see what is logged."""
    logs.hand_over()
