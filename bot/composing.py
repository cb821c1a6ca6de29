"""What a delivery says, composed at the moment it is sent; or why it is not sent now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from db import check_ins, comments, digests, mentorships, reading, schedules, silence
from db.check_ins import ToAsk
from db.comments import ToTell
from db.deliveries import Claim
from db.tables import CheckInState, DeliveryKind, Kind
from growth.cadence import asking_time_of, local_date, zone
from growth.manners import remark
from handlers import bonds, digesting
from handlers.showing import question_of
from handlers.views import checkin, pause, standing
from handlers.views import comments as comments_view
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
    asks, notices = (
        [claim for claim in claims if claim.kind == kind] for kind in (DeliveryKind.CHECK_IN, DeliveryKind.NOTICE)
    )
    questions = await check_ins.to_ask(session, [claim.subject_id for claim in asks])
    silences = await silence.silences(session, {claim.member_id for claim in asks})
    off = await schedules.switched_off(session, [claim.subject_id for claim in notices])
    composed: dict[UUID, Composed] = {claim.id: Nothing("nothing to say") for claim in claims}
    for claim in asks:
        streak = silences[claim.member_id].streak
        composed[claim.id] = _question(questions.get(claim.subject_id), streak, ladder, now)
    for claim in notices:
        composed[claim.id] = pause.stopped() if claim.subject_id in off else Nothing("it is on again")
    for claim in claims:
        if claim.kind == DeliveryKind.DIGEST:
            composed[claim.id] = await _digest(session, claim, ladder, now)
    told = await comments.to_tell(session, [claim.subject_id for claim in claims if claim.kind == DeliveryKind.COMMENT])
    for claim in claims:
        if claim.kind == DeliveryKind.COMMENT and (to_tell := told.get(claim.subject_id)):
            composed[claim.id] = _comment(to_tell, now)
    return composed | await _about_mentorships(session, claims)


async def _digest(session: AsyncSession, claim: Claim, ladder: Ladder, now: datetime) -> Composed:
    held = await digests.hold(session, claim.subject_id)
    if held is None:
        return Nothing("its mentor is gone")
    if held.digest.week:
        tz = zone(held.tz)
        schedule = await schedules.find(session, claim.member_id, Kind.DIGEST)
        paused = schedule and schedule.paused_until and schedule.paused_until > local_date(now, tz)
        if schedule is None or schedule.due_at is None or paused:
            return Nothing("not wanted any more")
        at = asking_time_of(held.digest.slot_at, tz, now)
        if at is None:
            return Nothing("it is too late")
        if at > now:
            return Wait(at - now, "not at this hour")
    return await digesting.compose(session, held, ladder, now) or Nothing("nothing new")


def _comment(told: ToTell, now: datetime) -> Message:
    entry = told.entry
    today = local_date(now, zone(told.tz))
    return comments_view.told(told.said, entry.what or entry.snippet or "", entry.happened_on, today)


async def _about_mentorships(session: AsyncSession, claims: Sequence[Claim]) -> dict[UUID, Composed]:
    """As `compose`, for those of the claims that are about mentorships."""
    claims = [claim for claim in claims if claim.kind in ABOUT_MENTORSHIPS]
    pairs = await mentorships.pairs(session, [claim.subject_id for claim in claims]) if claims else {}
    seen = await reading.shown_by(session, pairs) if pairs else {}
    composed: dict[UUID, Composed] = {}
    for claim in claims:
        pair = pairs.get(claim.subject_id)
        message = bonds.message(claim.kind, pair, claim.member_id, seen.get(claim.subject_id, 0)) if pair else None
        composed[claim.id] = message or Nothing("nothing left to tell")
    return composed


def _question(asked: ToAsk | None, streak: int, ladder: Ladder, now: datetime) -> Composed:
    if asked is None:
        return Nothing("its question is gone")
    check_in, schedule = asked.check_in, asked.schedule
    if check_in.state != CheckInState.PLANNED or check_in.later_at or not asked.member.active:
        return Nothing("nothing left to send")
    question = question_of(check_in, ladder)
    unknown = standing.unknown_zone(asked.member.tz)
    if schedule is None or check_in.week is None:
        return checkin.question(question, unknown_zone=unknown)
    at = asking_time_of(check_in.slot_at, zone(asked.member.tz), now)
    if at is None:
        return Nothing("it is too late", CheckInState.ASKED if asked.again else CheckInState.MISSED)
    if at > now:
        return Wait(at - now, "not at this hour")
    return checkin.question(question, remark=remark(schedules.cadence_of(schedule), streak), unknown_zone=unknown)
