"""The sender: claims deliveries, composes them from the state of this moment, sends, records.

Nothing is sent twice: whatever may have gone out without an answer is looked for in Slack's history first.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from db import deliveries
from db.deliveries import Claim
from db.engine import Sessions
from db.tables import CheckIn, CheckInState, Member
from handlers.saving import question_of
from handlers.views import checkin
from handlers.views.message import Message
from ladder_content.model import Ladder

log = structlog.get_logger()

BATCH = 10  # sent side by side
LEASE = timedelta(seconds=60)  # longer than the requests of one delivery may take
MARGIN = timedelta(seconds=10)  # for Slack's history to show what was just posted
BACK_OFF = timedelta(seconds=30)
EVENT_TYPE = "rung_delivery"
# Part of the operation may have succeeded.
LOST = {"internal_error", "fatal_error", "service_unavailable", "request_timeout"}
Clients = Callable[[str], AsyncWebClient]  # workspace key → a client without retries of its own


async def send(sessions: Sessions, clients: Clients, ladder: Ladder) -> int:
    """Send everything that is ready, and clear up what is unknown; how many deliveries were taken."""
    done = 0
    async with sessions.begin() as session:
        await deliveries.expire_leases(session, MARGIN)
    while taken := await _send_batch(sessions, clients, ladder):
        done += taken
    return done + await _reconcile(sessions, clients)


async def _send_batch(sessions: Sessions, clients: Clients, ladder: Ladder) -> int:
    async with sessions.begin() as session:
        claims = await deliveries.claim(session, BATCH, LEASE)
        subjects = await deliveries.subjects(session, claims)
    await asyncio.gather(
        *(
            _deliver(sessions, clients(claim.workspace), claim, compose(subjects.get(claim.subject_id), ladder))
            for claim in claims
        )
    )
    return len(claims)


def compose(subject: tuple[CheckIn, Member] | None, ladder: Ladder) -> Message | None:
    """The message as it should be now; none when there is nothing to send any more."""
    if subject is None:
        return None
    check_in, member = subject
    if check_in.state != CheckInState.PLANNED or not member.active:
        return None
    return checkin.question(question_of(check_in, ladder))


async def _deliver(sessions: Sessions, client: AsyncWebClient, claim: Claim, message: Message | None) -> None:
    if message is None:
        async with sessions.begin() as session:
            await deliveries.cancelled(session, claim, "nothing left to send")
        return
    try:
        channel = claim.channel or await _open_dm(sessions, client, claim)
        answer = await client.chat_postMessage(channel=channel, metadata=_metadata(claim), **message.payload())
    except SlackApiError as error:
        await _refused(sessions, claim, error)
    except aiohttp.ClientConnectorError as error:
        await _again(sessions, claim, BACK_OFF * claim.attempts, f"no connection: {error}")
    except (aiohttp.ClientError, TimeoutError) as error:
        await _lost(sessions, claim, f"answer lost: {type(error).__name__}")
    else:
        await _record(sessions, client, claim, channel, answer["ts"])


async def _open_dm(sessions: Sessions, client: AsyncWebClient, claim: Claim) -> str:
    """The DM with the member, stored before anything is sent to it."""
    async with sessions() as session:
        user = await deliveries.recipient(session, claim)
    opened = await client.conversations_open(users=user)
    channel: str = opened["channel"]["id"]
    async with sessions.begin() as session:
        await deliveries.store_channel(session, claim, channel)
    return channel


def _metadata(claim: Claim) -> dict[str, Any]:
    return {"event_type": EVENT_TYPE, "event_payload": {"delivery_id": str(claim.id)}}


async def _record(sessions: Sessions, client: AsyncWebClient, claim: Claim, channel: str, ts: str) -> None:
    async with sessions.begin() as session:
        ours = await deliveries.sent(session, claim, channel, ts)
        gone = not ours and not await deliveries.exists(session, claim)
    if gone:  # the member was forgotten while the message was on its way
        await client.chat_delete(channel=channel, ts=ts)
    log.info("sent" if ours else "sent late", delivery=str(claim.id), attempts=claim.attempts)


async def _refused(sessions: Sessions, claim: Claim, error: SlackApiError) -> None:
    """Slack answered with an error: wait, look later, or give up with the reason."""
    reason = str(error.response.get("error") or f"status {error.response.status_code}")
    if error.response.status_code == 429:
        wait = timedelta(seconds=int(error.response.headers.get("Retry-After", 30)))
        async with sessions.begin() as session:
            await deliveries.pause_workspace(session, claim.workspace, wait)
        await _again(sessions, claim, wait, reason)
    elif reason in LOST or error.response.status_code >= 500:
        await _lost(sessions, claim, reason)
    else:
        async with sessions.begin() as session:
            await deliveries.failed(session, claim, reason)
        log.error("failed", delivery=str(claim.id), reason=reason)


async def _again(sessions: Sessions, claim: Claim, after: timedelta, reason: str) -> None:
    async with sessions.begin() as session:
        await deliveries.again(session, claim, after, reason)
    log.warning("again later", delivery=str(claim.id), after=after.total_seconds(), reason=reason)


async def _lost(sessions: Sessions, claim: Claim, reason: str) -> None:
    async with sessions.begin() as session:
        await deliveries.unknown(session, claim, MARGIN, reason)
    log.warning("unknown", delivery=str(claim.id), reason=reason)


async def _reconcile(sessions: Sessions, clients: Clients) -> int:
    """Look for unknown deliveries in Slack: there, they are sent; not there, they are ready again."""
    async with sessions.begin() as session:
        claims = await deliveries.claim_unknown(session, BATCH, LEASE)
    for claim in claims:
        client = clients(claim.workspace)
        try:
            ts = await _find(client, claim) if claim.channel else None
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            log.warning("cannot look for it yet", delivery=str(claim.id), reason=str(error))
            continue
        if claim.channel and ts:
            await _record(sessions, client, claim, claim.channel, ts)
        else:
            await _again(sessions, claim, timedelta(), "not in the history: it was never posted")
    return len(claims)


async def _find(client: AsyncWebClient, claim: Claim) -> str | None:
    """The ts of the delivery's message in the DM, or none."""
    cursor = None
    while True:
        page = await client.conversations_history(
            channel=claim.channel or "", include_all_metadata=True, limit=200, cursor=cursor
        )
        for message in page["messages"]:
            metadata = message.get("metadata") or {}
            if metadata.get("event_payload", {}).get("delivery_id") == str(claim.id):
                return str(message["ts"])
        cursor = (page.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            return None
