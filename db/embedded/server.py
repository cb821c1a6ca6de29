"""The default Postgres: a server in a folder of its own, shared by all processes that ask, stopped by none of them."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg import sql
from sqlalchemy import URL

from db.embedded.binaries import ADVICE, EmbeddedError
from db.embedded.cluster import PORT, SUPERUSER, Cluster, launch, shut_down

__all__ = ["EmbeddedError", "address", "default_home", "start", "start_existing", "stop"]

_PAUSES = [0.05 * 2**n for n in range(9)]  # 25 s together


def default_home(rung_home: Path | None, xdg_data_home: Path | None) -> Path:
    """RUNG_HOME, else /var/lib/rung for root, else `rung` in the user's data folder."""
    if rung_home is not None:
        return rung_home
    if os.geteuid() == 0:
        return Path("/var/lib/rung")
    if xdg_data_home is not None and xdg_data_home.is_absolute():
        return xdg_data_home / "rung"
    return Path.home() / ".local/share/rung"


def start(home: Path, database: str = "rung") -> str:
    """Make sure that the server of `home` is up and has `database`; return its SQLAlchemy URL.

    Blocks, for about a second where the home is new. Raises EmbeddedError.
    """
    with _sentences(home):
        cluster = Cluster.of(home)
        cluster.make_home()
        with _starter_lock(cluster), _connect_or_launch(cluster) as connection:
            if not _has(connection, database):
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
    return _url(cluster, database)


def start_existing(home: Path, database: str = "rung") -> str | None:
    """As `start`, where all of that was made before; else None, and nothing is made. Raises EmbeddedError."""
    if address(home) is None:
        return None
    with _sentences(home):
        cluster = Cluster.of(home)
        cluster.make_home()
        with _starter_lock(cluster), _connect_or_launch(cluster) as connection:
            there = _has(connection, database)
    return _url(cluster, database) if there else None


def address(home: Path, database: str = "rung") -> str | None:
    """The URL of what `start` made in `home`, whether its server is up or not; None where there are no data yet."""
    with _sentences(home):
        cluster = Cluster.of(home)
        return _url(cluster, database) if cluster.data.exists() else None


def stop(home: Path) -> bool:
    """Shut the server of `home` down, ending its sessions; True if one was running. Raises EmbeddedError."""
    with _sentences(home):
        cluster = Cluster.of(home)
        if not cluster.data.exists():
            return False
        with _starter_lock(cluster):
            for attempt, pause in enumerate(_PAUSES):
                with _server_lock(cluster) as lock:
                    if lock is not None:
                        return attempt > 0
                shut_down(cluster)
                time.sleep(pause)
    raise EmbeddedError(f"The embedded Postgres does not stop; {cluster.log} ends with: {cluster.log_tail()}")


def _url(cluster: Cluster, database: str) -> str:
    query = {"host": str(cluster.sockets), "port": str(PORT)}
    return URL.create("postgresql+psycopg", SUPERUSER, database=database, query=query).render_as_string()


@contextmanager
def _sentences(home: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, psycopg.Error) as error:
        raise EmbeddedError(
            f"The embedded Postgres cannot use {home} ({error}): "
            f"set RUNG_HOME to a folder that Rung may write to, or {ADVICE}."
        ) from error


def _open_lock(path: Path) -> IO[str]:
    return open(path, "a", opener=lambda name, flags: os.open(name, flags, 0o600))


@contextmanager
def _starter_lock(cluster: Cluster) -> Iterator[None]:
    with _open_lock(cluster.home / "starter.lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _server_lock(cluster: Cluster) -> Iterator[int | None]:
    """The descriptor of a lock for the next server to inherit, or None while any process of a server lives.

    Unlike the pid in postmaster.pid it is never stale, reused or a zombie's.
    """
    with _open_lock(cluster.home / "server.lock") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
        else:
            yield lock.fileno()


def _connect_or_launch(cluster: Cluster) -> psycopg.Connection[tuple[Any, ...]]:
    for pause in _PAUSES:
        try:
            return _connect(cluster)
        except psycopg.OperationalError as error:
            answer = " ".join(str(error).split())
        with _server_lock(cluster) as lock:
            if lock is not None:
                launch(cluster, lock)
                continue
        time.sleep(pause)
    raise EmbeddedError(f"The embedded Postgres is up but cannot be used ({answer}); its log is {cluster.log}.")


def _has(connection: psycopg.Connection[tuple[Any, ...]], database: str) -> bool:
    return bool(connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone())


def _connect(cluster: Cluster) -> psycopg.Connection[tuple[Any, ...]]:
    return psycopg.connect(
        host=str(cluster.sockets), port=PORT, user=SUPERUSER, dbname="postgres", connect_timeout=2, autocommit=True
    )
