"""How many connections a process holds, and for how long: none for ever, and fewer than it may have files open."""

import asyncio
import resource
from dataclasses import dataclass, field
from typing import Any

import h11
import structlog
from uvicorn.protocols.http.h11_impl import H11Protocol

log = structlog.get_logger()
MOST = 1_000


def most() -> int:
    """How many it may hold: of the files that may be open a quarter, as each request may need others besides."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST if soft == resource.RLIM_INFINITY else max(1, min(MOST, soft // 4))


@dataclass(frozen=True)
class Limits:
    """Of the connections to a server; times are in seconds."""

    most: int = field(default_factory=most)
    request: float = 10  # from the connection, or the answer before, until the headers of a request are there
    answer: float = 30  # from there until it is answered: whatever waits for Slack or Postgres gives up before
    # What is asked while the answer before is not read has no time of its own: that would be one without an end.

    @property
    def at_once(self) -> int:
        """How many are taken before they are counted: asyncio closes what is too much a few rounds of these later."""
        return max(1, self.most // 8)


class Connection(H11Protocol):
    """Uvicorn's, with an end: for a client that takes its time, and for one that waits while there are too many.

    Of those that the server waits for, for a request, the rest of one, or that its answer is read, the one that it
    waits for longest makes room: Slack, or who looks at health, asks at once and reads. `waiting` has those of all
    connections to the server, in that order.
    """

    def __init__(self, limits: Limits, waiting: dict["Connection", None], **about: Any) -> None:
        super().__init__(**about)
        self._limits = limits
        self._waiting = waiting
        self._end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()
        if len(self.connections) > self._limits.most:
            log.warning("connection.limit", most=self._limits.most)
            next(iter(self._waiting)).drop()

    def connection_lost(self, exc: Exception | None) -> None:
        self._let_go()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        before = self.cycle
        super().handle_events()
        if self.cycle is not before and not self.flow.write_paused:  # the headers of a request are there
            self._end_in(self._limits.answer)
        self._work_if_asked()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._waiting.setdefault(self, None)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._work_if_asked()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        self._let_go()
        super().handle_websocket_upgrade(event)

    def on_response_complete(self) -> None:
        self._wait()
        super().on_response_complete()

    def drop(self) -> None:
        """Close it, whatever is not sent yet."""
        self._let_go()
        self.connections.discard(self)
        self.transport.abort()

    def _wait(self) -> None:
        self._let_go()
        self._waiting[self] = None
        self._end_in(self._limits.request)

    def _work_if_asked(self) -> None:
        """Wait no longer where the answer is the server's to give: a whole request is there, what was sent is read."""
        asked = self.cycle is not None and not self.cycle.response_complete
        if asked and self.conn.their_state is not h11.SEND_BODY and not self.flow.write_paused:
            if self.conn.trailing_data[0]:  # more is asked meanwhile, as Slack never does: without an end
                self._waiting.setdefault(self, None)
            else:
                self._waiting.pop(self, None)

    def _end_in(self, seconds: float) -> None:
        if self._end:
            self._end.cancel()
        self._end = self.loop.call_later(seconds, self.drop)

    def _let_go(self) -> None:
        self._waiting.pop(self, None)
        if self._end:
            self._end.cancel()
