"""The process that is measured: Rung in HTTP mode and a bare Bolt app, on the same server stack.

Run as `python -m benchmarks.server DATABASE_URL SLACK_API_URL`; prints the two ports, and ends with its input.
"""

import asyncio
import contextlib
import logging
import sys
from datetime import UTC, datetime
from typing import Any

from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot import logs
from bot.http.server import serving
from bot.service import Service
from bot.slack import Slack
from bot.startup import free_port, settle
from db.engine import create_engine
from ladder_content.loader import default_folder, load

BOT_TOKEN, SIGNING_SECRET = "xoxb-playground", "playground"


ONE_ROW = text("SELECT id, level FROM members WHERE workspace_id = 1 AND slack_user = :user")


def bare(slack: Slack, engine: AsyncEngine) -> Starlette:
    """An app that reads a row by an index, and acks what it was told to at `/answer`."""
    app = AsyncApp(client=slack.client(), signing_secret=slack.signing_secret, process_before_response=True)
    handler = AsyncSlackRequestHandler(app)
    answer: dict[str, Any] = {}

    @app.command("/ladder")
    async def constant(ack: AsyncAck, context: AsyncBoltContext) -> None:
        async with engine.connect() as connection:
            await connection.execute(ONE_ROW, {"user": context.user_id})
        await ack(**answer)

    async def events(request: Request) -> Response:
        return await handler.handle(request)

    async def learn(request: Request) -> Response:
        answer.clear()
        answer.update(await request.json())
        return PlainTextResponse("")

    post = ["POST"]
    return Starlette(routes=[Route("/slack/events", events, methods=post), Route("/answer", learn, methods=post)])


async def serve(database_url: str, api_url: str) -> None:
    slack = Slack(BOT_TOKEN, signing_secret=SIGNING_SECRET, api_url=api_url)
    engine = create_engine(database_url)
    rows = create_engine(database_url, pool_size=32).execution_options(isolation_level="AUTOCOMMIT")
    statements = 0

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def count(*_about: Any) -> None:
        nonlocal statements
        statements += 1

    async def counted(_request: Request) -> Response:
        return PlainTextResponse(str(statements))

    service = Service(slack, engine, load(default_folder()), lambda: datetime.now(UTC), seconds_between_ticks=3600)
    web = service.web()
    web.routes.append(Route("/statements", counted))
    async with contextlib.AsyncExitStack() as stack:
        for app in (web, bare(slack, rows)):
            listener = free_port("127.0.0.1", 0)
            await stack.enter_async_context(serving(app, listener))
            print(listener.getsockname()[1], flush=True)  # noqa: T201 - the parent reads it
        settle()
        await asyncio.to_thread(sys.stdin.read)
    await engine.dispose()
    await rows.dispose()


if __name__ == "__main__":
    logs.configure("console", logging.WARNING)
    asyncio.run(serve(*sys.argv[1:]))
