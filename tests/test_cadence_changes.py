"""Rhythms that start, change, pause and travel."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from growth.cadence import (
    BREATHER,
    WEEK,
    Cadence,
    Slot,
    first_slot,
    following,
    local_date,
    rescheduled,
    resumed,
    slot,
    week_of,
    zone,
)
from tests.support.clocks import BERLIN, cadences, local, moments, utc, zones

AUCKLAND, HONOLULU = "Pacific/Auckland", "Pacific/Honolulu"
WIDEST = timedelta(hours=26)  # from Kiritimati to Baker Island


def test_a_change_of_zone_keeps_week_and_date() -> None:
    planned = Slot(date(2026, 11, 30), date(2026, 11, 30), time(9))
    assert planned.instant(zone(AUCKLAND)) == utc("2026-11-29 20:00")
    assert planned.instant(zone(HONOLULU)) == utc("2026-11-30 19:00")


@pytest.mark.parametrize(("name", "elsewhere"), [(AUCKLAND, HONOLULU), (HONOLULU, AUCKLAND)])
def test_a_new_time_after_the_date_line_neither_repeats_nor_drops_a_week(name: str, elsewhere: str) -> None:
    # Monday half past midnight in Auckland is still Sunday, a week earlier, in Honolulu.
    cadence, now = Cadence(1, time(0, 15)), local(AUCKLAND, "2026-11-30 00:30")
    before = first_slot(cadence, zone(name), now)
    after = rescheduled(cadence, zone(elsewhere), now, last_week=before.week, last_asked=None)
    assert after.week == before.week + WEEK


@given(zones, cadences, moments)
def test_the_first_slot_is_the_next_one_ahead(name: str, cadence: Cadence, now: datetime) -> None:
    place = zone(name)
    this_week = week_of(local_date(now, place))
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


@pytest.mark.parametrize(
    ("name", "now", "last_week", "expected"),
    [
        pytest.param(AUCKLAND, "2026-11-30 00:30", "2026-11-23", "2026-12-04", id="Monday, in UTC still Sunday"),
        pytest.param(HONOLULU, "2026-11-29 18:00", "2026-11-23", "2026-12-25", id="Sunday, in UTC already Monday"),
    ],
)
def test_this_week_is_that_of_the_member(name: str, now: str, last_week: str, expected: str) -> None:
    found = rescheduled(
        Cadence(5, time(9), 4),
        zone(name),
        local(name, now),
        last_week=date.fromisoformat(last_week),
        last_asked=local(name, f"{last_week} 09:00"),
    )
    assert found.on == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("expected", "every", "last", "until"),
    [
        pytest.param("2026-12-07", 1, "2026-11-30", None, id="the next week"),
        pytest.param("2026-12-14", 2, "2026-11-30", None, id="the next due week"),
        pytest.param("2026-12-07", 2, "2026-11-16", None, id="the due week is gone by"),
        pytest.param("2026-12-07", 1, None, None, id="never asked"),
        pytest.param("2026-12-07", 1, "2026-11-30", "2026-12-07", id="the day of the slot itself"),
        pytest.param("2026-12-14", 1, "2026-11-30", "2026-12-08", id="the day after"),
        pytest.param("2026-12-14", 2, "2026-11-30", "2026-12-08", id="until before the next due week"),
        pytest.param("2026-12-21", 2, "2026-11-30", "2026-12-15", id="until after it"),
        pytest.param("2027-01-04", 4, "2026-11-30", "2027-01-02", id="until next year"),
        pytest.param("2026-12-14", 1, "2026-12-04", None, id="asked by hand on Friday"),
    ],
)
def test_resumed(expected: str, every: int, last: str | None, until: str | None) -> None:
    asked = date.fromisoformat(last) if last else None
    found = resumed(
        Cadence(1, time(9), every),
        zone(BERLIN),
        local(BERLIN, "2026-12-04 12:00"),
        last_week=asked and week_of(asked),
        last_asked=local(BERLIN, f"{asked} 10:00") if asked else None,
        not_before=date.fromisoformat(until) if until else date.min,
    )
    assert found.on == date.fromisoformat(expected)


def test_a_change_in_a_pause_does_not_end_it() -> None:
    cadence, now, until = Cadence(4, time(9)), local(BERLIN, NOW), date(2026, 12, 18)
    found = rescheduled(cadence, zone(BERLIN), now, last_week=None, last_asked=None, not_before=until)
    assert found.on == date(2026, 12, 24)


@dataclass
class Member:
    """Somebody who lives by the rules and changes their mind; every step is checked against the words of the design."""

    place: str
    cadence: Cadence
    now: datetime
    coming: Slot = field(init=False)
    asked: list[tuple[date, datetime]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.coming = first_slot(self.cadence, zone(self.place), self.now)

    def wait(self, long: timedelta) -> None:
        self.now += long
        while (due := self.coming.instant(zone(self.place))) <= self.now:
            assert not self.asked or self.coming.week > self.asked[-1][0]
            self.asked.append((self.coming.week, due))
            self.coming = following(self.cadence, self.coming.week)

    def travel(self, place: str) -> None:
        self.place = place

    def change(self, cadence: Cadence) -> None:
        week, asked = self.asked[-1] if self.asked else (None, None)
        self.cadence = cadence
        self.coming = rescheduled(cadence, zone(self.place), self.now, last_week=week, last_asked=asked)
        assert self.coming == self.earliest(this_week_counts=True)

    def pause(self, days: int) -> None:
        week, asked = self.asked[-1] if self.asked else (None, None)
        until = local_date(self.now, zone(self.place)) + timedelta(days)
        args = self.cadence, zone(self.place), self.now
        self.coming = resumed(*args, last_week=week, last_asked=asked, not_before=until)
        assert self.coming == self.earliest(this_week_counts=False, until=until)

    def earliest(self, *, this_week_counts: bool, until: date = date.min) -> Slot:
        """The first of all slots that nothing speaks against."""
        place = zone(self.place)
        this_week = week_of(local_date(self.now, place))
        week, asked = self.asked[-1] if self.asked else (None, None)

        def due(each: Slot) -> bool:
            if week is None or each.week >= week + self.cadence.every * WEEK:
                return True
            return this_week_counts and each.week == this_week > week

        def free(each: Slot) -> bool:
            when = each.instant(place)
            return when > self.now and each.on >= until and (asked is None or when >= asked + BREATHER)

        slots = [slot(self.cadence, this_week + n * WEEK) for n in range(30)]
        return next(each for each in slots if due(each) and free(each))


steps = st.one_of(
    st.tuples(st.just(Member.wait), st.timedeltas(timedelta(), timedelta(days=20))),
    st.tuples(st.just(Member.wait), st.timedeltas(timedelta(), timedelta(hours=30))),
    st.tuples(st.just(Member.travel), zones | st.sampled_from((AUCKLAND, HONOLULU, "Pacific/Kiritimati"))),
    st.tuples(st.just(Member.change), cadences),
    st.tuples(st.just(Member.pause), st.integers(0, 60)),
)


@given(zones, cadences, moments, st.lists(steps, max_size=30))
@settings(max_examples=300)
def test_whoever_changes_their_mind_has_one_question_a_week_and_room_to_breathe(
    name: str, cadence: Cadence, now: datetime, steps: list[tuple[Callable[..., None], Any]]
) -> None:
    member = Member(name, cadence, now)
    for step, argument in [*steps, (Member.wait, 15 * WEEK)]:
        step(member, argument)
    assert member.asked
    for (week, asked), (next_week, next_asked) in pairwise(member.asked):
        assert next_week > week
        assert next_asked - asked >= BREATHER - WIDEST  # the date is kept wherever it comes


@given(zones, cadences, cadences, moments, st.timedeltas(timedelta(), timedelta(days=13)))
def test_there_and_back_again_changes_nothing_for_a_weekly_question(
    name: str, one: Cadence, other: Cadence, start: datetime, later: timedelta
) -> None:
    weekly = Cadence(one.weekday, one.at)
    member = Member(name, weekly, start)
    member.wait(later)
    before = member.coming
    member.change(other)
    member.change(weekly)
    assert member.coming == before
