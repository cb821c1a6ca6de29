"""Mentorships as each of the two sees them, in the messages they got and in their lists."""

from collections.abc import Sequence
from datetime import date, datetime

from db.mentoring import disclosures, mentorships
from db.mentoring.mentorships import Pair
from db.models import Member
from growth.cadence import local_date, zone
from growth.mentoring import MENTEES, Bond, MentorshipState
from growth.sharing import REGRET
from handlers.mentoring.views import lists, mentorship
from handlers.slack import people
from handlers.slack.message import Message
from handlers.slack.people import SlackActor


def for_mentor(pair: Pair, shared: int = 0) -> Bond:
    return _bond(pair, pair.mentor, pair.mentee.slack_user, pair.mentorship.why, shared)


def for_mentee(pair: Pair, shared: int = 0, seen: int = 0) -> Bond:
    return _bond(pair, pair.mentee, pair.mentor.slack_user, pair.mentorship.decline_note, shared, seen)


def _bond(pair: Pair, reader: Member, other: str, words: str | None, shared: int, seen: int = 0) -> Bond:
    row = pair.mentorship
    at = row.ended_at or row.accepted_at or row.requested_at
    since = local_date(at, zone(reader.tz))
    state = MentorshipState(row.state)
    about = (pair.mentee.level, pair.mentee.target)
    return Bond(row.id, state, other, since, *about, words, shared, seen, row.share_by_default)


def card(pair: Pair, now: datetime) -> Message:
    """The request as it is now, for the mentor."""
    bond = for_mentor(pair)
    if bond.state == MentorshipState.REQUESTED:
        return mentorship.request(bond)
    return mentorship.as_mentor(bond, local_date(now, zone(pair.mentor.tz)))


async def my_mentors(actor: SlackActor, done: Pair | None = None, *, whole: bool = False) -> Message:
    """The person's mentors as they are now; `done` is the mentorship that they changed. `whole`: for a modal."""
    await people.known(actor)
    async with actor.sessions() as session:
        pairs = await mentorships.open_ones(session, actor.who, mentorships.MENTEE)
        shared = await mentorships.shared(session, actor.who.workspace, _ids(pairs), actor.now)
    bonds = [for_mentee(pair, shared.get(pair.mentorship.id, 0)) for pair in pairs]
    today = _today(actor, done.mentee if done else pairs[0].mentee if pairs else None)
    note = (await _for_mentee(actor, done)).text if done else None
    return lists.mentors(bonds, today, note, whole=whole)


async def _for_mentee(actor: SlackActor, pair: Pair) -> Message:
    """How it stands for the mentee, and how much was seen."""
    async with actor.sessions() as session:
        seen = (await disclosures.shown_by(session, actor.who.workspace, [pair.mentorship.id])).get(
            pair.mentorship.id, 0
        )
    return mentorship.as_mentee(for_mentee(pair, seen=seen), _today(actor, pair.mentee))


async def my_mentees(actor: SlackActor, done: Pair | None = None, *, whole: bool = False) -> Message:
    """The person's mentees as they are now; `done` is the mentorship that they changed. `whole`: for a modal."""
    mentor = await people.known(actor)
    async with actor.sessions() as session:
        pairs = await mentorships.open_ones(session, actor.who, mentorships.MENTOR)
        shared = await mentorships.shared(session, actor.who.workspace, _ids(pairs), actor.now - REGRET)
    bonds = [for_mentor(pair, shared.get(pair.mentorship.id, 0)) for pair in pairs]
    note = card(done, actor.now).text if done else None
    wanted = mentor.mentees_wanted if mentor else MENTEES
    return lists.mentees(bonds, actor.ladder, _today(actor, mentor), wanted, note, whole=whole)


def _ids(pairs: Sequence[Pair]) -> list[int]:
    return [pair.mentorship.id for pair in pairs]


def _today(actor: SlackActor, member: Member | None) -> date:
    return local_date(actor.now, zone(member.tz)) if member else actor.now.date()
