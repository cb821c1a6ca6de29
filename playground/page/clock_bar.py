"""The bar that shows the playground's time and moves it."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta, tzinfo

from nicegui import ui

from playground.journey import Journey
from playground.page.surface import button
from playground.page.times import clock_time, short_date


def next_monday(local: datetime) -> datetime:
    """The first Monday 09:00 after this local time; on a Monday morning that is today's."""
    day = local.date() + timedelta(days=-local.weekday() % 7)
    monday = datetime.combine(day, time(9), local.tzinfo)
    return monday if monday > local else monday + timedelta(days=7)


class ClockBar:
    """The playground's time in one person's zone, and the journeys on which it passes fast."""

    def __init__(self, now: Callable[[], datetime], journey: Journey) -> None:
        self._now = now
        self._journey = journey
        self._zone: tzinfo | None = None
        self._shown: float | None = 0
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
            self._way = ui.element("div").classes("clock-way").props('role=progressbar aria-label="On the way"')
            with self._way:
                self._done = ui.element("div")

    def show(self, zone: tzinfo) -> None:
        """Show the time of now in this zone, and from now on this zone; and how far the journey is, whosever it is."""
        if zone != self._zone:  # the note tells the time of the last one
            self._note.set_text("")
        self._zone = zone
        local = self._now().astimezone(zone)
        self._time.set_text(clock_time(local))
        self._date.set_text(short_date(local.date()))
        self._place.set_text(str(zone))
        self._show_way(self._journey.progress)

    def _show_way(self, progress: float | None) -> None:
        if progress == self._shown:
            return
        self._shown = progress
        self._way.set_visibility(progress is not None)
        percent = round(100 * (progress or 0))
        self._way.props["aria-valuenow"] = percent
        self._done.style(f"width: {percent}%")
        for move in self._buttons:
            move.set_enabled(progress is None)

    def _button(self, text: str, target: Callable[[datetime], datetime]) -> ui.button:
        return button(text, "quiet").on_click(lambda: self._move(target))

    async def _move(self, target: Callable[[datetime], datetime]) -> None:
        if self._journey.progress is not None:  # somebody else's, in another tab
            return
        self._note.set_text("Moving …")
        self._show_way(0)
        try:
            await self._journey.to(target(self._now().astimezone(self._zone)))
        finally:
            if not self._note.is_deleted:  # whoever waits may have left the page
                self._show_way(None)
                self._note.set_text("")
        if self._note.is_deleted:
            return
        local = self._now().astimezone(self._zone)
        self._note.set_text(f"Moved to {local:%A} {clock_time(local)}")
