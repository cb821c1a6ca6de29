"""The last half-year, week by week, and what it says in words."""

import re
from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from growth.coverage import Evidence
from growth.timeline import ALT_TEXT, ROWS, WEEKS, Timeline, ago, in_words, next_step
from tests.support.selection import LADDER
from tests.support.timeline import timeline

TODAY = date(2026, 3, 5)  # a Thursday
A, B, C = LADDER[:3]

days = st.dates(date(2024, 1, 1), date(2027, 12, 31))
tags = st.tuples(st.sampled_from(["k1", "k2", "k3", "glue-work"]), days)


def log(dates: Mapping[str, list[date]], today: date = TODAY) -> Timeline:
    """A timeline of k1, k2 and k3."""
    return timeline([A, B, C], [(name, on) for name, found in dates.items() for on in found], today)


@pytest.mark.parametrize(
    ("on", "week"),
    [
        (date(2025, 9, 8), 0),
        (date(2025, 9, 14), 0),
        (date(2025, 9, 15), 1),
        (date(2025, 12, 28), 15),
        (date(2026, 1, 1), 16),
        (date(2026, 3, 1), 24),
        (date(2026, 3, 2), 25),
        (TODAY, 25),
        (date(2026, 3, 9), 25),  # logged where it was later already
    ],
)
def test_an_entry_counts_in_its_iso_week(on: date, week: int) -> None:
    assert log({"k1": [on]}).weeks["k1"] == tuple(int(n == week) for n in range(WEEKS))


def test_entries_of_one_week_add_up() -> None:
    found = log({"k1": [TODAY, TODAY, date(2026, 3, 2)], "k2": [TODAY]})
    assert [found.weeks[name][-1] for name in ("k1", "k2", "k3")] == [3, 1, 0]


def test_what_is_older_than_the_picture_is_evidence_all_the_same() -> None:
    found = log({"k1": [date(2025, 9, 7)]})
    assert sum(found.weeks["k1"]) == 0
    assert found.coverage.criteria[0].evidence == Evidence(1, date(2025, 9, 7))
    assert found.coverage.gaps == (B, C)


@given(dated=st.lists(tags), today=days)
@example(dated=[("k1", date(2026, 12, 31))], today=date(2027, 1, 1))  # both in week 53
def test_every_entry_of_the_half_year_is_in_one_week(dated: list[tuple[str, date]], today: date) -> None:
    found = timeline([A, B, C], iter(dated), today)

    assert [monday.weekday() for monday in found.mondays] == [0] * WEEKS
    assert found.mondays[-1] <= today < found.mondays[-1] + timedelta(weeks=1)
    assert found.mondays[0] == found.mondays[-1] - timedelta(weeks=WEEKS - 1)
    assert {name: sum(weeks) for name, weeks in found.weeks.items()} == {
        name: sum(tag == name and on >= found.mondays[0] for tag, on in dated) for name in ("k1", "k2", "k3")
    }
    assert found == timeline([A, B, C], reversed(dated), today)


@pytest.mark.parametrize(
    ("latest", "said"),
    [
        (TODAY, "this week"),
        (date(2026, 3, 2), "this week"),
        (date(2026, 3, 1), "last week"),
        (date(2026, 2, 22), "2 weeks ago"),
        (date(2025, 3, 3), "52 weeks ago"),
        (date(2025, 3, 2), "over a year ago"),
    ],
)
def test_how_long_ago_is_said_in_weeks(latest: date, said: str) -> None:
    assert ago(latest, TODAY) == said


def test_the_words_say_what_the_picture_shows() -> None:
    assert in_words(log({"k1": [TODAY, date(2026, 2, 3)], "k3": [date(2025, 6, 1)]})) == (
        "Entries in the growth log by criterion and week, from 8 September 2025 to 5 March."
        " 2 of 3 criteria have evidence."
        " “Does what k2 asks”: none yet."
        " “Does what k3 asks”: none in these weeks, latest 40 weeks ago."
        " “Does what k1 asks”: 2, latest this week."
    )


def test_the_words_for_nothing_say_so() -> None:
    assert in_words(timeline([], [], TODAY)) == "An empty picture: there are no criteria to show."


@given(
    sentences=st.lists(st.text("ab $\u05d0\U0001f600", min_size=10, max_size=240).filter(str.strip), max_size=60),
    dated=st.lists(tags),
)
def test_the_words_fit_and_leave_nobody_out(sentences: list[str], dated: list[tuple[str, date]]) -> None:
    relevant = [A.model_copy(update={"id": f"k{n}", "sentence": words}) for n, words in enumerate(sentences)]
    text = in_words(timeline(relevant, dated, TODAY))

    more = re.search(r" And (\d+) more\.$", text)
    assert 0 < len(text) <= ALT_TEXT
    assert text.count("“") + int(more[1] if more else 0) == len(relevant)


def test_a_full_picture_of_the_shipped_ladder_is_told_to_the_end() -> None:
    relevant = [A.model_copy(update={"id": f"k{n}", "sentence": "word " * 14 + f"{n:02}."}) for n in range(18)]
    text = in_words(timeline(relevant, [(each.id, TODAY) for each in relevant], TODAY))
    assert text.count("latest this week") == 18


def test_of_very_many_the_words_name_those_that_need_it_most() -> None:
    relevant = [A.model_copy(update={"id": f"k{n}", "sentence": f"Number {n:02}."}) for n in range(30)]
    text = in_words(timeline(relevant, [(each.id, TODAY) for each in relevant[:20]], TODAY))
    assert re.findall(r"“Number (\d\d)”", text) == [f"{n:02}" for n in (*range(20, 30), *range(ROWS - 10))]
    assert text.endswith(" And 12 more.")


@pytest.mark.parametrize(
    ("dates", "said"),
    [
        ({}, "Every log starts with one line: what did you do lately, however small, that comes close to"),
        ({"k1": [TODAY]}, "Nothing yet on “Does what k2 asks”: one small thing"),
        ({"k1": [date(2024, 1, 1)], "k3": [TODAY]}, "Nothing yet on “Does what k2 asks”: one small thing"),
        (
            {"k1": [TODAY], "k2": [date(2025, 10, 3)], "k3": [date(2025, 5, 3), date(2025, 11, 3)]},
            "Nothing on “Does what k2 asks” since 3 October 2025: what came of it",
        ),
        ({"k1": [TODAY], "k2": [date(2026, 2, 3)], "k3": [date(2026, 1, 1)]}, "Every criterion here has evidence"),
    ],
)
def test_the_next_step_is_one_sentence_about_what_is_missing_most(dates: dict[str, list[date]], said: str) -> None:
    step = next_step(log(dates).coverage, TODAY)
    assert step.startswith(said)
    assert len(re.findall(r"[.?!](?:\s|$)", step)) == 1


def test_a_step_without_criteria_has_a_next_step_too() -> None:
    assert "log what you are proud of" in next_step(timeline([], [], TODAY).coverage, TODAY)
