"""What mentors say to entries: kept with the entry, and told to its member."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from db.enums import DeliveryKind
from db.members import Who
from db.models import Comment, Entry, Member, Workspace
from db.outbox import outbox
from db.outbox.outbox import NewDelivery
from db.workspaces import workspaces
from growth.sharing import Said

KUDOS = "kudos"  # the source key of the one that each mentor has for an entry
AUTHOR = aliased(Member)


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
    member_id = await session.scalar(select(Entry.member_id).where(Entry.id == entry_id))
    if id_ and member_id:
        await outbox.enqueue(session, [NewDelivery(member_id, DeliveryKind.COMMENT, id_, str(id_))])


async def of_source(session: AsyncSession, who: Who, source_key: str) -> Sequence[Comment]:
    """What the person has said by that key."""
    rows = await session.scalars(
        select(Comment)
        .join(Member, Member.id == Comment.author_id)
        .join(Workspace, Workspace.id == Member.workspace_id)
        .where(Workspace.key == who.workspace, Member.slack_user == who.user, Comment.source_key == source_key)
        .order_by(Comment.id)
    )
    return rows.all()


async def on(session: AsyncSession, who: Who, entry_ids: Collection[int] | None = None) -> dict[int, list[Said]]:
    """Entry id → what was said to that entry of the person's; to all their entries, where none are named."""
    comments = (
        select(Comment.entry_id, AUTHOR.slack_user, Comment.words, Comment.written_at)
        .join(Entry, Entry.id == Comment.entry_id)
        .join(Member, Member.id == Entry.member_id)
        .join(Workspace, Workspace.id == Member.workspace_id)
        .outerjoin(AUTHOR, AUTHOR.id == Comment.author_id)
        .where(Workspace.key == who.workspace, Member.slack_user == who.user)
        .order_by(Comment.id)
    )
    if entry_ids is not None:
        comments = comments.where(Comment.entry_id.in_(entry_ids))
    found: dict[int, list[Said]] = {}
    for entry_id, user, words, at in await session.execute(comments):
        found.setdefault(entry_id, []).append(Said(user, words, at))
    return found


class ToTell(NamedTuple):
    """Something that was said to an entry, for its member, whose zone it is."""

    said: Said
    entry: Entry
    tz: str


async def to_tell(session: AsyncSession, workspace: str, ids: Collection[int]) -> dict[int, ToTell]:
    """Comment id → what its message tells, of entries that are in their member's log."""
    return await _told(session, workspace, Comment.id.in_(ids), Entry.deleted_at.is_(None))


async def told_of(session: AsyncSession, workspace: str, entry_id: int) -> dict[int, ToTell]:
    """Comment id → what its message tells, of an entry that may be deleted."""
    return await _told(session, workspace, Comment.entry_id == entry_id)


async def told(session: AsyncSession, workspace: str, comment_id: int) -> ToTell | None:
    """What the message of that comment tells, of an entry that may be deleted."""
    return (await _told(session, workspace, Comment.id == comment_id)).get(comment_id)


async def _told(session: AsyncSession, workspace: str, *which: ColumnElement[bool]) -> dict[int, ToTell]:
    rows = await session.execute(
        select(Comment.id, AUTHOR.slack_user, Comment.words, Comment.written_at, Entry, Member.tz)
        .join(Entry, Entry.id == Comment.entry_id)
        .join(Member, Member.id == Entry.member_id)
        .outerjoin(AUTHOR, AUTHOR.id == Comment.author_id)
        .where(Member.workspace_id == workspaces.here(workspace), Member.active, *which)
    )
    return {id_: ToTell(Said(user, words, at), entry, tz) for id_, user, words, at, entry, tz in rows}
