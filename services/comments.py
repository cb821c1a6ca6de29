"""What a mentor says to an entry."""

from collections.abc import Callable

from db import members
from db.engine import AsyncSession
from db.enums import DeliveryKind
from db.mentoring import comments, digests, disclosures
from db.outbox import stale
from growth.digest import Item
from growth.errors import NoLongerShared
from services.actor import Actor


async def readable(actor: Actor, entry_id: int) -> Item:
    """The entry, if the person may read it now. Raises NoLongerShared."""
    async with actor.sessions() as session:
        found = await disclosures.readable(session, actor.who, [entry_id], actor.now)
    if not found:
        raise NoLongerShared
    return found[0]


async def keep(actor: Actor, entry_id: int, words: str, key: str) -> Item:
    """Keep words, once for each key, and bring them to the entry's member. Raises NoLongerShared."""
    async with actor.sessions.begin() as session:
        return await _keep(session, actor, entry_id, words, key)


async def give_kudos(actor: Actor, entry_id: int) -> Item:
    """As `keep`, once and without words; the digest shows that they were given."""
    async with actor.sessions.begin() as session:
        item = await _keep(session, actor, entry_id, None, comments.KUDOS)
        showing = await digests.showing(session, actor.who.workspace, [entry_id])
        await stale.mark(session, DeliveryKind.DIGEST, showing)
    return item


async def _keep(session: AsyncSession, actor: Actor, entry_id: int, words: str | None, key: str) -> Item:
    author = await members.get(session, actor.who)
    found = await disclosures.readable(session, actor.who, [entry_id], actor.now)
    if author is None or not found:
        raise NoLongerShared
    await comments.add(session, author.id, entry_id, words, key, actor.now)
    return found[0]


async def correct(actor: Actor, key: str, words: Callable[[], str]) -> bool:
    """Let what was said by that key be these words; whether anything was. Raises NoLongerShared, and what they do."""
    async with actor.sessions.begin() as session:
        found = await comments.of_source(session, actor.who, key)
        for each in found:
            if not await disclosures.readable(session, actor.who, [each.entry_id], actor.now):
                raise NoLongerShared
            each.words = words()
        await session.flush()
        await stale.mark(session, DeliveryKind.COMMENT, [each.id for each in found])
    return bool(found)


async def rename(actor: Actor, key: str, before: str, words: str) -> None:
    """Say the same with people's names, where what was said by that key is exactly what it was before."""
    async with actor.sessions.begin() as session:
        found = [each for each in await comments.of_source(session, actor.who, key) if each.words == before]
        for each in found:
            each.words = words
        await session.flush()
        await stale.mark(session, DeliveryKind.COMMENT, [each.id for each in found])
