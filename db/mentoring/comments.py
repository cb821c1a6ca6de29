"""What mentors say to entries: kept with the entry, and told to its member."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from db.engine import any_of, array_of
from db.enums import DeliveryKind
from db.members import UserRef, of_person
from db.models import Comment, Entry, Member
from db.outbox import outbox
from db.outbox.outbox import NewDelivery
from db.workspaces import workspaces
from growth.sharing import Said

KUDOS = "kudos"  # the source key of the one that each mentor has for an entry
AUTHOR = aliased(Member)


WHOSE = select(Entry.member_id).where(Entry.id == bindparam("id"))


async def add(
    session: AsyncSession, author_id: int, entry_id: int, words: str | None, source_key: str, now: datetime
) -> None:
    """Keep words, or kudos where there are none, and tell the entry's member; once for each source key."""
    id_ = await session.scalar(
        insert(Comment)
        .values(entry_id=entry_id, author_id=author_id, words=words, source_key=source_key, written_at=now)
        .on_conflict_do_nothing(index_elements=["entry_id", "author_id", "source_key"])
        .returning(Comment.id)
    )
    member_id = await session.scalar(WHOSE, {"id": entry_id})
    if id_ and member_id:
        await outbox.enqueue(session, [NewDelivery(member_id, DeliveryKind.COMMENT, id_, str(id_))])


OF_SOURCE = of_person(
    select(Comment)
    .join(Member, Member.id == Comment.author_id)
    .where(Comment.source_key == bindparam("source_key"))
    .order_by(Comment.id)
)


async def of_source(session: AsyncSession, who: UserRef, source_key: str) -> Sequence[Comment]:
    """What the person has said by that key."""
    rows = await session.scalars(OF_SOURCE, {**who._asdict(), "source_key": source_key})
    return rows.all()


SAID = of_person(
    select(Comment.entry_id, AUTHOR.slack_user, Comment.words, Comment.written_at)
    .join(Entry, Entry.id == Comment.entry_id)
    .join(Member, Member.id == Entry.member_id)
    .outerjoin(AUTHOR, AUTHOR.id == Comment.author_id)
    .order_by(Comment.id)
)
SAID_TO_ENTRIES = SAID.where(Comment.entry_id == any_of("entries"))


async def on(session: AsyncSession, who: UserRef, entry_ids: Collection[int] | None = None) -> dict[int, list[Said]]:
    """Entry id → what was said to that entry of the person's; to all their entries, where none are named."""
    if entry_ids is not None and not entry_ids:
        return {}
    statement = SAID if entry_ids is None else SAID_TO_ENTRIES
    rows = await session.execute(statement, {**who._asdict(), "entries": array_of(entry_ids or ())})
    found: dict[int, list[Said]] = {}
    for entry_id, user, words, at in rows:
        found.setdefault(entry_id, []).append(Said(user, words, at))
    return found


class ToTell(NamedTuple):
    """Something that was said to an entry, for its member, whose zone it is."""

    said: Said
    entry: Entry
    tz: str


TOLD = (
    select(Comment.id, AUTHOR.slack_user, Comment.words, Comment.written_at, Entry, Member.tz)
    .join(Entry, Entry.id == Comment.entry_id)
    .join(Member, Member.id == Entry.member_id)
    .outerjoin(AUTHOR, AUTHOR.id == Comment.author_id)
    .where(Member.workspace_id == workspaces.HERE, Member.active)
)
THESE = TOLD.where(Comment.id == any_of("ids"))
THESE_OF_LIVE_ENTRIES = THESE.where(Entry.deleted_at.is_(None))


async def to_tell(session: AsyncSession, workspace: str, ids: Collection[int]) -> dict[int, ToTell]:
    """Comment id → what its message tells, of entries that are in their member's log."""
    values = {"workspace": workspace, "ids": array_of(ids)}
    return await _told(session, THESE_OF_LIVE_ENTRIES, values) if ids else {}


async def told(session: AsyncSession, workspace: str, comment_id: int) -> ToTell | None:
    """What the message of that comment tells, of an entry that may be deleted."""
    values = {"workspace": workspace, "ids": array_of([comment_id])}
    return (await _told(session, THESE, values)).get(comment_id)


Told = Select[int, str, str | None, datetime, Entry, str]


async def _told(session: AsyncSession, statement: Told, values: dict[str, Any]) -> dict[int, ToTell]:
    rows = await session.execute(statement, values)
    return {id_: ToTell(Said(user, words, at), entry, tz) for id_, user, words, at, entry, tz in rows}
