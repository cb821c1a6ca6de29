"""A question in the outbox, as the planner leaves it."""

from datetime import UTC, datetime

from db import members
from db.checkins import check_ins
from db.checkins.check_ins import NewCheckIn
from db.engine import Sessions
from db.members import UserRef
from growth import selection
from ladder_content.model import Ladder
from playground.playground import Playground

SLOT = datetime(2027, 1, 18, 8, 0, tzinfo=UTC)  # Monday, 09:00 in Berlin


async def planned(sessions: Sessions, ladder: Ladder, playground: Playground, user: str, *, level: str = "l4") -> int:
    """Plan an extra question for somebody at L4, who is made when missing; the id of the check-in."""
    choice = selection.choose(ladder.relevant(level, None), selection.Asked(), {}, {}, None, SLOT.date())
    assert choice is not None
    async with sessions.begin() as session:
        member = await members.add(session, UserRef(playground.workspace.team_id, user), "Europe/Berlin")
        member.level = level
        await session.flush()
        await check_ins.plan(session, [NewCheckIn(member.id, None, SLOT, choice)])
        question = await check_ins.newest(session, member.id)
    assert question is not None
    return question.id
