"""Slots around every kind of change of clocks in every zone there is, 2000–2037."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from growth.cadence import Cadence, instant, slot, week_of, zone
from tests.support.clocks import SECOND, WEEK, Change, changes_of, clock_changes, distinct_zones, shown, utc


def walls(change: Change) -> Iterator[datetime]:
    """Times that clocks show around the change, or leave out, or show twice."""
    first, last = sorted((change.before, change.after))
    yield from (first - SECOND, first, first + SECOND, first + (last - first) / 2, last - SECOND, last, last + SECOND)


def meant(change: Change, wall: datetime) -> datetime:
    """The old offset holds as long as it can: through the gap, and for the first pass of the fold."""
    old = wall < max(change.before, change.after)
    return utc(str(wall - (change.offset_before if old else change.offset_after)))


def test_a_time_means_its_first_reading_and_a_gap_moves_it_forward_by_the_gap() -> None:
    gaps = folds = 0
    for change in clock_changes():
        place, moved = zone(change.zone), change.after - change.before
        for wall in walls(change):
            found = instant(place, wall.date(), wall.time())
            assert found == meant(change, wall), (change, wall)
            if change.before <= wall < change.after:
                assert shown(place, found) == wall + moved, (change, wall)
                gaps += 1
            else:
                assert shown(place, found) == wall, (change, wall)
                folds += change.after <= wall < change.before
    assert gaps > 2_500
    assert folds > 2_500


def test_a_cadence_has_one_slot_in_each_local_week_and_never_goes_back() -> None:
    for change in clock_changes():
        place = zone(change.zone)
        for wall in {*walls(change), change.before - timedelta(days=1), change.after + timedelta(days=1)}:
            cadence, week = Cadence(wall.isoweekday(), wall.time()), week_of(wall.date())
            instants = [slot(cadence, week + n * WEEK).instant(place) for n in (-1, 0, 1)]
            weeks = [week_of(shown(place, each).date()) for each in instants]
            assert weeks == [week + n * WEEK for n in (-1, 0, 1)], (change, wall)
            assert all(one < other for one, other in pairwise(instants)), (change, wall)


def test_every_week_of_four_years_in_every_zone_has_its_slot() -> None:
    for n, name in enumerate(distinct_zones()):
        place, cadence = zone(name), Cadence(n % 7 + 1, time(n % 24, 30))
        weeks = [week_of(date(2000 + n % 34, 1, 1)) + k * WEEK for k in range(209)]
        instants = [slot(cadence, week).instant(place) for week in weeks]
        assert [week_of(shown(place, each).date()) for each in instants] == weeks, name
        assert all(one < other for one, other in pairwise(instants)), name


def test_all_of_the_changes_are_looked_at() -> None:
    steps = {(change.zone, change.after - change.before) for change in clock_changes()}
    assert len(list(changes_of("Europe/Berlin"))) == 2 * 4, "in each decade"
    assert not list(changes_of("UTC"))
    assert len(clock_changes()) > 1_200
    assert {zone for zone, step in steps if step == timedelta(days=1)} == {"Pacific/Apia", "Pacific/Fakaofo"}
    assert {zone for zone, step in steps if step == timedelta(hours=-3)} == {"Antarctica/Casey"}
    assert min(abs(step) for _, step in steps) == timedelta(minutes=30)
