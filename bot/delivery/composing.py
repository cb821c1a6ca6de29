"""What a delivery says, composed at the moment it is sent; or why it is not sent now."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from db.account import invitations
from db.checkins import check_ins, nonresponse, schedules
from db.enums import CheckInState, DeliveryKind, Kind
from db.mentoring import comments, digests, disclosures, mentorships
from db.models import Schedule
from db.outbox.deliveries import Claim
from growth.cadence import asking_time_of, local_date, zone
from growth.inviting import InvitationState
from growth.manners import remark
from handlers import bonds, digesting, remarks
from handlers.showing import question_of
from handlers.views import checkin, invitation, mentoring, pause, standing
from handlers.views.message import Message
from ladder_content.model import Ladder


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
    session: AsyncSession, claim: Claim, ladder: Ladder, now: datetime, *, hours: bool = True
) -> Composed:
    """What to do with it, from the state of this moment. Without `hours`, whatever the hour: it was posted already."""
    match claim.kind:
        case DeliveryKind.CHECK_IN:
            return await _question(session, claim, ladder, now, hours=hours)
        case DeliveryKind.DIGEST:
            return await _digest(session, claim, ladder, now, hours=hours)
        case DeliveryKind.NOTICE:
            off = await schedules.switched_off(session, claim.workspace, [claim.subject_id])
            return pause.stopped() if off else Nothing("it is on again")
        case DeliveryKind.COMMENT:
            return await _comment(session, claim, now)
        case DeliveryKind.INVITATION:
            return await _invitation(session, claim, ladder)
        case DeliveryKind.MENTORSHIP_OVER:
            return mentoring.over()
        case _:
            return await _about_mentorship(session, claim)


async def _question(session: AsyncSession, claim: Claim, ladder: Ladder, now: datetime, *, hours: bool) -> Composed:
    asked = await check_ins.to_ask(session, claim.workspace, claim.subject_id)
    if asked is None:
        return Nothing("its question is gone")
    check_in, member, schedule = asked
    first = check_in.state == CheckInState.PLANNED
    if not (first or check_in.state == CheckInState.ASKED) or check_in.later_at or not member.active:
        return Nothing("nothing left to send")
    tz = zone(member.tz)
    paused = _paused(schedule, check_in.slot_at, local_date(now, tz))
    if check_in.week and (paused or (first and _off(schedule))):  # what they put off themselves was promised
        return Nothing("not wanted any more")
    if first and check_in.criterion_id not in {each.id for each in ladder.relevant(member.level or "", member.target)}:
        return Nothing("its criterion is behind them")
    by_hand = first and not check_in.week
    late = _hour(check_in.slot_at, tz, now) if hours and not by_hand else None
    if late:
        return late
    said = None
    if schedule and check_in.week:
        said = remark(schedules.cadence_of(schedule), (await nonresponse.of(session, member, schedule)).streak)
    return checkin.question(question_of(check_in, ladder), remark=said, unknown_zone=standing.unknown_zone(member.tz))


async def _digest(session: AsyncSession, claim: Claim, ladder: Ladder, now: datetime, *, hours: bool) -> Composed:
    held = await digests.hold(session, claim.workspace, claim.subject_id)
    if held is None:
        return Nothing("its mentor is gone")
    tz, slot_at = zone(held.tz), held.digest.slot_at
    if held.digest.week:
        schedule = await schedules.find(session, claim.member_id, Kind.DIGEST)
        if _off(schedule) or _paused(schedule, slot_at, local_date(now, tz)):
            return Nothing("not wanted any more")
        if hours and (late := _hour(slot_at, tz, now)):
            return late
    return await digesting.compose(session, held, ladder, now) or Nothing("nothing new")


def _off(schedule: Schedule | None) -> bool:
    return schedule is None or schedule.due_at is None


def _paused(schedule: Schedule | None, slot_at: datetime, today: date) -> bool:
    """Paused since it was due; what somebody asked for by hand in a pause comes all the same."""
    if schedule is None or schedule.paused_until is None:
        return False
    return schedule.paused_until > today and slot_at <= schedule.touched_at


def _hour(slot_at: datetime, tz: ZoneInfo, now: datetime) -> Nothing | Wait | None:
    """Why not now, if this is not the hour for what was due at `slot_at`."""
    at = asking_time_of(slot_at, tz, now)
    if at is None:
        return Nothing("it is too late", CheckInState.MISSED)
    return Wait(at - now, "not at this hour") if at > now else None


async def _comment(session: AsyncSession, claim: Claim, now: datetime) -> Composed:
    told = (await comments.to_tell(session, claim.workspace, [claim.subject_id])).get(claim.subject_id)
    return remarks.message(told, now) if told else Nothing("nothing to say")


async def _invitation(session: AsyncSession, claim: Claim, ladder: Ladder) -> Composed:
    proposal = await invitations.read(session, claim.workspace, claim.subject_id)
    if proposal is None or proposal.began or proposal.state != InvitationState.OPEN:
        return Nothing("nobody to invite")
    return invitation.invitation(proposal, ladder)


async def _about_mentorship(session: AsyncSession, claim: Claim) -> Composed:
    pair = (await mentorships.pairs(session, claim.workspace, [claim.subject_id])).get(claim.subject_id)
    seen = (await disclosures.shown_by(session, claim.workspace, {claim.subject_id})).get(claim.subject_id, 0)
    message = bonds.message(claim.kind, pair, claim.member_id, seen) if pair else None
    return message or Nothing("nothing left to tell")
