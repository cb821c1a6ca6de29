"""The command line. The one place that reads settings; it builds what the others are given, and closes it."""

import asyncio
import contextlib
import io
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated
from uuid import UUID

import structlog
import typer
from cryptography.fernet import Fernet
from pydantic import SecretStr
from slack_sdk.errors import SlackApiError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot import doctor_database, inviting, ladders, logs, operator
from bot.doctor import Findings, Mark, Setup, examine
from bot.installs import Installs
from bot.inviting import Inviting, NotInvitedError, RosterError
from bot.manifest import Form, manifest, written
from bot.roles import Role
from bot.server import Service, running
from bot.settings import Forgiving, Home, Settings, SettingsError, WorkerSettings, read
from bot.slack import OAuth, ReadToken, Slack
from bot.startup import (
    CannotStartError,
    background,
    database,
    free_port,
    listening,
    settle,
    to_the_end,
    until_told_to_stop,
)
from bot.unreachable import NOT_ANSWERED, why
from bot.web import serving
from db import embedded
from db.claiming import Pace
from db.embedded import EmbeddedError
from db.engine import Sessions
from db.installations import Cipher, UnreadableTokenError, reencrypt
from ladder_content.loader import ContentErrors, default_folder, load

log = structlog.get_logger()
cli = typer.Typer(
    name="rung",
    help="Rung: a Slack bot for mentorship and growth nudges along a career ladder.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
people = typer.Typer(help="The people of a workspace.", no_args_is_help=True)
postgres = typer.Typer(help="The embedded Postgres.", no_args_is_help=True)
tokens = typer.Typer(help="The keys that workspaces' tokens are encrypted with.", no_args_is_help=True)
cli.add_typer(ladders.content, name="content")
cli.add_typer(people, name="people")
cli.add_typer(tokens, name="tokens")
cli.add_typer(postgres, name="postgres")

TICK = 5.0  # seconds


@cli.command()
def run(
    role: Annotated[
        Role, typer.Option(help="web answers Slack; worker plans and sends, and answers nobody; all does both.")
    ] = Role.ALL,
) -> None:
    """Serve a Slack workspace, with the settings of the environment."""
    with sentences():
        settings = settings_for(role)
        logs.configure(settings.log_format)
        asyncio.run(to_the_end(_run(settings, role)))


@cli.command()
def demo(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where the page is served; the next free one if it is taken.")
    ] = 8080,
) -> None:
    """Try Rung in the browser: a local stand-in for Slack, and the real bot against it."""
    with sentences():
        home = read(Home)
        logs.configure(home.log_format, logging.WARNING)
        asyncio.run(to_the_end(_demo(home, port)))


@cli.command(name="migrate")
def migrate_() -> None:
    """Bring the database to the newest tables."""
    with sentences():
        asyncio.run(_migrate(read(Home)))


@cli.command(name="deliveries")
def deliveries_(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only what would be sent now; nothing is.")] = False,
    requeue: Annotated[UUID | None, typer.Option(help="Look for a failed one; send it if it is not there.")] = None,
) -> None:
    """List what is waiting, unknown or failed, with who, when, which question and why; never what people wrote."""
    with sentences():
        if dry_run and requeue:
            raise CannotStartError("A dry run changes nothing, and --requeue does: choose one of the two.")
        asyncio.run(_deliveries(read(Home), dry_run, requeue))


@cli.command(name="manifest")
def manifest_(
    url: Annotated[str | None, typer.Option(help="HTTP mode: the https address at which Slack reaches Rung.")] = None,
    name: Annotated[str, typer.Option(help="What the app is called in Slack.")] = "Rung",
    oauth: Annotated[bool, typer.Option("--oauth", help="HTTP mode: workspaces install it by OAuth.")] = False,
    form: Annotated[Form, typer.Option("--format", help="What to print; Slack's form takes both.")] = Form.YAML,
) -> None:
    """Print the manifest to create the Slack app from: for Socket Mode, or for HTTP mode with --url."""
    with sentences():
        typer.echo(written(manifest(name, url, oauth=oauth), form))


@cli.command()
def doctor(role: Annotated[Role, typer.Option(help="As which `run --role` it is to start.")] = Role.ALL) -> None:
    """Check all that `run` needs, and say what to do about each that fails. Nothing is changed."""
    with sentences():
        logs.configure("console", logging.CRITICAL)
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="namereplace")  # a terminal may have no ✓
        asyncio.run(to_the_end(_doctor(role)))


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


@postgres.command()
def stop() -> None:
    """Stop the embedded Postgres; the next start finds everything as it was."""
    with sentences():
        home = read(Home)
        folder = embedded.default_home(home.rung_home, home.xdg_data_home)
        typer.echo("Stopped the embedded Postgres." if embedded.stop(folder) else "No embedded Postgres was running.")


@tokens.command(name="key")
def tokens_key() -> None:
    """Make a key for TOKEN_KEYS. Whoever has it and the database can read tokens: keep it as you keep a password."""
    typer.echo(Fernet.generate_key().decode())


@tokens.command(name="rotate")
def tokens_rotate() -> None:
    """Bring all tokens under the first of TOKEN_KEYS, after which the others can go; running processes go on."""
    with sentences():
        asyncio.run(_rotate(read(Home)))


@contextlib.contextmanager
def sentences() -> Iterator[None]:
    """What a person can mend is told in a sentence, with exit code 2 and without a traceback."""
    try:
        yield
    except (SettingsError, CannotStartError, EmbeddedError, NotInvitedError, UnreadableTokenError) as error:
        sys.stderr.write(f"{error}\n")
    except ContentErrors as error:
        sys.stderr.write(f"{error}\nLADDER_DIR names a ladder with faults: mend them, or leave it out.\n")
    else:
        return
    raise typer.Exit(2)


def settings_for(role: Role) -> WorkerSettings:
    """What a process in that role needs. Raises SettingsError."""
    settings = read(Settings if role.answers else WorkerSettings)
    if role is not Role.ALL and settings.database_url is None:
        words = f"DATABASE_URL is missing: a {role} works with others on one Postgres, so it has to be named."
        raise SettingsError([("DATABASE_URL", words)])
    return settings


async def _run(settings: WorkerSettings, role: Role) -> None:
    ladder = load(settings.ladder_dir or default_folder())
    slack = slack_of(settings)
    with listening("", settings.port, "PORT") as listener:
        url = await database_url(settings)
        async with database(url) as engine, background(url) as patient:
            service = Service(
                slack,
                engine,
                ladder,
                now,
                seconds_between_ticks=TICK,
                pace=None if settings.delivery_paused else Pace(settings.messages_per_minute),
                role=role,
                background=patient if role.ticks else None,
                keep_left=settings.keep_left,
            )
            try:
                async with running(service, listener):
                    mode = "socket" if slack.app_token else "http" if slack.signing_secret else None
                    settle()
                    log.info("serving", role=role.value, mode=mode, port=settings.port)
                    if settings.delivery_paused:
                        log.warning("delivery paused", reason="DELIVERY_PAUSED is set: questions are planned, not sent")
                    await until_told_to_stop()
                    log.info("stopping")
            except (SlackApiError, *NOT_ANSWERED) as error:
                raise CannotStartError(why(error, slack)) from error


def slack_of(settings: WorkerSettings) -> Slack:
    """How to reach Slack, and where its requests are taken how it reaches us."""
    app_token = settings.slack_app_token if isinstance(settings, Settings) else None
    signing_secret = settings.slack_signing_secret if isinstance(settings, Settings) else None
    return Slack(
        _open(settings.slack_bot_token),
        _open(app_token),
        _open(signing_secret),
        settings.slack_api_url,
        _oauth(settings),
    )


def _open(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None


def _oauth(settings: WorkerSettings) -> OAuth | None:
    """With what workspaces install Rung; none where one token serves one."""
    secret = _open(settings.slack_client_secret)
    if settings.slack_client_id is None or secret is None:
        return None
    return OAuth(settings.slack_client_id, secret, settings.keys, settings.slack_redirect_uri)


async def database_url(home: Home) -> str:
    """The address that is set, else that of the embedded Postgres."""
    return home.database_url.get_secret_value() if home.database_url else await embedded_url(home, "rung")


async def embedded_url(home: Home, name: str) -> str:
    """The address of a database in the embedded Postgres, which is started when it is not up."""
    return await asyncio.to_thread(embedded.start, embedded.default_home(home.rung_home, home.xdg_data_home), name)


async def _demo(home: Home, port: int) -> None:
    from bot.demo import CAST, SUGGESTIONS, seed
    from playground.page import mount
    from playground.playground import Playground
    from playground.server import create_app
    from playground.workspace import Workspace

    for name in ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"):  # Bolt reads them by itself, and would serve many
        os.environ.pop(name, None)
    ladder = load(home.ladder_dir or default_folder())
    workspace = Workspace(name="Northwind", app_name="Rung")
    for person in CAST:
        workspace.add_person(person.handle, person.name, id=person.id, **person.profile)
    local = Playground(workspace, manifest=manifest(), journal=home.playground_journal)
    with free_port("127.0.0.1", port) as listener:
        local.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        slack = Slack(local.bot_token, local.app_token, api_url=f"{local.url}/api/")
        # Always the embedded one: a demo starts afresh, and nobody's own database may pay for that.
        url = await embedded_url(home, f"rung_demo_{listener.getsockname()[1]}")
        async with database(url, fresh=True) as engine:
            await seed(Sessions(engine), ladder, workspace.team_id, local.clock.now())
            service = Service(slack, engine, ladder, local.clock.now, seconds_between_ticks=1)

            async def travel(to: datetime) -> None:
                local.clock.set_to(to)
                await service.ticker.run()

            page = create_app(local)
            mount(page, local, title="Rung", suggestions=SUGGESTIONS, travel=travel)
            async with serving(page, listener), running(service, None):
                typer.echo(f"\n  Rung is ready: {local.url}\n  Ctrl-C stops it.\n")
                await until_told_to_stop()
            await local.aclose()


async def _deliveries(home: Home, dry: bool, requeue: UUID | None) -> None:
    async with database(await database_url(home)) as engine:
        sessions = Sessions(engine)
        if requeue and not await operator.requeue(sessions, requeue):
            raise CannotStartError(f"No delivery {requeue} has failed, so nothing was changed.")
        ladder = load(home.ladder_dir or default_folder())
        lines = operator.dry_run(sessions, ladder, now()) if dry else operator.outbox(sessions)
        typer.echo("\n".join(await lines))


async def _doctor(role: Role) -> None:
    settings = read(Forgiving)
    faults: dict[str, str] = {}
    try:
        settings_for(role)
    except SettingsError as error:
        faults = dict(error.faults)
    keys = settings.keys if settings.many and not faults else []
    setup = Setup(
        faults=list(faults.values()),
        database=None if "DATABASE_URL" in faults else partial(_look_at_database, settings, keys),
        slack=None if "SLACK_API_URL" in faults else slack_of(settings),
        folder=None if "LADDER_DIR" in faults else settings.ladder_dir or default_folder(),
        port=None if "PORT" in faults else settings.port,
        role=role,
    )
    marks = set()
    async for finding in examine(setup, now):
        typer.echo(str(finding))
        marks.add(finding.mark)
    if Mark.WRONG in marks:
        raise typer.Exit(1)


async def _look_at_database(home: Home, keys: Sequence[str]) -> Findings:
    if home.database_url:
        return await doctor_database.at(home.database_url.get_secret_value(), now, keys)
    return await doctor_database.at_home(embedded.default_home(home.rung_home, home.xdg_data_home), now, keys)


def now() -> datetime:
    return datetime.now(UTC)


async def _rotate(home: Home) -> None:
    if not home.keys:
        raise CannotStartError(
            "TOKEN_KEYS is missing: it names the keys, with commas between them; the first encrypts."
        )
    async with database(await database_url(home)) as engine, Sessions(engine).begin() as session:
        changed, total = await reencrypt(session, Cipher(home.keys))
    typer.echo(f"{changed} of {total} tokens were brought under the first key; now it opens all of them.")


async def _invite(settings: WorkerSettings, file: Path, dry: bool, wanted: str | None) -> None:
    ladder, data = load(settings.ladder_dir or default_folder()), inviting.contents(file)
    slack = slack_of(settings)
    async with database(await database_url(settings)) as engine:
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


async def _migrate(home: Home) -> None:
    async with database(await database_url(home)):
        typer.echo("The database has the newest tables.")


if __name__ == "__main__":
    cli()
