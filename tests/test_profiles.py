"""Zones and leavers follow Slack: at once by its events, and once a day."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from db.engine import create_engine
from db.enums import CheckInState
from db.models import CheckIn, Member, Schedule, Workspace
from ladder_content.model import Ladder
from tests.support.checkin import MONDAY, asked, meet
from tests.support.world import MAYA, SAM, START, World, text_of, world_of

WEEK, DAY = timedelta(weeks=1), timedelta(days=1)


async def said(world: World, words: str) -> str:
    return text_of(await world.ladder_command(MAYA, words))


async def due(world: World) -> datetime:
    [schedule] = await world.rows(select(Schedule))
    assert schedule.due_at
    at: datetime = schedule.due_at
    return at


async def test_a_new_zone_keeps_week_and_date_and_moves_the_instant(world: World) -> None:
    await meet(world)
    for zone, at in (
        ("Pacific/Kiritimati", datetime(2027, 1, 17, 19, tzinfo=UTC)),
        ("Pacific/Pago_Pago", datetime(2027, 1, 18, 20, tzinfo=UTC)),
        ("Asia/Kolkata", datetime(2027, 1, 18, 3, 30, tzinfo=UTC)),
    ):
        await world.playground.change_person(MAYA, tz=zone)
        assert await due(world) == at
        assert f"Your next question comes on Monday 18 January at 09:00 ({zone})." in await said(world, "next")
    await world.travel(datetime(2027, 1, 18, 3, 30, tzinfo=UTC))
    assert await world.rows(select(CheckIn.state)) == [CheckInState.ASKED]


async def test_across_the_date_line_no_week_is_dropped_and_none_comes_twice(world: World) -> None:
    await meet(world)
    await world.playground.change_person(MAYA, tz="Pacific/Kiritimati")
    await world.travel(datetime(2027, 1, 17, 19, tzinfo=UTC))  # Monday there
    await world.playground.change_person(MAYA, tz="Pacific/Pago_Pago")  # where it is Sunday
    for hours in range(0, 24 * 7, 6):
        await world.travel(datetime(2027, 1, 17, 20, tzinfo=UTC) + timedelta(hours=hours))
    assert [str(week) for week in await world.rows(select(CheckIn.week))] == ["2027-01-18"]
    await world.travel(datetime(2027, 1, 25, 20, tzinfo=UTC))
    assert [str(week) for week in await world.rows(select(CheckIn.week))] == ["2027-01-18", "2027-01-25"]


@pytest.mark.parametrize("how", ["profile", "command"])
async def test_what_only_a_new_zone_put_behind_comes_at_once(world: World, how: str) -> None:
    await meet(world)
    await world.playground.change_person(MAYA, tz="Pacific/Honolulu")
    await said(world, "set friday 17:00")
    await world.travel(datetime(2027, 1, 15, 7, tzinfo=UTC))  # Thursday evening; on Friday at 20:00 in Auckland
    if how == "command":
        assert "Friday 15 January at 20:00 (Pacific/Auckland)" in await said(world, "set zone Pacific/Auckland")
    else:
        await world.playground.change_person(MAYA, tz="Pacific/Auckland")
    await world.travel(timedelta(minutes=1))
    assert await world.rows(select(CheckIn.state)) == [CheckInState.ASKED]
    assert await due(world) == datetime(2027, 1, 22, 4, tzinfo=UTC)


@pytest.mark.parametrize("how", ["profile", "command"])
async def test_a_question_put_off_keeps_its_date_and_time_in_a_new_zone(world: World, how: str) -> None:
    await asked(world)
    await world.click(MAYA, "checkin.later", value="Tomorrow")
    if how == "command":
        await said(world, "set zone America/Los_Angeles")
    else:
        await world.playground.change_person(MAYA, tz="America/Los_Angeles")
    assert await world.rows(select(CheckIn.later_at)) == [MONDAY + timedelta(hours=33)], "on Tuesday at nine"
    await world.playground.change_person(MAYA, deleted=True)
    await world.playground.change_person(MAYA, deleted=False)
    assert await world.rows(select(CheckIn.later_at)) == [MONDAY + timedelta(hours=33)]


async def test_a_zone_that_was_pinned_stays(world: World) -> None:
    await meet(world)
    await said(world, "set zone tokyo")
    await world.playground.change_person(MAYA, tz="America/New_York")
    assert await due(world) == datetime(2027, 1, 18, 0, tzinfo=UTC)
    assert "at 09:00 (America/New_York)" in await said(world, "set zone auto")


async def test_a_zone_nobody_knows_is_taken_for_utc_and_that_is_said(world: World) -> None:
    await meet(world)
    await world.playground.change_person(MAYA, tz="Mars/<Olympus>")
    doubt = "I don't know the time zone of your Slack profile, “Mars/&lt;Olympus&gt;”, so I reckon in UTC;"
    assert f"Monday 18 January at 09:00 (UTC). {doubt} `/ladder set zone Europe/Berlin` names yours." in await said(
        world, "next"
    )
    assert f"Time zone: UTC, for now. {doubt}" in await said(world, "set friday 9:00")
    await world.travel(datetime(2027, 1, 15, 9, tzinfo=UTC))
    assert doubt in text_of(world.playground.dm(MAYA)[-1])
    await world.playground.change_person(MAYA, tz="Europe/Berlin")
    assert "Friday 22 January at 09:00 (Europe/Berlin). Your log" in await said(world, "next")


async def test_a_stranger_of_a_zone_nobody_knows_is_told_at_the_first_meeting(world: World) -> None:
    await world.playground.change_person(MAYA, tz="Mars/Olympus")
    await world.ladder_command(MAYA, "next")
    await world.click(MAYA, "welcome.level.l4")
    assert "Times are yours, in UTC. I don't know the time zone" in text_of(world.playground.dm(MAYA)[-1])


async def test_who_left_is_not_asked_and_who_comes_back_is(world: World) -> None:
    await meet(world)
    await world.playground.change_person(MAYA, deleted=True)
    await world.travel(MONDAY)
    await world.travel(MONDAY + WEEK)
    assert await world.rows(select(CheckIn)) == []
    await world.playground.change_person(MAYA, deleted=False)
    await world.travel(MONDAY + 2 * WEEK)
    assert [str(week) for week in await world.rows(select(CheckIn.week))] == ["2027-02-01"]


async def test_who_becomes_a_guest_is_switched_off(world: World) -> None:
    await meet(world)
    await world.playground.change_person(MAYA, is_restricted=True)
    assert await world.rows(select(Member.active)) == [False]


async def test_people_rung_does_not_know_are_nobody_s_business(world: World) -> None:
    await meet(world)
    await world.playground.change_person(SAM, tz="Asia/Tokyo")
    assert await world.rows(select(Member.tz)) == ["Europe/Berlin"]


def reads(world: World) -> int:
    return len(world.playground.journal.of("users.list"))


async def test_once_a_day_everybody_is_looked_up_page_by_page(world: World) -> None:
    await meet(world)
    for number in range(450):
        world.playground.workspace.add_person(f"p{number}")
    everyone = world.playground.workspace.people
    everyone[MAYA].tz = "Asia/Tokyo"  # while Rung was away: no event came
    everyone[MAYA] = everyone.pop(MAYA)  # on the last page
    await world.service.read_people()
    assert await due(world) == datetime(2027, 1, 18, 0, tzinfo=UTC)
    assert reads(world) == 3
    everyone[MAYA].deleted = True
    await world.service.read_people()
    assert (reads(world), await world.rows(select(Member.active))) == (3, [True]), "it is the same day"
    await world.travel(DAY)
    await world.service.read_people()
    assert (reads(world), await world.rows(select(Member.active))) == (6, [False])


async def test_of_several_processes_one_reads(world: World) -> None:
    await meet(world)
    world.playground.faults.slow("users.list", 0.2, times=9)
    await asyncio.gather(*(world.service.read_people() for _ in range(4)))
    assert reads(world) == 1


async def test_what_could_not_be_read_is_tried_again_an_hour_later(world: World) -> None:
    await meet(world)
    world.playground.faults.refuse("users.list", "internal_error")
    await world.service.read_people()
    world.playground.workspace.people[MAYA].tz = "Asia/Tokyo"
    await world.service.read_people()
    assert await world.rows(select(Member.tz)) == ["Europe/Berlin"]
    await world.travel(timedelta(hours=1))
    await world.service.read_people()
    assert await world.rows(select(Member.tz)) == ["Asia/Tokyo"]


async def test_where_slack_asks_to_wait_the_reading_waits(world: World) -> None:
    await meet(world)
    world.playground.faults.rate_limit("users.list", retry_after=1)
    await world.service.read_people()
    assert reads(world) == 2
    [read_at] = await world.rows(select(Workspace.people_read_at))
    assert read_at > START, "not an hour short of a day ago"


async def test_an_open_question_is_not_touched_by_a_new_zone(world: World) -> None:
    await asked(world)
    await world.playground.change_person(MAYA, tz="America/New_York")
    assert await world.rows(select(CheckIn.state)) == [CheckInState.ASKED]
    assert await due(world) == datetime(2027, 1, 25, 14, tzinfo=UTC)


async def test_what_goes_wrong_with_a_profile_is_told_to_nobody(ladder: Ladder) -> None:
    away = create_engine("postgresql://rung@127.0.0.1:1/nowhere")
    async with world_of(away, ladder) as world:
        assert (await world.playground.change_person(SAM, tz="Asia/Tokyo")).ok
        assert world.playground.dm(SAM) == []
    await away.dispose()
