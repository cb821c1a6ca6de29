"""What tests of shortcuts share."""

from playground.workspace import Message, View
from tests.support.world import MAYA, SAM, World

PRAISE = "<@U0MAYA>'s drift monitor & its <https://example.org/runbook|runbook> saved our weekend"

OWN = "Built the drift monitor"


def praise(world: World, *, seen_by_rung: bool = True, text: str = PRAISE) -> Message:
    """What Sam wrote where Maya reads it."""
    workspace = world.playground.workspace
    channel = workspace.add_channel("ranking", (MAYA, SAM), with_app=seen_by_rung)
    return workspace.post(channel, SAM, text=text)


async def opened(world: World, message: Message | None, user: str = MAYA) -> View:
    """The modal that the shortcut opens."""
    answer = await world.playground.shortcut(user, "save_message" if message else "log_growth", message)
    assert answer.ok, answer
    modal = world.playground.modal(user)
    assert modal is not None
    return modal
