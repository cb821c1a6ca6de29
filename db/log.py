"""The growth log as its member looks through it: pages, words, the picture, the export; and what is taken out of it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import (
    ColumnElement,
    CursorResult,
    ScalarSelect,
    Text,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from db import entries, shares
from db.members import Who
from db.tables import CheckIn, Entry, EntryCriterion, Member, Share, Workspace
from growth.errors import PersonError

UNDO_FOR = timedelta(minutes=10)
COUNTED = 1000
NEWEST_FIRST = (Entry.happened_on.desc(), Entry.id.desc())
OLDEST_FIRST = (Entry.happened_on, Entry.id)


class ListMovedOn(PersonError):
    def __init__(self) -> None:
        super().__init__("I lost the place in that list. Type `/ladder logs` and it starts from the newest again.")


@dataclass(frozen=True)
class Filter:
    """Which entries to list. `since` and `until` are included; `words` is whatever a person typed to search for."""

    criterion: str | None = None
    since: date | None = None
    until: date | None = None
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
    """An entry and the ids of the criteria that it is evidence of."""

    entry: Entry
    criteria: Sequence[str]


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


@dataclass(frozen=True)
class Exported:
    """An entry with all that belongs to it. `evidence_of`: criterion id → its sentence as it was then.

    `readers` are the Slack ids of the mentors whom it is shared with.
    """

    entry: Entry
    question: str | None
    evidence_of: Mapping[str, str]
    readers: Sequence[str] = ()


async def page(
    session: AsyncSession,
    member: Member,
    filter: Filter,
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
    passing = _passing(member.id, filter)
    live = Entry.deleted_at.is_(None)
    listed = or_(live, Entry.deleted_at > deleted_after) if deleted_after else live
    order = OLDEST_FIRST if after else NEWEST_FIRST
    nearest = select(Entry).where(*passing, listed, *_beyond(before, after)).order_by(*order).limit(limit + 1)
    found = aliased(Entry, nearest.subquery())
    criteria = select(EntryCriterion.criterion_id).where(EntryCriterion.entry_id == found.id)
    counted = (
        select(func.count().label("total"))
        .select_from(select(Entry.id).where(*passing, live).limit(COUNTED + 1).subquery())
        .subquery()
    )
    rows = (
        await session.execute(
            select(counted.c.total, found, func.array(criteria.order_by(EntryCriterion.criterion_id).scalar_subquery()))
            .join_from(counted, found, true(), isouter=True)
            .order_by(found.happened_on.desc(), found.id.desc())
        )
    ).all()
    lines = [Line(entry, ids) for _, entry, ids in rows if entry]
    more = len(lines) > limit
    shown = lines[-limit:] if after else lines[:limit]
    older, newer = (True, more) if after else (more, before is not None)
    return Page(
        shown,
        next=Cursor.at(shown[-1].entry) if shown and older else None,
        previous=Cursor.at(shown[0].entry) if shown and newer else None,
        total=rows[0].total,
    )


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


def _passing(member_id: int, filter: Filter) -> list[ColumnElement[bool]]:
    """What an entry has to be, except live."""
    conditions = [Entry.member_id == member_id]
    if filter.criterion:
        tagged = select(EntryCriterion.entry_id).where(
            EntryCriterion.member_id == member_id, EntryCriterion.criterion_id == filter.criterion
        )
        conditions.append(Entry.id.in_(tagged))
    if filter.since:
        conditions.append(Entry.happened_on >= filter.since)
    if filter.until:
        conditions.append(Entry.happened_on <= filter.until)
    if filter.check_in is not None:
        conditions.append(Entry.check_in_id.is_not(None) if filter.check_in else Entry.check_in_id.is_(None))
    if filter.shared is not None:
        live = exists().where(Share.mentee_id == member_id, Share.entry_id == Entry.id, Share.revoked_at.is_(None))
        conditions.append(live if filter.shared else ~live)
    if filter.words.strip():
        conditions.append(Entry.words.bool_op("@@")(_query(filter.words)))
    return conditions


def _query(typed: str) -> ColumnElement[str]:
    """All the words, by their stems or as they are typed; the last one may be the beginning of a word."""
    words = typed.encode(errors="replace").decode().replace("\0", " ")  # Postgres takes neither half a pair nor NUL
    stems = func.websearch_to_tsquery("english", words)
    as_typed = cast(func.websearch_to_tsquery("simple", words), Text)
    begun = cast(func.regexp_replace(as_typed, "(^|[^!'])('[^']+')$", r"\1\2:*"), TSQUERY)
    return stems.op("||", return_type=TSQUERY())(begun)


async def delete(session: AsyncSession, who: Who, entry_id: int, now: datetime) -> Entry | None:
    """The person's own entry, out of their log; the second time changes nothing. None: there is no such entry."""
    entry = await entries.lock(session, who, entry_id)
    if entry and not entry.deleted_at:
        entry.deleted_at = now
        await session.flush()
        await shares.revoke(session, entry, now)
    return entry


async def restore(session: AsyncSession, who: Who, entry_id: int, now: datetime) -> Entry | None:
    """The person's own entry, back in their log, private; the second time changes nothing. None: it is gone for good.

    What was written again from the same source meanwhile is there already, and is what is returned.
    """
    entry = await entries.lock(session, who, entry_id)
    if entry is None or (entry.deleted_at and entry.deleted_at <= now - UNDO_FOR):
        return None
    same_source = (Entry.member_id == entry.member_id, Entry.source_key == entry.source_key)
    there: Entry | None = await session.scalar(select(Entry).where(*same_source, Entry.deleted_at.is_(None)))
    if there:
        return there
    entry.deleted_at = None
    await session.flush()
    return entry


async def purge(session: AsyncSession, now: datetime) -> int:
    """Remove for good what can no longer be restored; how many entries that were.

    With them go their source keys, which keep a repetition from bringing them back: Slack repeats for minutes only.
    """
    result = await session.execute(
        sa.delete(Entry).where(Entry.deleted_at <= now - UNDO_FOR).execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)
    return result.rowcount


async def dated(session: AsyncSession, who: Who, since: date) -> list[tuple[str, date]]:
    """Criterion id and day of all the evidence since that day, oldest first."""
    rows = await session.execute(
        select(EntryCriterion.criterion_id, Entry.happened_on)
        .join(Entry, Entry.id == EntryCriterion.entry_id)
        .where(*_live(who), Entry.happened_on >= since)
        .order_by(Entry.happened_on, Entry.id, EntryCriterion.criterion_id)
    )
    return [(criterion_id, on) for criterion_id, on in rows]


async def everything(session: AsyncSession, who: Who) -> list[Exported]:
    """The whole log, newest first, in three statements."""
    shared = await shares.live(session, who)
    tags = await session.execute(
        select(EntryCriterion.entry_id, EntryCriterion.criterion_id, EntryCriterion.sentence)
        .join(Entry, Entry.id == EntryCriterion.entry_id)
        .where(*_live(who))
        .order_by(EntryCriterion.criterion_id)
    )
    evidence_of: dict[int, dict[str, str]] = {}
    for entry_id, criterion_id, sentence in tags:
        evidence_of.setdefault(entry_id, {})[criterion_id] = sentence
    rows = await session.execute(
        select(Entry, CheckIn.question)
        .outerjoin(CheckIn, CheckIn.id == Entry.check_in_id)
        .where(*_live(who))
        .order_by(*NEWEST_FIRST)
    )
    return [
        Exported(entry, question, evidence_of.get(entry.id, {}), [each.user for each in shared.get(entry.id, ())])
        for entry, question in rows
    ]
