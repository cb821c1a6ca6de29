"""What tests of checkin share."""

from datetime import UTC, datetime

from playground.workspace import Message
from tests.support.world import MAYA, World, text_of

MONDAY = datetime(2027, 1, 18, 8, 0, tzinfo=UTC)  # 09:00 in Berlin

CHOICES = {"checkin.later": "Tomorrow", "checkin.more": "Another question"}

LOGGED = "Paired with Jonas on the training pipeline & cut it by 40%"


async def meet(world: World) -> None:
    """Maya is at L4 and is asked on Mondays at nine."""
    await world.ladder_command(MAYA, "next")
    await world.click(MAYA, "welcome.level.l4")
    await world.click(MAYA, "welcome.time.1")


async def asked(world: World) -> Message:
    """The question of Maya's first Monday."""
    await meet(world)
    await world.travel(MONDAY)
    question = world.playground.dm(MAYA)[-1]
    assert question.metadata
    return question


async def shown(world: World, message: Message) -> str:
    return text_of(world.playground.workspace.message(message.channel, message.ts))
