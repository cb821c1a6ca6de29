"""Clocks on the wall, all over the world: when they are changed, found without the rules under test."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from growth.cadence import Cadence, zone, zone_names

BERLIN = "Europe/Berlin"
SECOND, WEEK = timedelta(seconds=1), timedelta(weeks=1)
STEP = 3 * WEEK  # nowhere are clocks changed twice in it
FROM, UNTIL = datetime(2000, 1, 1, tzinfo=UTC), datetime(2038, 1, 1, tzinfo=UTC)


zones = st.sampled_from(sorted(zone_names()))
days = st.dates(date(2000, 1, 3), date(2037, 12, 20))
times = st.times().map(lambda at: at.replace(microsecond=0))
moments = st.builds(datetime.combine, days, times, st.just(UTC))
cadences = st.builds(Cadence, st.integers(1, 7), times, st.sampled_from((1, 2, 4)))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(name: str, text: str) -> datetime:
    """An instant, from a local date and time that exists once."""
    return datetime.fromisoformat(text).replace(tzinfo=zone(name)).astimezone(UTC)


def shown(zone: ZoneInfo, moment: datetime) -> datetime:
    """What a clock on the wall shows."""
    return moment.astimezone(zone).replace(tzinfo=None)


def offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return shown(zone, moment) - moment.replace(tzinfo=None)


@dataclass(frozen=True)
class Change:
    """A zone's clocks are set from `before` to `after`; the offsets are those of the time before and after."""

    zone: str
    before: datetime
    after: datetime
    offset_before: timedelta
    offset_after: timedelta


@cache
def distinct_zones() -> tuple[str, ...]:
    """One name for each set of rules: the others are aliases, the same file under another name."""
    folder = files("tzdata").joinpath("zoneinfo")
    return tuple({folder.joinpath(*name.split("/")).read_bytes(): name for name in sorted(zone_names())}.values())


@cache
def clock_changes() -> tuple[Change, ...]:
    """In 2000–2037, every zone's first change of each kind in each decade: the others differ in their date only."""
    return tuple(change for name in distinct_zones() for change in changes_of(name))


def changes_of(name: str) -> Iterator[Change]:
    """One zone's."""
    place, at, old = zone(name), FROM, offset(zone(name), FROM)
    met: set[tuple[int, timedelta, timedelta]] = set()
    while at < UNTIL:
        new = offset(place, at + STEP)
        if new != old and (kind := (at.year // 10, old, new)) not in met:
            met.add(kind)
            first = _first_with(place, new, at, at + STEP).replace(tzinfo=None)
            yield Change(name, first + old, first + new, old, new)
        at, old = at + STEP, new


def _first_with(place: ZoneInfo, new: timedelta, before: datetime, after: datetime) -> datetime:
    """The first second at which the zone has the new offset."""
    while after - before > SECOND:
        middle = before + (after - before) // (2 * SECOND) * SECOND
        before, after = (before, middle) if offset(place, middle) == new else (middle, after)
    return after
