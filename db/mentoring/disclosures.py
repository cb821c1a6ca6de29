"""What a mentor may read now, decided here alone, and what they were shown.

Whatever shows an entry to anybody but its member begins with `_readable`, and writes a disclosure in the same
transaction. The shares are held meanwhile: who takes one back waits, and then knows what was seen.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Integer, Select, bindparam, delete, exists, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from db.engine import any_of, array_of
from db.entries import entries
from db.enums import Surface
from db.members import UserRef, of_person
from db.mentoring.mentorships import MENTEE, MENTOR
from db.models import Comment, Disclosure, Entry, EntryCriterion, Member, Mentorship, Share
from db.workspaces import workspaces
from growth.digest import Item
from growth.mentoring import MentorshipState
from growth.sharing import REGRET, Seen

NEW = ~exists().where(Disclosure.entry_id == Entry.id, Disclosure.viewer_id == MENTOR.id, Disclosure.confirmed)


def _readable(*columns: Any) -> Select[Any]:
    """Of the entries that mentors may read, these columns; `shared_by` is bound to REGRET before now."""
    return (
        select(*columns)
        .select_from(Share)
        .join(Entry, Entry.id == Share.entry_id)
        .join(Mentorship, Mentorship.id == Share.mentorship_id)
        .join(MENTOR, MENTOR.id == Mentorship.mentor_id)
        .join(MENTEE, MENTEE.id == Mentorship.mentee_id)
        .where(Share.revoked_at.is_(None), Share.shared_at <= bindparam("shared_by"), Entry.deleted_at.is_(None))
        .where(Mentorship.state == MentorshipState.ACTIVE, MENTOR.active, MENTEE.active)
    )


def _read_by(mentor: UserRef, now: datetime) -> dict[str, Any]:
    return {**mentor._asdict(), "shared_by": now - REGRET}


NEWS = (
    of_person(_readable(Mentorship.id, Entry.id), MENTOR)
    .where(NEW)
    .order_by(Mentorship.accepted_at, Mentorship.id, Entry.happened_on.desc(), Entry.id.desc())
)


async def news(session: AsyncSession, mentor: UserRef, now: datetime) -> dict[int, list[int]]:
    """Mentorship id → the entries that the mentor may read and has not seen yet, the latest first."""
    found: dict[int, list[int]] = {}
    for mentorship_id, entry_id in await session.execute(NEWS, _read_by(mentor, now)):
        found.setdefault(mentorship_id, []).append(entry_id)
    return found


WITH_NEWS = _readable(MENTOR.id).where(MENTOR.id == any_of("mentors"), NEW).distinct()


async def with_news(session: AsyncSession, mentor_ids: Collection[int], now: datetime) -> set[int]:
    """Which of these members have something new to read."""
    values = {"mentors": array_of(mentor_ids), "shared_by": now - REGRET}
    return set(await session.scalars(WITH_NEWS, values)) if mentor_ids else set()


LATELY = (
    of_person(_readable(Mentorship.id, EntryCriterion.criterion_id), MENTOR)
    .join(EntryCriterion, EntryCriterion.entry_id == Entry.id)
    .where(Share.shared_at >= bindparam("since"))
    .distinct()
)


async def lately(session: AsyncSession, mentor: UserRef, since: datetime, now: datetime) -> dict[int, set[str]]:
    """Mentorship id → the criteria of what was shared since then, of what the mentor may read."""
    found: dict[int, set[str]] = {}
    for mentorship_id, criterion_id in await session.execute(LATELY, _read_by(mentor, now) | {"since": since}):
        found.setdefault(mentorship_id, set()).add(criterion_id)
    return found


KUDOS = exists().where(Comment.entry_id == Entry.id, Comment.author_id == MENTOR.id, Comment.words.is_(None))
ITEMS = (
    of_person(_readable(Entry, Mentorship.id, MENTEE.slack_user, KUDOS), MENTOR)
    .order_by(Entry.happened_on.desc(), Entry.id.desc())
    .with_for_update(read=True, of=Share)
)
THESE = ITEMS.where(Entry.id == any_of("entries"))


async def readable(session: AsyncSession, mentor: UserRef, entry_ids: Collection[int], now: datetime) -> list[Item]:
    """Those of the entries that the mentor may read, the latest first."""
    values = _read_by(mentor, now) | {"entries": array_of(entry_ids)}
    return await _items(session, mentor, THESE, values) if entry_ids else []


BY_IT = Mentorship.id == bindparam("mentorship")
TOTAL = of_person(_readable(func.count()), MENTOR).where(BY_IT)
PAGE = ITEMS.where(BY_IT).offset(bindparam("skip", type_=Integer)).limit(bindparam("limit", type_=Integer))


class Page(NamedTuple):
    """What a mentee shares with a mentor, newest first, and the number of entries that come after these."""

    items: Sequence[Item]
    more: int


async def page(
    session: AsyncSession, mentor: UserRef, mentorship_id: int, now: datetime, *, skip: int, limit: int
) -> Page:
    """A page of all that the mentor may read by a mentorship."""
    values = _read_by(mentor, now) | {"mentorship": mentorship_id, "skip": skip, "limit": limit}
    total = await session.scalar(TOTAL, values) or 0
    items = await _items(session, mentor, PAGE, values)
    return Page(items, max(0, total - skip - len(items)))


async def _items(
    session: AsyncSession, mentor: UserRef, statement: Select[Any], values: Mapping[str, Any]
) -> list[Item]:
    rows = (await session.execute(statement, values)).all()
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


DISCLOSE = text("""
    INSERT INTO disclosures (entry_id, viewer_id, digest_id, through, shown_at)
    SELECT shown.id, (SELECT m.id FROM members m JOIN workspaces w ON w.id = m.workspace_id
                       WHERE w.key = :workspace AND m.slack_user = :user), CAST(:digest AS bigint), :through, :now
      FROM unnest(CAST(:entries AS bigint[])) AS shown (id)
 RETURNING id
""")


async def disclose(
    session: AsyncSession,
    mentor: UserRef,
    entry_ids: Collection[int],
    through: Surface,
    now: datetime,
    digest_id: int | None = None,
) -> list[int]:
    """Write down what the mentor is about to be shown; the disclosures, none of them certain yet."""
    if not entry_ids:
        return []
    about = {"entries": array_of(entry_ids), "through": through, "now": now, "digest": digest_id}
    return list(await session.scalars(DISCLOSE, {**mentor._asdict(), **about}))


TOLD = exists().where(
    Disclosure.digest_id == bindparam("digest"),
    Disclosure.entry_id == Entry.id,
    Disclosure.shown_at >= func.coalesce(Entry.edited_at, Disclosure.shown_at),
)
UNTOLD = select(Entry.id).where(Entry.id == any_of("entries"), ~TOLD).order_by(Entry.id)


async def untold(session: AsyncSession, digest_id: int, entry_ids: Collection[int]) -> list[int]:
    """Those of the entries that the digest has not been written down as showing since they were edited last."""
    values = {"digest": digest_id, "entries": array_of(entry_ids)}
    return list(await session.scalars(UNTOLD, values)) if entry_ids else []


CERTAIN = update(Disclosure).values(confirmed=True).execution_options(synchronize_session=False)
CONFIRM = CERTAIN.where(Disclosure.id == any_of("ids"))


async def confirm(session: AsyncSession, disclosure_ids: Collection[int]) -> None:
    """Slack has shown it."""
    if disclosure_ids:
        await session.execute(CONFIRM, {"ids": array_of(disclosure_ids)})


OF_DIGEST = Disclosure.digest_id == bindparam("digest")
ENTRIES = select(Disclosure.entry_id).where(OF_DIGEST).distinct()


async def of_digest(session: AsyncSession, digest_id: int) -> set[int]:
    """The entries that a digest shows, or showed."""
    return set(await session.scalars(ENTRIES, {"digest": digest_id}))


WERE_SHOWN = CERTAIN.where(OF_DIGEST, ~Disclosure.confirmed)
WERE_NOT_SHOWN = delete(Disclosure).where(OF_DIGEST, ~Disclosure.confirmed).execution_options(synchronize_session=False)


async def were_shown(session: AsyncSession, digest_id: int) -> None:
    """The mentor has what the digest shows."""
    await session.execute(WERE_SHOWN, {"digest": digest_id})


async def were_not_shown(session: AsyncSession, digest_id: int) -> None:
    """What was written down as about to be shown is not there to frighten anybody; the next attempt writes it anew."""
    await session.execute(WERE_NOT_SHOWN, {"digest": digest_id})


SHOWN_BY = (
    select(Mentorship.id, func.count(Disclosure.entry_id.distinct()))
    .join(Entry, Entry.member_id == Mentorship.mentee_id)
    .join(Disclosure, (Disclosure.entry_id == Entry.id) & (Disclosure.viewer_id == Mentorship.mentor_id))
    .join(Member, Member.id == Mentorship.mentor_id)
    .where(Member.workspace_id == workspaces.HERE, Mentorship.id == any_of("mentorships"))
    .group_by(Mentorship.id)
)


async def shown_by(session: AsyncSession, workspace: str, mentorship_ids: Collection[int]) -> dict[int, int]:
    """Mentorship id → how many of the mentee's entries, be they deleted since, that mentor was ever shown."""
    if not mentorship_ids:
        return {}
    rows = await session.execute(SHOWN_BY, {"workspace": workspace, "mentorships": array_of(mentorship_ids)})
    return {id_: entries for id_, entries in rows}


VIEWER, AT, SURE = aliased(Member), Disclosure.shown_at, Disclosure.confirmed
PLACE = func.max(Disclosure.id)
SEEN = of_person(
    select(
        Disclosure.entry_id,
        VIEWER.slack_user,
        func.coalesce(func.min(AT).filter(SURE), func.min(AT)).label("first"),
        func.coalesce(func.max(AT).filter(SURE), func.max(AT)).label("last"),
        func.bool_or(SURE).label("confirmed"),
        PLACE.label("place"),
    )
    .join(Entry, Entry.id == Disclosure.entry_id)
    .join(Member, Member.id == Entry.member_id)
    .outerjoin(VIEWER, VIEWER.id == Disclosure.viewer_id)
    .group_by(Disclosure.entry_id, VIEWER.slack_user)
)
SEEN_OF_ENTRIES = SEEN.where(Disclosure.entry_id == any_of("entries")).order_by("first")


async def seen(session: AsyncSession, who: UserRef, entry_ids: Collection[int]) -> dict[int, list[Seen]]:
    """Entry id → who was shown that entry of the person's, the first one first."""
    if not entry_ids:
        return {}
    found: dict[int, list[Seen]] = {}
    for row in await session.execute(SEEN_OF_ENTRIES, {**who._asdict(), "entries": array_of(entry_ids)}):
        found.setdefault(row.entry_id, []).append(Seen(row.slack_user, row.first, row.last, row.confirmed))
    return found


class Shown(NamedTuple):
    """An entry of the person's was shown to somebody. `place` is where a list goes on after this line."""

    entry: Entry
    seen: Seen
    place: int


NEWEST_SEEN = SEEN.order_by(PLACE.desc()).limit(bindparam("limit", type_=Integer))
SEEN_BEFORE = NEWEST_SEEN.having(func.max(Disclosure.id) < bindparam("before"))
THEIR_ENTRIES = select(Entry).where(Entry.id == any_of("entries"))


async def all_seen(session: AsyncSession, who: UserRef, *, before: int | None = None, limit: int) -> list[Shown]:
    """What of the person's was shown to whom, the last first."""
    statement = SEEN_BEFORE if before else NEWEST_SEEN
    lines = (await session.execute(statement, {**who._asdict(), "before": before, "limit": limit})).all()
    if not lines:
        return []
    ids = {"entries": array_of(line.entry_id for line in lines)}
    found = {entry.id: entry for entry in await session.scalars(THEIR_ENTRIES, ids)}
    return [
        Shown(found[line.entry_id], Seen(line.slack_user, line.first, line.last, line.confirmed), line.place)
        for line in lines
    ]
