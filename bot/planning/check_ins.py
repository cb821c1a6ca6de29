"""From due schedules to questions and digests in the outbox; one transaction a batch, from any number of processes."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from functools import cache
from typing import NamedTuple

from bot.delivery.delivery_events import Steps
from bot.planning import digests
from db import members
from db.checkins import check_ins, choosing, schedules, snooze
from db.checkins import nonresponse as silence
from db.checkins.check_ins import NewCheckIn
from db.checkins.choosing import Candidate
from db.checkins.nonresponse import Addressee, Silence
from db.checkins.schedules import Advance, Due
from db.checkins.snooze import Later, Outcome
from db.engine import Sessions
from db.enums import CheckInState, Kind
from growth import manners
from growth.cadence import Cadence, Slot, asking_time_of, following, local_date, next_decent_time, zone
from growth.manners import QUIET, Manner
from growth.selection import Choice
from ladder_content.model import Ladder

BATCH = 500
LINES = 3


async def plan(sessions: Sessions, ladder: Ladder, now: datetime, steps: Steps | None = None) -> int:
    """Plan everything that is due at `now`; how many schedules, and questions put off, were moved on.

    Digests come last: a mentor who is asked a question now reads theirs some hours later.
    """
    async with sessions() as session:
        if not await snooze.anything_due(session, now):
            return 0
    steps = steps or Steps()
    planned = await _all(lambda: _plan_batch(sessions, ladder, now, steps))
    planned += await _all(lambda: _ask_again_batch(sessions, now, steps))
    return planned + await _all(lambda: digests.plan_batch(sessions, now, steps))


async def _all(batch: Callable[[], Awaitable[int]]) -> int:
    """Batch after batch until nothing is left, in a few lines: Postgres works for some while we do for one."""
    async with asyncio.TaskGroup() as group:
        lines = [group.create_task(_line(batch)) for _ in range(LINES)]
    return sum(line.result() for line in lines)


async def _line(batch: Callable[[], Awaitable[int]]) -> int:
    done = 0
    while moved := await batch():
        done += moved
    return done


async def _plan_batch(sessions: Sessions, ladder: Ladder, now: datetime, steps: Steps) -> int:
    async with sessions.background() as session:
        due = await schedules.claim_due(session, Kind.CHECK_IN, now, BATCH)
        if not due:
            return 0
        addressees = [Addressee(each.member_id, each.touched_at, each.tz) for each in due]
        silences = await silence.silences(session, addressees)
        choices = await choosing.choose(session, _candidates(due, ladder, now), ladder.replaced)
        plans = [_plan_one(each, silences[each.member_id], choices.get(each.member_id), now) for each in due]
        asked = await check_ins.plan(session, [plan.question for plan in plans if plan.question])
        off = [(each.member_id, each.id, each.next_week) for each, plan in zip(due, plans, strict=True) if plan.off]
        told = await schedules.give_notice(session, off)
        await members.keep_quiet(session, [each.member_id for each in (*asked, *told)], now + QUIET)
        await schedules.advance(session, [plan.advance for plan in plans])
    steps.planned([*asked, *told])
    return len(due)


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


def _plan_one(due: Due, silence: Silence, choice: Choice | None, now: datetime) -> _Plan:
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


def _mannerly(due: Due, cadence: Cadence, silence: Silence) -> Slot | None:
    """The first slot that silence leaves, at the earliest the one that is due; None if it leaves none."""
    this = schedules.coming(due)
    if silence.last_week is None or manners.manner(silence.streak) is Manner.AS_CHOSEN:
        return this
    allowed = manners.next_slot(cadence, silence.last_week, silence.streak)
    return allowed and max(this, allowed, key=lambda each: each.week)


def _after(cadence: Cadence, week: date, streak: int) -> Slot:
    """The slot to look at after the one in `week`, at the pace of now: an answer brings it forward."""
    slow = manners.manner(streak) is not Manner.AS_CHOSEN
    pace = cadence._replace(every=max(cadence.every, manners.AT_LEAST[Manner.SLOWER])) if slow else cadence
    return following(pace, week)


async def _ask_again_batch(sessions: Sessions, now: datetime, steps: Steps) -> int:
    async with sessions.background() as session:
        due = await snooze.claim(session, now, BATCH)
        if not due:
            return 0
        outcomes = [_ask_again(each, now) for each in due]
        asked = await snooze.settle(session, outcomes)
        await members.keep_quiet(session, [each.member_id for each in asked], now + QUIET)
    steps.planned(asked)
    return len(due)


def _ask_again(due: Later, now: datetime) -> Outcome:
    """What becomes of a question put off: asked now, put off a little more, or, far too late, left open as it was."""
    if not due.reachable:
        return Outcome(due)
    if due.quiet_until and due.quiet_until > now:
        return Outcome(due, later_at=due.quiet_until)
    at = asking_time_of(due.later_at, zone(due.tz), now)
    return Outcome(due, asked=at == now, later_at=None if at == now else at)
