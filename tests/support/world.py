"""Rung in one process with its Slack: what the scenario tests act in."""

import contextlib
import os
import socket
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.install.manifest import manifest
from bot.service import Service, running
from bot.slack import Slack
from db.engine import Sessions
from db.outbox.claims import Pace
from ladder_content.model import Ladder
from playground.clock import Clock
from playground.outbound import Answer, posting_to
from playground.playground import Playground
from playground.server import serving
from playground.workspace import Message, View, Workspace

MAYA, SAM, GUEST = "U0MAYA", "U0SAM", "U0GUEST"
START = datetime(2027, 1, 14, 10, 0, tzinfo=UTC)  # a Thursday


@dataclass(frozen=True, repr=False)  # asyncio writes out what its tasks return: the whole ladder, twice a test
class World:
    """The playground, the running service, and what tests ask of both; `address` is where HTTP mode listens."""

    playground: Playground
    service: Service
    sessions: Sessions
    engine: AsyncEngine
    ladder: Ladder
    address: str | None = None

    async def ladder_command(self, user: str, words: str = "") -> Message:
        """Type `/ladder …`; what the person sees of the answer."""
        before = len(self.playground.dm(user))
        answer = await self.playground.command(user, f"/ladder {words}".strip())
        assert answer.ok, answer
        assert len(self.playground.dm(user)) > before, "nothing was answered"
        message = self.playground.dm(user)[-1]
        await self.settle()
        return message

    async def click(self, user: str, action: str, *, on: Message | View | None = None, value: Any = None) -> Answer:
        """Press a button, by default one of the newest message."""
        answer = await self.playground.click(user, on or self.playground.dm(user)[-1], action, value)
        assert answer.ok, answer
        await self.settle()
        return answer

    async def submit(self, user: str, values: Mapping[str, Any] | None = None) -> Answer:
        """Submit the form that is open."""
        answer = await self.playground.submit(user, values)
        assert answer.ok, answer
        await self.settle()
        return answer

    async def say(self, user: str, text: str, *, thread_ts: str | None = None) -> Answer:
        """Write a message in the DM, in a thread with `thread_ts`."""
        answer = await self.playground.say(user, text, thread_ts=thread_ts)
        assert answer.ok, answer
        await self.settle()
        return answer

    async def edit(self, user: str, ts: str, text: str) -> Answer:
        """Change one's own message in the DM."""
        answer = await self.playground.edit(user, ts, text)
        assert answer.ok, answer
        await self.settle()
        return answer

    async def settle(self) -> None:
        """Let what goes on after an answer come to its end: Home, and messages that are sent or refreshed.

        Not while calls are held up: whoever does that goes on meanwhile.
        """
        if self.playground.faults.held:
            return
        await self.service._running.drain()
        await self.service._beats["send"].run()

    async def travel(self, to: datetime | timedelta) -> None:
        """Move the clock forward, and let Rung do what is due."""
        clock: Clock = self.playground.clock
        clock.advance(to) if isinstance(to, timedelta) else clock.set_to(to)
        await self.service.ticker.run()

    async def rows(self, statement: Select[Any]) -> list[Any]:
        """What the database says."""
        async with self.sessions() as session:
            return list(await session.scalars(statement))


def journal_path(environ: Mapping[str, str]) -> Path | None:
    return Path(environ["PLAYGROUND_JOURNAL"]) if "PLAYGROUND_JOURNAL" in environ else None


def people() -> Workspace:
    """A workspace with an engineer, her mentor, and a guest."""
    workspace = Workspace(name="Northwind", app_name="Rung")
    workspace.clock.set_to(START)
    workspace.add_person("maya", "Maya Lindqvist", user=MAYA, tz="Europe/Berlin")
    workspace.add_person("sam", "Sam Okafor", user=SAM, tz="America/New_York")
    workspace.add_person("guest", "Gil Guest", user=GUEST, tz="Europe/Paris", is_restricted=True)
    return workspace


@contextlib.asynccontextmanager
async def world_of(
    engine: AsyncEngine, ladder: Ladder, *, transport: str = "socket", workspace: Workspace | None = None
) -> AsyncIterator[World]:
    """Rung against a playground of its own, by Socket Mode or signed HTTP."""
    listener = socket.create_server(("127.0.0.1", 0)) if transport == "http" else None
    address = f"http://127.0.0.1:{listener.getsockname()[1]}/slack/events" if listener else None
    receiver = posting_to(address) if address else None
    playground = Playground(
        workspace or people(), receiver=receiver, manifest=manifest(), journal=journal_path(os.environ)
    )
    async with serving(playground) as url:
        slack = Slack(
            playground.bot_token,
            None if listener else playground.app_token,
            playground.signing_secret if listener else None,
            f"{url}/api/",
        )
        quick = Pace(per_minute=100_000)  # it goes by Postgres's clock, which no test moves
        service = Service(slack, engine, ladder, playground.clock.now, seconds_between_ticks=3600, pace=quick)
        async with running(service, listener):
            yield World(playground, service, Sessions(engine), engine, ladder, address)


def text_of(message: Message) -> str:
    """All the words of a message's blocks."""
    return text_of_blocks(message.blocks)


def text_of_blocks(blocks: Any) -> str:
    """All the words of blocks as JSON."""
    return "\n".join(_texts(blocks))


def _texts(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["text"]] if isinstance(node.get("text"), str) else []
        return own + [text for key, value in node.items() if key != "text" or not own for text in _texts(value)]
    if isinstance(node, list):
        return [text for each in node for text in _texts(each)]
    return []
