"""Rung as it runs: the app on one of its two transports, the health endpoints, the ticker; and an orderly end."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from functools import partial

import structlog
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette

from bot.app import Clock, RungApp, create_app
from bot.delivery.delivery_events import Steps
from bot.delivery.sender import PACE, Sender
from bot.delivery.slack_cleanup import Clearer, forget_those_who_left
from bot.features import LAST_WORD, message_kinds, routes
from bot.http import health
from bot.http import server as web
from bot.http.health import Refusals, refusals_in
from bot.http.metrics import Metrics, SocketMetrics
from bot.install.oauth import Installs
from bot.late import Running
from bot.planning.plan import plan
from bot.planning.profiles import refresh
from bot.planning.ticks import Beat, Ticker
from bot.roles import Role
from bot.slack import Slack
from db.engine import Sessions
from db.log.deletion import purge
from db.outbox import backlog
from db.outbox.claims import Pace
from db.workspaces import workspaces
from ladder_content.model import Ladder

log = structlog.get_logger()
SECONDS_BETWEEN_LOOKS = 600  # at whether people are to be read, once a day
SENDS_A_TICK = 5  # so often that no bucket, which holds three seconds' worth, is ever full while something waits
GRACE = 7.5  # seconds, for what is in flight when the end comes: longer than a call, shorter than Docker waits


class Service:
    """One running Rung, or the part of it that its role is. `ticker` plans and sends what is due.

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
        role: Role = Role.ALL,
        background: AsyncEngine | None = None,
        keep_left: timedelta | None = None,
    ) -> None:
        """`background` is for what ticks, so that no wave of messages holds up a command; without it one is shared."""
        self._slack = slack
        self._role = role
        self._engine = engine
        self._clock = clock
        self._ladder = ladder
        self._pools = {"requests": engine.pool} | ({"background": background.pool} if background else {})
        self._background = Sessions(background or engine)
        router = routes()
        self._metrics = Metrics(router)
        self._steps = Steps(self._metrics.registry)
        self._installs = Installs(slack.oauth, slack.client(retries=False), engine, clock) if slack.oauth else None
        self._sender = Sender(
            self._background,
            self._client,
            message_kinds(),
            ladder,
            clock,
            pace=pace or PACE,
            steps=self._steps,
        )
        self._clearer = Clearer(self._background, self._client, LAST_WORD)
        self._keep_left = keep_left
        self._running = Running(self._metrics.failed)
        self._sends = pace is not None
        self._accepted = False
        self._refusals = Refusals()
        self._own: str | None = None
        self._taken_at: datetime | None = None
        self._ends_at: float | None = None
        planning = Beat(self._plan, seconds_between_ticks)
        sending = Beat(self._send, seconds_between_ticks / SENDS_A_TICK)
        clearing = Beat(self._clearer.run, seconds_between_ticks)
        reading = Beat(self.read_people, SECONDS_BETWEEN_LOOKS)
        self.ticker = Ticker(planning, sending, clearing)
        self.people = Ticker(reading)
        self._beats = {"plan": planning, "send": sending, "clear": clearing, "people": reading} if role.ticks else {}
        self.app: RungApp = create_app(
            client=slack.client(),
            own=None if self._installs else self._workspace,
            installs=self._installs,
            signing_secret=None if slack.app_token else slack.signing_secret,
            sessions=Sessions(engine),
            ladder=ladder,
            clock=clock,
            router=router,
            running=self._running,
            wake=sending.wake if role.ticks else _leave_it_to_a_worker,
            metrics=self._metrics,
        )
        self._socket: AsyncSocketModeHandler | None = None
        if slack.app_token and role.answers:
            self._socket = AsyncSocketModeHandler(self.app, slack.app_token)
            self._socket_metrics = SocketMetrics(self._metrics.registry)
            self._socket.client.message_listeners.append(self._socket_metrics.heard)

    async def start(self) -> None:
        """Connect, and begin to tick. Raises SlackApiError when Slack refuses a token, or UnreadableTokenError."""
        self._ends_at = None
        if self._installs:
            await self._installs.check()
        else:
            await self._introduce()
            self._taken_at = self._clock()
        if self._socket:
            opened = await self.app.client.apps_connections_open(app_token=self._socket.app_token)
            self._socket.client.wss_uri = opened["url"]  # without one it would ask for it for ever, refused or not
            await self._socket.connect_async()
        self._accepted = True
        if self._role.ticks:
            self.ticker.start()
            self.people.start()

    async def _workspace(self) -> str:
        """The key of the one workspace that the bot token is for; a request may come before `start` has asked."""
        return self._own or await self._introduce()

    async def _introduce(self) -> str:
        """Ask Slack whose the bot token is."""
        answer = await self.app.client.auth_test()
        self._own = str(answer["enterprise_id"] if answer.get("is_enterprise_install") else answer["team_id"])
        return self._own

    def _client(self, workspace: str) -> AsyncWebClient:
        """For what Rung begins there by itself, and tries again by itself."""
        return self._slack.client(partial(self._token, workspace), retries=False)

    async def _token(self, workspace: str) -> str | None:
        """With which token Rung writes there; none where it is not installed, or another Rung is."""
        if self._installs:
            return await self._installs.token(workspace)
        return self._slack.bot_token if workspace == self._own else None

    async def _plan(self) -> None:
        """Plan what is due; sweep up what was deleted."""
        if self._own and self._taken_at:  # Slack takes the token: if it refused one before, that is over
            async with self._background.begin() as session:
                await workspaces.installed(session, self._own, self._taken_at)
            self._taken_at = None
        await plan(self._background, self._ladder, self._clock(), self._steps)
        async with self._background.begin() as session:
            await purge(session, self._clock())

    async def _send(self) -> None:
        if self._sends:
            await self._sender.run()

    async def read_people(self) -> None:
        """Once a day, see who is still there and in which zone; forget who left long ago."""
        await refresh(
            self._background,
            lambda workspace: self._slack.patient_client(partial(self._token, workspace)),
            self._clock(),
        )
        await forget_those_who_left(self._background, self._clock(), self._keep_left)

    async def readiness(self) -> dict[str, bool]:
        """Each part that has to be there, and whether it is."""
        database = await health.answers(self._engine)
        found = await health.soon(refusals_in(self._background, self._own)) if database else None
        self._refusals = found or self._refusals
        connected = not self._socket or await self._socket.client.is_connected()
        return {
            "database": database,
            "slack": self._accepted and connected and not self._refusals.everywhere,
            "content": bool(self._ladder.levels),
        }

    def remarks(self) -> list[str]:
        """Where Slack refused what Rung sends when `readiness` was asked last, in a line; nothing where it did not."""
        return self._refusals.lines()

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
            log.warning("service.unfinished")
        if self._socket:
            await self._socket.close_async()

    async def _answered(self) -> None:
        await self.app.idle()
        await self._running.drain()

    async def metrics(self) -> bytes:
        """All figures, in Prometheus's text format; without those from the database where that is away."""
        ages = {name: beat.age for name, beat in self._beats.items()}
        self._metrics.now(await self.readiness(), self._pools, ages)
        if self._socket:
            self._socket_metrics.connected.set(await self._socket.client.is_connected())
        return self._steps.exposition(await health.soon(self._backlog()))

    async def _backlog(self) -> backlog.Backlog:
        async with self._background() as session:
            return await backlog.backlog(session)

    def web(self) -> Starlette:
        """Health for whoever runs Rung, in HTTP mode the one address that Slack calls, and where Rung is installed."""
        paused = self._role.ticks and not self._sends
        routes = web.health(self.readiness, self.remarks, self.metrics, paused=paused)
        if self._role.answers and not self._socket:
            routes.append(web.slack_events(self.app, self._slack.signing_secret or "", self._metrics.refused))
        if self._role.answers and self._installs:
            routes += self._installs.routes()
        return Starlette(routes=routes)


def _leave_it_to_a_worker() -> None:
    """A worker looks for what is to be sent every second, and hears nothing of us before."""


@contextlib.asynccontextmanager
async def running(service: Service, listener: socket.socket | None) -> AsyncIterator[Service]:
    """The service, started and, when the block ends, stopped in order; with its endpoints where a socket is given."""
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(service.stop)
        if listener:  # the first to go: while requests come in, the service has no end
            await stack.enter_async_context(web.serving(service.web(), listener))
        await service.start()
        stack.callback(service.wind_down)
        yield service
