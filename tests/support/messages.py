"""What tests of messages share."""

from typing import Any

from playground.workspace import Message
from tests.support.world import MAYA, World

TYPED = "Paired with @sam on R&D's <pipeline>"


async def said(world: World, text: str = TYPED, **more: Any) -> tuple[Message, Message]:
    """What Maya wrote, and the answer."""
    await world.say(MAYA, text, **more)
    written, answer = world.playground.dm(MAYA)[-2:]
    assert (written.user, answer.user) == (MAYA, "U0APP")
    return written, answer


def labels(message: Message) -> list[str]:
    return [
        each["text"]["text"] for block in message.blocks for each in block.get("elements", []) if "action_id" in each
    ]
