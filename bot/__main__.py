"""The command line. The one place that reads settings; it builds what the others are given, and closes it."""

import asyncio
import contextlib
import logging
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import aiohttp
import structlog
import typer
from slack_sdk.errors import SlackApiError

from bot import logs, operator
from bot.failures import slacks_word
from bot.server import REQUEST_TIMEOUT, Service, Slack, running, serving
from bot.settings import Home, Settings, SettingsError, read
from bot.startup import CannotStartError, database, free_port, listening, to_the_end, until_told_to_stop
from db import embedded
from db.claiming import Pace
from db.embedded import EmbeddedError
from db.engine import Sessions
from ladder_content.loader import ContentErrors, check, default_folder, load

log = structlog.get_logger()
cli = typer.Typer(
    name="rung",
    help="Rung: a Slack bot for mentorship and growth nudges along a career ladder.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
content = typer.Typer(help="Career ladders as YAML.", no_args_is_help=True)
postgres = typer.Typer(help="The embedded Postgres.", no_args_is_help=True)
cli.add_typer(content, name="content")
cli.add_typer(postgres, name="postgres")

TICK = 5.0  # seconds


@cli.command()
def run() -> None:
    """Serve a Slack workspace, with the settings of the environment."""
    with sentences():
        settings = read(Settings)
        logs.configure(settings.log_format)
        asyncio.run(to_the_end(_run(settings)))


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


@content.command(name="check")
def content_check(
    folder: Annotated[Path | None, typer.Argument(help="A ladder's folder; the shipped one without.")] = None,
) -> None:
    """Prove that a ladder is whole; each fault is told with file, line and id."""
    faults = check(folder or default_folder())
    for fault in faults:
        typer.echo(str(fault), err=True)
    if faults:
        typer.echo(f"{len(faults)} to mend in {folder or default_folder()}", err=True)
        raise typer.Exit(1)
    ladder = load(folder or default_folder())
    typer.echo(
        f"{ladder.ladder.title} {ladder.ladder.version}: {len(ladder.levels)} levels, {len(ladder.criteria)} criteria,"
        f" {len(ladder.answers)} answers. All in order."
    )


@postgres.command()
def stop() -> None:
    """Stop the embedded Postgres; the next start finds everything as it was."""
    with sentences():
        home = read(Home)
        folder = embedded.default_home(home.rung_home, home.xdg_data_home)
        typer.echo("Stopped the embedded Postgres." if embedded.stop(folder) else "No embedded Postgres was running.")


@contextlib.contextmanager
def sentences() -> Iterator[None]:
    """What a person can mend is told in a sentence, with exit code 2 and without a traceback."""
    try:
        yield
    except (SettingsError, CannotStartError, EmbeddedError) as error:
        sys.stderr.write(f"{error}\n")
    except ContentErrors as error:
        sys.stderr.write(f"{error}\nLADDER_DIR names a ladder with faults: mend them, or leave it out.\n")
    else:
        return
    raise typer.Exit(2)


async def _run(settings: Settings) -> None:
    ladder = load(settings.ladder_dir or default_folder())
    slack = Slack(
        settings.slack_bot_token.get_secret_value(),
        settings.slack_app_token.get_secret_value() if settings.slack_app_token else None,
        settings.slack_signing_secret.get_secret_value() if settings.slack_signing_secret else None,
        settings.slack_api_url,
    )
    with listening("", settings.port, "PORT") as listener:
        async with database(await database_url(settings)) as engine:
            service = Service(
                slack,
                engine,
                ladder,
                lambda: datetime.now(UTC),
                seconds_between_ticks=TICK,
                pace=None if settings.delivery_paused else Pace(settings.messages_per_minute),
                keep_left=settings.keep_left,
            )
            try:
                async with running(service, listener):
                    log.info("serving", mode="socket" if slack.app_token else "http", port=settings.port)
                    if settings.delivery_paused:
                        log.warning("delivery paused", reason="DELIVERY_PAUSED is set: questions are planned, not sent")
                    await until_told_to_stop()
                    log.info("stopping")
            except SlackApiError as error:
                raise CannotStartError(_refused(error, slack)) from error
            except (aiohttp.ClientError, TimeoutError) as error:
                why = str(error) or f"no answer within {REQUEST_TIMEOUT} s"
                raise CannotStartError(
                    f"Slack cannot be reached at {slack.api_url}, see SLACK_API_URL: {why}."
                ) from error


async def database_url(home: Home) -> str:
    """The address that is set, else that of the embedded Postgres."""
    return home.database_url.get_secret_value() if home.database_url else await embedded_url(home, "rung")


async def embedded_url(home: Home, name: str) -> str:
    """The address of a database in the embedded Postgres, which is started when it is not up."""
    return await asyncio.to_thread(embedded.start, embedded.default_home(home.rung_home, home.xdg_data_home), name)


def _refused(error: SlackApiError, slack: Slack) -> str:
    reason = slacks_word(error)
    if reason is None:
        return f"What answers at {slack.api_url} is not Slack, see SLACK_API_URL."
    if "apps.connections.open" in str(error.response.api_url):
        return f"Slack refused SLACK_APP_TOKEN ({reason}): it needs the scope connections:write."
    return f"Slack at {slack.api_url} refused SLACK_BOT_TOKEN ({reason}): copy it anew from OAuth & Permissions."


async def _demo(home: Home, port: int) -> None:
    from bot.demo import CAST, MANIFEST, SUGGESTIONS, seed
    from playground.page import mount
    from playground.playground import Playground
    from playground.server import create_app
    from playground.workspace import Workspace

    ladder = load(home.ladder_dir or default_folder())
    workspace = Workspace(name="Northwind", app_name="Rung")
    for person in CAST:
        workspace.add_person(person.handle, person.name, id=person.id, **person.profile)
    local = Playground(workspace, manifest=MANIFEST, journal=home.playground_journal)
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
        lines = operator.dry_run(sessions, ladder, datetime.now(UTC)) if dry else operator.outbox(sessions)
        typer.echo("\n".join(await lines))


async def _migrate(home: Home) -> None:
    async with database(await database_url(home)):
        typer.echo("The database has the newest tables.")


if __name__ == "__main__":
    cli()
