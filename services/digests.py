"""A mentor's digest: asked for, composed, composed again, and previewed by who would be read."""

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from db import members
from db.engine import AsyncSession
from db.enums import Surface
from db.members import UserRef
from db.mentoring import digests, disclosures, mentorships
from db.mentoring.digests import LockedDigest
from db.workspaces import workspaces
from growth import digest
from growth.cadence import local_date, zone
from growth.digest import LATELY, MOST, REST, Digest, Part
from growth.errors import NoMentees
from growth.sharing import REGRET, Mentee
from ladder_content.model import Ladder
from services.actor import Actor

HasRoom = Callable[[Digest, Ladder, date], bool]  # whether a digest, read on that date, fits one message


class Asked(NamedTuple):
    """Whether one is on its way, to a mentor of these; `held_up`: Slack takes nothing there now."""

    on_its_way: bool
    mentees: Sequence[Mentee]
    held_up: bool


async def ask(actor: Actor) -> Asked:
    """A digest now, if there is anything new. Raises NoMentees."""
    async with actor.sessions.begin() as session:
        mentor = await members.lock(session, actor.who)
        mentees = await mentorships.mentees(session, actor.who)
        if mentor is None or not mentees:
            raise NoMentees
        news = await disclosures.news(session, actor.who, actor.now)
        held_up = await workspaces.is_silent(session, mentor.workspace_id)
        if news:
            await digests.ask(session, mentor, actor.now)
        return Asked(bool(news), mentees, held_up)


async def compose(
    session: AsyncSession, held: LockedDigest, ladder: Ladder, now: datetime, has_room: HasRoom
) -> Digest | None:
    """The digest as its mentor may read it now; none when there is nothing to tell.

    The first time it chooses what is in it; what comes later, or is shared again, is for another one. What is going to
    be shown, and was not as it reads now, is written down.
    """
    row = held.digest
    if row.composed_at is None:
        parts = await _choose(session, held.mentor, ladder, now, local_date(now, zone(held.tz)), has_room)
        row.parts, row.composed_at = [vars(part) for part in parts], now
    if not row.parts:
        return None
    read = await _disclosed(session, held, ladder, now)
    return read if read.chapters else None


async def compose_again(
    session: AsyncSession, held: LockedDigest, ladder: Ladder, now: datetime
) -> tuple[Digest | None, bool]:
    """A digest that was sent, with what it showed and may be read now; none where nothing of that is left.

    And whether it may show something that is not to be read any more.
    """
    showed = await disclosures.of_digest(session, held.digest.id)
    read = await _disclosed(session, held, ladder, now, showed)
    return (read if read.chapters else None), read.gone or held.digest.mentee_forgotten


async def _disclosed(
    session: AsyncSession, held: LockedDigest, ladder: Ladder, now: datetime, only: Collection[int] | None = None
) -> Digest:
    """What is left of the parts, of `only` these entries; written down as shown, where it was not as it reads now."""
    read = await _read(session, held.mentor, _parts(held), ladder, held.digest.composed_at or now, only)
    ids = [item.id for chapter in read.chapters for item in chapter.items]
    untold = await disclosures.untold(session, held.digest.id, ids)
    await disclosures.disclose(session, held.mentor, untold, Surface.DIGEST, now, held.digest.id)
    return read


class Preview(NamedTuple):
    """What some of the person's mentors would read of them, by the mentors' Slack ids, and how many more there are."""

    read: Sequence[tuple[str, Digest]]
    more: int


async def preview(actor: Actor, most: int, has_room: HasRoom) -> Preview:
    """What each of so many mentors would read, an hour from now, had they no other mentees; nothing is written down."""
    soon = actor.now + REGRET
    async with actor.sessions.begin() as session:
        mentors = await mentorships.mentors(session, actor.who)
        read = [
            (each.user, await _preview(session, actor, UserRef(actor.who.workspace, each.user), soon, has_room))
            for each in mentors[:most]
        ]
    return Preview(read, len(mentors) - len(read))


async def _preview(session: AsyncSession, actor: Actor, mentor: UserRef, now: datetime, has_room: HasRoom) -> Digest:
    parts = await _choose(session, mentor, actor.ladder, now, now.date(), has_room, alone=actor.who.user)
    return Digest((await _read(session, mentor, parts, actor.ladder, now)).chapters)


async def _choose(
    session: AsyncSession,
    mentor: UserRef,
    ladder: Ladder,
    now: datetime,
    today: date,
    has_room: HasRoom,
    alone: str | None = None,
) -> list[Part]:
    """Of all mentees', or of one `alone`: as much as there is room for."""
    mentees = [each for each in await mentorships.mentees(session, mentor) if alone in (None, each.user)]
    all_news = await disclosures.news(session, mentor, now)
    news = {id_: all_news[id_] for each in mentees if (id_ := each.mentorship_id) in all_news}
    items = await disclosures.readable(session, mentor, _ids(ids[:MOST] for ids in news.values()), now)
    asked = await digests.asked(session, mentor, now - REST)
    lately = await disclosures.lately(session, mentor, now - LATELY, now)

    def parts(shown: dict[int, Sequence[int]]) -> list[Part]:
        seen = [item for item in items if item.id in shown.get(item.mentorship_id, ())]
        return digest.choose(mentees, shown, seen, asked, ladder)

    def fits(shown: dict[int, Sequence[int]]) -> bool:
        return has_room(digest.read(parts(shown), mentees, news, items, lately, ladder), ladder, today)

    choices = digest.choices(news)
    return parts(choices[min(bisect_left(choices, True, key=fits), len(choices) - 1)])


async def _read(
    session: AsyncSession,
    mentor: UserRef,
    parts: Sequence[Part],
    ladder: Ladder,
    chosen_at: datetime,
    only: Collection[int] | None = None,
) -> Digest:
    """What is left of the parts that were chosen at that instant, of `only` these entries, and nothing of later."""
    news = await disclosures.news(session, mentor, chosen_at)
    ids = _ids(part.entries for part in parts)
    wanted = [id_ for id_ in ids if only is None or id_ in only]
    items = await disclosures.readable(session, mentor, wanted, chosen_at)
    lately = await disclosures.lately(session, mentor, chosen_at - LATELY, chosen_at)
    mentees = await mentorships.mentees(session, mentor, chosen_at)
    return digest.read(list(parts), mentees, news, items, lately, ladder)


def _ids(some: Iterable[Sequence[int]]) -> list[int]:
    return [id_ for ids in some for id_ in ids]


def _parts(held: LockedDigest) -> list[Part]:
    return [Part(**part) for part in held.digest.parts]
