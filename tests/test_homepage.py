"""The Home tab: what it costs to show, and that it follows what is changed elsewhere."""

import copy

import pytest

from db.members import UserRef
from playground.blockkit import view_faults
from tests.support.checkin import asked
from tests.support.log_queries import statements
from tests.support.logs import CRITERION, modal, wrote
from tests.support.shares import mentorship
from tests.support.shortcuts import OWN, opened, praise
from tests.support.world import MAYA, World, text_of


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
    assert len(seen) == (3 if known else 2), seen
    assert published(world) - before == 1


async def offers(world: World) -> bool:
    """Whether Maya's Home, opened now, offers the weekly question."""
    await world.playground.open_home(MAYA)
    return "May I ask you one question a week?" in str(world.playground.home(MAYA))


async def test_the_weekly_question_is_offered_until_it_is_answered(world: World) -> None:
    assert not await offers(world), "without a level"
    await world.ladder_command(MAYA, "next")
    await world.click(MAYA, "welcome.level.l4")
    assert [await offers(world), await offers(world)] == [True, True]
    await world.click(MAYA, "welcome.time.5", on=world.playground.home(MAYA))
    assert not await offers(world)
    await world.ladder_command(MAYA, "set off")
    assert not await offers(world), "who had it knows of it"


@pytest.mark.parametrize("by", ["the message", "Home", "a command", "the form"])
async def test_who_declined_the_weekly_question_is_not_offered_it_again(world: World, by: str) -> None:
    await world.ladder_command(MAYA, "next")
    await world.click(MAYA, "welcome.level.l4")
    assert await offers(world)
    match by:
        case "the message":
            await world.click(MAYA, "welcome.no_questions")
        case "Home":
            await world.click(MAYA, "welcome.no_questions", on=world.playground.home(MAYA))
        case "a command":
            await world.ladder_command(MAYA, "set off")
        case "the form":
            await world.click(MAYA, "schedule.open", on=world.playground.home(MAYA))
            await world.submit(MAYA)
    assert not await offers(world)
    assert "Monday 18 January at 09:00" in text_of(await world.ladder_command(MAYA, "set on"))


async def test_home_follows_an_edit_in_a_modal_that_lies_over_it(world: World) -> None:
    await world.ladder_command(MAYA, "set L4")
    await world.playground.open_home(MAYA)
    await opened(world, praise(world))
    await world.submit(MAYA, {"what": OWN})
    await world.click(MAYA, "log.edit", on=modal(world))
    await world.submit(MAYA, {"what": "Said better"})
    assert "Said better" in str(world.playground.home(MAYA))


async def test_who_has_no_level_yet_sees_what_they_wrote(world: World) -> None:
    await world.playground.command(MAYA, "/ladder log Cut the pages by 40%")
    await world.submit(MAYA)
    await world.playground.open_home(MAYA)
    home = world.playground.home(MAYA)
    assert home is not None
    assert "Which level are you at now?" in str(home.blocks)
    assert "Cut the pages by 40%" in str(home.blocks)
    await world.click(MAYA, "logs.open", on=home)
    assert "Cut the pages by 40%" in str(modal(world).blocks)


async def test_home_and_list_of_old_are_drawn_anew_where_an_entry_is_gone(world: World) -> None:
    await world.ladder_command(MAYA, "set L4")
    [entry_id] = await wrote(world, 1)
    stale = await world.ladder_command(MAYA, "logs")
    await world.playground.open_home(MAYA)
    old_home = copy.deepcopy(world.playground.home(MAYA))
    assert "Entry 1" in str(old_home)
    await world.click(MAYA, f"logs.delete.{entry_id}", on=await world.ladder_command(MAYA, "logs"))
    assert "Entry 1" not in str(world.playground.home(MAYA))
    await world.click(MAYA, f"log.edit.{entry_id}", on=old_home)
    await world.playground.close(MAYA)
    await world.click(MAYA, f"log.edit.{entry_id}", on=stale)
    assert "no longer there" in text_of(stale)
    assert "_Deleted_" in text_of(stale)


async def test_it_fits_slack_with_500_entries_20_mentees_and_20_mentors(world: World) -> None:
    await asked(world)
    await wrote(world, 500, tags=[CRITERION])
    team = world.playground.workspace.team_id
    for n in range(20):
        await mentorship(world.sessions, UserRef(team, MAYA), UserRef(team, f"U0MENTEE{n}"))
        await mentorship(world.sessions, UserRef(team, f"U0MENTOR{n}"), UserRef(team, MAYA))
    await world.playground.open_home(MAYA)
    home = world.playground.home(MAYA)
    assert home is not None
    assert list(view_faults(home.body, "home")) == []
    assert "My mentors" in str(home.blocks)
    assert "My mentees" in str(home.blocks)
    assert all(len(block.get("elements", ())) <= 1 for block in home.blocks if block["type"] == "actions")
