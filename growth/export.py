"""The growth log as a file to take along: everything as JSON, or as CSV for a spreadsheet."""

import csv as csv_format
import json as json_format
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from io import StringIO
from typing import Any, Literal

from growth.export_escape import cell
from ladder_content.model import Criterion, Ladder, Level

FORMAT = "rung-growth-log/2"
BYTE_ORDER_MARK = "\ufeff"
COLUMNS = (
    "Entry",
    "Date",
    "What happened",
    "Impact",
    "Links",
    "From a message",
    "Message by",
    "Message link",
    "Criteria",
    "Dimensions",
    "Criterion ids",
    "Question",
    "Shared with",
    "Comments",
    "Logged at (UTC)",
    "Edited at (UTC)",
)


@dataclass(frozen=True)
class Tagged:
    """A criterion's id, and its sentence as it was when the entry was written."""

    criterion: str
    sentence: str


@dataclass(frozen=True)
class Remark:
    """What a mentor said: words, none for kudos; the name is none for one who has left Rung."""

    by: str | None
    words: str | None
    at: datetime

    def __str__(self) -> str:
        return f"{self.by or 'Somebody who has left'}: {self.words or 'kudos'}"


@dataclass(frozen=True)
class Record:
    """One entry; `question` is that of the check-in it answered. Instants are aware.

    `snippet` and what follows are of the message that it was made from; `shared_with` are the names of mentors.
    """

    id: int
    happened_on: date
    what: str
    impact: str | None
    links: tuple[str, ...]
    criteria: tuple[Tagged, ...]
    question: str | None
    logged_at: datetime
    edited_at: datetime | None = None
    snippet: str | None = None
    snippet_author: str | None = None
    permalink: str | None = None
    shared_with: tuple[str, ...] = ()
    comments: tuple[Remark, ...] = ()


@dataclass(frozen=True)
class Log:
    """A person's log on the day `as_of`, newest first. Without a target above the level it is the next one."""

    name: str | None
    level: Level | None
    target: Level | None
    records: tuple[Record, ...]
    as_of: date


def filename(log: Log, kind: Literal["md", "csv", "json"]) -> str:
    """`growth-log-2026-11-23.md`."""
    return f"growth-log-{log.as_of.isoformat()}.{kind}"


def json(log: Log, ladder: Ladder) -> str:
    """Everything there is, as `docs/export.schema.json` describes it."""
    about = ladder.ladder
    content = {
        "format": FORMAT,
        "as_of": log.as_of.isoformat(),
        "person": log.name,
        "ladder": {"id": about.id, "title": about.title, "version": about.version},
        "level": _identified(log.level),
        "target": _identified(log.target),
        "entries": [_entry(record) for record in log.records],
    }
    return json_format.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _identified(level: Level | None) -> dict[str, str] | None:
    return {"id": level.id, "title": level.title} if level else None


def _entry(record: Record) -> dict[str, Any]:
    return asdict(record) | {
        "happened_on": record.happened_on.isoformat(),
        "logged_at": record.logged_at.isoformat(),
        "edited_at": record.edited_at and record.edited_at.isoformat(),
        "comments": [asdict(each) | {"at": each.at.isoformat()} for each in record.comments],
    }


def csv(log: Log, ladder: Ladder) -> str:
    """A row an entry, by RFC 4180. Its first character is the byte order mark that Excel wants: encode as `utf-8`."""
    file = StringIO()
    file.write(BYTE_ORDER_MARK)
    writer = csv_format.writer(file, quoting=csv_format.QUOTE_ALL)
    writer.writerow(COLUMNS)
    writer.writerows([cell(text) for text in _row(record, ladder)] for record in log.records)
    return file.getvalue()


def _row(record: Record, ladder: Ladder) -> tuple[str, ...]:
    known = (ladder.criterion(tag.criterion) for tag in record.criteria)
    judged_by = dict.fromkeys(dimension_of(criterion, ladder) for criterion in known if criterion)
    return (
        str(record.id),
        record.happened_on.isoformat(),
        record.what,
        record.impact or "",
        "\n".join(record.links),
        record.snippet or "",
        record.snippet_author or "",
        record.permalink or "",
        "\n".join(tag.sentence for tag in record.criteria),
        "\n".join(judged_by),
        "\n".join(tag.criterion for tag in record.criteria),
        record.question or "",
        "\n".join(record.shared_with),
        "\n".join(map(str, record.comments)),
        _utc(record.logged_at),
        _utc(record.edited_at) if record.edited_at else "",
    )


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def dimension_of(criterion: Criterion, ladder: Ladder) -> str:
    """What a criterion is judged by, in words."""
    dimension = ladder.dimension(criterion.dimension)
    return dimension.title if dimension else criterion.dimension
