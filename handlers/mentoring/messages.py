"""Messages about a mentorship: its request, its answer, its end."""

from datetime import datetime

from db.engine import AsyncSession
from db.enums import DeliveryKind
from db.mentoring import disclosures, mentorships
from db.mentoring.mentorships import Pair
from growth.cadence import local_date, zone
from growth.mentoring import MentorshipState
from handlers.mentoring import presenter
from handlers.mentoring.views import mentorship as views
from handlers.slack.message import Message
from handlers.slack.message_kind import Composed, Due, MessageKind, Nothing, Refreshed


class _AboutMentorship(MessageKind):
    """What is told of a pair of people, while both are here."""

    async def compose(self, session: AsyncSession, due: Due) -> Composed:
        pair = await _pair(session, due)
        if pair is None or not (pair.mentor.active and pair.mentee.active):
            return Nothing("nothing left to tell")
        return await self.told(session, due, pair) or Nothing("nothing left to tell")

    async def refresh(self, session: AsyncSession, due: Due) -> Refreshed | Nothing:
        pair = await _pair(session, due)
        if pair is None:
            return Nothing("the mentorship is gone")
        return Refreshed(await self.stands(session, due, pair))

    async def told(self, session: AsyncSession, due: Due, pair: Pair) -> Message | None:
        raise NotImplementedError

    async def stands(self, session: AsyncSession, due: Due, pair: Pair) -> Message:
        raise NotImplementedError


class Request(_AboutMentorship):
    """For the mentor, who answers in it."""

    name = DeliveryKind.MENTOR_REQUEST

    async def told(self, session: AsyncSession, due: Due, pair: Pair) -> Message | None:
        is_open = pair.mentorship.state == MentorshipState.REQUESTED
        return views.request(presenter.for_mentor(pair)) if is_open else None

    async def stands(self, session: AsyncSession, due: Due, pair: Pair) -> Message:
        return presenter.card(pair, due.now)


class Answer(_AboutMentorship):
    """For the mentee."""

    name = DeliveryKind.MENTOR_ANSWER

    async def told(self, session: AsyncSession, due: Due, pair: Pair) -> Message | None:
        match pair.mentorship.state:
            case MentorshipState.ACTIVE:
                return views.accepted(presenter.for_mentee(pair))
            case MentorshipState.DECLINED:
                return views.declined(presenter.for_mentee(pair))
        return None

    async def stands(self, session: AsyncSession, due: Due, pair: Pair) -> Message:
        if message := await self.told(session, due, pair):
            return message
        return _as_mentee(pair, await _seen(session, due), due.now)


class End(_AboutMentorship):
    """For whoever did not end it."""

    name = DeliveryKind.MENTOR_END

    async def told(self, session: AsyncSession, due: Due, pair: Pair) -> Message | None:
        if pair.mentorship.state != MentorshipState.ENDED:
            return None
        by_mentor = due.member_id == pair.mentee.id
        bond = presenter.for_mentee(pair, seen=await _seen(session, due)) if by_mentor else presenter.for_mentor(pair)
        return views.ended(bond, by_mentor=by_mentor)

    async def stands(self, session: AsyncSession, due: Due, pair: Pair) -> Message:
        return await self.told(session, due, pair) or views.over()


class Over(MessageKind):
    """For whoever was in one with somebody who was forgotten: without a name."""

    name = DeliveryKind.MENTORSHIP_OVER

    async def compose(self, session: AsyncSession, due: Due) -> Composed:
        return views.over()


async def _pair(session: AsyncSession, due: Due) -> Pair | None:
    return (await mentorships.pairs(session, due.workspace, [due.subject_id])).get(due.subject_id)


async def _seen(session: AsyncSession, due: Due) -> int:
    """How many of the mentee's entries the mentor was shown."""
    return (await disclosures.shown_by(session, due.workspace, {due.subject_id})).get(due.subject_id, 0)


def _as_mentee(pair: Pair, seen: int, now: datetime) -> Message:
    return views.as_mentee(presenter.for_mentee(pair, seen=seen), local_date(now, zone(pair.mentee.tz)))
