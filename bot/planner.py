"""From due schedules to questions in the outbox; one transaction a batch, from any number of processes."""

from dataclasses import dataclass
from datetime import date, datetime

import structlog

from db import check_ins, schedules
from db.check_ins import Material, NewCheckIn
from db.engine import Sessions
from db.schedules import Advance, Due
from db.tables import CheckInState, Kind
from growth import selection
from growth.cadence import Cadence, asking_time, following, local_date, slot, zone
from growth.selection import Choice
from ladder_content.model import Ladder

log = structlog.get_logger()
BATCH = 100


async def plan(sessions: Sessions, ladder: Ladder, now: datetime) -> int:
    """Plan everything that is due at `now`; how many schedules were moved on."""
    done = 0
    while moved := await _plan_batch(sessions, ladder, now):
        done += moved
    return done


async def _plan_batch(sessions: Sessions, ladder: Ladder, now: datetime) -> int:
    async with sessions.begin() as session:
        due = await schedules.claim_due(session, Kind.CHECK_IN, now, BATCH)
        if not due:
            return 0
        material = await check_ins.material(session, [each.member_id for each in due])
        plans = [_plan_one(each, material[each.member_id], ladder, now) for each in due]
        questions = [plan.question for plan in plans if plan.question]
        asked = await check_ins.plan(session, questions)
        await schedules.advance(session, [plan.advance for plan in plans])
    log.info("planned", schedules=len(due), questions=len(asked))
    return len(due)


@dataclass(frozen=True)
class _Plan:
    advance: Advance
    question: NewCheckIn | None = None


def _plan_one(due: Due, material: Material, ladder: Ladder, now: datetime) -> _Plan:
    """What becomes of one due schedule: a question now, later or missed, and the slot after it."""
    tz = zone(due.tz)
    cadence = Cadence(due.weekday, due.local_time, due.every_weeks)
    slot_at = slot(cadence, due.next_week).instant(tz)
    after = following(cadence, due.next_week)
    if not due.reachable:
        return _Plan(Advance(due.id, due.next_week, due.last_planned_week, None))
    choice = _choose(due, material, ladder, local_date(now, tz))
    if choice is None:
        return _Plan(Advance(due.id, after.week, due.last_planned_week, after.instant(tz)))
    ask_at = asking_time(cadence, tz, slot_at, now)
    if ask_at and ask_at > now:
        return _Plan(Advance(due.id, due.next_week, due.last_planned_week, ask_at))
    state = CheckInState.PLANNED if ask_at else CheckInState.MISSED
    question = NewCheckIn(due.member_id, due.next_week, slot_at, choice, state)
    return _Plan(Advance(due.id, after.week, due.next_week, after.instant(tz)), question)


def _choose(due: Due, material: Material, ladder: Ladder, today: date) -> Choice | None:
    """The question; none where the ladder has no level for the member, or no criteria: the week goes by."""
    return selection.choose(
        ladder.relevant(due.level or "", due.target),
        material.asked,
        material.evidence,
        material.remembered,
        due.focus,
        today,
    )
