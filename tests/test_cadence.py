"""Weeks, slots and instants, in every zone there is."""

import zoneinfo
from datetime import date, datetime, time, timedelta
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from growth.cadence import (
    CATCH_UP,
    ON_TIME,
    Cadence,
    asking_time,
    instant,
    is_zone,
    slot,
    spoken,
    spoken_date,
    week_of,
    zone,
    zone_names,
)
from tests.support.clocks import BERLIN, cadences, days, local, shown, utc, zones


@pytest.mark.parametrize(
    ("name", "wanted", "found"),
    [
        pytest.param("Pacific/Apia", "2011-12-30 09:00", "2011-12-31 09:00", id="a day that never was"),
        pytest.param("Pacific/Apia", "2011-12-29 23:59", "2011-12-29 23:59", id="the minute before it"),
        pytest.param("America/Sao_Paulo", "2018-11-04 00:00", "2018-11-04 01:00", id="a gap at midnight"),
        pytest.param("America/Sao_Paulo", "2018-11-04 00:30", "2018-11-04 01:30", id="inside it"),
        pytest.param("Australia/Lord_Howe", "2024-10-06 02:10", "2024-10-06 02:40", id="a gap of half an hour"),
        pytest.param("Africa/Casablanca", "2024-04-14 02:30", "2024-04-14 03:30", id="after Ramadan"),
        pytest.param("Pacific/Fakaofo", "2011-12-30 12:00", "2011-12-31 12:00", id="and on Tokelau"),
        pytest.param("Pacific/Kwajalein", "1993-08-21 09:00", "1993-08-22 09:00", id="and on Kwajalein"),
        pytest.param("Antarctica/Troll", "2026-03-29 01:30", "2026-03-29 03:30", id="a gap of two hours"),
        pytest.param("America/Caracas", "2016-05-01 02:45", "2016-05-01 03:15", id="a new half hour for good"),
        pytest.param("America/Goose_Bay", "2010-03-14 00:01", "2010-03-14 01:01", id="a minute past midnight"),
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
        pytest.param("Africa/Casablanca", "2008-08-31 23:30", "2008-08-31 22:30", id="the week ends twice"),
        pytest.param("America/Goose_Bay", "2010-11-07 00:00", "2010-11-07 03:00", id="the day begins twice"),
        pytest.param("Antarctica/Casey", "2010-03-05 00:30", "2010-03-04 13:30", id="three hours"),
        pytest.param(BERLIN, "2026-10-25 02:00", "2026-10-25 00:00", id="the start of a fold"),
        pytest.param(BERLIN, "2026-10-25 03:00", "2026-10-25 02:00", id="its end"),
    ],
)
def test_a_fold_counts_once_and_first(name: str, wanted: str, found: str) -> None:
    wall = datetime.fromisoformat(wanted)
    assert instant(zone(name), wall.date(), wall.time()) == utc(found)
    assert instant(zone(name), wall.date(), wall.time().replace(fold=1)) == utc(found)


def test_weeks_are_iso_weeks() -> None:
    assert [week_of(date(2026, 11, 30) + timedelta(days=n)) for n in (-1, 0, 6, 7)] == [
        date(2026, 11, 23),
        date(2026, 11, 30),
        date(2026, 11, 30),
        date(2026, 12, 7),
    ]
    assert week_of(date(2027, 1, 3)) == date(2026, 12, 28)


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


def test_a_friday_that_never_was_does_not_make_a_saturday_decent() -> None:
    thursday, later = local("Pacific/Apia", "2011-12-29 20:00"), local("Pacific/Apia", "2011-12-29 22:00")
    assert asking_time(Cadence(4, time(20)), zone("Pacific/Apia"), thursday, later) is None
    assert asking_time(Cadence(6, time(9)), zone("Pacific/Apia"), thursday, later) == utc("2011-12-30 18:00")


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
