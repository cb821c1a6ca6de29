"""Messages that were delivered, shown as they are now."""

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError

from db import deliveries
from db.tables import DeliveryKind
from handlers.people import Visit
from handlers.views.message import Message

log = structlog.get_logger()


async def redraw(visit: Visit, kind: DeliveryKind, subject_id: int, message: Message) -> list[str]:
    """Show this in the messages that were sent about the subject; their ts, none before one is sent."""
    async with visit.sessions() as session:
        places = await deliveries.places(session, kind, subject_id)
    for channel, ts in places:
        try:
            await visit.client.chat_update(channel=channel, ts=ts, text=message.text, blocks=message.blocks)
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            # What was changed stays changed, and must not look otherwise.
            log.warning("not redrawn", kind=kind, subject=subject_id, reason=type(error).__name__)
    return [ts for _, ts in places]
