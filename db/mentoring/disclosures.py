"""What a mentor may read now, decided here alone, and what they were shown.

Whatever shows an entry to anybody but its member begins with `_may_read`, and writes a disclosure in the same
transaction. The shares are held meanwhile: who takes one back waits, and then knows what was seen.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, delete, exists, func, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from db.entries import entries
from db.enums import Surface
from db.members import Who
from db.mentoring.mentorships import MENTEE, MENTOR
from db.models import Comment, Disclosure, Entry, EntryCriterion, Member, Mentorship, Share, Workspace
from db.workspaces import workspaces
from growth.digest import Item
from growth.mentoring import MentorshipState
from growth.sharing import REGRET, Seen

NEW = ~exists().where(Disclosure.entry_id == Entry.id, Disclosure.viewer_id == MENTOR.id, Disclosure.certain)


def _may_read(now: datetime, *columns: Any) -> Select[Any]:
    """Of the entries that mentors may read at that instant, these columns."""
    return (
        select(*columns)
        .select_from(Share)
        .join(Entry, Entry.id == Share.entry_id)
        .join(Mentorship, Mentorship.id == Share.mentorship_id)
        .join(MENTOR, MENTOR.id == Mentorship.mentor_id)
        .join(MENTEE, MENTEE.id == Mentorship.mentee_id)
        .join(Workspace, Workspace.id == MENTOR.workspace_id)
        .where(Share.revoked_at.is_(None), Share.shared_at <= now - REGRET, Entry.deleted_at.is_(None))
        .where(Mentorship.state == MentorshipState.ACTIVE, MENTOR.active, MENTEE.active)
    )


def _as_read_by(mentor: Who, now: datetime, *columns: Any) -> Select[Any]:
    return _may_read(now, *columns).where(Workspace.key == mentor.workspace, MENTOR.slack_user == mentor.user)


async def news(session: AsyncSession, mentor: Who, now: datetime) -> dict[int, list[int]]:
    """Mentorship id → the entries that the mentor may read and has not seen yet, the latest first."""
    rows = await session.execute(
        _as_read_by(mentor, now, Mentorship.id, Entry.id)
        .where(NEW)
        .order_by(Mentorship.accepted_at, Mentorship.id, Entry.happened_on.desc(), Entry.id.desc())
    )
    found: dict[int, list[int]] = {}
    for mentorship_id, entry_id in rows:
        found.setdefault(mentorship_id, []).append(entry_id)
    return found


async def with_news(session: AsyncSession, mentor_ids: Collection[int], now: datetime) -> set[int]:
    """Which of these members have something new to read."""
    return set(await session.scalars(_may_read(now, MENTOR.id).where(MENTOR.id.in_(mentor_ids), NEW).distinct()))


async def lately(session: AsyncSession, mentor: Who, since: datetime, now: datetime) -> dict[int, set[str]]:
    """Mentorship id → the criteria of what was shared since then, of what the mentor may read."""
    rows = await session.execute(
        _as_read_by(mentor, now, Mentorship.id, EntryCriterion.criterion_id)
        .join(EntryCriterion, EntryCriterion.entry_id == Entry.id)
        .where(Share.shared_at >= since)
        .distinct()
    )
    found: dict[int, set[str]] = {}
    for mentorship_id, criterion_id in rows:
        found.setdefault(mentorship_id, set()).add(criterion_id)
    return found


async def readable(session: AsyncSession, mentor: Who, entry_ids: Collection[int], now: datetime) -> list[Item]:
    """Those of the entries that the mentor may read, the latest first."""
    return await _items(session, mentor, now, Entry.id.in_(entry_ids))


class Page(NamedTuple):
    """What a mentee shares with a mentor, newest first, and the number of entries that come after these."""

    items: Sequence[Item]
    more: int


async def page(session: AsyncSession, mentor: Who, mentorship_id: int, now: datetime, *, skip: int, limit: int) -> Page:
    """A page of all that the mentor may read by a mentorship."""
    here = Mentorship.id == mentorship_id
    total = await session.scalar(_as_read_by(mentor, now, func.count()).where(here)) or 0
    items = await _items(session, mentor, now, here, skip=skip, limit=limit)
    return Page(items, max(0, total - skip - len(items)))


async def _items(
    session: AsyncSession,
    mentor: Who,
    now: datetime,
    which: ColumnElement[bool],
    *,
    skip: int = 0,
    limit: int | None = None,
) -> list[Item]:
    kudos = exists().where(Comment.entry_id == Entry.id, Comment.author_id == MENTOR.id, Comment.words.is_(None))
    rows = (
        await session.execute(
            _as_read_by(mentor, now, Entry, Mentorship.id, MENTEE.slack_user, kudos)
            .where(which)
            .order_by(Entry.happened_on.desc(), Entry.id.desc())
            .offset(skip)
            .limit(limit)
            .with_for_update(read=True, of=Share)
        )
    ).all()
    criteria = await entries.criteria_of(session, mentor.workspace, [entry.id for entry, *_ in rows])
    return [
        Item(
            entry.id,
            mentorship_id,
            user,
            entry.what,
            entry.impact,
            [*entry.links, *([entry.permalink] if entry.permalink else [])],
            entry.happened_on,
            criteria.get(entry.id, ()),
            given,
        )
        for entry, mentorship_id, user, given in rows
    ]


async def disclose(
    session: AsyncSession,
    mentor: Who,
    entry_ids: Collection[int],
    through: Surface,
    now: datetime,
    digest_id: int | None = None,
) -> list[int]:
    """Write down what the mentor is about to be shown; the disclosures, none of them certain yet."""
    viewer = (
        select(Member.id)
        .join(Workspace, Workspace.id == Member.workspace_id)
        .where(Workspace.key == mentor.workspace, Member.slack_user == mentor.user)
        .scalar_subquery()
    )
    rows = [{"entry_id": id_, "through": through, "shown_at": now, "digest_id": digest_id} for id_ in entry_ids]
    if not rows:
        return []
    written = insert(Disclosure).values([{**row, "viewer_id": viewer} for row in rows]).returning(Disclosure.id)
    return list(await session.scalars(written))


async def untold(session: AsyncSession, digest_id: int, entry_ids: Collection[int]) -> list[int]:
    """Those of the entries that the digest has not been written down as showing since they were edited last."""
    told = exists().where(
        Disclosure.digest_id == digest_id,
        Disclosure.entry_id == Entry.id,
        Disclosure.shown_at >= func.coalesce(Entry.edited_at, Disclosure.shown_at),
    )
    return list(await session.scalars(select(Entry.id).where(Entry.id.in_(entry_ids), ~told).order_by(Entry.id)))


async def confirm(session: AsyncSession, disclosure_ids: Collection[int]) -> None:
    """Slack has shown it."""
    await session.execute(
        update(Disclosure)
        .where(Disclosure.id.in_(disclosure_ids))
        .values(certain=True)
        .execution_options(synchronize_session=False)
    )


async def of_digest(session: AsyncSession, digest_id: int) -> set[int]:
    """The entries that a digest shows, or showed."""
    return set(await session.scalars(select(Disclosure.entry_id).where(Disclosure.digest_id == digest_id).distinct()))


async def were_shown(session: AsyncSession, digest_id: int) -> None:
    """The mentor has what the digest shows."""
    await session.execute(
        update(Disclosure)
        .where(Disclosure.digest_id == digest_id, ~Disclosure.certain)
        .values(certain=True)
        .execution_options(synchronize_session=False)
    )


async def were_not_shown(session: AsyncSession, digest_id: int) -> None:
    """What was written down as about to be shown is not there to frighten anybody; the next attempt writes it anew."""
    about_to_be = (Disclosure.digest_id == digest_id) & ~Disclosure.certain
    await session.execute(delete(Disclosure).where(about_to_be).execution_options(synchronize_session=False))


async def shown_by(session: AsyncSession, workspace: str, mentorship_ids: Collection[int]) -> dict[int, int]:
    """Mentorship id → how many of the mentee's entries, be they deleted since, that mentor was ever shown."""
    rows = await session.execute(
        select(Mentorship.id, func.count(Disclosure.entry_id.distinct()))
        .join(Entry, Entry.member_id == Mentorship.mentee_id)
        .join(Disclosure, (Disclosure.entry_id == Entry.id) & (Disclosure.viewer_id == Mentorship.mentor_id))
        .join(Member, Member.id == Mentorship.mentor_id)
        .where(Member.workspace_id == workspaces.here(workspace), Mentorship.id.in_(mentorship_ids))
        .group_by(Mentorship.id)
    )
    return {id_: entries for id_, entries in rows}


async def seen(session: AsyncSession, who: Who, entry_ids: Collection[int]) -> dict[int, list[Seen]]:
    """Entry id → who was shown that entry of the person's, the first one first."""
    found: dict[int, list[Seen]] = {}
    for row in await session.execute(_seen(who).where(Disclosure.entry_id.in_(entry_ids)).order_by("first")):
        found.setdefault(row.entry_id, []).append(Seen(row.slack_user, row.first, row.last, row.certain))
    return found


class Shown(NamedTuple):
    """An entry of the person's was shown to somebody. `place` is where a list goes on after this line."""

    entry: Entry
    seen: Seen
    place: int


async def all_seen(session: AsyncSession, who: Who, *, before: int | None = None, limit: int) -> list[Shown]:
    """What of the person's was shown to whom, the last first."""
    newest = func.max(Disclosure.id)
    rows = await session.execute(
        _seen(who).having(newest < before if before else true()).order_by(newest.desc()).limit(limit)
    )
    lines = rows.all()
    found = {
        entry.id: entry
        for entry in await session.scalars(select(Entry).where(Entry.id.in_([line.entry_id for line in lines])))
    }
    return [
        Shown(found[line.entry_id], Seen(line.slack_user, line.first, line.last, line.certain), line.place)
        for line in lines
    ]


def _seen(who: Who) -> Select[Any]:
    viewer, member = aliased(Member), aliased(Member)
    at, certain = Disclosure.shown_at, Disclosure.certain
    return (
        select(
            Disclosure.entry_id,
            viewer.slack_user,
            func.coalesce(func.min(at).filter(certain), func.min(at)).label("first"),
            func.coalesce(func.max(at).filter(certain), func.max(at)).label("last"),
            func.bool_or(certain).label("certain"),
            func.max(Disclosure.id).label("place"),
        )
        .join(Entry, Entry.id == Disclosure.entry_id)
        .join(member, member.id == Entry.member_id)
        .join(Workspace, Workspace.id == member.workspace_id)
        .outerjoin(viewer, viewer.id == Disclosure.viewer_id)
        .where(Workspace.key == who.workspace, member.slack_user == who.user)
        .group_by(Disclosure.entry_id, viewer.slack_user)
    )
