"""Faults on request: what goes wrong between an app and Slack."""

from __future__ import annotations

import asyncio
import math
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from playground.workspace import Json

ANY = "*"


@dataclass(eq=False)
class Gate:
    """Where calls wait until it is opened; `waiting` is how many do."""

    waiting: int = 0
    opened: asyncio.Event = field(default_factory=asyncio.Event)

    async def passed(self) -> None:
        self.waiting += 1
        await self.opened.wait()
        self.waiting -= 1


@dataclass(frozen=True)
class Fault:
    """What happens to one call: a delay in seconds, then whether it is carried out, and what is answered instead.

    Without a status the call's own answer is sent; status 0 drops the connection.
    """

    accepted: bool = True
    delay: float = 0.0
    gate: Gate | None = None
    status: int | None = None
    body: Json = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    async def wait(self) -> None:
        """Until the call goes on."""
        await asyncio.sleep(self.delay)
        if self.gate:
            await self.gate.passed()


class Faults:
    """The faults that wait, per method (`response_url` and `*` are methods too), each used once."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        """`seconds` is the clock that limits go by, from 0 on."""
        self._seconds = seconds
        self._waiting: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._limits: dict[str, tuple[deque[float], float]] = {}
        self._gates: list[Gate] = []
        self.metadata: Literal["type", "none"] | None = None

    def rate_limit(self, method: str, retry_after: int = 1, times: int = 1) -> None:
        """Answer 429; nothing is carried out."""
        self._add(method, times, _too_many(retry_after))

    def limit(self, method: str, calls: int, seconds: float = 60.0) -> None:
        """From now on answer 429 beyond so many calls in so many seconds."""
        self._limits[method] = (deque([-seconds] * calls, maxlen=calls), seconds)

    def refuse(self, method: str, error: str, times: int = 1) -> None:
        """Answer `ok: false` with this error; nothing is carried out."""
        self._add(method, times, Fault(accepted=False, status=200, body={"ok": False, "error": error}))

    def fail(self, method: str, times: int = 1, *, accepted: bool = False) -> None:
        """Answer 500, having carried the call out or not."""
        self._add(method, times, Fault(accepted=accepted, status=500, body={"ok": False, "error": "internal_error"}))

    def lose(self, method: str, times: int = 1, *, accepted: bool = True) -> None:
        """Drop the connection instead of answering, having carried the call out or not."""
        self._add(method, times, Fault(accepted=accepted, status=0, body={"ok": False, "error": "lost"}))

    def slow(self, method: str, seconds: float, times: int = 1) -> None:
        """Wait, then carry the call out and answer."""
        self._add(method, times, Fault(delay=seconds))

    def hold(self, method: str, times: int = 1) -> Gate:
        """Let calls wait at a gate, then carry them out and answer."""
        gate = Gate()
        self._gates.append(gate)
        self._add(method, times, Fault(gate=gate))
        return gate

    @property
    def held(self) -> bool:
        """Whether a call waits at a gate that is not opened."""
        return any(gate.waiting and not gate.opened.is_set() for gate in self._gates)

    def withhold_metadata(self, shown: Literal["type", "none"]) -> None:
        """From now on read messages without their metadata, or with its type only, whatever the call asks for."""
        self.metadata = shown

    def clear(self) -> None:
        """Forget what waits, the limits, and what is withheld."""
        self._waiting.clear()
        self._limits.clear()
        self.metadata = None

    def waiting(self, method: str) -> int:
        """How many of this method's have not met a call yet."""
        return len(self._waiting[method])

    def take(self, method: str) -> Fault:
        """The next fault of this method; one that does nothing when none waits."""
        for key in (method, ANY):
            if self._waiting[key]:
                return self._waiting[key].popleft()
        return self._limited(method) or Fault()

    def _limited(self, method: str) -> Fault | None:
        if method not in self._limits:
            return None
        recent, seconds = self._limits[method]
        now = self._seconds()
        wait = recent[0] + seconds - now
        if wait > 0:
            return _too_many(math.ceil(wait))
        recent.append(now)
        return None

    def _add(self, method: str, times: int, fault: Fault) -> None:
        self._waiting[method].extend([fault] * times)


def _too_many(retry_after: int) -> Fault:
    headers = {"Retry-After": str(retry_after)}
    return Fault(accepted=False, status=429, body={"ok": False, "error": "ratelimited"}, headers=headers)
