"""`doctor`: all that `run` needs, looked at before."""

import asyncio
import io
import logging
import sys
from collections.abc import Sequence
from functools import partial
from typing import Annotated

import typer

from bot import logs
from bot.cli.common import host_of, now, postgres_home, sentences, slack_of
from bot.cli.run import settings_for
from bot.ops import doctor_database, doctor_history
from bot.ops.doctor import Findings, Mark, Setup, examine
from bot.roles import Role
from bot.settings import Forgiving, Home, SettingsError, read
from bot.slack import Slack
from bot.startup import to_the_end
from db.embedded import server
from ladder_content.loader import default_folder


def doctor(role: Annotated[Role, typer.Option(help="As which `run --role` it is to start.")] = Role.ALL) -> None:
    """Check all that `run` needs, and say what to do about each that fails. Nothing is changed."""
    with sentences():
        logs.configure("console", logging.CRITICAL)
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="namereplace")  # a terminal may have no ✓
        asyncio.run(to_the_end(_doctor(role)))


async def _doctor(role: Role) -> None:
    settings = read(Forgiving)
    faults: dict[str, str] = {}
    try:
        settings_for(role)
    except SettingsError as error:
        faults = dict(error.faults)
    keys = settings.keys if settings.many and not faults else []
    slack = None if "SLACK_API_URL" in faults else slack_of(settings)
    setup = Setup(
        faults=list(faults.values()),
        database=None if "DATABASE_URL" in faults else partial(_look_at_database, settings, keys),
        slack=slack,
        folder=None if "LADDER_DIR" in faults else settings.ladder_dir or default_folder(),
        port=None if "PORT" in faults else settings.port,
        role=role,
        host=host_of(settings, role),
        history=partial(_look_at_history, settings, slack) if slack and not faults else None,
    )
    marks = set()
    async for finding in examine(setup, now):
        typer.echo(str(finding))
        marks.add(finding.mark)
    if Mark.WRONG in marks:
        raise typer.Exit(1)


async def _look_at_history(home: Home, slack: Slack) -> Findings:
    if home.database_url:
        return await doctor_history.look(home.database_url.get_secret_value(), slack)
    return await doctor_history.look(server.address(postgres_home(home)), slack)


async def _look_at_database(home: Home, keys: Sequence[str]) -> Findings:
    if home.database_url:
        return await doctor_database.at(home.database_url.get_secret_value(), now, keys)
    return await doctor_database.at_home(postgres_home(home), now, keys)
