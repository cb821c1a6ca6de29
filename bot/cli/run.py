"""`run`: serve a workspace, or many."""

import asyncio
from typing import Annotated

import structlog
import typer
from slack_sdk.errors import SlackApiError

from bot import logs
from bot.cli.common import database_url, host_of, ladder_of, now, sentences, slack_of
from bot.roles import Role
from bot.service import Service, running
from bot.settings import Settings, SettingsError, WorkerSettings, read
from bot.startup import CannotStartError, background, database, listening, settle, to_the_end, until_told_to_stop
from bot.unreachable import NOT_ANSWERED, why
from db.outbox.claims import Pace

log = structlog.get_logger()

TICK = 5.0  # seconds


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


def settings_for(role: Role) -> WorkerSettings:
    """What a process in that role needs. Raises SettingsError."""
    settings = read(Settings if role.answers else WorkerSettings)
    if role is not Role.ALL and settings.database_url is None:
        words = f"DATABASE_URL is missing: a {role} works with others on one Postgres, so it has to be named."
        raise SettingsError([("DATABASE_URL", words)])
    return settings


async def _run(settings: WorkerSettings, role: Role) -> None:
    ladder = ladder_of(settings)
    slack = slack_of(settings)
    with listening(host_of(settings, role), settings.port, "PORT") as listener:
        host = listener.getsockname()[0]
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
                    log.info("service.started", role=role.value, mode=mode, host=host, port=settings.port)
                    if settings.delivery_paused:
                        log.warning("delivery.paused", reason="DELIVERY_PAUSED is set: questions are planned, not sent")
                    await until_told_to_stop()
                    log.info("service.stopping")
            except (SlackApiError, *NOT_ANSWERED) as error:
                raise CannotStartError(why(error, slack)) from error
