"""The growth log."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Integer, Text, bindparam, delete, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import any_of, array_of
from db.enums import Source
from db.members import UserRef, of_person
from db.models import Entry, EntryCriterion, Member
from db.workspaces import workspaces
from growth.coverage import Evidence
from growth.selection import Remembered

QUOTABLE = 400  # characters, of which a follow-up quotes the beginning


@dataclass(frozen=True)
class NewEntry:
    """What a person wrote. `source_key` names the interaction, so that its repetition writes nothing."""

    what: str
    happened_on: date
    source: Source
    source_key: str
    impact: str | None = None
    check_in_id: int | None = None
    links: Sequence[str] = ()
    snippet: str | None = None
    snippet_author: str | None = None
    permalink: str | None = None


async def add(session: AsyncSession, member: Member, new: NewEntry, now: datetime) -> Entry:
    """Write an entry. There is none of its source key but deleted ones, and the caller holds the member."""
    entry = Entry(member_id=member.id, created_at=now, **vars(new) | {"links": list(new.links)})
    session.add(entry)
    await session.flush()
    return entry


OF_SOURCE = (
    select(Entry)
    .where(Entry.member_id == bindparam("member"), Entry.source_key == bindparam("source_key"))
    .order_by(Entry.id.desc())
    .limit(1)
)


async def by_source(session: AsyncSession, member: Member, source_key: str) -> Entry | None:
    """The newest entry of that key, deleted or not: a repetition does not bring back what was undone."""
    found: Entry | None = await session.scalar(OF_SOURCE, {"member": member.id, "source_key": source_key})
    return found


LIVE = Entry.deleted_at.is_(None)
NEWEST_FIRST = (Entry.happened_on.desc(), Entry.id.desc())
OWN = of_person(select(Entry).join(Member, Member.id == Entry.member_id))
ONE = OWN.where(Entry.id == bindparam("id"))
ONE_HELD = ONE.with_for_update(of=Entry, key_share=True)


async def get(session: AsyncSession, who: UserRef, entry_id: int) -> Entry | None:
    """The person's own entry, deleted or not."""
    found: Entry | None = await session.scalar(ONE, {**who._asdict(), "id": entry_id})
    return found


async def lock(session: AsyncSession, who: UserRef, entry_id: int) -> Entry | None:
    """The person's own entry, deleted or not, held until the transaction ends."""
    found: Entry | None = await session.scalar(ONE_HELD, {**who._asdict(), "id": entry_id})
    return found


async def tag(session: AsyncSession, entry: Entry, sentences: Mapping[str, str]) -> None:
    """Make the entry evidence of these criteria too: id → the criterion's sentence as it is now.

    Where it is evidence already, the sentence stays as it was.
    """
    about = {"entry_id": entry.id, "member_id": entry.member_id}
    rows = [{**about, "criterion_id": id_, "sentence": sentence} for id_, sentence in sentences.items()]
    if rows:
        await session.execute(insert(EntryCriterion).values(rows).on_conflict_do_nothing())


async def untag(session: AsyncSession, entry: Entry, criteria: Collection[str]) -> None:
    """Make the entry evidence of these criteria no more."""
    if criteria:
        await session.execute(
            delete(EntryCriterion).where(EntryCriterion.entry_id == entry.id, EntryCriterion.criterion_id.in_(criteria))
        )


CRITERIA = (
    select(EntryCriterion.entry_id, EntryCriterion.criterion_id)
    .join(Member, Member.id == EntryCriterion.member_id)
    .where(Member.workspace_id == workspaces.HERE, EntryCriterion.entry_id == any_of("entries"))
    .order_by(EntryCriterion.criterion_id)
)


async def criteria_of(session: AsyncSession, workspace: str, entry_ids: Collection[int]) -> dict[int, list[str]]:
    """Entry id → the ids of the criteria that it is evidence of, of the entries that are there."""
    found: dict[int, list[str]] = {}
    if entry_ids:
        rows = await session.execute(CRITERIA, {"workspace": workspace, "entries": array_of(entry_ids)})
        for entry_id, criterion_id in rows:
            found.setdefault(entry_id, []).append(criterion_id)
    return found


NEWEST = OWN.where(LIVE).order_by(*NEWEST_FIRST).limit(bindparam("limit", type_=Integer))


async def newest(session: AsyncSession, who: UserRef, limit: int) -> Sequence[Entry]:
    """The person's entries, the latest first."""
    rows = await session.scalars(NEWEST, {**who._asdict(), "limit": limit})
    return rows.all()


TAGGED = select(EntryCriterion.entry_id).where(
    EntryCriterion.criterion_id == any_of("criteria", Text), EntryCriterion.member_id == Entry.member_id
)
NEWEST_ON_CRITERIA = NEWEST.where(Entry.id.in_(TAGGED))


async def on_criteria(session: AsyncSession, who: UserRef, criteria: Collection[str], limit: int) -> Sequence[Entry]:
    """The person's newest entries that are evidence of any of these criteria."""
    if not criteria:
        return ()
    wanted = {"criteria": array_of(criteria), "limit": limit}
    rows = await session.scalars(NEWEST_ON_CRITERIA, {**who._asdict(), **wanted})
    return rows.all()


ANSWERS = OWN.where(Entry.check_in_id == bindparam("check_in")).order_by(LIVE.desc(), Entry.id.desc()).limit(1)
LIVE_ANSWER = ANSWERS.where(LIVE)
ANSWER_TO_RESTORE = ANSWERS.where(or_(LIVE, Entry.deleted_at > bindparam("deleted_after")))


async def of_check_in(
    session: AsyncSession, who: UserRef, check_in_id: int, *, deleted_after: datetime | None = None
) -> Entry | None:
    """The person's newest live answer to a check-in; without one, the newest deleted after an instant, if given."""
    statement = ANSWER_TO_RESTORE if deleted_after else LIVE_ANSWER
    wanted = {"check_in": check_in_id, "deleted_after": deleted_after}
    found: Entry | None = await session.scalar(statement, {**who._asdict(), **wanted})
    return found


# One member after the other, as for `= ANY(members)` Postgres reads everybody's criteria; and one row each, as rows of
# Python's are what takes the time.
EVIDENCE = text("""
    SELECT wanted.id, known.criteria, known.counts, known.latest
      FROM unnest(CAST(:members AS bigint[])) AS wanted (id)
     CROSS JOIN LATERAL (
           SELECT array_agg(criterion_id) AS criteria, array_agg(count) AS counts, array_agg(latest) AS latest
             FROM (SELECT c.criterion_id, count(*) AS count, max(e.happened_on) AS latest
                     FROM entry_criteria c JOIN entries e ON e.id = c.entry_id AND e.member_id = c.member_id
                    WHERE e.member_id = wanted.id AND e.deleted_at IS NULL
                    GROUP BY c.criterion_id) AS each
           ) AS known
     WHERE known.criteria IS NOT NULL
""").columns()  # a SELECT: read sessions ask
REMEMBERED = text("""
    SELECT wanted.member_id, newest.happened_on, newest.words, newest.id
      FROM unnest(CAST(:members AS bigint[]), CAST(:criteria AS text[])) AS wanted (member_id, criterion_id)
     CROSS JOIN LATERAL (
           SELECT e.happened_on, left(e.what, :quotable) AS words, e.id
             FROM (SELECT entry_id, member_id
                     FROM entry_criteria
                    WHERE member_id = wanted.member_id AND criterion_id = wanted.criterion_id
                   OFFSET 0) AS c
             JOIN entries e ON e.id = c.entry_id AND e.member_id = c.member_id
            WHERE e.deleted_at IS NULL AND e.what <> ''
            ORDER BY e.happened_on DESC, e.id DESC
            LIMIT 1
           ) AS newest
""").columns()  # a SELECT: read sessions ask


async def evidence(session: AsyncSession, member_ids: Collection[int]) -> dict[int, dict[str, Evidence]]:
    """Member id → criterion id → how much evidence there is and how fresh."""
    if not member_ids:
        return {}
    rows = await session.execute(EVIDENCE, {"members": array_of(member_ids)})
    return {
        id_: dict(zip(criteria, map(Evidence, counts, dates), strict=True))
        for id_, criteria, counts, dates in rows.all()
    }


async def remembered(session: AsyncSession, wanted: Mapping[int, str]) -> dict[int, Remembered]:
    """Member id → the newest entry on the criterion that is wanted of that member, for a follow-up."""
    if not wanted:
        return {}
    rows = await session.execute(
        REMEMBERED, {"members": array_of(wanted), "criteria": array_of(wanted.values()), "quotable": QUOTABLE}
    )
    return {member_id: Remembered(on, words, entry_id) for member_id, on, words, entry_id in rows.all()}
