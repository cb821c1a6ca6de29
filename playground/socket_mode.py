"""Socket Mode: the connections of the app, envelopes to them, acknowledgements from them."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections import deque
from dataclasses import dataclass, field

from starlette.websockets import WebSocket, WebSocketDisconnect

from playground.workspace import Json

MOST_CONNECTIONS = 10


@dataclass
class _Pending:
    envelope: Json
    acknowledged: asyncio.Future[Json]
    connection: WebSocket | None = None


@dataclass
class SocketMode:
    """Each envelope goes to one connection, and to the next one if that dies before it acknowledges."""

    app_id: str
    _tickets: set[str] = field(default_factory=set)
    _connections: deque[WebSocket] = field(default_factory=deque)
    _pending: dict[str, _Pending] = field(default_factory=dict)

    @property
    def connected(self) -> bool:
        """Whether an envelope would find a connection."""
        return bool(self._connections)

    def ticket(self) -> str:
        """The right to connect, once."""
        ticket = secrets.token_hex(8)
        self._tickets.add(ticket)
        return ticket

    async def serve(self, websocket: WebSocket) -> None:
        """One connection, from hello to its end."""
        if websocket.query_params.get("ticket") not in self._tickets:
            await websocket.close(code=1008)
            return
        self._tickets.discard(websocket.query_params["ticket"])
        await websocket.accept()
        if len(self._connections) >= MOST_CONNECTIONS:
            await _disconnect(websocket, "too_many_websockets")
            await websocket.close()
            return
        self._connections.append(websocket)
        await _send(websocket, self._hello())
        try:
            await self._hand_out()
            while True:
                self._acknowledge(await websocket.receive_json())
        except WebSocketDisconnect:
            pass
        finally:
            self._retire(websocket)
            await self._hand_out(left_by=websocket)

    async def deliver(self, kind: str, payload: Json, *, attempt: int = 0, reason: str = "", seconds: float) -> Json:
        """The payload of the app's acknowledgement; TimeoutError when none came in time."""
        envelope: Json = {
            "envelope_id": secrets.token_hex(8),
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }
        if kind == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": reason}
        pending = _Pending(envelope, asyncio.get_running_loop().create_future())
        self._pending[envelope["envelope_id"]] = pending
        try:
            async with asyncio.timeout(seconds):
                await self._hand_out()
                return await pending.acknowledged
        finally:
            del self._pending[envelope["envelope_id"]]

    async def refresh(self, reason: str = "refresh_requested") -> None:
        """Ask every connection to be replaced; nothing new goes to it, its acknowledgements still count."""
        for websocket in list(self._connections):
            self._retire(websocket)
            await _disconnect(websocket, reason)

    async def drop(self) -> None:
        """Cut every connection without a word."""
        for websocket in list(self._connections):
            self._retire(websocket)
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                await websocket.close(code=1011)

    def _retire(self, websocket: WebSocket) -> None:
        with contextlib.suppress(ValueError):
            self._connections.remove(websocket)

    def _acknowledge(self, answer: Json) -> None:
        pending = self._pending.get(answer.get("envelope_id", ""))
        if pending and not pending.acknowledged.done():
            pending.acknowledged.set_result(answer.get("payload") or {})

    async def _hand_out(self, left_by: WebSocket | None = None) -> None:
        """Send what waits for a connection: the new envelopes, and those a lost connection leaves."""
        for pending in list(self._pending.values()):
            if pending.connection not in (None, left_by) or pending.acknowledged.done():
                continue
            pending.connection = self._connections[0] if self._connections else None
            if pending.connection is not None:
                self._connections.rotate()
                await _send(pending.connection, pending.envelope)

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self._connections),
            "debug_info": {"host": "playground", "build_number": 1, "approximate_connection_time": 18060},
            "connection_info": {"app_id": self.app_id},
        }


async def _disconnect(websocket: WebSocket, reason: str) -> None:
    await _send(websocket, {"type": "disconnect", "reason": reason, "debug_info": {"host": "playground"}})


async def _send(websocket: WebSocket, frame: Json) -> None:
    # A connection that just went is noticed where it is read; its envelopes are handed on there.
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):
        await websocket.send_json(frame)
