"""The file of people to invite, as a spreadsheet saves it: read line by line, every fault with what to do."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from typing import NamedTuple, TypeVar

from growth.time_words import clock, weekday
from handlers.slack.position import code
from ladder_content.model import Ladder
from ladder_content.rules import did_you_mean

COLUMNS = ("email", "slack_id", "level", "day", "time", "mentor")
NEEDED = ("level", "day", "time")
DELIMITERS = ",;\t"
SLACK_ID = re.compile(r"[UW][A-Z0-9]{2,20}")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
SHOWN = 40  # characters of a cell
T = TypeVar("T")


class Fault(NamedTuple):
    """What is wrong on a line of the file, and what to do."""

    line: int
    message: str


@dataclass(frozen=True)
class Line:
    """Somebody to invite. `person` and `mentor` are an email in lower case or a Slack id.

    What could not be read is empty, and among the faults.
    """

    number: int
    person: str
    level: str
    weekday: int
    at: time
    mentor: str


def read(data: bytes, ladder: Ladder) -> tuple[list[Line], list[Fault]]:
    """The lines of the file, and what is wrong with it."""
    faults: list[Fault] = []
    text = _text(data)
    if text is None:
        return [], [Fault(1, "the file is not UTF-8: in Excel save it as “CSV UTF-8 (comma delimited)”")]
    rows = _rows(text, faults)
    number, header = next(rows, (1, []))
    columns = _columns(header)
    faults += [Fault(number, message) for message in _wrong_with(columns)]
    if faults:
        return [], faults
    lines = [
        _line(number, dict(zip(columns, row, strict=False)), ladder, faults)
        for number, row in rows
        if _fits(number, row, columns, faults)
    ]
    if not lines and not faults:
        faults.append(Fault(number, "there is nobody below the header: write a line for each person"))
    return lines, faults


def _text(data: bytes) -> str | None:
    """With the byte order mark that Excel writes, or without."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def _rows(text: str, faults: list[Fault]) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not empty, each with the number of its first line."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    while True:
        number = reader.line_num + 1
        try:
            row = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            faults.append(Fault(number, f"this is not CSV from here on ({error}): look for a lonely quotation mark"))
            return
        if any(row):
            yield number, row


def _delimiter(text: str) -> str:
    """What parts the columns of the first line that is not empty; Excel takes semicolons where commas are decimal."""
    header = text.lstrip().partition("\n")[0]
    return max(DELIMITERS, key=header.count)


def _columns(header: list[str]) -> list[str]:
    """Without the empty ones that spreadsheets leave at the end."""
    columns = [_column(cell) for cell in header]
    while columns and not columns[-1]:
        columns.pop()
    return columns


def _column(cell: str) -> str:
    """`Check-in day`, `Slack ID` and `e-mail` are what they mean."""
    name = re.sub(r"[\s_-]+", "_", cell.casefold())
    return {"e_mail": "email"}.get(name, name.removeprefix("check_in_"))


def _wrong_with(columns: list[str]) -> Iterator[str]:
    for name in dict.fromkeys(columns):
        if name not in COLUMNS:
            close = did_you_mean(name, COLUMNS)
            yield f"there is no column “{_shown(name)}”: rename it{close} or take it out; I know {', '.join(COLUMNS)}"
        elif columns.count(name) > 1:
            yield f"the column {name} stands twice: keep one"
    missing = [name for name in NEEDED if name not in columns]
    if not {"email", "slack_id"} & set(columns):
        missing.insert(0, "email (or slack_id)")
    if missing:
        yield f"the first line must name the columns: {', '.join(missing)} missing"


def _fits(number: int, row: list[str], columns: list[str], faults: list[Fault]) -> bool:
    if any(row[len(columns) :]):
        faults.append(
            Fault(number, f"{len(row)} cells for {len(columns)} columns: look for a stray comma or semicolon")
        )
        return False
    return True


def _line(number: int, cells: Mapping[str, str], ladder: Ladder, faults: list[Fault]) -> Line:
    def cell(name: str, parse: Callable[[str], T | None], otherwise: str) -> T | None:
        words = cells.get(name, "")
        found = parse(words) if words else None
        if found is None:
            said = f"{name} “{_shown(words)}” is not understood" if words else f"{name} is missing"
            faults.append(Fault(number, f"{said}: {otherwise}"))
        return found

    who = "slack_id" if cells.get("slack_id") else "email"
    return Line(
        number,
        cell(who, _person, "write an email (name@company.com) or a Slack id (U0123ABCD)") or "",
        cell("level", lambda words: _level(words, ladder), f"write one of {', '.join(map(code, ladder.levels))}") or "",
        cell("day", lambda words: weekday(words.casefold()), "write a day of the week, such as Monday") or 0,
        cell("time", _time, "write a time of day, such as 9:00 or 15:30") or time(),
        (cells.get("mentor") and cell("mentor", _person, "write their email or Slack id, or leave it empty")) or "",
    )


def _person(words: str) -> str | None:
    return words if SLACK_ID.fullmatch(words) else words.lower() if EMAIL.fullmatch(words) else None


def _level(words: str, ladder: Ladder) -> str | None:
    level = ladder.find_level(words)
    return level.id if level else None


def _time(words: str) -> time | None:
    """Spreadsheets like to add seconds."""
    return clock(re.sub(r"^(\d{1,2}:\d{2}):00$", r"\1", words.casefold().replace(" ", "")))


def _shown(words: str) -> str:
    """A cell as it can be printed."""
    return "".join(each if each.isprintable() else "?" for each in words[:SHOWN])
