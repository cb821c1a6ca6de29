"""From due schedules to digests in the outbox, a batch at a time, as `bot.planning.check_ins` has it."""

from dataclasses import dataclass
from datetime import datetime

from bot.delivery.delivery_events import Steps
from db import members
from db.checkins import schedules
from db.checkins.schedules import Advance, Due
from db.engine import Sessions
from db.enums import Kind
from db.mentoring import digests, disclosures
from db.mentoring.digests import NewDigest
from growth.cadence import following, zone
from growth.digest import worth_a_line
from growth.manners import QUIET

BATCH = 100  # whether a mentor has news is asked of all that is shared with them


async def plan_batch(sessions: Sessions, now: datetime, steps: Steps) -> int:
    """Plan up to a hundred digests that are due at `now`; how many schedules were moved on."""
    async with sessions.background() as session:
        due = await schedules.claim_due(session, Kind.DIGEST, now, BATCH)
        if not due:
            return 0
        ids = [each.member_id for each in due]
        mentors = await digests.mentoring(session, ids)
        news = await disclosures.with_news(session, ids, now)
        quiet = await digests.quiet_weeks(session, ids)
        plans = [
            _plan_one(each, each.member_id in news, quiet[each.member_id], now)
            if each.member_id in mentors
            else _Plan(_next(each))
            for each in due
        ]
        told = await digests.plan(session, [plan.digest for plan in plans if plan.digest])
        await members.keep_quiet(session, [each.member_id for each in told], now + QUIET)
        await schedules.advance(session, [plan.advance for plan in plans])
    steps.planned(told)
    return len(due)


@dataclass(frozen=True)
class _Plan:
    advance: Advance
    digest: NewDigest | None = None


def _plan_one(due: Due, has_news: bool, quiet_weeks: int, now: datetime) -> _Plan:
    """What becomes of one due schedule: a digest now, later, or none; and the slot after it."""
    slot_at, at = schedules.when(due, now)
    if at is None or not due.reachable:
        return _Plan(_next(due))
    if at > now:
        return _Plan(Advance(due.id, due.next_week, due.last_planned_week, at))
    told = has_news or worth_a_line(quiet_weeks)
    digest = NewDigest(due.member_id, due.next_week, slot_at, quiet=not has_news, told=told)
    return _Plan(_next(due, planned=True), digest)


def _next(due: Due, *, planned: bool = False) -> Advance:
    after = following(schedules.cadence_of(due), due.next_week)
    last = due.next_week if planned else due.last_planned_week
    return Advance(due.id, after.week, last, after.instant(zone(due.tz)))
