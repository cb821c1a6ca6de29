"""What tests of oauth share."""

from tests.support.world import MAYA, World

UNINSTALLED = {"type": "app_uninstalled"}

REVOKED = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": ["U0APP"]}}


async def start(world: World) -> None:
    """Maya begins, and wants questions."""
    await world.ladder_command(MAYA, "next")
    await world.click(MAYA, "welcome.level.l4")
    await world.click(MAYA, "welcome.time.1")
