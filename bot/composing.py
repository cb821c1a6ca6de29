"""What a delivery says, composed at the moment it is sent; or why it is not sent now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from db import deliveries, mentorships
from db.deliveries import Claim
from db.tables import CheckIn, CheckInState, DeliveryKind, Member
from handlers import bonds
from handlers.saving import question_of
from handlers.views import checkin
from handlers.views.message import Message
from ladder_content.model import Ladder

ABOUT_MENTORSHIPS = (DeliveryKind.MENTOR_REQUEST, DeliveryKind.MENTOR_ANSWER, DeliveryKind.MENTOR_END)


@dataclass(frozen=True)
class Nothing:
    """There is nothing to send any more; what the question becomes."""

    reason: str
    becomes: CheckInState = CheckInState.CANCELLED


@dataclass(frozen=True)
class Wait:
    """This is not the hour for it: try again after a while."""

    after: timedelta
    reason: str


Composed = Message | Nothing | Wait


async def compose(
    session: AsyncSession, claims: Sequence[Claim], ladder: Ladder, now: datetime
) -> dict[UUID, Composed]:
    """Delivery id → what to do with it, from the state of this moment; for every claim."""
    questions = await deliveries.subjects(session, claims)
    composed = {claim.id: _question(questions.get(claim.subject_id), ladder) for claim in claims}
    return composed | await _about_mentorships(session, claims, ladder)


async def _about_mentorships(session: AsyncSession, claims: Sequence[Claim], ladder: Ladder) -> dict[UUID, Composed]:
    """As `compose`, for those of the claims that are about mentorships."""
    claims = [claim for claim in claims if claim.kind in ABOUT_MENTORSHIPS]
    pairs = await mentorships.pairs(session, [claim.subject_id for claim in claims]) if claims else {}
    composed: dict[UUID, Composed] = {}
    for claim in claims:
        pair = pairs.get(claim.subject_id)
        message = bonds.message(claim.kind, pair, ladder, claim.member_id) if pair else None
        composed[claim.id] = message or Nothing("nothing left to tell")
    return composed


def _question(subject: tuple[CheckIn, Member] | None, ladder: Ladder) -> Composed:
    if subject is None:
        return Nothing("its question is gone")
    check_in, member = subject
    if check_in.state != CheckInState.PLANNED or not member.active:
        return Nothing("nothing left to send")
    return checkin.question(question_of(check_in, ladder))
