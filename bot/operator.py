"""What whoever runs Rung may see of the outbox: who, when, which question, and why not; never anybody's words."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from bot.composing import Nothing, Wait, compose
from db import backlog, claiming, workspaces
from db.claiming import Pace
from db.engine import Sessions
from ladder_content.model import Ladder

NO_LIMIT = 10_000
UNPACED = Pace(per_minute=NO_LIMIT * 20)


async def outbox(sessions: Sessions) -> AsyncIterator[str]:
    """A line for each delivery that is waiting, under way, unknown or failed."""
    async with sessions() as session:
        for it in await backlog.waiting(session):
            why = f"  {it.error}" if it.error else ""
            yield (
                f"{it.id}  {it.state:8} {it.run_at:%Y-%m-%d %H:%M:%S}Z  {it.user}  {it.kind}"
                f"  {it.prompt or '-'}  attempts={it.attempts}{why}"
            )


async def dry_run(sessions: Sessions, ladder: Ladder, now: datetime) -> AsyncIterator[str]:
    """A line for each delivery that a sender would take now, and what would become of it: claimed, and given back."""
    async with sessions.begin() as session:
        known = {it.id: it for it in await backlog.waiting(session)}
        await workspaces.refill(session)
        claims = await claiming.claim(session, NO_LIMIT, timedelta(), UNPACED)
        composed = await compose(session, claims, ladder, now)
        await session.rollback()
    for claim in claims:
        it = known[claim.id]
        match composed[claim.id]:
            case _ if claim.unknown:
                would = "would be looked for in Slack"
            case Nothing(reason=reason):
                would = f"would be cancelled: {reason}"
            case Wait(after, reason):
                would = f"would wait {after}: {reason}"
            case _:
                would = "would be sent"
        yield f"{it.id}  {it.run_at:%Y-%m-%d %H:%M:%S}Z  {it.user}  {it.kind}  {it.prompt or '-'}  {would}"
