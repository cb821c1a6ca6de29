"""Several processes of Rung on one database, what stands between them and Slack, and what kills them."""

import asyncio
import contextlib
import os
import sys
import warnings
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path

import aiohttp
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.__main__ import cli
from bot.roles import Role
from playground.outbound import posting_to
from playground.playground import Playground
from playground.server import create_app, running
from tests.support.processes import PATIENCE, free_port
from tests.torture.crew import FORKS


class Door:
    """One process's own way to Slack, which tells how many of its messages are being posted."""

    def __init__(self, app: ASGIApp) -> None:
        self.posting = 0
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        posts = scope.get("path", "").endswith("/chat.postMessage")
        self.posting += posts
        try:
            await self._app(scope, receive, send)
        finally:
            self.posting -= posts


@dataclass
class Replica:
    """`python -m bot run --role …` as a process, forked from one that has imported everything."""

    role: Role
    settings: Mapping[str, str]
    folder: Path
    door: Door
    process: BaseProcess | None = None

    @property
    def port(self) -> int:
        return int(self.settings["PORT"])

    async def start(self) -> None:
        """Start it and wait until it is ready."""
        self.process = FORKS.Process(target=_run, args=(self.role, self.settings, self.folder), daemon=True)
        self.process.start()
        async with asyncio.timeout(PATIENCE):
            while (await self.get("/readyz"))[0] != 200:
                assert self.process.exitcode is None, (self.folder / "log").read_text()
                await asyncio.sleep(0.05)

    async def get(self, path: str) -> tuple[int, str]:
        """Status and body at one of its addresses; 0 where nobody listens."""
        try:
            async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{self.port}{path}") as answer:
                return answer.status, await answer.text()
        except aiohttp.ClientError:
            return 0, ""

    async def terminate(self) -> int | None:
        """SIGTERM, and the exit code; None where it is not gone after the ten seconds that Docker grants."""
        assert self.process is not None
        self.process.terminate()
        await asyncio.to_thread(self.process.join, 10)
        return self.process.exitcode

    async def kill(self) -> None:
        """kill -9."""
        if self.process is not None:
            self.process.kill()
            await asyncio.to_thread(self.process.join)


def _run(role: Role, settings: Mapping[str, str], folder: Path) -> None:
    warnings.simplefilter("error")
    os.environ.clear()
    os.environ.update(settings)
    os.chdir(folder)
    with (folder / "log").open("a", buffering=1) as sys.stderr:
        cli(["run", "--role", role.value])


@dataclass
class Balancer:
    """What stands before the webs: each request goes to the next one, and on to another where nobody listens."""

    ports: list[int] = field(default_factory=list)
    _turn: int = 0

    async def __call__(self, body: bytes, headers: dict[str, str]) -> tuple[int, Mapping[str, str], bytes]:
        refused: Exception = ConnectionError("nobody is there")
        self._turn += 1
        first = self._turn % len(self.ports)
        for port in self.ports[first:] + self.ports[:first]:
            try:
                return await posting_to(f"http://127.0.0.1:{port}/slack/events")(body, headers)
            except aiohttp.ClientConnectorError as error:  # it took nothing
                refused = error
        raise refused


TRANSPORT: dict[Role, Callable[[Playground], dict[str, str]]] = {
    Role.ALL: lambda playground: {"SLACK_APP_TOKEN": playground.app_token},
    Role.WEB: lambda playground: {"SLACK_SIGNING_SECRET": playground.signing_secret},
    Role.WORKER: lambda playground: {},
}


@contextlib.asynccontextmanager
async def replica(role: Role, playground: Playground, database_url: str, folder: Path) -> AsyncIterator[Replica]:
    """One that is to be started, with the settings that its role needs and no others; gone when the block ends."""
    door = Door(create_app(playground))
    async with running(door) as url:
        settings = {
            "SLACK_BOT_TOKEN": playground.bot_token,
            "SLACK_API_URL": f"{url}/api/",
            "DATABASE_URL": database_url,
            "PORT": str(free_port()),
            "LOG_FORMAT": "json",
            "MESSAGES_PER_MINUTE": "600",
            "HOME": str(folder),
            **TRANSPORT[role](playground),
        }
        it = Replica(role, settings, folder, door)
        try:
            yield it
        finally:
            await it.kill()
