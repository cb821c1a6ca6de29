"""Who has not answered lately, computed from how the questions ended; nothing of it is stored."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import any_of, array_of
from db.models import Entry, Member, Schedule
from growth.backoff import OFF_AFTER, SLOWER_AFTER, Past, streak
from growth.cadence import instant, local_date, week_of, zone


class Nonresponse(NamedTuple):
    """How many questions in a row met silence, and the Monday of the newest question's week."""

    streak: int = 0
    last_week: date | None = None


class Addressee(NamedTuple):
    """Somebody who is asked, in `tz`, and since when they want it as it is now."""

    member_id: int
    since: datetime
    tz: str


class Question(NamedTuple):
    """One that went out: the Monday of its week, and whether nothing came back."""

    week: date
    unanswered: bool


NONE = Nonresponse()
# The newest questions that went out; of the extras, which members asked for themselves, only those that they answered
# or skipped.
PAST = text("""
    SELECT wanted.id, past.weeks, past.slots, past.states
      FROM unnest(CAST(:members AS bigint[])) AS wanted (id)
     CROSS JOIN LATERAL (
           SELECT array_agg(week) AS weeks, array_agg(slot_at) AS slots, array_agg(state) AS states
             FROM (SELECT week, slot_at, state
                     FROM check_ins
                    WHERE member_id = wanted.id
                      AND (state IN ('answered', 'skipped') OR week IS NOT NULL AND state IN ('asked', 'lapsed'))
                    ORDER BY slot_at DESC
                    LIMIT :enough) AS newest
           ) AS past
     WHERE past.states IS NOT NULL
""")
UNANSWERED = ("asked", "lapsed")


async def of(session: AsyncSession, member: Member, schedule: Schedule) -> Nonresponse:
    """The silence of one member; the schedule is that of their questions."""
    return (await nonresponses(session, [Addressee(member.id, schedule.configured_at, member.tz)]))[member.id]


async def nonresponses(session: AsyncSession, members: Sequence[Addressee]) -> dict[int, Nonresponse]:
    """Member id → their silence since they last said how they want it.

    A question still open counts as unanswered; an entry of their own ends it.
    """
    zones = {each.member_id: zone(each.tz) for each in members}
    since = {each.member_id: each.since for each in members}
    rows = await session.execute(PAST, {"members": array_of(zones), "enough": OFF_AFTER})
    asked: dict[int, list[Question]] = {}
    for id_, weeks, slots, states in rows.all():
        questions = [
            Question(week or week_of(local_date(slot_at, zones[id_])), state in UNANSWERED)
            for week, slot_at, state in zip(weeks, slots, states, strict=True)
            if slot_at > since[id_]
        ]
        if questions:
            asked[id_] = questions
    wrote = await _last_wrote(session, [id_ for id_, questions in asked.items() if _may_be_silent(questions)])
    found = {id_: _silence(questions, wrote.get(id_), zones[id_]) for id_, questions in asked.items()}
    return {id_: found.get(id_, NONE) for id_ in zones}


def _may_be_silent(questions: Sequence[Question]) -> bool:
    """Whether it matters what they logged: one unanswered question changes nothing yet."""
    newest = questions[:SLOWER_AFTER]
    return len(newest) == SLOWER_AFTER and all(each.unanswered for each in newest)


LAST_WROTE = (
    select(Entry.member_id, func.max(Entry.created_at))
    .where(Entry.member_id == any_of("members"), Entry.deleted_at.is_(None))
    .group_by(Entry.member_id)
)


async def _last_wrote(session: AsyncSession, member_ids: Collection[int]) -> dict[int, datetime]:
    """Member id → when they last wrote into their log."""
    if not member_ids:
        return {}
    rows = await session.execute(LAST_WROTE, {"members": array_of(member_ids)})
    return {member_id: at for member_id, at in rows}


def _silence(questions: Sequence[Question], wrote: datetime | None, tz: ZoneInfo) -> Nonresponse:
    """`questions` are newest first; what was written in the week of one, or since, ends the silence before it."""
    past = [
        Past(week, unanswered and (wrote is None or wrote < instant(tz, week, time())))
        for week, unanswered in questions
    ]
    return Nonresponse(streak(past), questions[0].week)
