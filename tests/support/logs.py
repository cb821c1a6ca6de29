"""What tests of logs share."""

from collections.abc import Sequence
from datetime import timedelta

from db import members
from db.entries import entries
from db.entries.entries import NewEntry
from db.enums import Source
from db.members import UserRef
from playground.workspace import View
from tests.support.world import MAYA, World

CRITERION, OTHER = "l5.ambiguity-to-structure", "l5.mentors-engineers"


async def wrote(
    world: World,
    count: int = 1,
    what: str = "Entry {}",
    *,
    days_apart: int = 1,
    tags: Sequence[str] = (),
    impact: str | None = None,
) -> list[int]:
    """Maya's entries, the newest of today and first; their ids."""
    today = world.playground.clock.now().date()
    ids = []
    async with world.sessions.begin() as session:
        member = await members.add(session, UserRef(world.playground.workspace.team_id, MAYA), "Europe/Berlin")
        member.level = "l4"
        for n in range(count):
            on, key = today - timedelta(days=n * days_apart), f"key:{what}:{n}"
            row = NewEntry(what.format(n + 1), on, Source.FORM, key, impact)
            entry = await entries.add(session, member, row, world.playground.clock.now())
            await entries.tag(session, entry, {tag: f"The sentence of {tag}" for tag in tags})
            ids.append(entry.id)
    return ids


def modal(world: World) -> View:
    found = world.playground.modal(MAYA)
    assert found
    return found
