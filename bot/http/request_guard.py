"""What comes before any reading of a request over HTTP: its size, its time, and Slack's signature."""

import asyncio
from collections.abc import Callable

import structlog
from slack_sdk.signature import SignatureVerifier
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST = 1_000_000  # bytes: a view has at most 250 KB, and a form's encoding makes up to three of one
ARRIVES_WITHIN = 3.0  # seconds: Slack waits no longer for the answer
log = structlog.get_logger()


class Guard:
    """ASGI middleware: lets through what is whole, no larger and no slower than Slack's requests, and signed."""

    def __init__(
        self, app: ASGIApp, signing_secret: str, refused: Callable[[], None], *, arrives_within: float = ARRIVES_WITHIN
    ) -> None:
        """`refused` hears of each that is not let through."""
        self._app = app
        self._refused = refused
        self._verifier = SignatureVerifier(signing_secret)
        self._arrives_within = arrives_within

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with asyncio.timeout(self._arrives_within):
                body = await _read(Request(scope, receive))
        except TimeoutError:
            await self._refuse(408, "That took too long to arrive.", scope, receive, send)
        except ClientDisconnect:
            log.warning("request.refused", status=None, reason="the request ended before its end")
            self._refused()
        else:
            if body is None:
                await self._refuse(413, f"That is more than {LARGEST:,} bytes.", scope, receive, send)
            elif not self._signed(Headers(scope=scope), body):
                await self._refuse(401, "This address is for Slack, which signs what it sends.", scope, receive, send)
            else:
                await self._app(scope, _again(body, receive), send)

    async def _refuse(self, status: int, sentence: str, scope: Scope, receive: Receive, send: Send) -> None:
        log.warning("request.refused", status=status, reason=sentence)
        self._refused()
        # What was not read would be taken for the next request.
        answer = PlainTextResponse(f"{sentence}\n", status, {"Connection": "close"})
        await answer(scope, receive, send)

    def _signed(self, headers: Headers, body: bytes) -> bool:
        timestamp, signature = (headers.get(f"x-slack-{name}", "") for name in ("request-timestamp", "signature"))
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12 and signature.isascii()):
            return False
        try:
            return self._verifier.is_valid(body, timestamp, signature)
        except UnicodeDecodeError:  # Slack's own are UTF-8
            return False


async def _read(request: Request) -> bytes | None:
    """The body; none as soon as it turns out too large. Raises ClientDisconnect where it ends early."""
    said = request.headers.get("content-length", "0")
    if said.isdigit() and (len(said) > 9 or int(said) > LARGEST):
        return None
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            return None
    return bytes(body)


def _again(body: bytes, receive: Receive) -> Receive:
    """The body as if it had not been read yet."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return messages.pop() if messages else await receive()

    return replay
