"""What whoever runs Rung can ask about deliveries: who, when, which question, and why not; never anybody's words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from db.engine import AsyncSession, Sessions
from db.enums import DeliveryState
from db.outbox import backlog
from db.outbox import claims as claiming
from db.outbox.backlog import Waiting
from db.outbox.claims import Pace
from db.outbox.deliveries import Claim
from db.workspaces import workspaces
from handlers.slack.message_kind import Composed, Due, MessageKind, Nothing, Refreshed, Wait
from ladder_content.model import Ladder

NO_LIMIT = 10_000
UNPACED = Pace(per_minute=NO_LIMIT * 20)
Line = tuple[str, ...]


Kinds = Mapping[str, MessageKind]


async def outbox(sessions: Sessions, kinds: Kinds) -> list[str]:
    """A table of what is waiting, under way, unknown, failed, or to be refreshed."""
    async with sessions.background() as session:  # no index knows what failed: all that ever was sent is read
        found = await backlog.waiting(session)
        about = await _described(session, kinds, found)
    lines = [(*_about(it, about), it.state, str(it.attempts), it.error or "") for it in found]
    if not lines:
        return ["Nothing is waiting, unknown or failed."]
    return list(table(("delivery", "due (UTC)", "user", "kind", "question", "state", "tries", "why"), lines))


async def dry_run(sessions: Sessions, kinds: Kinds, ladder: Ladder, now: datetime) -> list[str]:
    """A table of what a sender would take now, and what would become of it: claimed, and given back.

    It is given back before it is composed: else nobody could send meanwhile.
    """
    async with sessions.rehearsal() as session:
        await workspaces.refill(session)
        claims = await claiming.claim(session, NO_LIMIT, timedelta(), UNPACED)
        known = {it.id: it for it in await backlog.waiting(session)}
        about = await _described(session, kinds, known.values())
    lines = [(*_about(known[it.id], about), await _would(sessions, kinds, it, ladder, now)) for it in claims]
    if not lines:
        return ["Nothing would be sent now."]
    return list(table(("delivery", "due (UTC)", "user", "kind", "question", "what would become of it"), lines))


async def requeue(sessions: Sessions, kinds: Kinds, delivery: UUID) -> bool:
    """Whether that one had failed; then it is looked for in Slack, and sent if it is not there."""
    async with sessions.begin() as session:
        found = await backlog.failed(session, delivery)
        if found is None:
            return False
        requeued = await backlog.requeue(session, delivery)
        if requeued:
            await kinds[found.kind].requeued(session, found.subject_id)
    return requeued


async def _described(session: AsyncSession, kinds: Kinds, found: Iterable[Waiting]) -> dict[UUID, str]:
    """Delivery id → what it is about, in ids of ours."""
    ids: dict[str, set[int]] = {}
    for it in found:
        ids.setdefault(it.kind, set()).add(it.subject_id)
    known = {kind: await kinds[kind].described(session, subjects) for kind, subjects in ids.items()}
    return {it.id: known[it.kind].get(it.subject_id, "-") for it in found}


def _about(it: Waiting, about: Mapping[UUID, str]) -> Line:
    return (str(it.id), f"{it.run_at:%Y-%m-%d %H:%M:%S}", it.user, it.kind, about[it.id])


async def _would(sessions: Sessions, kinds: Kinds, claim: Claim, ladder: Ladder, now: datetime) -> str:
    """What would become of it; nothing that composing writes down stays."""
    if claim.unknown:
        return "looked for in Slack"
    due = Due(claim.workspace, claim.member_id, claim.subject_id, ladder, now)
    kind = kinds[claim.kind]
    async with sessions.rehearsal() as session:
        composed: Composed | Refreshed = await (
            kind.compose(session, due) if claim.state == DeliveryState.READY else kind.refresh(session, due)
        )
    match composed:
        case Nothing(reason=reason) if claim.state == DeliveryState.SENT:
            return f"deleted: {reason}"
        case Nothing(reason=reason):
            return f"cancelled: {reason}"
        case Wait(after, reason):
            return f"put off by {timedelta(seconds=round(after.total_seconds()))}: {reason}"
        case Refreshed():
            return "refreshed"
        case _:
            return "sent"


def table(head: Line, lines: Sequence[Line]) -> Iterator[str]:
    """Lines below a head, in columns as wide as what stands in them."""
    widths = [max(map(len, column)) for column in zip(head, *lines, strict=True)]
    for line in (head, *lines):
        yield "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
