"""A day to come, read from a person's own words."""

import re
from datetime import date, time, timedelta

from growth.cadence import Cadence, spoken_date
from growth.errors import NotADay, OutOfDate, PauseInThePast, PauseTooLong
from growth.time_words import weekday

MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
UNITS = {"day": 1, "week": 7}
ISO = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}")
FOR = re.compile(r"(?:for |in )?(?P<number>\w+) (?P<unit>day|week)s?")
DAY_FIRST = re.compile(r"(?P<day>\d{1,2})(?:st|nd|rd|th)?(?: of)?[ .]+(?P<month>[a-z]{3,9})\.?(?:,? (?P<year>\d{4}))?")
MONTH_FIRST = re.compile(r"(?P<month>[a-z]{3,9})\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?(?:,? (?P<year>\d{4}))?")
RHYTHM = re.compile(r"(?P<day>[1-7]) (?P<at>([01][0-9]|2[0-3]):[0-5][0-9]) (?P<every>[124])")
LONGEST = timedelta(days=366)


def spoken_day(day: date, today: date) -> str:
    """A day as a confirmation names it: “Saturday 2 January”, with the year if it is not this one."""
    return f"{day:%A} {spoken_date(day, today)}"


def rhythm(day: str, at: str, every: str = "1") -> Cadence:
    """The rhythm that was picked, from the values of its menus. Raises OutOfDate for what none of them offers."""
    found = RHYTHM.fullmatch(f"{day} {at} {every}")
    if found is None:
        raise OutOfDate
    return Cadence(int(found["day"]), time.fromisoformat(found["at"]), int(found["every"]))


def until(words: str, today: date) -> date:
    """The day that `until 2 Jan`, `2027-01-02`, `next Monday`, `tomorrow` or `two weeks` names.

    A day of the month without a year is the next one to come. Raises NotADay, PauseInThePast, PauseTooLong.
    """
    folded = " ".join(words.casefold().split()).removeprefix("until ").removeprefix("till ")
    found = _by_name(folded, today) or _after_a_while(folded, today) or _by_date(folded, today)
    if found is None:
        raise NotADay(words[:40])
    return checked(found, today)


def checked(day: date, today: date) -> date:
    """The day, if a pause may last until then. Raises PauseInThePast, PauseTooLong."""
    if day <= today:
        raise PauseInThePast(spoken_day(today + timedelta(days=1), today))
    if day - today > LONGEST:
        raise PauseTooLong(spoken_day(today + LONGEST, today))
    return day


def _by_name(words: str, today: date) -> date | None:
    if words in ("today", "tomorrow"):
        return today + timedelta(days=int(words == "tomorrow"))
    if words == "next week":
        return today + timedelta(days=7 - today.weekday())
    day = weekday(words.removeprefix("next "))
    return today + timedelta(days=(day - today.isoweekday() - 1) % 7 + 1) if day else None


def _after_a_while(words: str, today: date) -> date | None:
    found = FOR.fullmatch(words)
    many = _number(found["number"]) if found else None
    if found is None or many is None:
        return None
    return today + min(timedelta(days=many * UNITS[found["unit"]]), 2 * LONGEST)


def _number(word: str) -> int | None:
    if word.isascii() and word.isdigit():
        return int(word[:4])
    return 1 if word == "a" else NUMBERS.index(word) if word in NUMBERS else None


def _by_date(words: str, today: date) -> date | None:
    if ISO.fullmatch(words):
        return _date(*map(int, words.split("-")))
    found = DAY_FIRST.fullmatch(words) or MONTH_FIRST.fullmatch(words)
    month = _month(found["month"]) if found else None
    if found is None or month is None:
        return None
    years = [int(found["year"])] if found["year"] else range(today.year, today.year + 5)
    days = (_date(year, month, int(found["day"])) for year in years)
    return next((day for day in days if day and (day > today or found["year"])), None)


def _month(word: str) -> int | None:
    return next((number for number, name in enumerate(MONTHS, 1) if name.startswith(word.removesuffix("t"))), None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
