"""Senders that die between any two steps, and Slack without a network in between."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from db.engine import Sessions
from playground.playground import Playground
from playground.webapi import call


class DiedError(BaseException):
    """The process is gone: nobody catches this."""


@dataclass
class Life:
    """So many steps, and none after them; without a number it does not end."""

    steps: int | None = None
    taken: int = 0

    def step(self) -> None:
        """One step further. Raises DiedError once there is none left."""
        if self.steps is not None and self.taken >= self.steps:
            raise DiedError
        self.taken += 1


class MortalSessions(Sessions):
    """A life can end before and after each transaction; one that ends within one leaves nothing of it, as before."""

    def __init__(self, engine: AsyncEngine, life: Life) -> None:
        super().__init__(engine)
        self._life = life

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        self._life.step()
        async with super().begin() as session:
            yield session
        self._life.step()


class DirectClient(AsyncWebClient):
    """Calls the playground, its faults included, without a network; a life can end before and after each call."""

    def __init__(self, playground: Playground, life: Life | None = None) -> None:
        super().__init__(playground.bot_token, retry_handlers=[])
        self._playground = playground
        self._life = life or Life()

    async def api_call(self, api_method: str, **how: Any) -> AsyncSlackResponse:
        self._life.step()
        args = {**(how.get("params") or {}), **(how.get("json") or {})}
        fault = self._playground.faults.take(api_method)
        data = call(self._playground, api_method, self.token, args) if fault.accepted else fault.body
        self._playground.journal.record(self._playground.clock.now(), api_method, args, data)
        self._life.step()
        if fault.status == 0:
            raise aiohttp.ServerDisconnectedError
        response = AsyncSlackResponse(
            client=self,
            http_verb="POST",
            api_url=api_method,
            req_args={},
            data=fault.body if fault.status else data,
            headers=fault.headers,
            status_code=fault.status or 200,
        )
        response.validate()  # type: ignore[no-untyped-call]
        return response
