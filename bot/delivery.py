"""The sender: claims deliveries, composes them from the state of this moment, sends, records.

Nothing is sent twice: whatever may have gone out without an answer is looked for in Slack's history first.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.composing import Composed, Nothing, Wait, compose
from bot.failures import slacks_word
from db import deliveries
from db.deliveries import Claim
from db.engine import Sessions
from handlers.views.message import Message
from ladder_content.model import Ladder

log = structlog.get_logger()

BATCH = 10  # sent side by side
EVENT_TYPE = "rung_delivery"
# Part of the operation may have succeeded.
LOST = {"internal_error", "fatal_error", "service_unavailable", "request_timeout"}
CLOCKS_DIFFER = timedelta(hours=1)  # at most, those of Slack and Postgres
WAIT = {"ratelimited", "rate_limited"}  # Slack has both
Clock = Callable[[], datetime]
Clients = Callable[[str], AsyncWebClient]  # workspace key → a client without retries of its own


@dataclass(frozen=True)
class Timing:
    """How long a sender holds a delivery, how long Slack's history may lag behind, how soon to try again."""

    lease: timedelta = timedelta(seconds=60)  # longer than the requests of one delivery may take
    margin: timedelta = timedelta(seconds=10)
    back_off: timedelta = timedelta(seconds=30)


TIMING = Timing()


@dataclass(frozen=True)
class Sender:
    """Sends what is in the outbox. Any number of them may run side by side, in any number of processes."""

    sessions: Sessions
    clients: Clients
    ladder: Ladder
    clock: Clock
    timing: Timing = TIMING

    async def run(self) -> int:
        """Send everything that is ready, and clear up what is unknown; how many deliveries were taken."""
        done = 0
        async with self.sessions.begin() as session:
            await deliveries.expire_leases(session, self.timing.margin)
        while taken := await self._send_batch():
            done += taken
        return done + await self._reconcile()

    async def _send_batch(self) -> int:
        async with self.sessions.begin() as session:
            claims = await deliveries.claim(session, BATCH, self.timing.lease)
            composed = await compose(session, claims, self.ladder, self.clock())
        ends = await asyncio.gather(
            *(self._deliver(claim, composed[claim.id]) for claim in claims), return_exceptions=True
        )
        for claim, end in zip(claims, ends, strict=True):
            if isinstance(end, BaseException):  # its lease runs out, and then it is looked for
                log.error("unforeseen", delivery=str(claim.id), exc_info=end)
        return len(claims)

    async def _deliver(self, claim: Claim, composed: Composed) -> None:
        match composed:
            case Nothing(reason, becomes):
                async with self.sessions.begin() as session:
                    await deliveries.cancelled(session, claim, reason, becomes)
            case Wait(after, reason):
                await self._again(claim, after, reason)
            case message:
                await self._send(claim, message)

    async def _send(self, claim: Claim, message: Message) -> None:
        client = self.clients(claim.workspace)
        try:
            channel = claim.channel or await self._open_dm(client, claim)
            answer = await client.chat_postMessage(channel=channel, metadata=_metadata(claim), **message.payload())
        except SlackApiError as error:
            await self._refused(claim, error)
        except aiohttp.ClientConnectorError as error:
            await self._again(claim, self.timing.back_off * claim.attempts, f"no connection: {error}")
        except (aiohttp.ClientError, TimeoutError) as error:
            await self._lost(claim, f"answer lost: {type(error).__name__}")
        else:
            await self._record(client, claim, channel, answer["ts"])

    async def _open_dm(self, client: AsyncWebClient, claim: Claim) -> str:
        """The DM with the member, stored before anything is sent to it."""
        async with self.sessions() as session:
            user = await deliveries.recipient(session, claim)
        opened = await client.conversations_open(users=user)
        channel: str = opened["channel"]["id"]
        async with self.sessions.begin() as session:
            await deliveries.store_channel(session, claim, channel)
        return channel

    async def _record(self, client: AsyncWebClient, claim: Claim, channel: str, ts: str) -> None:
        async with self.sessions.begin() as session:
            ours = await deliveries.sent(session, claim, channel, ts)
            gone = not ours and not await deliveries.exists(session, claim)
        if gone:  # the member was forgotten while the message was on its way
            await client.chat_delete(channel=channel, ts=ts)
        log.info("sent" if ours else "sent late", delivery=str(claim.id), attempts=claim.attempts)

    async def _refused(self, claim: Claim, error: SlackApiError) -> None:
        """Slack answered with an error: wait, look later, or give up with the reason."""
        reason = slacks_word(error)
        if reason in WAIT:
            wait = timedelta(seconds=int(error.response.headers.get("Retry-After", 30)))
            async with self.sessions.begin() as session:
                await deliveries.pause_workspace(session, claim.workspace, wait)
            await self._again(claim, wait, reason)
        elif reason is None or reason in LOST:
            await self._lost(claim, reason or "no answer of Slack's")
        else:
            async with self.sessions.begin() as session:
                await deliveries.failed(session, claim, reason)
            log.error("failed", delivery=str(claim.id), reason=reason)

    async def _again(self, claim: Claim, after: timedelta, reason: str) -> None:
        async with self.sessions.begin() as session:
            await deliveries.again(session, claim, after, reason)
        log.warning("again later", delivery=str(claim.id), after=after.total_seconds(), reason=reason)

    async def _lost(self, claim: Claim, reason: str) -> None:
        async with self.sessions.begin() as session:
            await deliveries.unknown(session, claim, self.timing.margin, reason)
        log.warning("unknown", delivery=str(claim.id), reason=reason)

    async def _reconcile(self) -> int:
        """Look for unknown deliveries in Slack: there, they are sent; not there, they are ready again."""
        async with self.sessions.begin() as session:
            claims = await deliveries.claim_unknown(session, BATCH, self.timing.lease)
        for claim in claims:
            client = self.clients(claim.workspace)
            try:
                ts = await _find(client, claim) if claim.channel else None
            except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
                log.warning("cannot look for it yet", delivery=str(claim.id), reason=str(error))
                continue
            if claim.channel and ts:
                await self._record(client, claim, claim.channel, ts)
            else:
                await self._again(claim, timedelta(), "not in the history: it was never posted")
        return len(claims)


def _metadata(claim: Claim) -> dict[str, Any]:
    return {"event_type": EVENT_TYPE, "event_payload": {"delivery_id": str(claim.id)}}


async def _find(client: AsyncWebClient, claim: Claim) -> str | None:
    """The ts of the delivery's message in the DM, or none."""
    oldest = str((claim.created_at - CLOCKS_DIFFER).timestamp())
    cursor = None
    while True:
        page = await client.conversations_history(
            channel=claim.channel or "", oldest=oldest, include_all_metadata=True, limit=200, cursor=cursor
        )
        for message in page["messages"]:
            metadata = message.get("metadata") or {}
            if metadata.get("event_payload", {}).get("delivery_id") == str(claim.id):
                return str(message["ts"])
        cursor = (page.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            return None
