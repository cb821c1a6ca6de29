"""Time that passes fast: what would have happened on the way happens, each at its own time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from playground.clock import Clock

STEP = timedelta(hours=1)


class Journey:
    """Moves a clock forward in steps, and lets `live` do what is due at each; one journey at a time.

    A step ends at the full hour, or where `next_due(after)` says that something is due before.
    """

    def __init__(
        self,
        clock: Clock,
        live: Callable[[], Awaitable[None]],
        next_due: Callable[[datetime], Awaitable[datetime | None]],
    ) -> None:
        self._clock = clock
        self._live = live
        self._next_due = next_due
        self._ended = False
        self.progress: float | None = None  # from 0 to 1; none while nobody travels

    async def to(self, instant: datetime) -> None:
        """Travel to an aware instant. Nothing happens when it has passed, or while another journey is under way."""
        if self.progress is not None:
            return
        start = self._clock.now()
        try:
            while (now := self._clock.now()) < instant and not self._ended:
                self.progress = (now - start) / (instant - start)
                self._clock.reach(min(instant, await self._stop_after(now)))
                await self._live()
        finally:
            self.progress = None

    def end(self) -> None:
        """Go no further, and begin no other."""
        self._ended = True

    async def _stop_after(self, now: datetime) -> datetime:
        full_hour = (now + STEP).replace(minute=0, second=0, microsecond=0)
        due = await self._next_due(now)
        return min(full_hour, due) if due else full_hour
