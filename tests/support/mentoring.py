"""What tests of mentoring share."""

from sqlalchemy import select

from db import members
from db.entries import entries
from db.entries.entries import NewEntry
from db.enums import Source
from db.members import UserRef
from db.mentoring import shares
from db.models import Mentorship
from playground.workspace import Message
from tests.support.world import MAYA, SAM, START, World

WHY = "because you have *built* <!channel> & run it"


async def ask(world: World, words: str = f"mentor @sam {WHY}", mentee: str = MAYA) -> Message:
    """Ask, and let the request go out; the answer to the command."""
    answer = await world.ladder_command(mentee, words)
    await world.service.ticker.run()
    return answer


def newest(world: World, user: str) -> Message:
    return world.playground.dm(user)[-1]


async def states(world: World) -> list[str]:
    return await world.rows(select(Mentorship.state).order_by(Mentorship.id))


async def accepted(world: World) -> Message:
    """Maya has asked and Sam has accepted; Sam's message."""
    await ask(world)
    request = newest(world, SAM)
    await world.click(SAM, "mentoring.accept", on=request)
    await world.service.ticker.run()
    return request


async def share_something(world: World) -> None:
    async with world.sessions.begin() as session:
        maya = await members.lock(session, UserRef("T0PLAYGROUND", MAYA))
        assert maya is not None
        entry = await entries.add(session, maya, NewEntry("Shipped it", START.date(), Source.FORM, "e"), START)
        await shares.put(session, entry, await world.rows(select(Mentorship.id)), START)
