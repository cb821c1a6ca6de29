"""The playground's HTTP server: Web API, response URLs, file uploads and Socket Mode."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Iterator
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from playground.faults import Fault
from playground.methods.arguments import structured
from playground.playground import Playground
from playground.refusal import Refusal
from playground.scopes import granted
from playground.webapi import call
from playground.workspace import Json


def routes(playground: Playground) -> list[BaseRoute]:
    """The routes of the protocol, to be put in front of any page."""

    async def api(request: Request) -> Response:
        method = request.path_params["method"]
        args = await _arguments(request)
        token = _token(request) or args.pop("token", None)
        fault = playground.faults.take(method)
        await fault.wait()
        response = call(playground, method, token, args) if fault.accepted else fault.body
        _record(playground, method, args, response)
        return _faulty(fault) or JSONResponse(response, headers=_scopes(playground, token))

    async def respond(request: Request) -> Response:
        args = await _arguments(request)
        fault = playground.faults.take("response_url")
        await fault.wait()
        if fault.accepted:
            response = playground.answer_url(request.path_params["token"], args)
        else:
            _record(playground, "response_url", args, response := fault.body)
        if faulty := _faulty(fault):
            return faulty
        spent = response.get("error") in ("expired_url", "used_url")
        return PlainTextResponse("ok") if response["ok"] else JSONResponse(response, 404 if spent else 400)

    async def upload(request: Request) -> Response:
        file = playground.workspace.files.get(request.path_params["id"])
        if file is None:
            return PlainTextResponse("file_not_found", 404)
        file.content = await request.body()
        return PlainTextResponse(f"OK - {len(file.content)}")

    async def download(request: Request) -> Response:
        file = playground.workspace.files.get(request.path_params["id"])
        return Response(file.content, media_type="application/octet-stream") if file else Response(status_code=404)

    return [
        Route("/api/{method}", api, methods=["GET", "POST"]),
        Route("/commands/{token}", respond, methods=["POST"]),
        Route("/actions/{token}", respond, methods=["POST"]),
        Route("/upload/{id}", upload, methods=["POST"]),
        Route("/files/{id}", download),
        WebSocketRoute("/link/", playground.socket_mode.serve),
    ]


def create_app(playground: Playground) -> Starlette:
    """The protocol alone, without a page."""
    return Starlette(routes=routes(playground))


@contextlib.asynccontextmanager
async def serving(playground: Playground, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve the protocol in this process; gives the base URL, and lets go of the app when the block ends."""
    async with running(create_app(playground), host, port) as url:
        playground.url = url
        try:
            yield url
        finally:
            await playground.aclose()


@contextlib.asynccontextmanager
async def running(app: ASGIApp, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Run any ASGI app on uvicorn in this process (port 0: a free one); gives its base URL."""
    listener = socket.create_server((host, port))
    config = uvicorn.Config(app, log_config=None, log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://{host}:{listener.getsockname()[1]}"
    finally:
        server.stop.set()
        await task


class _Server(uvicorn.Server):
    """Stops on an event at once, and leaves signals to whoever runs the process."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.stop = asyncio.Event()
        if isinstance(config.app, Starlette):
            config.app.state.connections = self.server_state.connections

    async def main_loop(self) -> None:
        while not self.stop.is_set():
            await self.on_tick(0)  # which writes the Date of the answers
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stop.wait(), 1)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _Dropped(Response):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Cut the connection before the first byte of an answer; under another server than ours, after its headers."""
        for connection in getattr(scope["app"].state, "connections", ()):
            if connection.client == scope["client"]:
                connection.transport.abort()
                while (await receive())["type"] != "http.disconnect":
                    pass
                return
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]})


def _faulty(fault: Fault) -> Response | None:
    """What is sent instead of the call's own answer."""
    if fault.status is None:
        return None
    return JSONResponse(fault.body, fault.status, fault.headers) if fault.status else _Dropped()


async def _arguments(request: Request) -> Json:
    """Query, form and JSON alike; a form is parsed here, as urlencoded is all that Slack's clients send."""
    body = (await request.body()).decode()
    args: Json = dict(request.query_params)
    if request.headers.get("content-type", "").startswith("application/json"):
        args |= json.loads(body or "{}")
    else:
        args |= dict(parse_qsl(body, keep_blank_values=True))
    return args


def _token(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else None


def _scopes(playground: Playground, token: str | None) -> dict[str, str] | None:
    """The header in which Slack tells a bot what it was granted."""
    scopes = granted(playground.manifest)
    return None if scopes is None or token != playground.bot_token else {"x-oauth-scopes": ",".join(scopes)}


def _record(playground: Playground, method: str, args: Json, response: Json) -> None:
    with contextlib.suppress(Refusal):
        args = structured(args)
    playground.journal.record(playground.clock.now(), method, args, response)
