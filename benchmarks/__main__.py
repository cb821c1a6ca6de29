"""Runs everything on a Postgres of its own, which is gone afterwards, and prints one table."""

import asyncio
import contextlib
import logging
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import typer

from benchmarks import commands, content, log, planning
from benchmarks.table import lines
from bot import logs
from bot.startup import database
from db.embedded import server
from ladder_content.loader import default_folder, load


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """The address of a fresh database."""
    home = Path(tempfile.mkdtemp(prefix="rung-bench-"))
    home.chmod(0o711)  # as root the server runs as nobody, who has to get in
    try:
        yield server.start(home)
    finally:
        server.stop(home)
        shutil.rmtree(home)


async def main(url: str) -> None:
    ladder = load(default_folder())
    async with database(url) as engine:
        rows = [
            *await commands.measure(engine, ladder),
            *await planning.measure(engine, ladder),
            *content.measure(ladder),
            *await log.measure(engine, ladder),
        ]
    typer.echo("\n".join(lines(rows)))


if __name__ == "__main__":
    logs.configure("console", logging.WARNING)
    with postgres() as url:
        asyncio.run(main(url))
