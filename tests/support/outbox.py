"""An outbox, a playground, and senders between the two."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.delivery.outcomes import Timing
from bot.delivery.sender import Sender
from bot.delivery.slack_cleanup import Clearer
from bot.features import LAST_WORD, message_kinds
from bot.slack import Slack
from db.engine import Sessions
from db.models import Delivery, Removal
from db.outbox.claims import Pace
from ladder_content.model import Ladder
from playground.playground import Playground
from playground.server import serving
from playground.workspace import Message
from tests.support.questions import planned
from tests.support.world import MAYA, people

AT_ONCE = Timing(margin=timedelta(), back_off=timedelta())
FAST = Pace(per_minute=60_000)


@dataclass(frozen=True)
class Post:
    """A playground, an outbox, and senders between the two."""

    playground: Playground
    sessions: Sessions
    ladder: Ladder

    def sender(self, timing: Timing = AT_ONCE) -> Sender:
        client = self._client()
        return Sender(
            self.sessions,
            lambda workspace: client,
            message_kinds(),
            self.ladder,
            self.playground.clock.now,
            timing,
            FAST,
        )

    def _client(self) -> AsyncWebClient:
        return Slack(self.playground.bot_token, api_url=f"{self.playground.url}/api/").client(retries=False)

    async def plan(self, user: str = MAYA) -> int:
        """Put a question for somebody into the outbox; the id of the check-in."""
        return await planned(self.sessions, self.ladder, self.playground, user)

    async def run(self, times: int = 1) -> Delivery:
        """Let a sender run; what it made of the only delivery."""
        for _ in range(times):
            await self.sender().run()
        return await self.delivery()

    async def clear(self) -> None:
        """Remove what is to be removed, be it due or not."""
        async with self.sessions.begin() as session:
            await session.execute(update(Removal).values(run_at=func.now()))
        client = self._client()
        await Clearer(self.sessions, lambda workspace: client, LAST_WORD).run()

    async def delivery(self) -> Delivery:
        async with self.sessions() as session:
            return (await session.scalars(select(Delivery))).one()

    async def scalars(self, query: Select[Any]) -> list[Any]:
        """What the database says."""
        async with self.sessions() as session:
            return list(await session.scalars(query))

    def attempts(self) -> int:
        """How often a message was posted, or tried to."""
        return len(self.playground.journal.of("chat.postMessage"))

    def messages(self, user: str = MAYA) -> list[Message]:
        return self.playground.dm(user)


@asynccontextmanager
async def posting(engine: AsyncEngine, ladder: Ladder) -> AsyncIterator[Post]:
    """Maya's and Sam's workspace, and nothing in the outbox yet."""
    playground = Playground(people())
    async with serving(playground):
        yield Post(playground, Sessions(engine), ladder)
