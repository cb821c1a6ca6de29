"""Messages that stay, shown as they are now."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from db.enums import DeliveryKind
from db.outbox import messages
from handlers.people import Visit
from handlers.views.message import Message

Place = tuple[str, str]  # channel and ts
Result = TypeVar("Result")
REFUSALS = (SlackApiError, aiohttp.ClientError, TimeoutError)
log = structlog.get_logger()


async def tried(showing: Awaitable[Result], **about: object) -> Result | None:
    """What only shows a change, which stays made and must not look otherwise where Slack does not show it."""
    try:
        return await showing
    except REFUSALS as error:
        log.warning("not shown", reason=type(error).__name__, **about)
        return None


async def put(client: AsyncWebClient, places: Sequence[Place], message: Message) -> bool:
    """Show this in the messages at these places; whether Slack has it in all of them."""
    shown = [
        await tried(client.chat_update(channel=channel, ts=ts, text=message.text, blocks=message.blocks))
        for channel, ts in places
    ]
    return None not in shown


async def settle(
    client: AsyncWebClient,
    places: Sequence[Place],
    compose: Callable[[], Awaitable[Message]],
    shown: Message | None = None,
) -> bool:
    """Show what is composed until that is what is `shown`: of several who do so the last leaves nothing old behind.

    Whether Slack has it.
    """
    message = await compose()
    while shown is None or message.payload() != shown.payload():
        if not await put(client, places, message):
            return False
        shown, message = message, await compose()
    return True


async def redraw(visit: Visit, kind: DeliveryKind, subject_id: int, message: Message) -> list[str]:
    """Show this in the messages that were sent about the subject; their ts, none before one is sent."""
    async with visit.sessions() as session:
        places = await messages.places(session, visit.who.workspace, kind, subject_id)
    await put(visit.client, places, message)
    return [ts for _, ts in places]
