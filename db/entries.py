"""The growth log."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ARRAY, BigInteger, Select, bindparam, delete, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.members import Who
from db.tables import Entry, EntryCriterion, EntryMessage, Member, Source, Workspace
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


async def by_source(session: AsyncSession, member: Member, source_key: str) -> Entry | None:
    """The newest entry of that key, deleted or not: a repetition does not bring back what was undone."""
    found: Entry | None = await session.scalar(
        select(Entry)
        .where(Entry.member_id == member.id, Entry.source_key == source_key)
        .order_by(Entry.id.desc())
        .limit(1)
    )
    return found


def _of(who: Who) -> Select[Entry]:
    return (
        select(Entry)
        .join(Member, Member.id == Entry.member_id)
        .join(Workspace, Workspace.id == Member.workspace_id)
        .where(Workspace.key == who.workspace, Member.slack_user == who.user)
    )


def _live(who: Who) -> Select[Entry]:
    return _of(who).where(Entry.deleted_at.is_(None))


async def find(session: AsyncSession, who: Who, entry_id: int) -> Entry | None:
    """The person's own entry, deleted or not."""
    found: Entry | None = await session.scalar(_of(who).where(Entry.id == entry_id))
    return found


async def lock(session: AsyncSession, who: Who, entry_id: int) -> Entry | None:
    """The person's own entry, deleted or not, held until the transaction ends."""
    found: Entry | None = await session.scalar(
        _of(who).where(Entry.id == entry_id).with_for_update(of=Entry, key_share=True)
    )
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


async def shown_at(session: AsyncSession, entry_id: int, channel: str, ts: str) -> None:
    """Remember that a message shows the entry."""
    row = {"entry_id": entry_id, "channel": channel, "ts": ts}
    await session.execute(insert(EntryMessage).values(row).on_conflict_do_nothing())


async def places(session: AsyncSession, entry_id: int) -> list[tuple[str, str]]:
    """Channel and ts of the messages that show the entry."""
    rows = await session.execute(select(EntryMessage.channel, EntryMessage.ts).where(EntryMessage.entry_id == entry_id))
    return [(row.channel, row.ts) for row in rows]


async def criteria_of(session: AsyncSession, entry_ids: Collection[int]) -> dict[int, list[str]]:
    """Entry id → the ids of the criteria that it is evidence of."""
    found: dict[int, list[str]] = {}
    for row in await _tags(session, entry_ids):
        found.setdefault(row.entry_id, []).append(row.criterion_id)
    return found


async def _tags(session: AsyncSession, entry_ids: Collection[int]) -> Sequence[EntryCriterion]:
    rows = await session.scalars(
        select(EntryCriterion).where(EntryCriterion.entry_id.in_(entry_ids)).order_by(EntryCriterion.criterion_id)
    )
    return rows.all()


async def newest(session: AsyncSession, who: Who, limit: int) -> Sequence[Entry]:
    """The person's entries, the latest first."""
    rows = await session.scalars(_live(who).order_by(Entry.happened_on.desc(), Entry.id.desc()).limit(limit))
    return rows.all()


async def on_criterion(session: AsyncSession, who: Who, criterion_id: str, limit: int) -> Sequence[Entry]:
    """The person's newest entries that are evidence of a criterion."""
    rows = await session.scalars(
        _live(who)
        .join(EntryCriterion, EntryCriterion.entry_id == Entry.id)
        .where(EntryCriterion.criterion_id == criterion_id)
        .order_by(Entry.happened_on.desc(), Entry.id.desc())
        .limit(limit)
    )
    return rows.all()


async def of_check_in(
    session: AsyncSession, check_in_id: int, *, deleted_after: datetime | None = None
) -> Entry | None:
    """The newest live answer to a check-in; without one, the newest that was deleted after an instant, if given."""
    live = Entry.deleted_at.is_(None)
    found: Entry | None = await session.scalar(
        select(Entry)
        .where(Entry.check_in_id == check_in_id, or_(live, Entry.deleted_at > deleted_after) if deleted_after else live)
        .order_by(live.desc(), Entry.id.desc())
        .limit(1)
    )
    return found


# One member after the other: for `= ANY(members)` Postgres reads everybody's criteria.
MEMBERS = func.unnest(bindparam("members", type_=ARRAY(BigInteger))).column_valued("whose")
TAGGED = (EntryCriterion.entry_id == Entry.id) & (EntryCriterion.member_id == Entry.member_id)
# Built once: `/ladder next` would spend as long on building it as Postgres on answering.
EVIDENCE = select(
    MEMBERS,
    select(EntryCriterion.criterion_id, func.count().label("count"), func.max(Entry.happened_on).label("latest"))
    .join(Entry, TAGGED)
    .where(Entry.member_id == MEMBERS, Entry.deleted_at.is_(None))
    .group_by(EntryCriterion.criterion_id)
    .lateral(),
)
REMEMBERED = select(
    MEMBERS,
    select(EntryCriterion.criterion_id, Entry.happened_on, func.left(Entry.what, QUOTABLE).label("words"), Entry.id)
    .join(Entry, TAGGED)
    .where(Entry.member_id == MEMBERS, Entry.deleted_at.is_(None), Entry.what != "")
    .ext(distinct_on(EntryCriterion.criterion_id))
    .order_by(EntryCriterion.criterion_id, Entry.happened_on.desc(), Entry.id.desc())
    .lateral(),
)


async def evidence(session: AsyncSession, member_ids: Collection[int]) -> dict[int, dict[str, Evidence]]:
    """Member id → criterion id → how much evidence there is and how fresh."""
    rows = await session.execute(EVIDENCE, {"members": list(member_ids)})
    found: dict[int, dict[str, Evidence]] = {}
    for member_id, criterion_id, count, latest in rows:
        found.setdefault(member_id, {})[criterion_id] = Evidence(count=count, latest=latest)
    return found


async def remembered(session: AsyncSession, member_ids: Collection[int]) -> dict[int, dict[str, Remembered]]:
    """Member id → criterion id → the newest entry on it, for a follow-up."""
    rows = await session.execute(REMEMBERED, {"members": list(member_ids)})
    found: dict[int, dict[str, Remembered]] = {}
    for member_id, criterion_id, on, text, entry_id in rows:
        found.setdefault(member_id, {})[criterion_id] = Remembered(on=on, text=text, entry=entry_id)
    return found
