"""The playground's clock: real time, moved forward on request."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Clock:
    """Real time plus an offset that only grows; subscribers hear of every jump."""

    def __init__(self) -> None:
        self._offset = timedelta(0)
        self._subscribers: list[Callable[[], None]] = []

    def now(self) -> datetime:
        """The playground's present, an aware UTC datetime."""
        return datetime.now(UTC) + self._offset

    def advance(self, by: timedelta) -> None:
        """Travel forward; ValueError on a negative distance."""
        if by < timedelta(0):
            raise ValueError("The playground travels forward only.")
        self._offset += by
        for callback in list(self._subscribers):
            callback()

    def set_to(self, instant: datetime) -> None:
        """Travel to an aware instant; ValueError when it has passed."""
        self.advance(instant - self.now())

    def reach(self, instant: datetime) -> None:
        """Travel to an aware instant, unless real time came there first."""
        self.advance(max(instant - self.now(), timedelta(0)))

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back after every jump; returns the function that ends it."""
        self._subscribers.append(callback)
        return lambda: self._subscribers.remove(callback)
