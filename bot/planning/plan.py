"""Plans everything that is due, in a few lines at once: Postgres works for some while we do for one."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from bot.delivery.delivery_events import Steps
from db.engine import Sessions
from ladder_content.model import Ladder
from services import planning
from services.planning import Planned

LINES = 3


async def plan(sessions: Sessions, ladder: Ladder, now: datetime, steps: Steps | None = None) -> int:
    """Plan everything that is due at `now`; how many schedules, and questions put off, were moved on.

    Digests come last: a mentor who is asked a question now reads theirs some hours later.
    """
    if not await planning.anything_due(sessions, now):
        return 0
    steps = steps or Steps()
    moved = await _all(lambda: planning.plan_questions(sessions, ladder, now), steps)
    moved += await _all(lambda: planning.ask_again(sessions, now), steps)
    return moved + await _all(lambda: planning.plan_digests(sessions, now), steps)


async def _all(batch: Callable[[], Awaitable[Planned]], steps: Steps) -> int:
    """Batch after batch until nothing is left; how many were moved on."""
    async with asyncio.TaskGroup() as group:
        lines = [group.create_task(_line(batch, steps)) for _ in range(LINES)]
    return sum(line.result() for line in lines)


async def _line(batch: Callable[[], Awaitable[Planned]], steps: Steps) -> int:
    done = 0
    while (planned := await batch()).moved:
        steps.planned(planned.enqueued)
        done += planned.moved
    return done
