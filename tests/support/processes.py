"""`python -m bot` as a process of its own."""

import asyncio
import contextlib
import json
import multiprocessing
import os
import resource
import signal
import socket
import sys
import tempfile
import warnings
from collections.abc import AsyncIterator
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import aiohttp

from bot.__main__ import cli
from bot.install.manifest import manifest
from playground.outbound import posting_to
from playground.playground import Playground
from playground.server import serving
from tests.support.log_marks import overhear
from tests.support.world import journal_path, people

ROOT = Path(__file__).parents[2]
PATIENCE = 60  # seconds, until something is taken as hanging


@dataclass(frozen=True)
class Output:
    """What a process that ended left behind."""

    code: int | None
    stdout: str
    stderr: str


@dataclass(frozen=True)
class Start:
    """How a process comes to be: as a fork of one that has imported everything, or `anew` by an interpreter of its own.

    The latter is as whoever runs Rung starts it, and takes seconds. `files` is how many it may have open.
    """

    anew: bool = False
    files: int | None = None


@dataclass
class Rung:
    """`bot run` and the settings it is started with; it can be stopped, killed and started again."""

    settings: dict[str, str]
    folder: Path
    start_with: Start
    process: BaseProcess | None = None

    @property
    def log(self) -> str:
        """Everything on standard error, over all starts."""
        return (self.folder / "log").read_text()

    @property
    def records(self) -> list[dict[str, Any]]:
        """The log, with LOG_FORMAT=json."""
        return [json.loads(line) for line in self.log.splitlines()]

    async def start(self) -> None:
        """Start it and wait until it is ready."""
        streams = self.folder / "stdout", self.folder / "log"
        self.process = _begun(("run",), environment(self.settings, self.folder), *streams, self.start_with)
        async with asyncio.timeout(PATIENCE):
            while await self.get("/readyz") != 200:
                assert self.process.is_alive(), self.log
                await asyncio.sleep(0.05)

    async def get(self, path: str) -> int:
        """The status of one of the addresses for whoever runs Rung; 0 where nobody listens yet."""
        return (await self.request("GET", path))[0]

    async def request(self, method: str, path: str, **content: Any) -> tuple[int, str]:
        """Status and body of the answer to any request."""
        url = f"http://127.0.0.1:{int(self.settings['PORT'])}{path}"
        try:
            async with aiohttp.ClientSession() as http, http.request(method, url, **content) as answer:
                return answer.status, await answer.text()
        except aiohttp.ClientConnectorError:
            return 0, ""

    def send(self, how: signal.Signals) -> None:
        """Send it a signal."""
        assert self.process is not None
        assert self.process.pid is not None
        os.kill(self.process.pid, how)

    async def wait(self) -> int | None:
        """Wait until the process is gone; its exit code, or none where it is still there."""
        assert self.process is not None
        await asyncio.to_thread(self.process.join, 10)  # what `docker stop` grants
        return self.process.exitcode

    async def end(self, how: signal.Signals = signal.SIGTERM) -> int | None:
        """Send a signal and wait until the process is gone; its exit code, or none where it is still there."""
        self.send(how)
        return await self.wait()


def environment(settings: dict[str, str], folder: Path) -> dict[str, str]:
    """Nothing but the settings."""
    return {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(ROOT), **settings}


async def output(*command: str, folder: Path, **settings: str) -> Output:
    """Run `python -m bot …` to its end, in a fork of a process that has imported everything already."""
    return await asyncio.to_thread(_output, command, environment(settings, folder))


def _output(command: tuple[str, ...], environment: dict[str, str]) -> Output:
    with tempfile.TemporaryDirectory() as streams:
        stdout, stderr = Path(streams, "stdout"), Path(streams, "stderr")
        process = _begun(command, environment, stdout, stderr)
        try:
            process.join(PATIENCE)
            overhear(stderr.read_text())
            return Output(process.exitcode, stdout.read_text(), stderr.read_text())
        finally:
            process.kill()


def _begun(
    command: tuple[str, ...], environment: dict[str, str], stdout: Path, stderr: Path, start: Start | None = None
) -> BaseProcess:
    """The process, started in a folder without a `.env`; what it says is added to the files."""
    forks = multiprocessing.get_context("forkserver")
    forks.set_forkserver_preload(["bot.__main__", __name__])
    process = forks.Process(target=_command_line, args=(command, environment, stdout, stderr, start or Start()))
    process.start()
    return process


def _command_line(
    command: tuple[str, ...], environment: dict[str, str], stdout: Path, stderr: Path, start: Start
) -> None:
    """What `python -W error -m bot` does; unless that is done anew, once it has imported everything."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(environment["HOME"])
    for stream, path in ((1, stdout), (2, stderr)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND), stream)
    if start.files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (start.files, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    if start.anew:
        os.execve(sys.executable, [sys.executable, "-W", "error", "-m", "bot", *command], environment)
    warnings.simplefilter("error")
    cli(command)


@contextlib.asynccontextmanager
async def slack(transport: str) -> AsyncIterator[tuple[Playground, dict[str, str]]]:
    """A playground, and the settings that lead `bot run` to it by `socket` or `http`."""
    port = free_port()
    receiver = posting_to(f"http://127.0.0.1:{port}/slack/events") if transport == "http" else None
    playground = Playground(people(), receiver=receiver, manifest=manifest(), journal=journal_path(os.environ))
    secret = "SLACK_SIGNING_SECRET" if transport == "http" else "SLACK_APP_TOKEN"
    async with serving(playground) as url:
        yield (
            playground,
            {
                "SLACK_BOT_TOKEN": playground.bot_token,
                secret: playground.signing_secret if transport == "http" else playground.app_token,
                "SLACK_API_URL": f"{url}/api/",
                "PORT": str(port),
                "LOG_FORMAT": "json",
            },
        )


@contextlib.asynccontextmanager
async def rung(settings: dict[str, str], folder: Path, start: Start | None = None) -> AsyncIterator[Rung]:
    """`bot run`, ready, and gone at the end of the block."""
    running = Rung(settings, folder, start or Start())
    try:
        await running.start()
        yield running
    finally:
        if running.process:
            running.process.kill()
            await running.wait()
        overhear(running.log)


def postmaster(home: Path) -> int:
    """The process id of the embedded Postgres of a home."""
    return int((home / "data/postmaster.pid").read_text().split()[0])


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
