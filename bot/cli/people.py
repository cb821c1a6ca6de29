"""`people`: a workspace invited from a file."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.cli.common import existing_url, ladder_of, now, sentences, slack_of
from bot.install.oauth import Installs
from bot.ops import invite as inviting
from bot.ops.invite import Inviting, RosterError
from bot.settings import WorkerSettings, read
from bot.slack import ReadToken, Slack
from bot.startup import CannotStartError, existing_database
from db.engine import Sessions

people = typer.Typer(help="The people of a workspace.", no_args_is_help=True)


@people.command()
def invite(
    file: Annotated[Path, typer.Argument(help="CSV: email or slack_id, level, day, time, mentor; see docs/admins.md.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only a table of what would happen.")] = False,
    workspace: Annotated[
        str | None, typer.Option(help="Its key (T… or E…), to be sure that it is the right one.")
    ] = None,
) -> None:
    """Invite everybody in a file, or nobody: each fault is told by line. Nothing starts before they say yes."""
    with sentences():
        try:
            asyncio.run(_invite(read(WorkerSettings), file, dry_run, workspace))
        except RosterError as error:
            for fault in error.faults:
                typer.echo(f"{file}:{fault.line}: {fault.message}", err=True)
            typer.echo(f"{len(error.faults)} to mend in {file}. Nobody was invited.", err=True)
            raise typer.Exit(1) from None


async def _invite(settings: WorkerSettings, file: Path, dry: bool, wanted: str | None) -> None:
    ladder, data = ladder_of(settings), inviting.contents(file)
    slack = slack_of(settings)
    async with existing_database(await existing_url(settings), read_only=dry) as engine:
        client = slack.patient_client(await _token_of(wanted, slack, engine))
        workspace = await inviting.workspace_of(client, wanted)
        run = Inviting(client, Sessions(engine), ladder, workspace, lambda words: typer.echo(words, err=True))
        typer.echo("\n".join(await inviting.outcome(run, data, now(), dry=dry)))


async def _token_of(workspace: str | None, slack: Slack, engine: AsyncEngine) -> ReadToken | None:
    """Where many workspaces are served, with which token Rung reads this one."""
    if slack.oauth is None:
        return None
    if workspace is None:
        raise CannotStartError("Many workspaces are served: say with --workspace which one, by its key (T… or E…).")
    read_token = partial(Installs(slack.oauth, slack.client(), engine, now).token, workspace)
    if await read_token() is None:
        raise CannotStartError(f"Rung is not installed in {workspace}, so nobody was invited.")
    return read_token
