"""The statements that read a page of the growth log: one for each shape of its filter, built when it is first asked."""

from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Integer,
    Select,
    Text,
    bindparam,
    cast,
    exists,
    func,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSON, aggregate_order_by
from sqlalchemy.orm import InstrumentedAttribute, aliased

from db.engine import any_of
from db.entries import search
from db.entries.entries import LIVE, NEWEST_FIRST
from db.models import Entry, EntryCriterion, Share

OLDEST_FIRST = (Entry.happened_on, Entry.id)


def evidence_of(entry_id: ColumnElement[int] | InstrumentedAttribute[int]) -> ColumnElement[dict[str, str]]:
    """Criterion id → its sentence as it was when the entry was written."""
    tag = aggregate_order_by(EntryCriterion.sentence, EntryCriterion.criterion_id)
    tags = select(func.json_object_agg(EntryCriterion.criterion_id, tag, type_=JSON))
    return func.coalesce(tags.where(EntryCriterion.entry_id == entry_id).scalar_subquery(), cast({}, JSON))


class Shape(NamedTuple):
    """Which conditions a page has: those of its filter, on which side of its cursor it lies, and whether with deleted
    ones. `left_out` is the number of words that entries are not to have, none without a search.
    """

    criteria: bool
    since: bool
    check_in: bool | None
    shared: bool | None
    left_out: int | None
    before: bool
    after: bool
    deleted: bool


@lru_cache(maxsize=256)
def statement(shape: Shape) -> Select[Any]:
    """How many entries pass the filter, at most `counted`, beside each of the nearest to the cursor, if any."""
    passing = _passing(shape)
    listed = or_(LIVE, Entry.deleted_at > bindparam("deleted_after")) if shape.deleted else LIVE
    order = OLDEST_FIRST if shape.after else NEWEST_FIRST
    nearest = select(Entry).where(*passing, listed, *_beyond(shape)).order_by(*order)
    found = aliased(Entry, nearest.limit(bindparam("nearest", type_=Integer)).subquery())
    counted = (
        select(func.count().label("total"))
        .select_from(select(Entry.id).where(*passing, LIVE).limit(bindparam("counted", type_=Integer)).subquery())
        .subquery()
    )
    return (
        select(counted.c.total, found, evidence_of(found.id))
        .join_from(counted, found, true(), isouter=True)
        .order_by(found.happened_on.desc(), found.id.desc())
    )


def _beyond(shape: Shape) -> list[ColumnElement[bool]]:
    place = tuple_(Entry.happened_on, Entry.id)
    cursor = tuple_(bindparam("happened_on", type_=Date), bindparam("id", type_=BigInteger))
    if shape.before:
        return [place < cursor]
    return [place > cursor] if shape.after else []


def _passing(shape: Shape) -> list[ColumnElement[bool]]:
    """What an entry has to be, except live.

    Its member is known by id: by its statistics Postgres tells a long log from a short one, and either walks the index
    in the list's order or begins with the words.
    """
    member_id = bindparam("member", type_=BigInteger)
    conditions = [Entry.member_id == member_id]
    if shape.criteria:
        tagged = select(EntryCriterion.entry_id).where(
            EntryCriterion.member_id == member_id, EntryCriterion.criterion_id == any_of("criteria", Text)
        )
        conditions.append(Entry.id.in_(tagged))
    if shape.since:
        conditions.append(Entry.happened_on >= bindparam("since"))
    if shape.check_in is not None:
        conditions.append(Entry.check_in_id.is_not(None) if shape.check_in else Entry.check_in_id.is_(None))
    if shape.shared is not None:
        live = exists().where(Share.mentee_id == member_id, Share.entry_id == Entry.id, Share.revoked_at.is_(None))
        conditions.append(live if shape.shared else ~live)
    if shape.left_out is not None:
        conditions.append(Entry.words.bool_op("@@")(search.query(shape.left_out)))
    return conditions
