"""What becomes of somebody who does not answer."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from growth.backoff import Manner, Past, Remark, manner, next_slot, remark, streak
from growth.cadence import WEEK, Cadence, following

WEEK_0 = date(2026, 11, 30)
SILENT, ALIVE, UNASKED = "silent", "alive", "unasked"


def past(*ends: str) -> list[Past]:
    """Questions a week apart, told oldest first, as they ended."""
    told = [Past(WEEK_0 + n * WEEK, end == SILENT, end != UNASKED) for n, end in enumerate(ends)]
    return told[::-1]


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        pytest.param([], 0, id="never asked"),
        pytest.param([SILENT], 1, id="one"),
        pytest.param([SILENT, SILENT], 2, id="two in a row"),
        pytest.param([SILENT, SILENT, ALIVE], 0, id="answered at last"),
        pytest.param([SILENT, ALIVE, SILENT], 1, id="only those in a row"),
        pytest.param([SILENT, UNASKED, SILENT], 2, id="a missed week is passed over"),
        pytest.param([SILENT, SILENT, UNASKED, UNASKED], 2, id="and is no proof of life"),
        pytest.param([ALIVE, UNASKED], 0, id="nor silence"),
    ],
)
def test_streak(ends: list[str], expected: int) -> None:
    assert streak(past(*ends)) == expected


def test_a_question_that_was_never_asked_is_no_silence_whatever_it_says() -> None:
    assert streak([Past(WEEK_0, silent=True, counts=False)]) == 0


@pytest.mark.parametrize(
    ("streak", "how", "said", "weeks"),
    [
        (0, Manner.AS_CHOSEN, None, {1: 1, 2: 2, 4: 4}),
        (1, Manner.AS_CHOSEN, None, {1: 1, 2: 2, 4: 4}),
        (2, Manner.SLOWER, Remark.SLOWER_NOW, {1: 2, 2: 2, 4: 4}),
        (3, Manner.SLOWER, Remark.REST_AHEAD, {1: 2, 2: 2, 4: 4}),
        (4, Manner.RESTING, Remark.LAST, {1: 8, 2: 8, 4: 8}),
        (5, Manner.OFF, None, None),
        (6, Manner.OFF, None, None),
    ],
)
def test_the_next_question_of_somebody_silent(
    streak: int, how: Manner, said: Remark | None, weeks: dict[int, int] | None
) -> None:
    assert manner(streak) is how
    assert remark(Cadence(2, time(9)), streak) is said
    for every in (1, 2, 4):
        found = next_slot(Cadence(2, time(9), every), WEEK_0, streak)
        assert (found and (found.week, found.at)) == (weeks and (WEEK_0 + weeks[every] * WEEK, time(9)))


def test_who_chose_a_slow_rhythm_is_not_told_that_it_is_slower() -> None:
    assert [remark(Cadence(2, time(9), every), 2) for every in (1, 2, 4)] == [Remark.SLOWER_NOW, None, None]


@pytest.mark.parametrize(("every", "asked"), [(1, [0, 1, 3, 5, 13]), (2, [0, 2, 4, 6, 14]), (4, [0, 4, 8, 12, 20])])
def test_whole_silence_is_five_questions(every: int, asked: list[int]) -> None:
    cadence, weeks = Cadence(2, time(9), every), [WEEK_0]
    while coming := next_slot(cadence, weeks[-1], len(weeks)):
        weeks.append(coming.week)
    assert weeks == [WEEK_0 + n * WEEK for n in asked]


@given(st.lists(st.sampled_from((SILENT, ALIVE, UNASKED))), st.sampled_from((1, 2, 4)))
def test_a_sign_of_life_brings_the_chosen_rhythm_back(ends: list[str], every: int) -> None:
    cadence, alive = Cadence(2, time(9), every), past(*ends, ALIVE)
    assert next_slot(cadence, alive[0].week, streak(alive)) == following(cadence, alive[0].week)


@given(st.lists(st.sampled_from((SILENT, UNASKED))), st.sampled_from((1, 2, 4)))
def test_silence_never_brings_a_question_sooner(ends: list[str], every: int) -> None:
    cadence, silent, longer = Cadence(2, time(9), every), streak(past(*ends)), streak(past(*ends, SILENT))
    assert longer == silent + 1
    now, then = next_slot(cadence, WEEK_0, silent), next_slot(cadence, WEEK_0, longer)
    assert then is None or (now is not None and now.week <= then.week)
