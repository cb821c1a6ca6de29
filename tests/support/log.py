"""What tests of log share."""

from typing import Any

from playground.workspace import Message, View
from tests.support.world import MAYA, World

TYPED = "Cut R&D's <nightly> job by 40% with @sam & *Jonas*, see https://example.org 👩‍🔬 שלום"

PROFILED = "Profiled the ranker and cut serving cost by 40%"


async def opened(world: World, words: str = "", user: str = MAYA) -> View:
    """The form that the command opens."""
    answer = await world.playground.command(user, f"/ladder log {words}".strip())
    assert (answer.ok, answer.body) == (True, {}), "the form is the answer"
    modal = world.playground.modal(user)
    assert modal is not None
    return modal


async def log_it(world: World, words: str, **values: Any) -> Message:
    """Maya logs something by command and form; the answer."""
    await opened(world, words)
    await world.submit(MAYA, values)
    assert world.playground.modal(MAYA) is None
    return world.playground.dm(MAYA)[-1]


async def logged(world: World, what: str = TYPED) -> Message:
    """Maya is at L4 and logs something that is evidence of nothing yet."""
    await world.ladder_command(MAYA, "set L4")
    return await log_it(world, what, criteria=None)


def chosen(form: View) -> list[str]:
    """The criteria that a form has chosen."""
    return [option["value"] for option in form.values["criteria"]["value"]["selected_options"]]
