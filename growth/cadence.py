"""When a question comes: weeks, slots and instants in a member's own time zone.

The anchor is an ISO week, named by its Monday. Instants are aware datetimes in UTC; dates and times are local.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from itertools import chain, count
from typing import NamedTuple
from zoneinfo import ZoneInfo

WEEK = timedelta(weeks=1)
ON_TIME = timedelta(hours=1)
CATCH_UP = timedelta(hours=36)
BREATHER = timedelta(days=4)
DAY_STARTS, DAY_ENDS = time(8), time(19)
SATURDAY = 6


class Cadence(NamedTuple):
    """A member's rhythm: ISO weekday (Monday is 1), local time, every 1, 2 or 4 weeks."""

    weekday: int
    at: time
    every: int = 1


class Slot(NamedTuple):
    """One planned question: the Monday of its week, its local date, its local time. A zone makes it an instant."""

    week: date
    on: date
    at: time

    def instant(self, zone: ZoneInfo) -> datetime:
        """When the slot comes in `zone`; after a change of zone ask again, week and date stay."""
        return instant(zone, self.on, self.at)


@cache
def zone_names() -> frozenset[str]:
    """Every IANA zone of the pinned tzdata package."""
    return frozenset(files("tzdata").joinpath("zones").read_text("utf-8").split())


def is_zone(name: str) -> bool:
    """Whether `zone` knows the name; if not, it gives UTC and the caller should say so."""
    return name in zone_names()


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """The IANA zone of that name, or UTC if there is none."""
    known = name if is_zone(name) else "UTC"
    # ZoneInfo(name) prefers the machine's own files, so two hosts could disagree about one slot.
    with files("tzdata").joinpath("zoneinfo", *known.split("/")).open("rb") as data:
        return ZoneInfo.from_file(data, key=known)


@lru_cache(maxsize=1 << 14)
def instant(zone: ZoneInfo, on: date, at: time) -> datetime:
    """The UTC instant of a local date and time: inside a gap forward by the gap, inside a fold the first one."""
    # fold=0 means both: before a gap and in the first pass of a fold the earlier offset holds.
    return datetime.combine(on, at, zone).replace(fold=0).astimezone(UTC)


def local_date(now: datetime, zone: ZoneInfo) -> date:
    """The date it is in `zone`."""
    return now.astimezone(zone).date()


def week_of(on: date) -> date:
    """The Monday of the ISO week that a date lies in."""
    return on - timedelta(days=on.weekday())


def slot(cadence: Cadence, week: date) -> Slot:
    """The cadence's place in one week, given by its Monday."""
    return Slot(week, week + timedelta(days=cadence.weekday - 1), cadence.at)


def following(cadence: Cadence, last_week: date) -> Slot:
    """The slot after the one planned in `last_week`."""
    return slot(cadence, last_week + cadence.every * WEEK)


def first_slot(cadence: Cadence, zone: ZoneInfo, now: datetime) -> Slot:
    """Where a new schedule starts: this week's slot if it is still ahead, else next week's."""
    return rescheduled(cadence, zone, now, last_week=None, last_asked=None)


def rescheduled(
    cadence: Cadence,
    zone: ZoneInfo,
    now: datetime,
    *,
    last_week: date | None,
    last_asked: datetime | None,
    not_before: date = date.min,
) -> Slot:
    """The next slot after the day, the time or the rhythm changed to `cadence`.

    `last_week` is the last week that was planned, `last_asked` when the last question came; `not_before` is a local
    date, that of a pause's end. This week's slot is taken if the week was not planned, due or not.
    """
    this_week = week_of(local_date(now, zone))
    free = [this_week] if last_week is None or last_week < this_week else []
    weeks = chain(free, _due_weeks(cadence, this_week, last_week))
    return _first_ahead(cadence, zone, now, weeks, last_asked, not_before)


def resumed(
    cadence: Cadence,
    zone: ZoneInfo,
    now: datetime,
    *,
    last_week: date | None,
    last_asked: datetime | None,
    not_before: date = date.min,
) -> Slot:
    """The next slot after a pause; the arguments are those of `rescheduled`.

    The rhythm did not change, so no week is taken before the next due one.
    """
    weeks = _due_weeks(cadence, week_of(local_date(now, zone)), last_week)
    return _first_ahead(cadence, zone, now, weeks, last_asked, not_before)


def _due_weeks(cadence: Cadence, this_week: date, last_week: date | None) -> Iterator[date]:
    """The next due week and all after it: who has waited long enough waits no whole rhythm more. Some may be past."""
    due = this_week if last_week is None else last_week + cadence.every * WEEK
    return (due + n * WEEK for n in count())


def _first_ahead(
    cadence: Cadence,
    zone: ZoneInfo,
    now: datetime,
    weeks: Iterable[date],
    last_asked: datetime | None,
    not_before: date,
) -> Slot:
    earliest = last_asked + BREATHER if last_asked else now
    slots = (slot(cadence, week) for week in weeks)
    return next(
        each for each in slots if each.on >= not_before and (comes := each.instant(zone)) > now and comes >= earliest
    )


def asking_time(cadence: Cadence, zone: ZoneInfo, due: datetime, now: datetime) -> datetime | None:
    """When to ask the question that was due at `due`, the slot's own instant: `now`, later, or None if it is missed.

    Up to an hour late is on time. After an outage a question still comes within 36 hours of its slot, at a decent hour.
    """
    if now <= due + ON_TIME:
        return max(due, now)
    decent = next_decent_time(cadence, zone, now)
    return decent if decent <= due + CATCH_UP else None


class When(NamedTuple):
    """When to send something: `at`, now or later, or never if it is None; it counts as late from `slot_at` on."""

    slot_at: datetime
    at: datetime | None


def when(cadence: Cadence, zone: ZoneInfo, slot_at: datetime, due_at: datetime, now: datetime) -> When:
    """As `asking_time`, for what may have been put off to `due_at`: it is better sent then than missed."""
    at = asking_time(cadence, zone, slot_at, now)
    if at is None and slot_at < due_at and now <= due_at + ON_TIME:
        return When(due_at, max(due_at, now))
    return When(slot_at, at)


def asking_time_of(moment: datetime, zone: ZoneInfo, now: datetime) -> datetime | None:
    """As `asking_time`, for something promised for one moment, whose day is then the member's own."""
    local = moment.astimezone(zone)
    return asking_time(Cadence(local.isoweekday(), local.time()), zone, moment, now)


def next_decent_time(cadence: Cadence, zone: ZoneInfo, now: datetime) -> datetime:
    """`now` if it lies in the local working day, else the next start of one."""
    local = now.astimezone(zone)
    if _is_decent_day(cadence, now, zone) and DAY_STARTS <= local.time() < DAY_ENDS:
        return now
    starts = (instant(zone, local.date() + timedelta(days=n), DAY_STARTS) for n in count())
    return next(start for start in starts if start > now and _is_decent_day(cadence, start, zone))


def _is_decent_day(cadence: Cadence, moment: datetime, zone: ZoneInfo) -> bool:
    """Weekends are decent only for a member whose own day lies in one."""
    return cadence.weekday >= SATURDAY or local_date(moment, zone).isoweekday() < SATURDAY


def spoken(when: datetime, zone: ZoneInfo) -> str:
    """An instant as a confirmation names it: “Monday 30 November at 09:00 (Europe/Berlin)”."""
    local = when.astimezone(zone)
    return f"{local:%A} {local.day} {local:%B at %H:%M} ({zone.key})"


@lru_cache(maxsize=1 << 10)
def spoken_date(on: date, today: date) -> str:
    """A date as people say it: “3 October”, with the year if it is not this one."""
    day = f"{on.day} {on:%B}"
    return day if on.year == today.year else f"{day} {on.year}"
