"""What tests of digest share."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from db import members
from db.entries import entries
from db.entries.entries import NewEntry
from db.enums import Source
from db.members import UserRef
from db.mentoring import shares
from db.models import Disclosure
from playground.workspace import Message
from tests.support.mentoring import accepted
from tests.support.world import MAYA, SAM, World

TUESDAY = datetime(2027, 1, 19, 14, 0, tzinfo=UTC)  # 09:00 in New York

WEEK = timedelta(weeks=1)


async def shared(world: World, what: str, *, mentorship: int = 1, criteria: Sequence[str] = ()) -> int:
    """Maya shares an entry with her mentor; its id."""
    now = world.playground.clock.now()
    async with world.sessions.begin() as session:
        maya = await members.lock(session, UserRef(world.playground.workspace.team_id, MAYA))
        assert maya
        entry = await entries.add(session, maya, NewEntry(what, now.date(), Source.FORM, what), now)
        known = [found for each in criteria if (found := world.ladder.criterion(each))]
        await entries.tag(session, entry, {each.id: each.sentence for each in known})
        await shares.put(session, entry, [mentorship], now)
    return entry.id


async def mentoring(world: World) -> None:
    """Sam mentors Maya, who is at L4."""
    await world.ladder_command(MAYA, "set L4")
    await accepted(world)


def newest(world: World, user: str = SAM) -> Message:
    return world.playground.dm(user)[-1]


async def take_back(world: World, words: str) -> None:
    """Maya deletes the entry with these words."""
    listed = await world.ladder_command(MAYA, f"logs {words}")
    [button] = [each["action_id"] for each in _elements(listed) if each["action_id"].startswith("logs.delete.")]
    await world.click(MAYA, button)


def _elements(message: Message) -> list[dict[str, Any]]:
    return [element for block in message.blocks for element in block.get("elements", []) if "action_id" in element]


async def certain(world: World) -> list[bool]:
    return await world.rows(select(Disclosure.confirmed).order_by(Disclosure.id))
