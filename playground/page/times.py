"""How the page writes dates and times; every function takes an aware, local datetime."""

import re
from datetime import date, datetime

_TOKEN = re.compile(r"\{(\w+)\}")


def clock_time(local: datetime) -> str:
    """`09:05`."""
    return f"{local:%H:%M}"


def long_date(day: date) -> str:
    """`Monday, 5 January 2026`."""
    return f"{day:%A}, {day.day} {day:%B} {day.year}"


def short_date(day: date) -> str:
    """`Mon 5 Jan 2026`."""
    return f"{day:%a} {day.day} {day:%b} {day.year}"


def format_date_token(pattern: str, local: datetime) -> str:
    """Fill the tokens of Slack's `<!date^…>`; unknown ones stay."""
    day = local.date()
    known = {
        "date_num": f"{day:%Y-%m-%d}",
        "date": f"{day:%B} {day.day}, {day.year}",
        "date_short": f"{day:%b} {day.day}, {day.year}",
        "date_long": f"{day:%A}, {day:%B} {day.day}, {day.year}",
        "date_pretty": f"{day:%B} {day.day}, {day.year}",
        "date_short_pretty": f"{day:%b} {day.day}, {day.year}",
        "date_long_pretty": f"{day:%A}, {day:%B} {day.day}, {day.year}",
        "time": clock_time(local),
        "time_secs": f"{local:%H:%M:%S}",
        "ago": f"on {short_date(day)}",
    }
    return _TOKEN.sub(lambda match: known.get(match[1], match[0]), pattern)
