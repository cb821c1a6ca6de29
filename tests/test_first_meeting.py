"""The first minutes with Rung: which level, who reads what, when to ask."""

import pytest
from sqlalchemy import func, select

from db.models import LevelChange, Member, Schedule, Workspace
from tests.support.world import GUEST, MAYA, World, text_of


@pytest.mark.parametrize("world", ["socket", "http"], indirect=True)
async def test_the_first_next_asks_for_the_level_and_goes_on(world: World) -> None:
    asked = await world.ladder_command(MAYA, "next")
    assert "Which level are you at now?" in text_of(asked)

    await world.click(MAYA, "welcome.level.l4")
    [after] = world.playground.dm(MAYA)
    assert "May I ask you one question a week?" in text_of(after)
    assert "L4 · ML Engineer II  →  L5 · Senior ML Engineer" in text_of(after)
    assert await world.rows(select(func.count()).select_from(Schedule)) == [0], "no question before a yes"

    await world.click(MAYA, "welcome.time.1")
    [after] = world.playground.dm(MAYA)
    assert "Your next question comes on Monday 18 January at 09:00 (Europe/Berlin)." in text_of(after)
    [schedule] = await world.rows(select(Schedule))
    assert schedule.due_at.isoformat() == "2027-01-18T08:00:00+00:00"

    again = await world.ladder_command(MAYA, "next")
    assert "0 of 9 criteria have evidence" in text_of(again)


async def test_looking_creates_nothing(world: World) -> None:
    for words in ("", "next", "levels", "L5", "compare L4 L5", "find ambiguity", "help", "nonsense"):
        await world.ladder_command(MAYA, words)
    await world.playground.open_home(MAYA)
    for table in (Workspace, Member):
        assert await world.rows(select(func.count()).select_from(table)) == [0]


async def test_no_questions_is_an_answer(world: World) -> None:
    await world.ladder_command(MAYA, "next")
    await world.click(MAYA, "welcome.level.l4")
    await world.click(MAYA, "welcome.no_questions")
    assert "No questions, then." in text_of(world.playground.dm(MAYA)[-1])
    assert await world.rows(select(Schedule.due_at)) == [None]
    assert "There is nothing to resume" in text_of(await world.ladder_command(MAYA, "resume"))


async def test_the_second_click_on_a_level_changes_nothing(world: World) -> None:
    asked = await world.ladder_command(MAYA, "next")
    await world.click(MAYA, "welcome.level.l4", on=asked)
    assert len(await world.rows(select(LevelChange))) == 1
    again = await world.ladder_command(MAYA, "next")
    assert "L4" in text_of(again)


@pytest.mark.parametrize(
    "words",
    [
        *("next", "progress", "log Something small", "logs", "export", "checkin", "set", "set L4", "pause", "seen"),
        *("mentors", "mentees", "digest", "digest preview", "digest off", "digest fri 15:00"),
    ],
)
async def test_guests_are_told_kindly(world: World, words: str) -> None:
    assert "full members" in text_of(await world.ladder_command(GUEST, words))
    assert await world.rows(select(Member)) == []


async def test_a_guest_s_home_says_so_too(world: World) -> None:
    await world.playground.open_home(GUEST)
    home = world.playground.home(GUEST)
    assert home is not None
    assert "full members" in str(home.blocks)
    assert "action_id" not in str(home.blocks)


async def test_the_level_can_be_picked_on_the_home_tab(world: World) -> None:
    await world.playground.open_home(MAYA)
    home = world.playground.home(MAYA)
    assert home is not None
    await world.click(MAYA, "welcome.level.l4", on=home)
    home = world.playground.home(MAYA)
    assert home is not None
    assert "L5" in str(home.blocks)
