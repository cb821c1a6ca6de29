"""What tests of progress share."""

from datetime import date

from db import members
from db.entries import entries
from db.entries.entries import NewEntry
from db.enums import Source
from db.members import UserRef
from playground.workspace import File, Message
from tests.support.playground_app import until
from tests.support.world import MAYA, START, World

PRIVATE = "Confidential: cut the nightly job by 40%"


async def evidence(world: World, *dated: tuple[str, date], level: str = "l4", target: str | None = None) -> None:
    """Maya is at a level, with an entry for each criterion and day."""
    who = UserRef(world.playground.workspace.team_id, MAYA)
    async with world.sessions.begin() as session:
        member = await members.add(session, who, "Europe/Berlin")
        await members.set_level(session, member, level, target, START)
        for n, (criterion_id, on) in enumerate(dated):
            new = NewEntry(PRIVATE, on, Source.FORM, f"test:{n}", links=("https://example.org/run",))
            entry = await entries.add(session, member, new, START)
            criterion = world.ladder.criterion(criterion_id)
            await entries.tag(session, entry, {criterion_id: criterion.sentence if criterion else "Gone"})


def uploaded(world: World) -> list[tuple[Message, File]]:
    """What was uploaded into Maya's DM."""
    files = world.playground.workspace.files
    return [(message, files[file["id"]]) for message in world.playground.dm(MAYA) for file in message.files]


async def settled(world: World) -> None:
    """Wait for what comes after the answers, and for what Rung makes of its own message."""
    await world.service._running.drain()
    await until(lambda: not world.playground._background)


FRESH, STALE = date(2027, 1, 11), date(2026, 8, 20)
