"""An entry is taken out of the log, can be brought back for a while, and is then gone for good."""

from datetime import datetime, timedelta

from sqlalchemy import CursorResult, select
from sqlalchemy import delete as delete_
from sqlalchemy.ext.asyncio import AsyncSession

from db.entries import entries
from db.members import UserRef
from db.mentoring import shares
from db.models import Entry

UNDO_FOR = timedelta(minutes=10)


async def delete(session: AsyncSession, who: UserRef, entry_id: int, now: datetime) -> Entry | None:
    """The person's own entry, out of their log; the second time changes nothing. None: there is no such entry.

    The caller holds the member.
    """
    entry = await entries.lock(session, who, entry_id)
    if entry and not entry.deleted_at:
        entry.deleted_at = now
        await session.flush()
        await shares.revoke(session, entry, now)
    return entry


async def restore(session: AsyncSession, who: UserRef, entry_id: int, now: datetime) -> Entry | None:
    """The person's own entry, back in their log, private; the second time changes nothing. None: it is gone for good.

    What was written again from the same source meanwhile is there already, and is what is returned. The caller holds
    the member.
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
        delete_(Entry).where(Entry.deleted_at <= now - UNDO_FOR).execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)
    return result.rowcount
