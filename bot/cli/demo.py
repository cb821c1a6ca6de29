"""`demo`: the real bot, against a local stand-in for Slack."""

import asyncio
import logging
from datetime import datetime
from typing import Annotated

import typer

from bot import logs
from bot.cli.common import embedded_url, ladder_of, sentences
from bot.environment import leave_nothing_of_ours
from bot.http.server import serving
from bot.install.manifest import manifest
from bot.service import Service, running
from bot.settings import Home, read
from bot.slack import Slack
from bot.startup import database, free_port, to_the_end, until_told_to_stop
from db.checkins import snooze
from db.engine import Sessions
from db.outbox.claims import Pace

PACE = Pace(per_minute=6_000)  # by Postgres's clock, which does not travel: no limit that a journey could meet


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


async def _demo(home: Home, port: int) -> None:
    from bot.ops.demo import CAST, SUGGESTIONS, seed
    from playground.journey import Journey
    from playground.page import mount
    from playground.playground import Playground
    from playground.server import create_app
    from playground.workspace import Workspace

    leave_nothing_of_ours()
    ladder = ladder_of(home)
    workspace = Workspace(name="Northwind", app_name="Rung")
    for person in CAST:
        workspace.add_person(person.handle, person.name, user=person.id, **person.profile)
    local = Playground(workspace, manifest=manifest(), journal=home.playground_journal)
    with free_port("127.0.0.1", port) as listener:
        local.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        slack = Slack(local.bot_token, local.app_token, api_url=f"{local.url}/api/")
        # Always the embedded one: a demo starts afresh, and nobody's own database may pay for that.
        url = await embedded_url(home, f"rung_demo_{listener.getsockname()[1]}")
        async with database(url, fresh=True) as engine:
            await seed(Sessions(engine), ladder, workspace.team_id, local.clock.now())
            service = Service(slack, engine, ladder, local.clock.now, seconds_between_ticks=1, pace=PACE)

            async def next_due(after: datetime) -> datetime | None:
                async with Sessions(engine)() as session:
                    return await snooze.next_due(session, after)

            journey = Journey(local.clock, service.ticker.run, next_due)
            page = create_app(local)
            mount(page, local, title="Rung", suggestions=SUGGESTIONS, journey=journey)
            async with serving(page, listener), running(service, None):
                typer.echo(f"\n  Rung is ready: {local.url}\n  Ctrl-C stops it.\n")
                await until_told_to_stop()
                journey.end()
            await local.aclose()
