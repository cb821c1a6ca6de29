"""docs/install.md, followed word for word: what it says to type is typed, and what it says one sees is seen."""

import asyncio
import contextlib
import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import psycopg
import pytest
import yaml
from typer.main import get_command

from bot.__main__ import cli
from bot.install.manifest import SCOPES
from db.embedded import server
from playground.outbound import posting_to
from playground.playground import Playground
from playground.server import serving
from tests.support.install import DOCUMENT, steps
from tests.support.processes import PATIENCE, ROOT, free_port
from tests.support.world import MAYA, journal_path, people, text_of

HOST = "https://rung.example.com"  # the document's
NOT_TYPED = {"make install"}  # the tests run in what it makes


def matches(expected: str, seen: str) -> bool:
    """Whether it is what the document shows: … stands for what differs, alone on a line for any lines."""
    lines = ("(?s:.*)" if line == "…" else re.escape(line).replace("…", ".*") for line in expected.splitlines())
    return re.fullmatch("\n".join(lines), seen.strip()) is not None


@dataclass
class Reader:
    """Somebody who does what the document says, in Rung's folder, with a playground in place of Slack."""

    folder: Path
    environment: dict[str, str]
    stack: contextlib.AsyncExitStack
    database_url: str = ""
    seen: str = ""
    slack: Playground | None = None
    process: asyncio.subprocess.Process | None = None
    done: list[str] = field(default_factory=list)

    async def follow(self, section: str) -> None:
        """Do one section."""
        for kind, text in steps(section):
            await getattr(self, f"_{kind}")(text)
            self.done.append(text)

    async def _sh(self, command: str) -> None:
        if command in NOT_TYPED:
            return
        with (self.folder / "log").open("w+") as log:
            where: dict[str, Any] = {"cwd": self.folder, "env": self.environment}
            process = await asyncio.create_subprocess_shell(f"exec {command}", stdout=log, stderr=log, **where)
        if command.endswith("bot run"):
            self.process = process
            return
        async with asyncio.timeout(PATIENCE):
            code = await process.wait()
        self.seen = (self.folder / "log").read_text()
        assert code == 0, self.seen
        if "bot manifest" in command:
            await self._create_app(yaml.safe_load(self.seen))

    async def _create_app(self, manifest: dict[str, Any]) -> None:
        """What one does on Slack's pages: the app is what the manifest says, and its address the one in there."""
        port = self.environment["PORT"]
        url = manifest["features"]["slash_commands"][0].get("url")
        receiver = posting_to(url.replace(HOST, f"http://127.0.0.1:{port}")) if url else None
        self.slack = Playground(
            people(),
            receiver=receiver,
            manifest=manifest,
            journal=journal_path(os.environ),
            signing_secret="0123456789abcdef" * 2,
        )
        address = await self.stack.enter_async_context(serving(self.slack))
        self.environment["SLACK_API_URL"] = f"{address}/api/"

    async def _env(self, text: str) -> None:
        assert self.slack
        known = {
            "SLACK_BOT_TOKEN": self.slack.bot_token,
            "SLACK_APP_TOKEN": self.slack.app_token,
            "SLACK_SIGNING_SECRET": self.slack.signing_secret,
            "DATABASE_URL": self.database_url,
        }
        shown = dict(line.split("=", 1) for line in text.splitlines())
        assert all(known[name].startswith(value.partition("…")[0][:5]) for name, value in shown.items())
        (self.folder / ".env").write_text("".join(f"{name}={known[name]}\n" for name in shown))

    async def _text(self, expected: str) -> None:
        if self.process is None:
            assert matches(expected, self.seen), self.seen
            return
        async with asyncio.timeout(PATIENCE):
            while not matches(expected, log := (self.folder / "log").read_text()):
                assert self.process.returncode is None, log
                await asyncio.sleep(0.05)

    async def _slack(self, command: str) -> None:
        assert self.slack
        answer = await self.slack.command(MAYA, command)
        assert answer.ok, answer
        self.seen = text_of(self.slack.dm(MAYA)[-1])

    async def _quote(self, words: str) -> None:
        assert words in self.seen


@pytest.fixture
def folder() -> Iterator[Path]:
    """Rung's folder as `make install` leaves it; a Postgres in it is gone at the end."""
    path = Path(tempfile.mkdtemp(prefix="rung-install-"))
    path.chmod(0o755)  # as root the server runs as nobody, who has to get in
    (path / ".venv").symlink_to(sys.prefix)
    yield path
    server.stop(path / "home")
    shutil.rmtree(path)


@pytest.fixture
async def reader(folder: Path) -> AsyncIterator[Reader]:
    async with contextlib.AsyncExitStack() as stack:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "PYTHONPATH": str(ROOT),
            "RUNG_HOME": str(folder / "home"),
            "PORT": str(free_port()),
        }
        reader = Reader(folder, environment, stack)
        try:
            yield reader
        finally:
            if reader.process and reader.process.returncode is None:
                reader.process.kill()
                await reader.process.wait()


async def test_socket_mode(reader: Reader) -> None:
    for section in ("Get it", "Socket Mode", "The first /ladder next"):
        await reader.follow(section)
    assert "/ladder next" in reader.done
    await ended(reader)


async def test_http_mode(reader: Reader, postgres_home: Path) -> None:
    reader.database_url = server.start(postgres_home, "install")
    with psycopg.connect(reader.database_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")  # new, as the document has it
    for section in ("Get it", "HTTP mode"):
        await reader.follow(section)
    address = f"http://127.0.0.1:{reader.environment['PORT']}/slack/events"
    async with aiohttp.ClientSession() as http, http.post(address) as answer:
        assert answer.status == 401
        assert "should answer `401`" in DOCUMENT
    assert reader.slack
    verified = await reader.slack.outbound.event({"type": "url_verification", "challenge": "prove it", "token": "old"})
    assert verified.body == {"challenge": "prove it"}
    await reader.follow("The first /ladder next")
    await ended(reader)


async def ended(reader: Reader) -> None:
    assert reader.process
    reader.process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(PATIENCE):
        assert await reader.process.wait() == 0


def test_what_differs_is_seen() -> None:
    assert matches("✓ port  … is free\n…\nend", "✓ port  3000 is free\nmore\nand more\nend\n")
    assert not matches("✓ port  … is free", "✓ port  3000 is free\n✗ more")
    assert not matches("✓ port  … is free", "✗ port  3000 is free")


def test_every_scope_stands_there_with_its_reason() -> None:
    [table] = re.findall(r"\| scope \| what for \|\n\|---\|---\|\n((?:\|.*\n)+)", DOCUMENT)
    assert dict(re.findall(r"\| `(.*)` \| (.*) \|", table)) == SCOPES


@pytest.mark.parametrize(
    "name", ["README.md", *sorted(str(page.relative_to(ROOT)) for page in (ROOT / "docs").glob("*.md"))]
)
def test_every_command_there_exists(name: str) -> None:
    known = set(get_command(cli).commands)  # type: ignore[attr-defined]
    written = set(re.findall(r"python -m bot ([a-z]+)", (ROOT / name).read_text()))
    assert written <= known
    verbs = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:`|^ +)make ([a-z]+)", (ROOT / name).read_text(), re.MULTILINE)) <= verbs
