"""Who has not answered lately, computed from how the questions ended; nothing of it is stored."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import any_of, array_of
from db.tables import Entry
from growth.cadence import instant, local_date, week_of, zone
from growth.manners import OFF_AFTER, SLOWER_AFTER, Past, streak


@dataclass(frozen=True)
class Silence:
    """How many questions in a row met silence, and the Monday of the newest question's week."""

    streak: int = 0
    last_week: date | None = None


class Question(NamedTuple):
    """One that went out: the Monday of its week, and whether nothing came back."""

    week: date
    unanswered: bool


NONE = Silence()
# The newest questions that went out since the member last said how they want it; of the extras, which they asked for
# themselves, only those that they answered or skipped.
PAST = text("""
    SELECT m.id AS member_id, m.tz, past.weeks, past.slots, past.states
      FROM unnest(CAST(:members AS bigint[])) AS wanted (id)
      JOIN members m ON m.id = wanted.id
      JOIN schedules s ON s.member_id = m.id AND s.kind = 'check_in'
     CROSS JOIN LATERAL (
           SELECT array_agg(week) AS weeks, array_agg(slot_at) AS slots, array_agg(state) AS states
             FROM (SELECT week, slot_at, state
                     FROM check_ins
                    WHERE member_id = m.id AND slot_at > s.touched_at
                      AND (state IN ('answered', 'skipped') OR week IS NOT NULL AND state IN ('asked', 'lapsed'))
                    ORDER BY slot_at DESC
                    LIMIT :enough) AS newest
           ) AS past
     WHERE past.states IS NOT NULL
""")
UNANSWERED = ("asked", "lapsed")


async def silences(session: AsyncSession, member_ids: Collection[int]) -> dict[int, Silence]:
    """Member id → their silence. A question still open counts as unanswered; an entry of their own ends it."""
    rows = await session.execute(PAST, {"members": array_of(member_ids), "enough": OFF_AFTER})
    zones: dict[int, ZoneInfo] = {}
    asked: dict[int, list[Question]] = {}
    for id_, tz, weeks, slots, states in rows.all():
        zones[id_] = zone(tz)
        asked[id_] = [
            Question(week or week_of(local_date(slot_at, zones[id_])), state in UNANSWERED)
            for week, slot_at, state in zip(weeks, slots, states, strict=True)
        ]
    wrote = await _last_wrote(session, [id_ for id_, questions in asked.items() if _may_be_silent(questions)])
    found = {id_: _silence(questions, wrote.get(id_), zones[id_]) for id_, questions in asked.items()}
    return {id_: found.get(id_, NONE) for id_ in member_ids}


def _may_be_silent(questions: Sequence[Question]) -> bool:
    """Whether it matters what they logged: one unanswered question changes nothing yet."""
    newest = questions[:SLOWER_AFTER]
    return len(newest) == SLOWER_AFTER and all(each.unanswered for each in newest)


async def _last_wrote(session: AsyncSession, member_ids: Collection[int]) -> dict[int, datetime]:
    """Member id → when they last wrote into their log."""
    if not member_ids:
        return {}
    rows = await session.execute(
        select(Entry.member_id, func.max(Entry.created_at))
        .where(Entry.member_id == any_of(member_ids), Entry.deleted_at.is_(None))
        .group_by(Entry.member_id)
    )
    return {member_id: at for member_id, at in rows}


def _silence(questions: Sequence[Question], wrote: datetime | None, tz: ZoneInfo) -> Silence:
    """`questions` are newest first; what was written in the week of one, or since, ends the silence before it."""
    past = [
        Past(week, unanswered and (wrote is None or wrote < instant(tz, week, time())))
        for week, unanswered in questions
    ]
    return Silence(streak(past), questions[0].week)
