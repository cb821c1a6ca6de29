"""What stands in a DM already: finding the message of a delivery, changing it, taking it back."""

from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.failures import slacks_word
from bot.refusals import Meaning, meaning
from db.deliveries import Claim
from handlers.views.message import Message

log = structlog.get_logger()

EVENT_TYPE = "rung_delivery"
CLOCKS_DIFFER = timedelta(hours=1)  # at most, those of Slack and Postgres
WORTH_ANOTHER_TRY = (Meaning.SLOW_DOWN, Meaning.LOST, Meaning.CLOSED, Meaning.WORKSPACE_GONE)


def metadata(claim: Claim) -> dict[str, Any]:
    """What the message carries to be known by: everybody there can read it, so an opaque id and nothing else."""
    return {"event_type": EVENT_TYPE, "event_payload": {"delivery_id": str(claim.id)}}


def delivery_of(message: dict[str, Any]) -> str | None:
    """The id of the delivery whose message that is; none for another one."""
    payload = (message.get("metadata") or {}).get("event_payload") or {}
    found: str | None = payload.get("delivery_id")
    return found


async def find(client: AsyncWebClient, claim: Claim, channel: str) -> str | None:
    """The ts of the delivery's message in the DM, or none."""
    oldest = str((claim.created_at - CLOCKS_DIFFER).timestamp())
    cursor = None
    while True:
        page = await client.conversations_history(
            channel=channel, oldest=oldest, include_all_metadata=True, limit=200, cursor=cursor
        )
        for message in page["messages"]:
            if delivery_of(message) == str(claim.id):
                return str(message["ts"])
        cursor = (page.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            return None


async def take_back(client: AsyncWebClient, channel: str, ts: str) -> None:
    """Delete a message; raises where it is worth another try. That it is gone already is as good."""
    await _changed(client.chat_delete(channel=channel, ts=ts), "cannot be taken back", channel, ts)


async def redraw(client: AsyncWebClient, channel: str, ts: str, message: Message) -> None:
    """Let a message say that; raises where it is worth another try. One that is gone needs nothing."""
    await _changed(client.chat_update(channel=channel, ts=ts, **message.payload()), "cannot be redrawn", channel, ts)


async def _changed(call: Awaitable[object], where_refused: str, channel: str, ts: str) -> None:
    try:
        await call
    except SlackApiError as error:
        if meaning(error) in WORTH_ANOTHER_TRY:
            raise
        if slacks_word(error) != "message_not_found":
            log.error(where_refused, channel=channel, ts=ts, reason=slacks_word(error))
