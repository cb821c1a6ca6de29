"""`/ladder pause` and `/ladder resume`."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from db.checkins import schedules
from db.enums import CheckInState, Kind
from db.models import Member, Schedule
from growth.cadence import Cadence
from tests.support.checkin import MONDAY, asked, meet
from tests.support.pause import said, slack_is_back, states
from tests.support.world import GUEST, MAYA, SAM, World, text_of

WEEK = timedelta(weeks=1)
UNTIL = "Paused until Monday 8 February. Your next question comes on Monday 8 February at 09:00 (Europe/Berlin)."


async def due(world: World, kind: Kind = Kind.CHECK_IN) -> datetime | None:
    [at] = await world.rows(select(Schedule.due_at).where(Schedule.kind == kind))
    assert at is None or isinstance(at, datetime)
    return at


async def test_nothing_comes_before_the_day_and_the_rhythm_goes_on_from_there(world: World) -> None:
    await meet(world)
    assert UNTIL in await said(world, "pause until 8 Feb")
    for weeks in range(3):
        await world.travel(MONDAY + weeks * WEEK)
    assert await states(world) == []
    await world.travel(MONDAY + 3 * WEEK)
    assert await states(world) == [CheckInState.ASKED]
    assert "Your next question comes on Monday 15 February" in await said(world, "next")
    assert "Paused" not in await said(world, "next")


async def test_the_day_itself_may_have_a_question_and_the_day_before_may_not(world: World) -> None:
    await meet(world)
    assert "Your next question comes on Monday 25 January" in await said(world, "pause until 19 Jan")
    assert "Your next question comes on Monday 18 January" in await said(world, "pause until monday")


async def test_a_slow_rhythm_keeps_its_weeks(world: World) -> None:
    await meet(world)
    await said(world, "set every four weeks")
    await world.travel(MONDAY)
    assert "Monday 15 February" in await said(world, "pause until 26 Jan")
    assert "Monday 15 February" in await said(world, "resume")


async def test_next_and_home_show_the_pause_and_end_it_with_a_click(world: World) -> None:
    await meet(world)
    await said(world, "pause until 8 Feb")
    answer = await world.ladder_command(MAYA, "next")
    assert UNTIL in text_of(answer)
    await world.playground.open_home(MAYA)
    home = world.playground.home(MAYA)
    assert home
    assert UNTIL in str(home.blocks)
    await world.click(MAYA, "pause.resume", on=home)
    assert "Your next question comes on Monday 18 January at 09:00 (Europe/Berlin)." in str(world.playground.home(MAYA))
    assert "Paused" not in str(world.playground.home(MAYA))
    await world.click(MAYA, "pause.resume", on=answer)  # the second click
    assert "Your next question comes on Monday 18 January" in text_of(world.playground.dm(MAYA)[-1])


async def test_what_was_planned_and_not_sent_yet_is_cancelled(world: World) -> None:
    await meet(world)
    world.playground.faults.rate_limit("chat.postMessage", retry_after=3600)
    await world.travel(MONDAY)
    assert await states(world) == [CheckInState.PLANNED]
    assert "Your next question comes on Monday 8 February" in await said(world, "pause until 8 Feb")
    await slack_is_back(world)
    assert await states(world) == [CheckInState.CANCELLED]
    assert not any(message.metadata for message in world.playground.dm(MAYA))


async def test_a_question_asked_for_by_hand_comes_all_the_same(world: World) -> None:
    await asked(world)
    await world.click(MAYA, "checkin.skip")
    await said(world, "pause two weeks")
    await said(world, "checkin")
    await world.service.ticker.run()
    assert await states(world) == [CheckInState.SKIPPED, CheckInState.ASKED]
    assert "Write reflection" in text_of(world.playground.dm(MAYA)[-1])


async def test_an_open_question_stands(world: World) -> None:
    question = await asked(world)
    assert "stays open: answer it whenever you like" in await said(world, "pause two weeks")
    await world.travel(WEEK)
    assert await states(world) == [CheckInState.ASKED]
    await world.say(MAYA, "Shipped it", thread_ts=question.ts)
    assert await states(world) == [CheckInState.ANSWERED]
    assert await due(world) == MONDAY + 2 * WEEK, "an answer does not end the pause"


async def test_a_question_put_off_is_not_asked_in_a_pause_and_says_no_longer_that_it_will(world: World) -> None:
    question = await asked(world)
    await world.click(MAYA, "checkin.later", value="Tomorrow")
    await said(world, "pause two weeks")
    shown = text_of(world.playground.workspace.message(question.channel, question.ts))
    assert "Write reflection" in shown
    assert "ask again" not in shown
    await world.travel(timedelta(days=2))
    assert await states(world) == [CheckInState.ASKED]
    assert len([message for message in world.playground.dm(MAYA) if message.metadata]) == 1


async def test_the_form_opens_where_no_day_is_named_and_refuses_on_its_field(world: World) -> None:
    question = await asked(world)
    await world.click(MAYA, "checkin.more", on=question, value="Pause")
    view = world.playground.modal(MAYA)
    assert view
    assert view.values["until"]["value"]["selected_date"] == "2027-02-01"
    await world.playground.submit(MAYA, {"until": "2027-01-18"})
    assert world.playground.errors(MAYA)["until"].startswith("A pause ends on a day to come: Tuesday 19 January")
    await world.playground.submit(MAYA, {"until": "2028-02-18"})
    assert "A pause can last a year" in world.playground.errors(MAYA)["until"]
    await world.submit(MAYA, {"until": "2027-02-08"})
    assert world.playground.modal(MAYA) is None
    assert UNTIL in text_of(world.playground.dm(MAYA)[-1])
    assert (await world.playground.command(MAYA, "/ladder pause")).ok
    assert world.playground.modal(MAYA)


@pytest.mark.parametrize(("words", "sentence"), [("banana", "I don't know which day"), ("2027-01-01", "a day to come")])
async def test_a_day_that_is_none_changes_nothing(world: World, words: str, sentence: str) -> None:
    await meet(world)
    assert sentence in await said(world, f"pause {words}")
    assert await due(world) == MONDAY


async def test_where_nothing_comes_there_is_nothing_to_pause(world: World) -> None:
    assert "There is nothing to pause" in await said(world, "pause two weeks")
    assert "I don't know your level yet" in await said(world, "resume")
    assert "full members" in text_of(await world.ladder_command(GUEST, "pause two weeks"))
    assert await world.rows(select(Member)) == []
    await said(world, "set L4")
    assert "There is nothing to resume" in await said(world, "resume")


async def test_resuming_keeps_four_days_after_the_last_question(world: World) -> None:
    await asked(world)
    await said(world, "pause until 1 Mar")
    await world.click(MAYA, "checkin.skip", on=world.playground.dm(MAYA)[-2])
    await world.travel(datetime(2027, 1, 22, 12, tzinfo=UTC))  # Friday
    await said(world, "checkin")
    await world.service.ticker.run()
    assert "Your next question comes on Monday 1 February" in await said(world, "resume"), "not three days later"
    assert "Your next question comes on Monday 1 February" in await said(world, "resume")


async def test_four_days_count_from_when_a_late_question_came(world: World) -> None:
    await meet(world)
    await said(world, "set sunday 20:00")
    await world.travel(MONDAY + timedelta(hours=9, minutes=55))  # after an outage
    assert await states(world) == [CheckInState.ASKED]
    assert "Thursday 28 January at 20:00" in await said(world, "set thursday 20:00")
    assert "Friday 29 January at 18:00" in await said(world, "set friday 18:00"), "an hour short"
    assert "Friday 22 January at 20:00" in await said(world, "set friday 20:00")


async def test_resume_switches_on_what_was_off(world: World) -> None:
    await meet(world)
    await said(world, "set friday 15:00")
    await said(world, "set off")
    assert "There is nothing to pause" in await said(world, "pause two weeks")
    assert "Friday 15 January at 15:00 (Europe/Berlin)" in await said(world, "resume")
    assert await due(world) == datetime(2027, 1, 15, 14, tzinfo=UTC)


async def test_off_ends_a_pause(world: World) -> None:
    await meet(world)
    await said(world, "pause until 8 Feb")
    await said(world, "set off")
    assert "Your next question comes on Monday 18 January" in await said(world, "set on")


async def test_a_new_day_or_zone_leaves_the_pause_as_it_is(world: World) -> None:
    await meet(world)
    await said(world, "pause until 8 Feb")
    answer = await said(world, "set friday 15:00")
    assert "Paused until Monday 8 February. Your next question comes on Friday 12 February at 15:00" in answer
    assert "Friday 12 February at 15:00 (Asia/Tokyo)." in await said(world, "set zone tokyo")
    await world.playground.command(MAYA, "/ladder set")
    assert "Paused until Monday 8 February" in str(world.playground.modal(MAYA))
    await world.submit(MAYA, {"day": "3"})
    assert await due(world) == datetime(2027, 2, 10, 6, tzinfo=UTC)


async def test_it_stops_everything_that_comes_by_itself(world: World) -> None:
    await meet(world)
    async with world.sessions.begin() as session:
        [member] = await session.scalars(select(Member.id))
        cadence = Cadence(3, time(16))
        wednesday = datetime(2027, 1, 20, 15, tzinfo=UTC)
        await schedules.put(session, member, Kind.DIGEST, cadence, date(2027, 1, 18), wednesday, wednesday)
    await said(world, "pause until 8 Feb")
    assert (await due(world), await due(world, Kind.DIGEST)) == (MONDAY + 3 * WEEK, wednesday + 3 * WEEK)
    await said(world, "resume")
    assert (await due(world), await due(world, Kind.DIGEST)) == (MONDAY, wednesday)


async def test_to_resume_digests_asks_nobody_who_declined_questions(world: World) -> None:
    await said(world, "set L4")
    wednesday = datetime(2027, 1, 20, 15, tzinfo=UTC)
    async with world.sessions.begin() as session:
        [member] = await session.scalars(select(Member.id))
        cadence = Cadence(3, time(16))
        await schedules.put(session, member, Kind.DIGEST, cadence, date(2027, 1, 18), wednesday, wednesday)
    await said(world, "pause until 8 Feb")
    await said(world, "resume")
    assert (await due(world), await due(world, Kind.DIGEST)) == (None, wednesday)


async def test_sam_s_pause_is_sam_s(world: World) -> None:
    await meet(world)
    await world.ladder_command(SAM, "set L6")
    await world.ladder_command(SAM, "set monday 09:00")
    await world.ladder_command(SAM, "pause two weeks")
    await world.travel(MONDAY)
    assert await states(world) == [CheckInState.ASKED]
