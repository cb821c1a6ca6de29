"""The Home tab: what it costs to show, and that it follows what is changed elsewhere."""

import pytest

from tests.test_checkin import asked
from tests.test_log_queries import statements
from tests.test_logs import CRITERION, modal, wrote
from tests.test_shortcuts import OWN, opened, praise
from tests.world import MAYA, World


def published(world: World) -> int:
    return len(world.playground.journal.of("views.publish"))


@pytest.mark.parametrize("known", [False, True])
async def test_an_opened_home_is_three_statements_and_published_once(world: World, known: bool) -> None:
    if known:
        await asked(world)
        await wrote(world, 12, tags=[CRITERION])
    await world.service.ticker.stop()  # nothing else speaks to Postgres meanwhile
    before = published(world)
    async with statements(world.engine) as seen:
        assert (await world.playground.open_home(MAYA)).ok
    assert len(seen) == (3 if known else 1), seen
    assert published(world) - before == 1


async def test_home_follows_an_edit_in_a_modal_that_lies_over_it(world: World) -> None:
    await world.ladder_command(MAYA, "set L4")
    await world.playground.open_home(MAYA)
    await opened(world, praise(world))
    await world.playground.submit(MAYA, {"what": OWN})
    await world.click(MAYA, "log.edit", on=modal(world))
    await world.playground.submit(MAYA, {"what": "Said better"})
    assert "Said better" in str(world.playground.home(MAYA))
