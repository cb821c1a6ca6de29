"""Weeks, slots and instants, in every zone there is."""

import zoneinfo
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from growth.cadence import (
    BREATHER,
    CATCH_UP,
    ON_TIME,
    WEEK,
    Cadence,
    Slot,
    asking_time,
    first_slot,
    following,
    instant,
    is_zone,
    rescheduled,
    slot,
    spoken,
    spoken_date,
    week_of,
    zone,
    zone_names,
)

BERLIN = "Europe/Berlin"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(name: str, text: str) -> datetime:
    """An instant, from a local date and time that exists once."""
    return datetime.fromisoformat(text).replace(tzinfo=zone(name)).astimezone(UTC)


def shown(zone: ZoneInfo, moment: datetime) -> datetime:
    """What a clock on the wall shows."""
    return moment.astimezone(zone).replace(tzinfo=None)


def offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    found = moment.astimezone(zone).utcoffset()
    assert found is not None
    return found


def readings(zone: ZoneInfo, wall: datetime) -> list[datetime]:
    """Every instant at which the clock shows `wall`, found without `fold`: none in a gap, two in a fold."""
    as_utc = wall.replace(tzinfo=UTC)
    offsets = {offset(zone, as_utc + timedelta(hours=hours)) for hours in range(-16, 17)}
    return sorted(moment for each in offsets if shown(zone, moment := as_utc - each) == wall)


@cache
def clock_changes(name: str) -> list[datetime]:
    """The instants, to the second, at which the zone's offset changes in 2000–2037."""
    place = zone(name)
    weeks = [utc("2000-01-01") + n * WEEK for n in range(1983)]
    found = []
    for before, after in pairwise(weeks):
        if offset(place, before) == offset(place, after):
            continue
        while after - before > timedelta(seconds=1):
            middle = before + (after - before) // 2
            before, after = (middle, after) if offset(place, middle) == offset(place, before) else (before, middle)
        found.append(after.replace(microsecond=0))
    return found


zones = st.sampled_from(sorted(zone_names()))
days = st.dates(date(2000, 1, 3), date(2037, 12, 20))
times = st.times().map(lambda at: at.replace(microsecond=0))
moments = st.builds(datetime.combine, days, times, st.just(UTC))
cadences = st.builds(Cadence, st.integers(1, 7), times, st.sampled_from((1, 2, 4)))


@st.composite
def walls(draw: st.DrawFn) -> tuple[str, datetime]:
    """A zone and a local date and time in it, most often close to where its clocks change."""
    name = draw(zones)
    changes = clock_changes(name)
    if changes and draw(st.integers(0, 4)) > 0:
        change = changes[draw(st.integers(0, len(changes) - 1))]
        before = shown(zone(name), change - timedelta(seconds=1))
        return name, before + timedelta(seconds=draw(st.integers(-7200, 7200)))
    return name, datetime.combine(draw(days), draw(times))


@given(walls())
@settings(max_examples=500)
@example(("Pacific/Apia", datetime.fromisoformat("2011-12-30 09:00")))
def test_a_time_means_its_first_reading_and_a_gap_moves_it_forward_by_the_gap(wall: tuple[str, datetime]) -> None:
    place, wanted = zone(wall[0]), wall[1]
    found = instant(place, wanted.date(), wanted.time())
    if passes := readings(place, wanted):
        assert found == passes[0]
    else:
        moved = shown(place, found) - wanted
        assert moved > timedelta()
        assert moved == offset(place, found) - offset(place, found - moved)


def test_the_examples_above_can_meet_gaps_and_folds() -> None:
    assert len(clock_changes(BERLIN)) == 2 * 38
    assert len(readings(zone(BERLIN), datetime.fromisoformat("2026-03-29 02:30"))) == 0
    assert len(readings(zone(BERLIN), datetime.fromisoformat("2026-10-25 02:30"))) == 2


@pytest.mark.parametrize(
    ("name", "wanted", "found"),
    [
        pytest.param("Pacific/Apia", "2011-12-30 09:00", "2011-12-31 09:00", id="a day that never was"),
        pytest.param("Pacific/Apia", "2011-12-29 23:59", "2011-12-29 23:59", id="the minute before it"),
        pytest.param("America/Sao_Paulo", "2018-11-04 00:00", "2018-11-04 01:00", id="a gap at midnight"),
        pytest.param("America/Sao_Paulo", "2018-11-04 00:30", "2018-11-04 01:30", id="inside it"),
        pytest.param("Australia/Lord_Howe", "2024-10-06 02:10", "2024-10-06 02:40", id="a gap of half an hour"),
        pytest.param("Africa/Casablanca", "2024-04-14 02:30", "2024-04-14 03:30", id="after Ramadan"),
        pytest.param(BERLIN, "2026-03-29 02:00", "2026-03-29 03:00", id="the start of a gap"),
        pytest.param(BERLIN, "2026-03-29 03:00", "2026-03-29 03:00", id="its end"),
    ],
)
def test_a_gap_moves_the_clock_forward(name: str, wanted: str, found: str) -> None:
    wall = datetime.fromisoformat(wanted)
    assert shown(zone(name), instant(zone(name), wall.date(), wall.time())) == datetime.fromisoformat(found)


@pytest.mark.parametrize(
    ("name", "wanted", "found"),
    [
        pytest.param("America/Sao_Paulo", "2018-02-17 23:30", "2018-02-18 01:30", id="at midnight"),
        pytest.param("Australia/Lord_Howe", "2024-04-07 01:45", "2024-04-06 14:45", id="half an hour"),
        pytest.param("Africa/Casablanca", "2024-03-10 02:30", "2024-03-10 01:30", id="before Ramadan"),
        pytest.param(BERLIN, "2026-10-25 02:00", "2026-10-25 00:00", id="the start of a fold"),
        pytest.param(BERLIN, "2026-10-25 03:00", "2026-10-25 02:00", id="its end"),
    ],
)
def test_a_fold_counts_once_and_first(name: str, wanted: str, found: str) -> None:
    wall = datetime.fromisoformat(wanted)
    assert instant(zone(name), wall.date(), wall.time()) == utc(found)
    assert instant(zone(name), wall.date(), wall.time().replace(fold=1)) == utc(found)


@given(zones, cadences, days)
@example("Pacific/Apia", Cadence(5, time(9)), date(2011, 12, 1))
@example("America/Sao_Paulo", Cadence(7, time(0, 0)), date(2018, 10, 1))
def test_every_due_week_has_one_slot(name: str, cadence: Cadence, start: date) -> None:
    place = zone(name)
    planned = [slot(cadence, week_of(start))]
    while len(planned) < 60:
        planned.append(following(cadence, planned[-1].week))

    for each in planned:
        assert (each.week, each.on.isoweekday(), each.at) == (week_of(each.on), cadence.weekday, cadence.at)
        wall = datetime.combine(each.on, each.at)
        assert shown(place, each.instant(place)) == wall or not readings(place, wall)
    for one, next_one in pairwise(planned):
        assert next_one.week - one.week == cadence.every * WEEK
        assert next_one.instant(place) > one.instant(place)


@given(st.lists(zones, min_size=2, max_size=20), cadences, days)
@example(["Pacific/Auckland", "Pacific/Honolulu", "Pacific/Auckland"], Cadence(1, time(0, 30)), date(2026, 1, 5))
def test_who_travels_is_asked_in_every_due_week_all_the_same(names: list[str], cadence: Cadence, start: date) -> None:
    planned = [slot(cadence, week_of(start))]
    for _ in names[1:]:
        planned.append(following(cadence, planned[-1].week))
    asked = [each.instant(zone(name)) for each, name in zip(planned, names, strict=True)]
    for one, next_one in pairwise(asked):
        assert abs(next_one - one - cadence.every * WEEK) <= timedelta(days=3)


def test_a_change_of_zone_keeps_week_and_date() -> None:
    planned = Slot(date(2026, 11, 30), date(2026, 11, 30), time(9))
    assert planned.instant(zone("Pacific/Auckland")) == utc("2026-11-29 20:00")
    assert planned.instant(zone("Pacific/Honolulu")) == utc("2026-11-30 19:00")


@pytest.mark.parametrize(
    ("name", "elsewhere"), [("Pacific/Auckland", "Pacific/Honolulu"), ("Pacific/Honolulu", "Pacific/Auckland")]
)
def test_a_new_time_after_the_date_line_neither_repeats_nor_drops_a_week(name: str, elsewhere: str) -> None:
    # Monday half past midnight in Auckland is still Sunday, a week earlier, in Honolulu.
    cadence, now = Cadence(1, time(0, 15)), local("Pacific/Auckland", "2026-11-30 00:30")
    before = first_slot(cadence, zone(name), now)
    after = rescheduled(cadence, zone(elsewhere), now, last_week=before.week, last_asked=None)
    assert after.week == before.week + WEEK


def test_weeks_are_iso_weeks() -> None:
    assert [week_of(date(2026, 11, 30) + timedelta(days=n)) for n in (-1, 0, 6, 7)] == [
        date(2026, 11, 23),
        date(2026, 11, 30),
        date(2026, 11, 30),
        date(2026, 12, 7),
    ]
    assert week_of(date(2027, 1, 3)) == date(2026, 12, 28)


@given(zones, cadences, moments)
def test_the_first_slot_is_the_next_one_ahead(name: str, cadence: Cadence, now: datetime) -> None:
    place = zone(name)
    this_week = week_of(now.astimezone(place).date())
    first = first_slot(cadence, place, now)
    assert first.instant(place) > now
    if first.week != this_week:
        assert first.week == this_week + WEEK
        assert slot(cadence, this_week).instant(place) <= now


NOW = "2026-12-02 12:00"  # a Wednesday


@pytest.mark.parametrize(
    ("expected", "weekday", "at", "every", "last_week", "last_asked"),
    [
        pytest.param("2026-12-03", 4, "09:00", 1, None, None, id="never planned, still ahead"),
        pytest.param("2026-12-09", 3, "12:00", 1, None, None, id="never planned, this very moment"),
        pytest.param("2026-12-02", 3, "12:01", 1, None, None, id="a minute ahead"),
        pytest.param("2026-12-07", 1, "09:00", 4, None, None, id="never planned, past: next week, whatever the rhythm"),
        pytest.param("2026-12-03", 4, "09:00", 1, "2026-11-23", "2026-11-23 09:00", id="this week not planned"),
        pytest.param("2026-12-08", 2, "09:00", 1, "2026-11-23", "2026-11-23 09:00", id="not planned, but past"),
        pytest.param("2026-12-11", 5, "09:00", 1, "2026-11-30", "2026-11-30 09:00", id="this week planned"),
        pytest.param("2026-12-10", 4, "09:00", 1, "2026-11-23", "2026-11-29 10:00", id="an hour short of four days"),
        pytest.param("2026-12-03", 4, "10:00", 1, "2026-11-23", "2026-11-29 10:00", id="four days after the last"),
        pytest.param("2026-12-14", 1, "09:00", 1, "2026-11-30", "2026-12-04 09:00", id="next week is too soon as well"),
        pytest.param("2026-12-14", 1, "09:00", 2, "2026-11-30", "2026-11-30 09:00", id="every second week"),
        pytest.param("2026-12-03", 4, "09:00", 2, "2026-11-23", "2026-11-23 09:00", id="every second, not planned"),
        pytest.param("2026-12-08", 2, "09:00", 2, "2026-11-23", "2026-11-23 09:00", id="every second, past"),
        pytest.param("2026-12-22", 2, "09:00", 4, "2026-11-23", "2026-11-23 09:00", id="every fourth, past"),
        pytest.param("2026-12-08", 2, "09:00", 4, "2026-06-01", "2026-06-01 09:00", id="back after long"),
        pytest.param("2026-12-17", 4, "09:00", 1, "2026-12-07", None, id="planned ahead"),
    ],
)
def test_rescheduled(
    expected: str, weekday: int, at: str, every: int, last_week: str | None, last_asked: str | None
) -> None:
    found = rescheduled(
        Cadence(weekday, time.fromisoformat(at), every),
        zone(BERLIN),
        local(BERLIN, NOW),
        last_week=date.fromisoformat(last_week) if last_week else None,
        last_asked=local(BERLIN, last_asked) if last_asked else None,
    )
    assert found.on == date.fromisoformat(expected)
    assert found == Slot(week_of(found.on), found.on, time.fromisoformat(at))


@given(zones, cadences, cadences, moments, st.timedeltas(timedelta(), timedelta(weeks=6)))
def test_a_new_cadence_never_repeats_a_week_nor_hurries(
    name: str, old: Cadence, new: Cadence, asked: datetime, later: timedelta
) -> None:
    place, last_week = zone(name), first_slot(old, zone(name), asked - WEEK).week
    found = rescheduled(new, place, asked + later, last_week=last_week, last_asked=asked)
    assert found.week > last_week
    assert found.instant(place) > asked + later
    assert found.instant(place) - asked >= BREATHER
    assert found.week <= max(last_week + new.every * WEEK, week_of((asked + later).astimezone(place).date()) + 2 * WEEK)


MONDAY, FRIDAY, SATURDAY, SUNDAY = "2026-11-30", "2026-12-04", "2026-12-05", "2026-12-06"
TUESDAY, WEDNESDAY, NEXT_MONDAY = "2026-12-01", "2026-12-02", "2026-12-07"


@pytest.mark.parametrize(
    ("due", "now", "expected"),
    [
        pytest.param(f"{MONDAY} 09:00", f"{MONDAY} 08:30", f"{MONDAY} 09:00", id="not yet"),
        pytest.param(f"{MONDAY} 09:00", f"{MONDAY} 09:00", "now", id="to the second"),
        pytest.param(f"{MONDAY} 22:00", f"{MONDAY} 23:00", "now", id="an hour is on time, by night too"),
        pytest.param(f"{MONDAY} 22:00", f"{MONDAY} 23:00:01", f"{TUESDAY} 08:00", id="more is not"),
        pytest.param(f"{MONDAY} 09:00", f"{MONDAY} 18:59", "now", id="late, by day"),
        pytest.param(f"{MONDAY} 09:00", f"{MONDAY} 19:00", f"{TUESDAY} 08:00", id="late, in the evening"),
        pytest.param(f"{MONDAY} 09:00", f"{TUESDAY} 07:59", f"{TUESDAY} 08:00", id="late, in the morning"),
        pytest.param(f"{MONDAY} 09:00", f"{TUESDAY} 18:59", "now", id="late, the day after"),
        pytest.param(f"{MONDAY} 09:00", f"{TUESDAY} 19:00", None, id="too late the morning after"),
        pytest.param(f"{MONDAY} 09:00", f"{WEDNESDAY} 12:00", None, id="too late"),
        pytest.param(f"{MONDAY} 20:00", f"{TUESDAY} 19:30", f"{WEDNESDAY} 08:00", id="36 hours to the second"),
        pytest.param(f"{MONDAY} 20:00", f"{WEDNESDAY} 08:00:01", None, id="a second more"),
        pytest.param(f"{MONDAY} 19:59", f"{TUESDAY} 19:30", None, id="the morning is a minute too late"),
        pytest.param(f"{FRIDAY} 09:00", f"{FRIDAY} 18:59", "now", id="Friday before seven"),
        pytest.param(f"{FRIDAY} 09:00", f"{FRIDAY} 19:00", None, id="Friday at seven"),
        pytest.param(f"{FRIDAY} 09:00", f"{SATURDAY} 10:00", None, id="no weekend for a weekday's member"),
        pytest.param(f"{SATURDAY} 09:00", f"{SATURDAY} 15:00", "now", id="a Saturday's own"),
        pytest.param(f"{SATURDAY} 09:00", f"{SATURDAY} 20:00", f"{SUNDAY} 08:00", id="a Saturday's Sunday"),
        pytest.param(f"{SUNDAY} 21:00", f"{SUNDAY} 23:00", f"{NEXT_MONDAY} 08:00", id="a Sunday's Monday"),
    ],
)
def test_asking_time(due: str, now: str, expected: str | None) -> None:
    slot_at = datetime.fromisoformat(due)
    cadence = Cadence(slot_at.isoweekday(), slot_at.time())
    found = asking_time(cadence, zone(BERLIN), local(BERLIN, due), local(BERLIN, now))
    assert found == (expected and local(BERLIN, now if expected == "now" else expected))


@given(zones, cadences, days, st.timedeltas(timedelta(hours=-2), timedelta(hours=40)))
def test_a_late_question_comes_at_a_decent_hour_or_not_at_all(
    name: str, cadence: Cadence, day: date, late: timedelta
) -> None:
    place = zone(name)
    due = slot(cadence, week_of(day)).instant(place)
    now = due + late
    when = asking_time(cadence, place, due, now)
    if when is None:
        assert asking_time(cadence, place, due, now + timedelta(hours=1)) is None
        return
    assert max(due, now) <= when <= due + CATCH_UP
    assert asking_time(cadence, place, due, when) == when
    if late > ON_TIME:
        clock = shown(place, when)
        assert 8 <= clock.hour < 19
        assert clock.isoweekday() < 6 or cadence.weekday >= 6


@pytest.mark.parametrize("name", ["Mars/Phobos", "", ".", "../tzdata/zones", "Europe", "europe/berlin", BERLIN + "\0"])
def test_an_unknown_zone_falls_back_to_utc_and_can_be_told(name: str) -> None:
    assert not is_zone(name)
    assert zone(name).key == "UTC"
    assert spoken(utc("2026-11-30 09:00"), zone(name)) == "Monday 30 November at 09:00 (UTC)"


def test_zones_come_from_the_pinned_package_whatever_the_machine_has(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    (tmp_path / "Europe").mkdir()
    tokyo = files("tzdata").joinpath("zoneinfo", "Asia", "Tokyo").read_bytes()
    (tmp_path / "Europe" / "Berlin").write_bytes(tokyo)
    for undo in (ZoneInfo.clear_cache, zoneinfo.reset_tzpath, zone.cache_clear):
        request.addfinalizer(undo)
    zoneinfo.reset_tzpath([tmp_path])
    ZoneInfo.clear_cache()
    zone.cache_clear()

    noon = utc("2026-01-01 12:00")
    assert shown(ZoneInfo(BERLIN), noon).hour == 21
    assert shown(zone(BERLIN), noon).hour == 13


def test_every_name_is_a_zone() -> None:
    assert BERLIN in zone_names()
    for name in zone_names():
        assert zone(name).key == name


@pytest.mark.parametrize(
    ("when", "name", "expected"),
    [
        ("2026-11-30 08:00", BERLIN, "Monday 30 November at 09:00 (Europe/Berlin)"),
        ("2026-12-31 23:30", "Pacific/Auckland", "Friday 1 January at 12:30 (Pacific/Auckland)"),
    ],
)
def test_spoken(when: str, name: str, expected: str) -> None:
    assert spoken(utc(when), zone(name)) == expected


def test_spoken_date() -> None:
    assert spoken_date(date(2026, 10, 3), date(2026, 12, 1)) == "3 October"
    assert spoken_date(date(2026, 10, 3), date(2027, 1, 1)) == "3 October 2026"
