"""What a process needs before it can serve: a database, a port, and a way to be told to stop."""

import asyncio
import contextlib
import errno
import gc
import os
import signal
import socket
from collections.abc import AsyncIterator, Coroutine, Iterator
from ipaddress import IPv4Address, ip_address
from typing import Any

from alembic.util import CommandError
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from db import migrate
from db.engine import create_engine
from db.migrate import Standing

NO_ADDRESS = (
    "DATABASE_URL cannot be read: write it like postgresql://user:password@host:5432/database,"
    " with %40 for an @ in the password, %2F for a / and so on."
)
PATIENCE = 20  # seconds for a connection: less than half a lease, past which nothing is posted
MAY_NOT = "42501"  # insufficient_privilege
EVERYWHERE = "::"  # every address of this machine, those of IPv4 too, and those alone where it has no others
HERE = "127.0.0.1"
BROADCAST = IPv4Address("255.255.255.255")
NOT_OURS = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EINVAL, errno.ENODEV)
WHICH_HOST = (
    "write 127.0.0.1 for this machine alone, 0.0.0.0 for every address of IPv4, :: for those of IPv6 too, or leave it"
    " out"
)
NOT_THE_NEWEST = {
    Standing.EMPTY: "The database has no tables of Rung yet: `python -m bot migrate` makes them.",
    Standing.BEHIND: "The tables are of an older Rung: back up, then `python -m bot migrate`.",
    Standing.UNKNOWN: "Another version of Rung migrated the database: run that one.",
}


class CannotStartError(Exception):
    """Why Rung cannot start, in a sentence for whoever runs it."""


@contextlib.asynccontextmanager
async def database(url: str, *, fresh: bool = False) -> AsyncIterator[AsyncEngine]:
    """An engine on a database that is given the newest tables; `fresh`: and keeps nothing that was there before."""
    async with _engine(url) as engine:
        with _sentences():
            if fresh:
                await migrate.clear(engine)
            if not await migrate.is_current(engine):
                await migrate.upgrade(engine)
        yield engine


@contextlib.asynccontextmanager
async def existing_database(url: str, *, read_only: bool = False) -> AsyncIterator[AsyncEngine]:
    """An engine on a database as it is, to which Postgres lets nobody write where it is `read_only`.

    Raises CannotStartError unless it has the newest tables.
    """
    async with _engine(url, read_only=read_only) as engine:
        with _sentences():
            standing = await migrate.standing(engine)
        if standing is not Standing.CURRENT:
            raise CannotStartError(f"{NOT_THE_NEWEST[standing]} Nothing was changed.")
        yield engine


@contextlib.asynccontextmanager
async def background(url: str) -> AsyncIterator[AsyncEngine]:
    """An engine for work that nobody waits for: it queues for a connection where a command would give up."""
    engine = create_engine(url, pool_timeout=PATIENCE)
    try:
        yield engine
    finally:
        await engine.dispose()


@contextlib.asynccontextmanager
async def _engine(url: str, *, read_only: bool = False) -> AsyncIterator[AsyncEngine]:
    try:
        engine = create_engine(url, read_only=read_only)
    except (ArgumentError, ValueError):  # whose words may quote a part of the password
        raise CannotStartError(NO_ADDRESS) from None
    try:
        yield engine
    finally:
        await engine.dispose()


@contextlib.contextmanager
def _sentences() -> Iterator[None]:
    """What the database answers to a first look, in a sentence."""
    try:
        yield
    except CommandError as error:
        raise CannotStartError(f"Another version of Rung migrated the database ({error}). Run that one.") from None
    except SQLAlchemyError as error:
        if getattr(getattr(error, "orig", None), "sqlstate", None) == MAY_NOT:
            raise CannotStartError(
                f"The role in DATABASE_URL may not do that: {reason(error)}. If the tables are not the newest, run"
                " `make migrate` with the DATABASE_URL of their owner first; docs/database.md has all GRANTs."
            ) from None
        raise CannotStartError(f"The database cannot be used, see DATABASE_URL: {reason(error)}.") from None


def reason(error: SQLAlchemyError) -> str:
    """The driver's own words, on one line, without what it was asked and without a mark at its end."""
    words = str(getattr(error, "orig", None) or error).partition("(Background")[0]
    return " ".join(words.split()).rstrip(".?")


def settle() -> None:
    """Take what was loaded for good: to look through it for garbage takes a quarter of the time of planning a wave."""
    gc.collect()
    gc.freeze()


def listening(host: str, port: int, setting: str) -> socket.socket:
    """A bound socket at a host that HOST names; `setting` is where the port was chosen. Raises CannotStartError."""
    try:
        return _bound(host, port)
    except (socket.gaierror, ValueError):  # a name that is none, or too long for one
        raise CannotStartError(f"HOST {host} is no address, and no name that leads to one: {WHICH_HOST}.") from None
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        if error.errno in NOT_OURS:
            raise CannotStartError(f"HOST {host} is no address of this machine ({reason}): {WHICH_HOST}.") from None
        raise CannotStartError(f"{setting} {port} cannot be used ({reason}). Choose another one.") from None


def free_port(host: str, wish: int) -> socket.socket:
    """A socket bound to the port one wishes for, or to a free one if that is taken."""
    try:
        return _bound(host, wish)
    except OSError:
        return _bound(host, 0)


def _bound(host: str, port: int) -> socket.socket:
    """The connections inherit the option, which asyncio sets only for sockets made as TCP; else answers wait 40 ms."""
    # Where a name has several addresses, one of IPv4: that is what whoever looks at health tries.
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, *_, address = min(found, key=lambda each: each[0])
    where = ip_address(address[0])
    if where.is_multicast or where == BROADCAST:  # which Linux binds, though no connection comes there
        raise OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL))
    if where == ip_address(EVERYWHERE):  # in whichever way it is written
        both = socket.has_dualstack_ipv6()
        family = socket.AF_INET6 if both else socket.AF_INET
        listener = socket.create_server(("", port), family=family, dualstack_ipv6=both)
    else:
        listener = socket.create_server(address, family=family)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


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


async def to_the_end(work: Coroutine[Any, Any, None]) -> None:
    """Do the work, then end what it left running.

    Twice, as the driver answers a first cancellation by asking Postgres to cancel too: that takes long where it hangs.
    """
    try:
        await work
    finally:
        for _ in range(2):
            left = asyncio.all_tasks() - {asyncio.current_task()}
            for task in left:
                task.cancel()
            if left:
                await asyncio.wait(left, timeout=0.5)
