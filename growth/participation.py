"""What admins see of a whole workspace: how many take part, in bands too broad to tell about anybody."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

LEAST = 10  # people
MONTHS = 3


class Band(StrEnum):
    """A share of the people. The outer bands have no name: they would tell about nearly everybody, or nobody."""

    LOWER = "25–50 %"
    UPPER = "50–75 %"


@dataclass(frozen=True)
class Counted:
    """How many people were active in a month, asked or writing by themselves; and how many of them wrote."""

    active: int
    wrote: int


def band(counted: Counted) -> Band | None:
    """The band to show, none where there is nothing to show: few people, or one of the outer bands."""
    if counted.active < LEAST or not counted.active <= 4 * counted.wrote <= 3 * counted.active:
        return None
    return Band.LOWER if 2 * counted.wrote < counted.active else Band.UPPER


def complete_months(now: datetime) -> list[date]:
    """The first days of the last complete calendar months, newest first.

    In UTC, whoever looks: two who look at shifted months would see what lies between.
    """
    months: list[date] = []
    first = now.astimezone(UTC).date().replace(day=1)
    while len(months) < MONTHS:
        first = (first - timedelta(days=1)).replace(day=1)
        months.append(first)
    return months


def following(month: date) -> date:
    """The first day of the month after."""
    return (month + timedelta(days=31)).replace(day=1)
