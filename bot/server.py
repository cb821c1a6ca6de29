"""Rung as it runs: the app on one of its two transports, the health endpoints, the ticker; and an orderly end."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta

import structlog
import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.answer import Answer
from bot.app import Clock, RungApp, create_app
from bot.clearing import Clearer, forget_those_who_left
from bot.delivery import PACE, Sender
from bot.people import refresh
from bot.planner import plan
from bot.scheduler import Beat, Ticker
from bot.steps import Steps
from db import backlog, workspaces
from db.claiming import Pace
from db.engine import Sessions
from db.log import purge
from ladder_content.model import Ladder

log = structlog.get_logger()
REQUEST_TIMEOUT = 7  # seconds, for one call to Slack
SECONDS_BETWEEN_LOOKS = 600  # at whether people are to be read, once a day
SENDS_A_TICK = 5  # so often that no bucket, which holds three seconds' worth, is ever full while something waits
GRACE = 8  # seconds, for what is in flight when the end comes: longer than a call, shorter than Docker waits


@dataclass(frozen=True)
class Slack:
    """How to reach Slack. An app token means Socket Mode, a signing secret HTTP mode."""

    bot_token: str
    app_token: str | None = None
    signing_secret: str | None = None
    api_url: str = "https://slack.com/api/"

    def patient_client(self) -> AsyncWebClient:
        """A Web API client that waits as long as Slack asks it to, for work that nobody waits for."""
        client = self.client()
        client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=3))
        return client

    def client(self, *, retries: bool = True) -> AsyncWebClient:
        """A Web API client. The sender's has no retries of its own: they post twice when an answer is lost."""
        return AsyncWebClient(
            self.bot_token,
            base_url=self.api_url,
            timeout=REQUEST_TIMEOUT,
            retry_handlers=None if retries else [],
        )


class Service:
    """One running Rung. `ticker` plans and sends what is due; `ready` is whether commands are answered.

    Without a pace it plans, and sends nothing. Who left longer ago than `keep_left` is forgotten; nobody without.
    """

    def __init__(
        self,
        slack: Slack,
        engine: AsyncEngine,
        ladder: Ladder,
        clock: Clock,
        *,
        seconds_between_ticks: float,
        pace: Pace | None = PACE,
        keep_left: timedelta | None = None,
    ) -> None:
        self._slack = slack
        self._engine = engine
        self._clock = clock
        self._ladder = ladder
        self._sessions = Sessions(engine)
        self._steps = Steps()
        client = slack.client(retries=False)
        self._sender = Sender(
            self._sessions, lambda workspace: client, ladder, clock, pace=pace or PACE, steps=self._steps
        )
        self._clearer = Clearer(self._sessions, lambda workspace: client, ladder, clock)
        self._keep_left = keep_left
        self._answer = Answer()
        self.people = Ticker(Beat(self.read_people, SECONDS_BETWEEN_LOOKS))
        self._sends = pace is not None
        self._greeted: AsyncSlackResponse | None = None
        self._ends_at: float | None = None
        sending = Beat(self._send, seconds_between_ticks / SENDS_A_TICK)
        clearing = Beat(self._clearer.run, seconds_between_ticks)
        self.ticker = Ticker(Beat(self._plan, seconds_between_ticks), sending, clearing)
        self.app: RungApp = create_app(
            client=slack.client(),
            signing_secret=None if slack.app_token else slack.signing_secret,
            sessions=self._sessions,
            ladder=ladder,
            clock=clock,
            answer=self._answer,
            wake=sending.wake,
        )
        self._socket = AsyncSocketModeHandler(self.app, slack.app_token) if slack.app_token else None

    async def start(self) -> None:
        """Connect, and begin to tick. Raises SlackApiError when Slack refuses a token."""
        self._ends_at = None
        self._greeted = await self.app.client.auth_test()
        if self._socket:
            opened = await self.app.client.apps_connections_open(app_token=self._socket.app_token)
            self._socket.client.wss_uri = opened["url"]  # without one it would ask for it for ever, refused or not
            await self._socket.connect_async()
        self.ticker.start()
        self.people.start()

    async def _plan(self) -> None:
        """Plan what is due; sweep up what was deleted."""
        if self._greeted:  # a token that Slack takes: if it refused one of this workspace before, that is over
            await self._installed(self._greeted)
            self._greeted = None
        await plan(self._sessions, self._ladder, self._clock(), self._steps)
        async with self._sessions.begin() as session:
            await purge(session, self._clock())

    async def _installed(self, answer: AsyncSlackResponse) -> None:
        key = answer["enterprise_id"] if answer.get("is_enterprise_install") else answer["team_id"]
        async with self._sessions.begin() as session:
            await workspaces.installed(session, key)

    async def _send(self) -> None:
        if self._sends:
            await self._sender.run()

    async def read_people(self) -> None:
        """Once a day, see who is still there and in which zone; forget who left long ago."""
        client = self._slack.patient_client()
        await refresh(self._sessions, lambda workspace: client, self._ladder, self._clock())
        await forget_those_who_left(self._sessions, self._clock(), self._keep_left)

    async def ready(self) -> bool:
        if self._socket and not await self._socket.client.is_connected():
            return False
        try:
            async with self._engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
        except SQLAlchemyError:
            return False
        return True

    def wind_down(self) -> None:
        """Take nothing new. The time for what is in flight runs from here."""
        if self._socket:
            self._socket.client.socket_mode_request_listeners.clear()
        self._sender.stop()
        self._clearer.stop()
        self._ends_at = self._ends_at or asyncio.get_running_loop().time() + GRACE

    async def stop(self) -> None:
        """Take nothing new, finish what is in flight, then let go of Slack."""
        self.wind_down()
        try:
            async with asyncio.timeout_at(self._ends_at):
                await asyncio.gather(self._answered(), self.ticker.stop(), self.people.stop())
        except TimeoutError:
            log.warning("left unfinished")
        if self._socket:
            await self._socket.close_async()

    async def _answered(self) -> None:
        await self.app.idle()
        await self._answer.drain()

    def web(self) -> Starlette:
        """Health for whoever runs Rung, and in HTTP mode the one address that Slack calls."""
        slack = AsyncSlackRequestHandler(self.app)

        async def healthz(_request: Request) -> Response:
            return PlainTextResponse("alive\n")

        async def readyz(_request: Request) -> Response:
            ready = await self.ready()
            paused = "" if self._sends else ", delivery paused"
            return PlainTextResponse(f"ready{paused}\n" if ready else "not ready\n", 200 if ready else 503)

        async def metrics(_request: Request) -> Response:
            try:
                async with self._sessions() as session:
                    now_waiting = await backlog.backlog(session)
            except SQLAlchemyError:
                return PlainTextResponse("no database\n", 503)
            return Response(self._steps.exposition(now_waiting), headers={"Content-Type": CONTENT_TYPE_LATEST})

        async def events(request: Request) -> Response:
            try:
                return await slack.handle(request)
            except (
                ValueError,
                TypeError,
                AttributeError,
                LookupError,
            ) as error:  # Bolt reads a body before it verifies
                log.warning("a request that is none of Slack's", reason=type(error).__name__)
                return PlainTextResponse("This address is for Slack.\n", 400)

        health = [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]
        return Starlette(routes=health if self._socket else [*health, Route("/slack/events", events, methods=["POST"])])


class WebServer(uvicorn.Server):
    """Uvicorn without its signal handlers: the end is ours to order."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def serving(app: Starlette, listener: socket.socket) -> AsyncIterator[None]:
    """Serve an ASGI app on a bound socket while the block runs; requests in flight are finished at its end."""
    config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=5)
    server = WebServer(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await task


@contextlib.asynccontextmanager
async def running(service: Service, listener: socket.socket | None) -> AsyncIterator[Service]:
    """The service, started and, when the block ends, stopped in order; with its endpoints where a socket is given."""
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(service.stop)
        if listener:  # the first to go: while requests come in, the service has no end
            await stack.enter_async_context(serving(service.web(), listener))
        await service.start()
        stack.callback(service.wind_down)
        yield service
