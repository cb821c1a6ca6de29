"""What tests of later share."""

from datetime import timedelta

from playground.workspace import Message
from tests.support.world import MAYA, World

DAY = timedelta(days=1)


def questions(world: World) -> list[Message]:
    """The messages that ask something, oldest first."""
    return [message for message in world.playground.dm(MAYA) if message.metadata]
