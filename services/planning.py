"""From due schedules to questions and digests in the outbox, a batch at a time, each one transaction.

Any number of processes may plan at once: what one of them has claimed the others pass over.
"""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import NamedTuple

from db import members
from db.checkins import check_ins, choosing, nonresponse, schedules, snooze
from db.checkins.check_ins import NewCheckIn
from db.checkins.choosing import Candidate
from db.checkins.nonresponse import Addressee, Nonresponse
from db.checkins.schedules import Advance, Due
from db.checkins.snooze import Later, Outcome
from db.engine import Sessions
from db.enums import CheckInState, Kind
from db.mentoring import digests, disclosures
from db.mentoring.digests import NewDigest
from db.outbox.outbox import Enqueued
from growth import backoff
from growth.backoff import QUIET, Manner
from growth.cadence import Cadence, Slot, asking_time_of, following, local_date, next_decent_time, zone
from growth.digest import worth_a_line
from growth.selection import Choice
from ladder_content.model import Ladder

BATCH = 500
DIGESTS = 100  # a batch: whether a mentor has news is asked of all that is shared with them


class Planned(NamedTuple):
    """How many schedules, or questions that were put off, were moved on, and what is in the outbox for that."""

    moved: int = 0
    enqueued: Sequence[Enqueued] = ()


async def anything_due(sessions: Sessions, now: datetime) -> bool:
    """Whether there is anything to plan: in most ticks there is not, and this costs least."""
    async with sessions() as session:
        return await snooze.anything_due(session, now)


async def plan_questions(sessions: Sessions, ladder: Ladder, now: datetime) -> Planned:
    """Plan up to 500 questions that are due at `now`."""
    async with sessions.background() as session:
        due = await schedules.claim_due(session, Kind.CHECK_IN, now, BATCH)
        if not due:
            return Planned()
        addressees = [Addressee(each.member_id, each.configured_at, each.tz) for each in due]
        nonresponses = await nonresponse.nonresponses(session, addressees)
        choices = await choosing.choose(session, _candidates(due, ladder, now), ladder.replaced)
        plans = [_plan_one(each, nonresponses[each.member_id], choices.get(each.member_id), now) for each in due]
        asked = await check_ins.plan(session, [plan.question for plan in plans if plan.question])
        off = [(each.member_id, each.id, each.next_week) for each, plan in zip(due, plans, strict=True) if plan.off]
        told = await schedules.give_notice(session, off)
        await members.keep_quiet(session, [each.member_id for each in (*asked, *told)], now + QUIET)
        await schedules.advance(session, [plan.advance for plan in plans])
    return Planned(len(due), [*asked, *told])


class _Plan(NamedTuple):
    """`off`: silence has switched the schedule off."""

    advance: Advance
    question: NewCheckIn | None = None
    off: bool = False


def _candidates(due: Sequence[Due], ladder: Ladder, now: datetime) -> list[Candidate]:
    """Those whom there may be something to ask: not where the ladder has no level for the member, or no criteria."""
    relevant = cache(ladder.relevant)
    return [
        Candidate(each.member_id, criteria, each.focus, local_date(now, zone(each.tz)))
        for each in due
        if (criteria := relevant(each.level or "", each.target))
    ]


def _plan_one(due: Due, silence: Nonresponse, choice: Choice | None, now: datetime) -> _Plan:
    """What becomes of one due schedule: a question now, later, missed or none, and the slot after it."""
    cadence, tz = schedules.cadence_of(due), zone(due.tz)
    after = _after(cadence, due.next_week, silence.streak)
    if not due.reachable:
        return _Plan(Advance(due.id, after.week, due.last_planned_week, after.instant(tz)))
    slot_at, at = schedules.when(due, now)
    mannerly = _mannerly(due, cadence, silence)
    wakes_at = at or (now if mannerly else next_decent_time(cadence, tz, now))
    if wakes_at > now:
        return _Plan(Advance(due.id, due.next_week, due.last_planned_week, wakes_at))
    if mannerly is None:
        return _Plan(Advance(due.id, after.week, due.last_planned_week, None), off=True)
    if mannerly.week > due.next_week:
        return _Plan(Advance(due.id, mannerly.week, due.last_planned_week, mannerly.instant(tz)))
    if choice is None:  # the week goes by
        return _Plan(Advance(due.id, after.week, due.last_planned_week, after.instant(tz)))
    state = CheckInState.PLANNED if at else CheckInState.MISSED
    question = NewCheckIn(due.member_id, due.next_week, slot_at, choice, state)
    return _Plan(Advance(due.id, after.week, due.next_week, after.instant(tz)), question)


def _mannerly(due: Due, cadence: Cadence, silence: Nonresponse) -> Slot | None:
    """The first slot that silence leaves, at the earliest the one that is due; None if it leaves none."""
    this = schedules.coming(due)
    if silence.last_week is None or backoff.manner(silence.streak) is Manner.AS_CHOSEN:
        return this
    allowed = backoff.next_slot(cadence, silence.last_week, silence.streak)
    return allowed and max(this, allowed, key=lambda each: each.week)


def _after(cadence: Cadence, week: date, streak: int) -> Slot:
    """The slot to look at after the one in `week`, at the pace of now: an answer brings it forward."""
    slow = backoff.manner(streak) is not Manner.AS_CHOSEN
    pace = cadence._replace(every=max(cadence.every, backoff.AT_LEAST[Manner.SLOWER])) if slow else cadence
    return following(pace, week)


async def ask_again(sessions: Sessions, now: datetime) -> Planned:
    """Ask up to 500 questions again that were put off until `now`."""
    async with sessions.background() as session:
        due = await snooze.claim(session, now, BATCH)
        if not due:
            return Planned()
        outcomes = [_ask_again(each, now) for each in due]
        asked = await snooze.settle(session, outcomes)
        await members.keep_quiet(session, [each.member_id for each in asked], now + QUIET)
    return Planned(len(due), asked)


def _ask_again(due: Later, now: datetime) -> Outcome:
    """What becomes of a question put off: asked now, put off a little more, or, far too late, left open as it was."""
    if not due.reachable:
        return Outcome(due)
    if due.quiet_until and due.quiet_until > now:
        return Outcome(due, later_at=due.quiet_until)
    at = asking_time_of(due.later_at, zone(due.tz), now)
    return Outcome(due, asked=at == now, later_at=None if at == now else at)


async def plan_digests(sessions: Sessions, now: datetime) -> Planned:
    """Plan up to a hundred digests that are due at `now`."""
    async with sessions.background() as session:
        due = await schedules.claim_due(session, Kind.DIGEST, now, DIGESTS)
        if not due:
            return Planned()
        ids = [each.member_id for each in due]
        mentors = await digests.mentoring(session, ids)
        news = await disclosures.with_news(session, ids, now)
        quiet = await digests.quiet_weeks(session, ids)
        plans = [
            _plan_digest(each, each.member_id in news, quiet[each.member_id], now)
            if each.member_id in mentors
            else _DigestPlan(_next_digest(each))
            for each in due
        ]
        told = await digests.plan(session, [plan.digest for plan in plans if plan.digest])
        await members.keep_quiet(session, [each.member_id for each in told], now + QUIET)
        await schedules.advance(session, [plan.advance for plan in plans])
    return Planned(len(due), told)


class _DigestPlan(NamedTuple):
    advance: Advance
    digest: NewDigest | None = None


def _plan_digest(due: Due, has_news: bool, quiet_weeks: int, now: datetime) -> _DigestPlan:
    """What becomes of one due schedule: a digest now, later, or none; and the slot after it."""
    slot_at, at = schedules.when(due, now)
    if at is None or not due.reachable:
        return _DigestPlan(_next_digest(due))
    if at > now:
        return _DigestPlan(Advance(due.id, due.next_week, due.last_planned_week, at))
    told = has_news or worth_a_line(quiet_weeks)
    digest = NewDigest(due.member_id, due.next_week, slot_at, quiet=not has_news, told=told)
    return _DigestPlan(_next_digest(due, planned=True), digest)


def _next_digest(due: Due, *, planned: bool = False) -> Advance:
    after = following(schedules.cadence_of(due), due.next_week)
    last = due.next_week if planned else due.last_planned_week
    return Advance(due.id, after.week, last, after.instant(zone(due.tz)))
