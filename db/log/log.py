"""The growth log as its member looks through it: pages, the picture, the export."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSON, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from db.entries import search
from db.members import Who
from db.mentoring import comments, shares
from db.models import CheckIn, Entry, EntryCriterion, Member, Share, Workspace
from growth.errors import PersonError
from growth.sharing import Said
from growth.timeline import Week

COUNTED = 1000
BATCH = 200  # rows that are read before others get their turn
NEWEST_FIRST = (Entry.happened_on.desc(), Entry.id.desc())
OLDEST_FIRST = (Entry.happened_on, Entry.id)


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
    # The member's id goes in by value: by its statistics Postgres tells a long log from a short one, and either
    # walks the index in the list's order or begins with the words.
    passing = _passing(member.id, wanted)
    live = Entry.deleted_at.is_(None)
    listed = or_(live, Entry.deleted_at > deleted_after) if deleted_after else live
    order = OLDEST_FIRST if after else NEWEST_FIRST
    nearest = select(Entry).where(*passing, listed, *_beyond(before, after)).order_by(*order).limit(limit + 1)
    found = aliased(Entry, nearest.subquery())
    counted = (
        select(func.count().label("total"))
        .select_from(select(Entry.id).where(*passing, live).limit(COUNTED + 1).subquery())
        .subquery()
    )
    rows = (
        await session.execute(
            select(counted.c.total, found, _evidence_of(found.id))
            .join_from(counted, found, true(), isouter=True)
            .order_by(found.happened_on.desc(), found.id.desc())
        )
    ).all()
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


def _evidence_of(entry_id: ColumnElement[int] | InstrumentedAttribute[int]) -> ColumnElement[dict[str, str]]:
    """Criterion id → its sentence as it was when the entry was written."""
    tag = aggregate_order_by(EntryCriterion.sentence, EntryCriterion.criterion_id)
    tags = select(func.json_object_agg(EntryCriterion.criterion_id, tag, type_=JSON))
    return func.coalesce(tags.where(EntryCriterion.entry_id == entry_id).scalar_subquery(), cast({}, JSON))


def _beyond(before: Cursor | None, after: Cursor | None) -> list[ColumnElement[bool]]:
    place = tuple_(Entry.happened_on, Entry.id)
    if before:
        return [place < tuple_(literal(before.happened_on), before.id)]
    return [place > tuple_(literal(after.happened_on), after.id)] if after else []


def _member_id(who: Who) -> ScalarSelect[int]:
    return (
        select(Member.id)
        .join(Workspace, Workspace.id == Member.workspace_id)
        .where(Workspace.key == who.workspace, Member.slack_user == who.user)
        .scalar_subquery()
    )


def _live(who: Who) -> tuple[ColumnElement[bool], ...]:
    return (Entry.member_id == _member_id(who), Entry.deleted_at.is_(None))


def _passing(member_id: int, wanted: Filter) -> list[ColumnElement[bool]]:
    """What an entry has to be, except live."""
    conditions = [Entry.member_id == member_id]
    if wanted.criteria:
        tagged = select(EntryCriterion.entry_id).where(
            EntryCriterion.member_id == member_id, EntryCriterion.criterion_id.in_(wanted.criteria)
        )
        conditions.append(Entry.id.in_(tagged))
    if wanted.since:
        conditions.append(Entry.happened_on >= wanted.since)
    if wanted.check_in is not None:
        conditions.append(Entry.check_in_id.is_not(None) if wanted.check_in else Entry.check_in_id.is_(None))
    if wanted.shared is not None:
        live = exists().where(Share.mentee_id == member_id, Share.entry_id == Entry.id, Share.revoked_at.is_(None))
        conditions.append(live if wanted.shared else ~live)
    if wanted.words.strip():
        conditions.append(Entry.words.bool_op("@@")(search.query(wanted.words)))
    return conditions


async def weeks(session: AsyncSession, who: Who) -> list[Week]:
    """All the evidence, counted by criterion and ISO week."""
    rows = await session.execute(
        select(EntryCriterion.criterion_id, func.count(), func.max(Entry.happened_on))
        .join(Entry, (EntryCriterion.entry_id == Entry.id) & (EntryCriterion.member_id == Entry.member_id))
        .where(*_live(who))
        .group_by(EntryCriterion.criterion_id, func.date_trunc("week", cast(Entry.happened_on, sa.DateTime)))
    )
    return [Week(criterion, count, latest) for criterion, count, latest in rows]


async def everything(session: AsyncSession, who: Who) -> list[Exported]:
    """The whole log, newest first, in three statements, its rows in batches. Needs a transaction."""
    shared, said = await shares.live(session, who), await comments.on(session, who)
    columns = [getattr(Entry, each.name) for each in fields(Exported)[:-4]]
    rows = await session.stream(
        select(*columns, CheckIn.question, _evidence_of(Entry.id).label("evidence_of"))
        .outerjoin(CheckIn, CheckIn.id == Entry.check_in_id)
        .where(*_live(who))
        .order_by(*NEWEST_FIRST)
        .execution_options(yield_per=BATCH)
    )
    return [
        Exported(
            **row._mapping,
            readers=[each.user for each in shared.get(row.id, ())],
            comments=said.get(row.id, ()),
        )
        async for row in rows
    ]
