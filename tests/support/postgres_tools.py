"""The programs that come with the embedded Postgres, as whoever runs Rung has those of their server."""

import os
import pwd
import subprocess
import tempfile
from pathlib import Path

from db.embedded.binaries import find_binaries

RANDOM = ("\\restrict ", "\\unrestrict ")  # a key that every dump makes anew


def binaries() -> Path:
    """The folder of `pg_dump`, `pg_restore`, `psql` and the like, of the version of the server."""
    return find_binaries(pwd.getpwuid(os.geteuid()), Path(tempfile.gettempdir()))[0]


def libpq(url: str) -> str:
    """An address as these programs take it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1).replace(" ", "%20")


def dump(url: str) -> list[str]:
    """All that is in a database, line by line: tables, rows, and where each sequence stands."""
    said = program("pg_dump", f"--dbname={libpq(url)}")
    return [line for line in said.splitlines() if not line.startswith(RANDOM)]


def program(name: str, *options: str) -> str:
    """Run one of them; what it prints. Raises CalledProcessError."""
    return subprocess.run([binaries() / name, *options], check=True, capture_output=True, text=True).stdout
