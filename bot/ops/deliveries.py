"""What whoever runs Rung can ask about deliveries: who, when, which question, and why not; never anybody's words."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from bot.delivery.composing import Composed, Nothing, Wait, compose
from db.engine import Sessions
from db.outbox import backlog
from db.outbox import claims as claiming
from db.outbox.backlog import Waiting
from db.outbox.claims import Pace
from db.outbox.deliveries import Claim
from db.workspaces import workspaces
from ladder_content.model import Ladder

NO_LIMIT = 10_000
UNPACED = Pace(per_minute=NO_LIMIT * 20)
Line = tuple[str, ...]


async def outbox(sessions: Sessions) -> list[str]:
    """A table of what is waiting, under way, unknown or failed."""
    async with sessions.background() as session:  # no index knows what failed: all that ever was sent is read
        found = await backlog.waiting(session)
    lines = [(*_about(it), it.state, str(it.attempts), it.error or "") for it in found]
    if not lines:
        return ["Nothing is waiting, unknown or failed."]
    return list(table(("delivery", "due (UTC)", "user", "kind", "question", "state", "tries", "why"), lines))


async def dry_run(sessions: Sessions, ladder: Ladder, now: datetime) -> list[str]:
    """A table of what a sender would take now, and what would become of it: claimed, and given back.

    It is given back before it is composed: else nobody could send meanwhile.
    """
    async with sessions.rehearsal() as session:
        await workspaces.refill(session)
        claims = await claiming.claim(session, NO_LIMIT, timedelta(), UNPACED)
        known = {it.id: it for it in await backlog.waiting(session)}
    composed = {it.id: await _composed(sessions, it, ladder, now) for it in claims}
    lines = [(*_about(known[it.id]), _would(composed[it.id], unknown=it.unknown)) for it in claims]
    if not lines:
        return ["Nothing would be sent now."]
    return list(table(("delivery", "due (UTC)", "user", "kind", "question", "what would become of it"), lines))


async def _composed(sessions: Sessions, claim: Claim, ladder: Ladder, now: datetime) -> Composed:
    """What would become of it; nothing that composing writes down stays."""
    async with sessions.rehearsal() as session:
        return await compose(session, claim, ladder, now)


async def requeue(sessions: Sessions, delivery: UUID) -> bool:
    """Whether that one had failed; then it is looked for in Slack, and sent if it is not there."""
    async with sessions.begin() as session:
        return await backlog.requeue(session, delivery)


def _about(it: Waiting) -> Line:
    return (str(it.id), f"{it.run_at:%Y-%m-%d %H:%M:%S}", it.user, it.kind, it.question or "-")


def _would(composed: Composed, *, unknown: bool) -> str:
    match composed:
        case _ if unknown:
            return "looked for in Slack"
        case Nothing(reason=reason):
            return f"cancelled: {reason}"
        case Wait(after, reason):
            return f"put off by {timedelta(seconds=round(after.total_seconds()))}: {reason}"
        case _:
            return "sent"


def table(head: Line, lines: Sequence[Line]) -> Iterator[str]:
    """Lines below a head, in columns as wide as what stands in them."""
    widths = [max(map(len, column)) for column in zip(head, *lines, strict=True)]
    for line in (head, *lines):
        yield "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
