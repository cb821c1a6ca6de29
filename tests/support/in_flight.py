"""What tests of in flight share."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.delivery.outcomes import Timing
from bot.delivery.sender import Sender
from bot.features import message_kinds
from playground.playground import Playground
from tests.support.outbox import AT_ONCE, FAST, Post


class Waiting(AsyncWebClient):
    """Posts, and keeps the answer to itself until it is let go."""

    def __init__(self, playground: Playground) -> None:
        super().__init__(playground.bot_token, base_url=f"{playground.url}/api/", retry_handlers=[])
        self.posted, self.go_on = asyncio.Event(), asyncio.Event()

    async def chat_postMessage(self, **message: Any) -> Any:
        answer = await super().chat_postMessage(**message)
        self.posted.set()
        await self.go_on.wait()
        return answer


def sender(post: Post, client: AsyncWebClient, timing: Timing = AT_ONCE) -> Sender:
    return Sender(
        post.sessions, lambda workspace: client, message_kinds(), post.ladder, post.playground.clock.now, timing, FAST
    )


async def in_flight(post: Post, meanwhile: Callable[[], Awaitable[object]], timing: Timing = AT_ONCE) -> None:
    """Send; do something after Slack took the message and before its answer arrives."""
    client = Waiting(post.playground)
    sending = asyncio.create_task(sender(post, client, timing).run())
    await client.posted.wait()
    assert len(post.messages()) >= 1
    await meanwhile()
    client.go_on.set()
    await sending
