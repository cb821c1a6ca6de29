"""A day to come, in a person's own words."""

from datetime import date

import pytest

from growth.errors import NotADay, PauseInThePast, PauseTooLong, PersonError
from handlers.schedule.views.days import until

THURSDAY = date(2026, 12, 31)


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("until 2 Jan", date(2027, 1, 2)),
        ("2 Jan", date(2027, 1, 2)),
        ("till 2nd of January", date(2027, 1, 2)),
        ("2. January", date(2027, 1, 2)),
        ("January 2", date(2027, 1, 2)),
        ("Jan 2nd, 2027", date(2027, 1, 2)),
        ("2 January 2027", date(2027, 1, 2)),
        ("until   2 SEPT", date(2027, 9, 2)),
        ("31 Dec", date(2027, 12, 31)),
        ("2027-01-02", date(2027, 1, 2)),
        ("2027-1-2", date(2027, 1, 2)),
        ("tomorrow", date(2027, 1, 1)),
        ("next Monday", date(2027, 1, 4)),
        ("mon", date(2027, 1, 4)),
        ("until thursday", date(2027, 1, 7)),
        ("next week", date(2027, 1, 4)),
        ("two weeks", date(2027, 1, 14)),
        ("for 3 weeks", date(2027, 1, 21)),
        ("a week", date(2027, 1, 7)),
        ("10 days", date(2027, 1, 10)),
        ("366 days", date(2028, 1, 1)),
    ],
)
def test_what_the_words_mean(words: str, day: date) -> None:
    assert until(words, THURSDAY) == day


@pytest.mark.parametrize(
    ("words", "refusal", "sentence"),
    [
        ("banana", NotADay, "I don't know which day “banana” is. Say it like this: `/ladder pause until 2 Jan`"),
        ("31 Feb", NotADay, "“31 Feb”"),
        ("2 Foo", NotADay, "“2 Foo”"),
        ("2027-13-01", NotADay, "“2027-13-01”"),
        ("ten moons", NotADay, "“ten moons”"),
        ("a few weeks", NotADay, "“a few weeks”"),
        ("²", NotADay, "“²”"),
        ("ma", NotADay, "“ma”"),
        ("x" * 5000, NotADay, "x”"),
        ("today", PauseInThePast, "Friday 1 January 2027 is the first you can pick"),
        ("zero weeks", PauseInThePast, "a day to come"),
        ("30 Dec 2026", PauseInThePast, "a day to come"),
        ("2020-01-01", PauseInThePast, "a day to come"),
        ("367 days", PauseTooLong, "until Saturday 1 January 2028 at most"),
        ("99999999999999999999 weeks", PauseTooLong, "`/ladder set off`"),
        ("29 Feb", PauseTooLong, "A pause can last a year"),
    ],
)
def test_what_is_no_day_to_come_is_said_with_a_way_on(words: str, refusal: type[PersonError], sentence: str) -> None:
    with pytest.raises(refusal) as refused:
        until(words, THURSDAY)
    assert sentence in refused.value.sentence
    assert refused.value.field == "until"
