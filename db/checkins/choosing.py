"""Which question to ask whom: what the choice depends on, read for many members at once."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import array_of
from db.entries import entries
from growth import selection
from growth.coverage import carried_over
from growth.selection import Asked, Choice
from ladder_content.model import Criterion

REMEMBERED = 200  # questions of each member, some four years; what was asked before is as good as new
NEVER = Asked()


class Candidate(NamedTuple):
    """Somebody to be asked about one of these criteria, in ladder order; `today` is their own."""

    member_id: int
    relevant: Sequence[Criterion]
    focus: str | None
    today: date


async def choose(
    session: AsyncSession, candidates: Sequence[Candidate], replaced: Mapping[str, str]
) -> dict[int, Choice]:
    """Member id → what to ask, of those for whom there is something; three statements, however many they are.

    `replaced` is the ladder's.
    """
    ids = [each.member_id for each in candidates]
    past = await asked(session, ids)
    known = await entries.evidence(session, ids)
    evidence = {id_: carried_over(found, replaced) for id_, found in known.items()} if replaced else known
    picks = {
        each.member_id: picked
        for each in candidates
        if (
            picked := selection.pick(
                each.relevant, past.get(each.member_id, NEVER), evidence.get(each.member_id, {}), each.focus
            )
        )
    }
    # Words are read of the one criterion that a follow-up could be about, not of the whole log.
    followed = {id_: of for id_, picked in picks.items() if (of := picked.criterion.id) in evidence.get(id_, {})}
    remembered = await entries.remembered(session, followed)
    return {
        each.member_id: selection.ask(
            picked,
            past.get(each.member_id, NEVER),
            evidence.get(each.member_id, {}).get(picked.criterion.id),
            remembered.get(each.member_id),
            each.today,
        )
        for each in candidates
        if (picked := picks.get(each.member_id))
    }


# One array a member: as rows, a batch would be tens of thousands of them.
ASKED = text("""
    SELECT wanted.id, past.criteria, past.prompts
      FROM unnest(CAST(:members AS bigint[])) AS wanted (id)
     CROSS JOIN LATERAL (
           SELECT array_agg(criterion_id) AS criteria, array_agg(prompt_id) AS prompts
             FROM (SELECT criterion_id, prompt_id
                     FROM check_ins
                    WHERE member_id = wanted.id AND state NOT IN ('missed', 'cancelled')
                    ORDER BY slot_at DESC, id DESC
                    LIMIT :remembered) AS newest
           ) AS past
     WHERE past.criteria IS NOT NULL
""")


async def asked(session: AsyncSession, member_ids: Collection[int]) -> dict[int, Asked]:
    """Member id → the questions that they were asked."""
    if not member_ids:
        return {}
    rows = await session.execute(ASKED, {"members": array_of(member_ids), "remembered": REMEMBERED})
    return {id_: Asked(criteria, prompts) for id_, criteria, prompts in rows.all()}
