"""The bar that shows the playground's time and moves it."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, time, timedelta, tzinfo

from nicegui import ui

from playground.page.surface import button
from playground.page.times import clock_time, short_date

Travel = Callable[[datetime], Awaitable[None]]


def next_monday(local: datetime) -> datetime:
    """The first Monday 09:00 after this local time; on a Monday morning that is today's."""
    day = local.date() + timedelta(days=-local.weekday() % 7)
    monday = datetime.combine(day, time(9), local.tzinfo)
    return monday if monday > local else monday + timedelta(days=7)


class ClockBar:
    """The playground's time in one person's zone; `travel(instant)` is awaited to move it."""

    def __init__(self, now: Callable[[], datetime], travel: Travel) -> None:
        self._now = now
        self._travel = travel
        self._zone: tzinfo | None = None
        with ui.element("div").classes("clock-bar").props('role=group aria-label="Clock"'):
            with ui.element("div").classes("clock-face"):
                self._time = ui.label().classes("clock-time")
                self._date = ui.label().classes("clock-date")
                self._place = ui.label().classes("clock-date clock-zone")
                self._note = ui.label().classes("clock-note").props("role=status")
            with ui.element("div").classes("clock-moves"):
                self._buttons = [
                    self._button("+1 hour", lambda local: local.astimezone(UTC) + timedelta(hours=1)),
                    self._button("+1 day", lambda local: local + timedelta(days=1)),
                    self._button("Next Monday 09:00", next_monday),
                ]

    def show(self, zone: tzinfo) -> None:
        """Show the time of now in this zone, and from now on this zone."""
        self._zone = zone
        local = self._now().astimezone(zone)
        self._time.set_text(clock_time(local))
        self._date.set_text(short_date(local.date()))
        self._place.set_text(str(zone))

    def _button(self, text: str, target: Callable[[datetime], datetime]) -> ui.button:
        return button(text, "quiet").on_click(lambda: self._move(target))

    async def _move(self, target: Callable[[datetime], datetime]) -> None:
        instant = target(self._now().astimezone(self._zone))
        self._note.set_text("Moving …")
        for move in self._buttons:
            move.disable()
        try:
            await self._travel(instant)
        finally:
            for move in self._buttons:
                move.enable()
            self._note.set_text("")
        local = self._now().astimezone(self._zone)
        self._note.set_text(f"Moved to {local:%A} {clock_time(local)}")
