"""What stands in a DM already: finding the message of a delivery, changing it, taking it back.

What cannot be read is never taken for what is not there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.delivery.slack_errors import Meaning, UnreadableHistoryError, meaning
from bot.failures import slacks_word
from db.engine import Sessions
from db.outbox import deliveries, messages
from db.outbox.deliveries import Claim
from handlers.slack.blocks import Json

log = structlog.get_logger()
Clients = Callable[[str], AsyncWebClient]  # workspace key → a client without retries of its own

EVENT_TYPE = "rung_delivery"
UNMARKED = "Slack gives messages without their metadata, see `python -m bot doctor`"
GONE = "message_not_found"
CLOCKS_DIFFER = timedelta(hours=1)  # at most, those of Slack and Postgres
WORTH_ANOTHER_TRY = (Meaning.SLOW_DOWN, Meaning.LOST, Meaning.CLOSED, Meaning.SHUT_OUT, Meaning.WORKSPACE_GONE)


def metadata(claim: Claim) -> Json:
    """What the message carries to be known by: everybody there can read it, so an opaque id and nothing else."""
    return {"event_type": EVENT_TYPE, "event_payload": {"delivery_id": str(claim.id)}}


def delivery_of(message: Json) -> str | None:
    """The id of the delivery whose message that is; none for another one, or if it cannot be read."""
    payload = (message.get("metadata") or {}).get("event_payload") or {}
    found = payload.get("delivery_id")
    return found if isinstance(found, str) else None


def may_be_a_delivery(message: Json) -> bool:
    """Whether an app's message may be that of a delivery, and cannot be read: all that Rung posts carry metadata.

    Only files cannot, and no delivery has one.
    """
    kind = (message.get("metadata") or {}).get("event_type")
    return kind in (None, EVENT_TYPE) and delivery_of(message) is None and not message.get("files")


@dataclass(frozen=True)
class Found:
    """The ts of a delivery's message; without one, those of the messages that may be it and cannot be read."""

    ts: str | None
    unreadable: frozenset[str] = frozenset()


async def find(sessions: Sessions, client: AsyncWebClient, claim: Claim) -> str | None:
    """The ts of the delivery's message in its DM; none if it is not there.

    Raises UnreadableHistoryError if nobody can tell, SlackApiError and what else a call raises.
    """
    channel = claim.channel
    if channel is None:
        return None
    async with sessions() as session:
        person = await deliveries.recipient(session, claim)
    found = await _search(client, claim, channel, person)
    if found.unreadable:
        async with sessions() as session:
            known = await messages.known(session, channel, found.unreadable)
        if found.unreadable - known:
            raise UnreadableHistoryError(UNMARKED)
    return found.ts


def _may_be_ours(message: Json, person: str) -> bool:
    """Whether Rung may have posted it: the person has not; of what was deleted, and was answered, nobody can tell."""
    return bool(message.get("bot_id") or message.get("subtype") == "tombstone") and message.get("user") != person


async def _search(client: AsyncWebClient, claim: Claim, channel: str, person: str) -> Found:
    """Look for the delivery's message in the DM with that person. Raises UnreadableHistoryError where it is cut off."""
    oldest = str((claim.created_at - CLOCKS_DIFFER).timestamp())
    unreadable: set[str] = set()
    cursor = None
    while True:
        page = await client.conversations_history(
            channel=channel, oldest=oldest, include_all_metadata=True, limit=200, cursor=cursor
        )
        for message in page["messages"]:
            if delivery_of(message) == str(claim.id):
                return Found(str(message["ts"]))
            if _may_be_ours(message, person) and may_be_a_delivery(message):
                unreadable.add(str(message["ts"]))
        cursor = (page.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            break
    if page.get("has_more"):
        raise UnreadableHistoryError("there is more of it than Slack gives")
    return Found(None, frozenset(unreadable))


async def take_back(client: AsyncWebClient, channel: str, ts: str) -> None:
    """Delete a message; raises where it is worth another try. That it is gone already is as good."""
    try:
        await client.chat_delete(channel=channel, ts=ts)
    except SlackApiError as error:
        if meaning(error) in WORTH_ANOTHER_TRY:
            raise
        if slacks_word(error) != GONE:
            log.error("message.delete_refused", channel=channel, ts=ts, reason=slacks_word(error))
