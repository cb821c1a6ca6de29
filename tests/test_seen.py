"""What was seen stays told, whatever the member takes back."""

from datetime import timedelta

import pytest

from tests.support.comments import digested
from tests.support.digest import TUESDAY, mentoring, newest, shared
from tests.support.world import MAYA, SAM, World, text_of

SEEN = "They were shown 2 of your entries before: `/ladder seen` tells which."


async def test_a_deletion_says_who_has_seen_it(world: World) -> None:
    await digested(world)
    listed = await world.ladder_command(MAYA, "logs")
    await world.click(MAYA, "logs.delete.1", on=listed)
    line = text_of(newest(world, MAYA))
    assert f"“Entry 0” · seen by <@{SAM}> · can be undone until" in line
    assert f"*<@{SAM}>* saw your entry of 14 January on 19 January" in text_of(await world.ladder_command(MAYA, "seen"))

    await world.travel(timedelta(days=60))
    empty = text_of(await world.ladder_command(MAYA, "seen"))
    assert "nobody but you has seen anything that is in your log now" in empty


async def test_an_entry_taken_out_by_its_own_button_says_so_too(world: World) -> None:
    await mentoring(world)
    await world.playground.command(MAYA, "/ladder log shipped it")
    await world.submit(MAYA, {"readers": ["1"]})
    card = newest(world, MAYA)
    await world.travel(TUESDAY)
    await world.click(MAYA, "log.undo", on=card)
    assert f"Taken out of your log again, seen by <@{SAM}>. Until" in text_of(newest(world, MAYA))


@pytest.mark.parametrize(("who", "command"), [(MAYA, "mentors"), (SAM, "mentees")])
async def test_an_ending_says_how_much_was_seen(world: World, who: str, command: str) -> None:
    await digested(world, 2)
    await world.ladder_command(who, command)
    await world.click(who, "mentoring.end.1")
    await world.service.ticker.run()
    assert SEEN in text_of(newest(world, MAYA))
    assert "were shown" not in text_of(newest(world))


@pytest.mark.parametrize("refusal", ["msg_too_long", "ratelimited"])
async def test_what_slack_refused_was_seen_by_nobody(world: World, refusal: str) -> None:
    await mentoring(world)
    await shared(world, "Shipped it")
    world.playground.faults.refuse("chat.postMessage", refusal)
    await world.travel(TUESDAY)
    assert "nobody but you has seen anything" in text_of(await world.ladder_command(MAYA, "seen"))


async def test_the_days_are_those_on_which_it_was_seen_for_certain(world: World) -> None:
    digest = await digested(world)
    await world.travel(timedelta(days=10))
    world.playground.faults.refuse("views.open", "internal_error")
    await world.playground.click(SAM, digest, "reading.list.1")
    said = text_of(await world.ladder_command(MAYA, "seen"))
    assert f"*<@{SAM}>* saw your entry of 14 January on 19 January\n" in said
