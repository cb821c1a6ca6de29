"""Weekdays and times of day, as people type them and as they are told."""

import re
from datetime import time

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
CLOCK = re.compile(r"(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d{2}))?(?P<half>am|pm)?")


def weekday(word: str) -> int | None:
    """The ISO weekday of `friday`, `fri` or `fridays`."""
    name = word.removesuffix("s")
    return next((n for n, day in enumerate(DAYS, 1) if len(name) > 2 and day.casefold().startswith(name)), None)


def clock(word: str) -> time | None:
    """The time of `15:00`, `15.00`, `15h00`, `15` or `3pm`."""
    found = CLOCK.fullmatch(word)
    if found is None:
        return None
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    if found["half"]:
        hour = hour % 12 + (12 if found["half"] == "pm" else 0) if hour in range(1, 13) else 24
    return time(hour, minute) if hour < 24 and minute < 60 else None


def day_and_time(weekday: int, at: time) -> str:
    """`Monday 09:00`."""
    return f"{DAYS[weekday - 1]} {at:%H:%M}"
