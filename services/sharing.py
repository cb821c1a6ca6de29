"""Earlier entries, shared with a mentor many at a time, and taken back."""

from collections.abc import Collection, Sequence

from db import members
from db.engine import AsyncSession
from db.log.stale import mark_entries
from db.mentoring import mentorships, shares
from db.models import Entry, Member
from growth.errors import NoLongerThere, NotYourMentor
from growth.sharing import Mentor
from services.actor import Actor


async def share(actor: Actor, mentorship_id: int, entry_ids: Collection[int]) -> tuple[Mentor, str, Sequence[Entry]]:
    """Share these of the person's entries; the mentor, the person's zone, and the entries that are new to them.

    Raises NotYourMentor, NoLongerThere.
    """
    async with actor.sessions.begin() as session:
        member = await _member(session, actor)
        shared = await shares.hand_over(session, member, mentorship_id, entry_ids, actor.now)
        mentor = by_id(await mentorships.mentors(session, actor.who), mentorship_id)
        await mark_entries(session, [entry.id for entry in shared])
    return mentor, member.tz, shared


async def take_back(actor: Actor, mentorship_id: int, entry_ids: Collection[int]) -> Sequence[Entry]:
    """End the shares of these entries with that mentor; the entries that it had. Raises NotYourMentor."""
    async with actor.sessions.begin() as session:
        member = await _member(session, actor)
        ended = await shares.take_back(session, member, mentorship_id, entry_ids, actor.now)
        await mark_entries(session, [entry.id for entry in ended])
    return ended


def by_id(mentors: Sequence[Mentor], mentorship_id: int) -> Mentor:
    """The mentor of that mentorship. Raises NoLongerThere."""
    found = next((each for each in mentors if each.mentorship_id == mentorship_id), None)
    if found is None:
        raise NoLongerThere("mentorship")
    return found


async def _member(session: AsyncSession, actor: Actor) -> Member:
    member = await members.lock(session, actor.who)
    if member is None:
        raise NotYourMentor
    return member
