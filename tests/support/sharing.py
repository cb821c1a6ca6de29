"""What tests of sharing share."""

from db.members import UserRef
from tests.support.shares import mentorship
from tests.support.world import MAYA, SAM, World

ADA = "U0ADA"


def who(world: World, user: str) -> UserRef:
    return UserRef(world.playground.workspace.team_id, user)


async def mentored(world: World, *mentors: str) -> list[int]:
    """Maya is at L4 and has these mentors; the mentorships."""
    await world.ladder_command(MAYA, "set L4")
    return [await mentorship(world.sessions, who(world, user), who(world, MAYA)) for user in mentors or (SAM,)]
