"""The growth log as its member looks through it: pages, the picture, the export."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime

from sqlalchemy import (
    DateTime,
    cast,
    func,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession

from db import members
from db.engine import array_of
from db.entries import search
from db.entries.entries import LIVE, NEWEST_FIRST
from db.log import pages
from db.members import UserRef
from db.mentoring import comments, shares
from db.models import CheckIn, Entry, EntryCriterion, Member
from growth.errors import PersonError
from growth.sharing import Said
from growth.timeline import Week

COUNTED = 1000
BATCH = 200  # rows that are read before others get their turn


class ListMovedOn(PersonError):
    def __init__(self) -> None:
        super().__init__("I lost the place in that list. Type `/ladder logs` and it starts from the newest again.")


@dataclass(frozen=True)
class Filter:
    """Which entries to list: evidence of any of `criteria`, if there are some; `since` is included.

    `words` is whatever a person typed to search for.
    """

    criteria: Sequence[str] = ()
    since: date | None = None
    check_in: bool | None = None
    words: str = ""
    shared: bool | None = None


@dataclass(frozen=True)
class Cursor:
    """An entry's place in the list, from which the next page goes on."""

    happened_on: date
    id: int

    def encode(self) -> str:
        """A button's value, under 32 characters."""
        return f"{self.happened_on.isoformat()}.{self.id}"

    @classmethod
    def at(cls, entry: Entry) -> "Cursor":
        return cls(entry.happened_on, entry.id)

    @classmethod
    def decode(cls, value: str) -> "Cursor":
        """What `encode` made. Raises ListMovedOn for anything else."""
        parts = re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\.([0-9]{1,18})", value)
        if not parts:
            raise ListMovedOn
        try:
            return cls(date.fromisoformat(parts[1]), int(parts[2]))
        except ValueError as error:
            raise ListMovedOn from error


@dataclass(frozen=True)
class Line:
    """An entry. `evidence_of`: criterion id → its sentence as it was then."""

    entry: Entry
    evidence_of: Mapping[str, str]


@dataclass(frozen=True)
class Page:
    """Some of the entries that pass a filter, newest first. `total` is over COUNTED when there are more than that.

    `next` goes on to the older ones, `previous` back to the newer ones.
    """

    lines: Sequence[Line]
    next: Cursor | None
    previous: Cursor | None
    total: int


NOTHING = Page((), None, None, 0)


@dataclass(frozen=True, slots=True)
class Exported:
    """An entry with all that belongs to it. `evidence_of`: criterion id → its sentence as it was then.

    `readers` are the Slack ids of the mentors whom it is shared with, `comments` what they said to it.
    """

    id: int
    happened_on: date
    what: str
    impact: str | None
    links: Sequence[str]
    snippet: str | None
    snippet_author: str | None
    permalink: str | None
    created_at: datetime
    edited_at: datetime | None
    question: str | None
    evidence_of: Mapping[str, str]
    readers: Sequence[str] = ()
    comments: Sequence[Said] = ()


async def page(
    session: AsyncSession,
    member: Member,
    wanted: Filter,
    *,
    before: Cursor | None = None,
    after: Cursor | None = None,
    limit: int,
    deleted_after: datetime | None = None,
) -> Page:
    """The entries next before one cursor or next after the other, in one statement.

    Those deleted after an instant keep their place if one is given; they do not count in the total.
    """
    words, place = search.words(wanted.words), before or after
    shape = pages.Shape(
        bool(wanted.criteria),
        wanted.since is not None,
        wanted.check_in,
        wanted.shared,
        len(words.left_out) if wanted.words.strip() else None,
        bool(before),
        bool(after),
        deleted_after is not None,
    )
    values = {
        "member": member.id,
        "criteria": array_of(wanted.criteria),
        "since": wanted.since,
        "happened_on": place and place.happened_on,
        "id": place and place.id,
        "deleted_after": deleted_after,
        "nearest": limit + 1,
        "counted": COUNTED + 1,
        **words.values(),
    }
    rows = (await session.execute(pages.statement(shape), values)).all()
    lines = [Line(entry, evidence_of) for _, entry, evidence_of in rows if entry]
    more = len(lines) > limit
    shown = lines[-limit:] if after else lines[:limit]
    older, newer = (True, more) if after else (more, before is not None)
    return Page(
        shown,
        next=Cursor.at(shown[-1].entry) if shown and older else None,
        previous=Cursor.at(shown[0].entry) if shown and newer else None,
        total=rows[0].total,
    )


OWN = (Entry.member_id == members.ID, LIVE)
WEEKS = (
    select(EntryCriterion.criterion_id, func.count(), func.max(Entry.happened_on))
    .join(Entry, (EntryCriterion.entry_id == Entry.id) & (EntryCriterion.member_id == Entry.member_id))
    .where(*OWN)
    .group_by(EntryCriterion.criterion_id, func.date_trunc("week", cast(Entry.happened_on, DateTime)))
)


async def weeks(session: AsyncSession, who: UserRef) -> list[Week]:
    """All the evidence, counted by criterion and ISO week."""
    rows = await session.execute(WEEKS, who._asdict())
    return [Week(criterion, count, latest) for criterion, count, latest in rows]


EVERYTHING = (
    select(
        *(getattr(Entry, each.name) for each in fields(Exported)[:-4]),
        CheckIn.question,
        pages.evidence_of(Entry.id).label("evidence_of"),
    )
    .outerjoin(CheckIn, CheckIn.id == Entry.check_in_id)
    .where(*OWN)
    .order_by(*NEWEST_FIRST)
    .execution_options(yield_per=BATCH)
)


async def everything(session: AsyncSession, who: UserRef) -> list[Exported]:
    """The whole log, newest first, in three statements, its rows in batches. Needs a transaction."""
    shared, said = await shares.live(session, who), await comments.on(session, who)
    rows = await session.stream(EVERYTHING, who._asdict())
    return [
        Exported(
            **row._mapping,
            readers=[each.user for each in shared.get(row.id, ())],
            comments=said.get(row.id, ()),
        )
        async for row in rows
    ]
