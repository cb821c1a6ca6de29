"""The messages of a person's DM that stay, and are kept up to date."""

from uuid import UUID

from db.checkins import check_ins
from db.enums import DeliveryKind
from db.outbox import deliveries, messages, stale
from services.actor import Actor


async def stays(actor: Actor, ts: str) -> bool:
    """Whether the message of that ts is kept up to date."""
    async with actor.sessions() as session:
        return await messages.is_sent(session, actor.who, ts)


async def is_stale(actor: Actor, ts: str) -> bool:
    """Whether the message of that ts is to be refreshed."""
    async with actor.sessions() as session:
        return await stale.is_stale(session, actor.who, ts)


async def refresh_again(actor: Actor, ts: str) -> None:
    """The message of that ts was answered in its place, perhaps with less than it was refreshed to meanwhile."""
    async with actor.sessions.begin() as session:
        await stale.mark_message(session, actor.who, ts)


async def in_doubt(actor: Actor, channel: str, ts: str) -> dict[str, tuple[DeliveryKind, int]]:
    """Delivery id → kind and subject of what may have been sent to the person as that message of their DM."""
    async with actor.sessions() as session:
        return await messages.in_doubt(session, actor.who, channel, ts)


async def proven(actor: Actor, kind: DeliveryKind, subject_id: int, channel: str, ts: str) -> UUID | None:
    """The person acted on that message, which is about that subject: the delivery, if nobody knew that it was sent.

    A question that was given up is asked after all.
    """
    async with actor.sessions.begin() as session:
        found = await deliveries.proven(session, actor.who, kind, subject_id, channel, ts)
        if found and kind == DeliveryKind.CHECK_IN:
            await check_ins.ask_again(session, subject_id)
            await check_ins.was_asked(session, subject_id)
    return found
