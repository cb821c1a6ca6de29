"""From the playground to the app: over Socket Mode, or as signed HTTP requests."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

import aiohttp

from playground.socket_mode import SocketMode
from playground.workspace import Json

ACK_SECONDS = 3.0
RETRY_DELAYS = (0.0, 60.0, 300.0)
FORM, JSON = "application/x-www-form-urlencoded", "application/json"

# How a request reaches the app: body and headers in; status, headers and body out.
Receiver = Callable[[bytes, dict[str, str]], Awaitable[tuple[int, Mapping[str, str], bytes]]]


@dataclass(frozen=True)
class Answer:
    """What the app answered; `error` is Slack's word for what went wrong, such as `operation_timeout`."""

    status: int = 200
    body: Json = field(default_factory=dict)
    error: str | None = None
    no_retry: bool = False

    @property
    def ok(self) -> bool:
        """Whether the app acknowledged, and what it answered could be shown."""
        return self.error is None


class Outbound:
    """Sends to a Socket Mode connection, or to the receiver; with neither it waits for a connection."""

    def __init__(
        self,
        socket_mode: SocketMode,
        signing_secret: str,
        receiver: Receiver | None = None,
        *,
        ack_seconds: float = ACK_SECONDS,
        retry_delays: Sequence[float] = RETRY_DELAYS,
    ) -> None:
        self.socket_mode = socket_mode
        self.receiver = receiver
        self.ack_seconds = ack_seconds
        self.retry_delays = retry_delays
        self._signing_secret = signing_secret

    @property
    def reachable(self) -> bool:
        """Whether there is anyone to send to at this moment."""
        return self.socket_mode.connected or self.receiver is not None

    async def command(self, payload: Json) -> Answer:
        """Send a slash command."""
        return await self._send("slash_commands", payload, FORM, urlencode(payload))

    async def interaction(self, payload: Json) -> Answer:
        """Send a click, a submission or a shortcut."""
        return await self._send("interactive", payload, FORM, urlencode({"payload": json.dumps(payload)}))

    async def event(self, payload: Json) -> Answer:
        """Send an event, and again after each of the delays until it is acknowledged; the last answer counts."""
        answer = await self._send("events_api", payload, JSON, json.dumps(payload))
        for attempt, delay in enumerate(self.retry_delays, 1):
            if answer.ok or answer.no_retry:
                break
            await asyncio.sleep(delay)
            reason = "timeout" if answer.error == "operation_timeout" else "error"
            answer = await self._send("events_api", payload, JSON, json.dumps(payload), attempt, reason)
        return answer

    async def _send(
        self, kind: str, payload: Json, content_type: str, body: str, attempt: int = 0, reason: str = ""
    ) -> Answer:
        try:
            if self.socket_mode.connected or self.receiver is None:
                acknowledged = await self.socket_mode.deliver(
                    kind, payload, attempt=attempt, reason=reason, seconds=self.ack_seconds
                )
                return Answer(body=acknowledged)
            headers = self._signed(body.encode(), content_type)
            if attempt:
                headers |= {"x-slack-retry-num": str(attempt), "x-slack-retry-reason": f"http_{reason}"}
            async with asyncio.timeout(self.ack_seconds):
                return _answer(*await self.receiver(body.encode(), headers))
        except TimeoutError:
            return Answer(status=0, error="operation_timeout")
        except (aiohttp.ClientError, ValueError):
            return Answer(status=0, error="dispatch_failed")

    def _signed(self, body: bytes, content_type: str) -> dict[str, str]:
        timestamp = str(int(time.time()))
        basis = b"v0:" + timestamp.encode() + b":" + body
        signature = hmac.new(self._signing_secret.encode(), basis, hashlib.sha256).hexdigest()
        return {
            "content-type": content_type,
            "x-slack-request-timestamp": timestamp,
            "x-slack-signature": f"v0={signature}",
        }


def posting_to(url: str) -> Receiver:
    """A receiver at an HTTP address."""

    async def post(body: bytes, headers: dict[str, str]) -> tuple[int, Mapping[str, str], bytes]:
        async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as response:
            return response.status, response.headers, await response.read()

    return post


def _answer(status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    lower = {name.lower(): value for name, value in headers.items()}
    no_retry = lower.get("x-slack-no-retry") == "1"
    if not 200 <= status < 300:
        return Answer(status=status, error="dispatch_failed", no_retry=no_retry)
    if not body:
        return Answer(status=status)
    if lower.get("content-type", "").startswith(JSON):
        return Answer(status=status, body=json.loads(body))
    return Answer(status=status, body={"text": body.decode()})
