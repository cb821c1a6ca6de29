"""What tests of comments share."""

from playground.workspace import Message
from tests.support.digest import TUESDAY, mentoring, newest, shared
from tests.support.world import World

WORDS = "What made you choose <!channel> this?"


async def digested(world: World, entries: int = 1) -> Message:
    """Sam's digest of so many of Maya's entries."""
    await mentoring(world)
    for n in range(entries):
        await shared(world, f"Entry {n}")
    await world.travel(TUESDAY)
    return newest(world)
