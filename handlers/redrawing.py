"""Messages that stay, shown as they are now."""

from collections.abc import Awaitable, Sequence
from typing import TypeVar

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError

from db import deliveries
from db.tables import DeliveryKind
from handlers.people import Visit
from handlers.views.message import Message

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


async def put(visit: Visit, places: Sequence[tuple[str, str]], message: Message) -> None:
    """Show this in the messages at these places, by channel and ts."""
    for channel, ts in places:
        await tried(visit.client.chat_update(channel=channel, ts=ts, text=message.text, blocks=message.blocks))


async def redraw(visit: Visit, kind: DeliveryKind, subject_id: int, message: Message) -> list[str]:
    """Show this in the messages that were sent about the subject; their ts, none before one is sent."""
    async with visit.sessions() as session:
        places = await deliveries.places(session, kind, subject_id)
    await put(visit, places, message)
    return [ts for _, ts in places]
