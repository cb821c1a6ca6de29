"""What a process needs before it can serve: a migrated database, a port, and a way to be told to stop."""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import AsyncIterator

from alembic.util import CommandError
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from db import migrate
from db.engine import create_engine


class CannotStartError(Exception):
    """Why Rung cannot start, in a sentence for whoever runs it."""


@contextlib.asynccontextmanager
async def database(url: str, *, fresh: bool = False) -> AsyncIterator[AsyncEngine]:
    """An engine on a database that has the newest tables; `fresh`: and nothing that was there before."""
    try:
        engine = create_engine(url)
    except (ArgumentError, ValueError) as error:
        raise CannotStartError(f"DATABASE_URL cannot be read: {error}.") from None
    try:
        if fresh:
            await migrate.clear(engine)
        await _migrated(engine)
        yield engine
    finally:
        await engine.dispose()


async def _migrated(engine: AsyncEngine) -> None:
    try:
        if not await migrate.is_current(engine):
            await migrate.upgrade(engine)
    except CommandError as error:
        raise CannotStartError(f"Another version of Rung migrated the database ({error}). Run that one.") from None
    except SQLAlchemyError as error:
        raise CannotStartError(f"The database cannot be used, see DATABASE_URL: {_reason(error)}.") from None


def _reason(error: SQLAlchemyError) -> str:
    """The driver's own words, on one line, without what it was asked."""
    words = str(getattr(error, "orig", None) or error).partition("(Background")[0]
    return " ".join(words.split()).rstrip(".")


def listening(host: str, port: int, setting: str) -> socket.socket:
    """A bound socket; `setting` is where the port was chosen."""
    try:
        return socket.create_server((host, port))
    except OSError as error:
        raise CannotStartError(f"{setting} {port} cannot be used ({error.strerror}). Choose another one.") from None


def free_port(host: str, wish: int) -> socket.socket:
    """A socket bound to the port one wishes for, or to a free one if that is taken."""
    try:
        return socket.create_server((host, wish))
    except OSError:
        return socket.create_server((host, 0))


async def until_told_to_stop() -> None:
    """Wait for SIGINT or SIGTERM; a second one leaves at once."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()

    def tell() -> None:
        if told.is_set():
            os._exit(130)
        told.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, tell)
    await told.wait()
