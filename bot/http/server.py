"""What Rung answers over HTTP: health for whoever runs it, and in HTTP mode the one address that Slack calls."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from functools import partial

import structlog
import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.app.async_app import AsyncApp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, request_response

from bot.http.connections import Connection, Limits
from bot.http.request_guard import Guard

QUEUE = 2_048  # connections that the kernel keeps until they are taken
log = structlog.get_logger()


def health(
    readiness: Callable[[], Awaitable[Mapping[str, bool]]],
    remarks: Callable[[], Sequence[str]],
    exposition: Callable[[], Awaitable[bytes]],
    *,
    paused: bool,
) -> list[Route]:
    """`/healthz`: the process lives; `/readyz`: it can do its work; `/metrics`: Prometheus's text format."""

    async def healthz(_request: Request) -> Response:
        return PlainTextResponse("alive\n")

    async def readyz(_request: Request) -> Response:
        parts = await readiness()
        ready = all(parts.values())
        lines = [f"{part}: {'ready' if is_ready else 'NOT ready'}" for part, is_ready in parts.items()]
        lines += [*remarks(), *(["delivery: paused"] if paused else [])]
        return PlainTextResponse("\n".join([*lines, ""]), 200 if ready else 503)

    async def metrics(_request: Request) -> Response:
        return Response(await exposition(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]


def slack_events(app: AsyncApp, signing_secret: str, refused: Callable[[], None]) -> Route:
    """The address that Slack calls for commands, interactivity and events alike; what is not signed goes no further."""
    handler = AsyncSlackRequestHandler(app)

    async def events(request: Request) -> Response:
        try:
            return await handler.handle(request)
        except (ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:  # as it is read
            log.warning("request.malformed", reason=type(error).__name__)
            return PlainTextResponse("This address is for Slack.\n", 400)

    return Route("/slack/events", Guard(request_response(events), signing_secret, refused), methods=["POST"])


class WebServer(uvicorn.Server):
    """Uvicorn without its signal handlers: the end is ours to order."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or []:  # asyncio takes as many at once as may queue: here more may queue
            listener.listen(QUEUE)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def serving(app: Starlette, listener: socket.socket, limits: Limits | None = None) -> AsyncIterator[None]:
    """Serve an ASGI app on a bound socket while the block runs; requests in flight are finished at its end."""
    limits = limits or Limits()
    config = uvicorn.Config(
        app,
        http=partial(Connection, limits, {}),  # type: ignore[arg-type] # it is called, as a class would be
        backlog=limits.at_once,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=5,
    )
    server = WebServer(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await task
