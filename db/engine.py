"""The engine and its two kinds of session."""

import asyncio
import copy
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ARRAY, BigInteger, Text, any_, bindparam, cast, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.ext.asyncio import AsyncSession as AsyncSession
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction
from sqlalchemy.sql.expression import CollectionAggregate
from sqlalchemy.types import TypeEngine

Result = TypeVar("Result")
CONNECT_TIMEOUT = 2  # seconds
STATEMENT_TIMEOUT = 1500  # milliseconds
SETTINGS = (
    f"statement_timeout={STATEMENT_TIMEOUT}",
    "timezone=UTC",
    # How much a member wrote and how common a word is differ a thousandfold: no generic plan suits both.
    "plan_cache_mode=force_custom_plan",
    "jit=off",  # a batch of a thousand looks dear enough to be compiled, which takes longer than doing it
)
READ_ONLY = "default_transaction_read_only=on"
YIELDS_AFTER = 200  # milliseconds: before Postgres looks for a deadlock, which could end the other one
ATTEMPTS = 5  # together shorter than Slack waits
HELD_UP = ("55P03", "40P01")  # a lock was not to be had in time, or not at all
# A network that swallows everything tells nobody: the system then ends a connection after some ten seconds, not hours.
SILENCE = {"tcp_user_timeout": 10_000, "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}


def create_engine(
    url: str, *, pool_size: int = 5, pool_timeout: float = CONNECT_TIMEOUT, read_only: bool = False
) -> AsyncEngine:
    """An engine that gives up soon enough for Slack's three seconds and never logs what people wrote.

    `pool_timeout`: for so many seconds one waits for a connection while all are in use. `read_only`: Postgres refuses
    whatever would write.
    """
    settings = (*SETTINGS, READ_ONLY) if read_only else SETTINGS
    return create_async_engine(
        with_driver(url),
        pool_size=pool_size,
        max_overflow=5,
        pool_timeout=pool_timeout,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "connect_timeout": CONNECT_TIMEOUT,
            **SILENCE,
            "options": " ".join(f"-c {setting}" for setting in settings),
        },
    )


def with_driver(url: str) -> str:
    """The address as people write it (`postgres://`, `postgresql://`), with the driver that Rung ships."""
    parsed = make_url(url.replace("postgres://", "postgresql://", 1))
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    return parsed.render_as_string(hide_password=False)


def any_of(parameter: str, of: type[TypeEngine[Any]] = BigInteger) -> CollectionAggregate[bool]:
    """What a value is equal to if it is among those of the parameter, which is bound to what `array_of` makes of them.

    So one statement is for any number of them, where `IN` is another one for each.
    """
    return any_(cast(bindparam(parameter, type_=Text), ARRAY(of)))


def array_of(values: Iterable[object]) -> str:
    """Values as Postgres writes an array of them, to be cast to one: psycopg takes three times as long for a list."""
    return f"{{{','.join(['NULL' if value is None else _quoted(str(value)) for value in values])}}}"


def _quoted(element: str) -> str:
    escaped = element.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def columns(rows: Sequence[NamedTuple]) -> dict[str, str]:
    """Rows, at least one, as `unnest` takes them: name → the array of that column."""
    return dict(zip(rows[0]._fields, map(array_of, zip(*rows, strict=True)), strict=True))


# Foreign keys are checked row by row: with a plan made anew for each, that took longer than writing the rows.
BACKGROUND = text(f"""
    SELECT set_config('statement_timeout', '{10 * STATEMENT_TIMEOUT}', true),
           set_config('plan_cache_mode', 'auto', true)
""")


class BusyError(Exception):
    """Others were at work on the same rows all the time; nothing was done."""


class Sessions:
    """`sessions()` reads in AUTOCOMMIT and refuses to write; `begin()` and `background()` are one transaction.

    `rehearsal()` is one that is always rolled back. `committed`: whether there was one that was not.
    """

    committed = False

    def __init__(self, engine: AsyncEngine) -> None:
        reader = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._read = async_sessionmaker(reader, sync_session_class=_ReadOnlySession, autoflush=False)
        self._write = async_sessionmaker(engine, expire_on_commit=False)

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[AsyncSession]:
        async with self._read() as session:
            yield session

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        async with self._write.begin() as session:
            yield session
        self.committed = True

    def of_one_interaction(self) -> "Sessions":
        """The same, to tell afterwards whether anything was `committed` in it."""
        return copy.copy(self)

    @asynccontextmanager
    async def background(self) -> AsyncIterator[AsyncSession]:
        """As `begin`, for what nobody waits for: a statement may take ten times as long."""
        async with self.begin() as session:
            await session.execute(BACKGROUND)
            yield session

    @asynccontextmanager
    async def rehearsal(self) -> AsyncIterator[AsyncSession]:
        """As `background`, and no row that is written in it stays, however it ends."""
        async with self._write() as session:  # which commits nothing by itself
            await session.execute(BACKGROUND)
            yield session

    async def yielding(self, work: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
        """As `background`, for what locks much: it steps back for whoever was there first, and begins anew.

        Raises BusyError when it never got through.
        """
        for _ in range(ATTEMPTS):
            try:
                async with self.background() as session:
                    await session.execute(text(f"SET LOCAL lock_timeout = {YIELDS_AFTER}"))
                    return await work(session)
            except OperationalError as error:
                if getattr(error.orig, "sqlstate", None) not in HELD_UP:
                    raise
            await asyncio.sleep(YIELDS_AFTER / 1000)
        raise BusyError


class _ReadOnlySession(Session):
    """A session that refuses to flush: what AUTOCOMMIT wrote would stay even after an error."""


@event.listens_for(_ReadOnlySession, "before_flush")
def _refuse(session: Session, _context: UOWTransaction, _instances: object) -> None:
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("a read session cannot write: use sessions.begin()")


@event.listens_for(_ReadOnlySession, "do_orm_execute")
def _refuse_statement(state: ORMExecuteState) -> None:
    if not state.is_select:
        raise RuntimeError("a read session cannot write: use sessions.begin()")
