"""*Later*: the same question, asked again."""

import copy
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update

from db.enums import CheckInState, DeliveryState
from db.models import CheckIn, Delivery, Member
from tests.support.checkin import MONDAY, asked, meet, shown
from tests.support.later import DAY, questions
from tests.support.pause import slack_is_back, states
from tests.support.world import MAYA, World, text_of


async def test_tomorrow_the_same_question_comes_again(world: World) -> None:
    question = await asked(world)
    [before] = await world.rows(select(CheckIn.prompt_id))
    await world.click(MAYA, "checkin.later", value="Tomorrow")
    assert "I'll ask again on Tuesday 19 January at 09:00 (Europe/Berlin)." in await shown(world, question)
    await world.travel(MONDAY + DAY - timedelta(minutes=1))
    assert len(questions(world)) == 1
    await world.travel(MONDAY + DAY)
    first, second = questions(world)
    assert "Write reflection" in text_of(second)
    assert await world.rows(select(CheckIn.prompt_id)) == [before]
    await world.travel(MONDAY + 2 * DAY)
    assert len(questions(world)) == 2

    await world.say(MAYA, "Shipped it", thread_ts=second.ts)
    for message in (first, second):
        assert "Saved to your growth log" in await shown(world, message)
    assert await states(world) == [CheckInState.ANSWERED]


async def test_the_last_choice_holds_and_comes_once(world: World) -> None:
    question = await asked(world)
    await world.click(MAYA, "checkin.later", value="Tomorrow")
    await world.click(MAYA, "checkin.later", value="Tomorrow")
    await world.click(MAYA, "checkin.later", value="In two days")
    assert "I'll ask again on Wednesday 20 January at 09:00" in await shown(world, question)
    await world.travel(MONDAY + DAY)
    assert len(questions(world)) == 1
    await world.travel(MONDAY + 2 * DAY)
    assert len(questions(world)) == 2
    await world.click(MAYA, "checkin.later", value="Tomorrow")
    await world.travel(MONDAY + 3 * DAY)
    assert len(questions(world)) == 3


async def test_answered_before_it_is_not_asked_again(world: World) -> None:
    question = await asked(world)
    await world.click(MAYA, "checkin.later", value="Tomorrow")
    await world.click(MAYA, "checkin.write", on=world.playground.workspace.message(question.channel, question.ts))
    await world.submit(MAYA, {"what": "Shipped it"})
    await world.travel(MONDAY + 2 * DAY)
    assert len(questions(world)) == 1
    await world.click(MAYA, "log.undo", on=world.playground.workspace.message(question.channel, question.ts))
    await world.travel(MONDAY + 3 * DAY)
    assert (len(questions(world)), await states(world)) == (1, [CheckInState.ASKED])


async def test_next_week_is_nothing_this_week_and_names_the_next_question(world: World) -> None:
    question = await asked(world)
    old = copy.deepcopy(question)
    await world.click(MAYA, "checkin.later", value="Next week")
    assert "Your next question comes on Monday 25 January at 09:00 (Europe/Berlin)." in await shown(world, question)
    assert await states(world) == [CheckInState.SKIPPED]
    await world.click(MAYA, "checkin.later", on=old, value="Tomorrow")  # in a window that was not redrawn
    assert await states(world) == [CheckInState.SKIPPED]
    assert "Nothing this week: fine." in await shown(world, question)


async def test_it_does_not_run_into_the_next_question(world: World) -> None:
    question = await asked(world)
    await world.travel(MONDAY + 6 * DAY)
    await world.click(MAYA, "checkin.later", on=question, value="Tomorrow")
    told = text_of(world.playground.dm(MAYA)[-1])
    assert "Your next question comes before that, on Monday 25 January at 09:00 (Europe/Berlin)." in told
    assert await states(world) == [CheckInState.ASKED]


async def test_what_a_newer_question_replaced_is_not_asked_again(world: World) -> None:
    first = await asked(world)
    await world.travel(MONDAY + 7 * DAY)
    await world.click(MAYA, "checkin.later", on=first, value="Tomorrow")
    assert "A newer question has come since" in text_of(world.playground.dm(MAYA)[-1])
    assert await states(world) == [CheckInState.LAPSED, CheckInState.ASKED]


async def test_a_newer_question_takes_the_place_of_one_put_off(world: World) -> None:
    await asked(world)
    await world.click(MAYA, "checkin.later", value="Tomorrow")
    await world.travel(MONDAY + 7 * DAY)  # Rung was away meanwhile
    assert await states(world) == [CheckInState.LAPSED, CheckInState.ASKED]
    assert len(questions(world)) == 2


async def test_long_after_its_time_it_stays_open_and_is_not_asked_again(world: World) -> None:
    await asked(world)
    await world.click(MAYA, "checkin.later", value="Tomorrow")
    await world.travel(MONDAY + 4 * DAY)
    assert (len(questions(world)), await states(world)) == (1, [CheckInState.ASKED])


async def test_a_day_off_that_was_chosen_is_kept(world: World) -> None:
    await meet(world)
    await world.ladder_command(MAYA, "set friday 16:00")
    await world.travel(datetime(2027, 1, 15, 15, tzinfo=UTC))
    await world.click(MAYA, "checkin.later", value="Tomorrow")
    await world.travel(datetime(2027, 1, 16, 17, tzinfo=UTC))  # Saturday, two hours late
    assert len(questions(world)) == 2


async def test_by_hand_it_is_open_at_once(world: World) -> None:
    question = await asked(world)
    await world.click(MAYA, "checkin.later", value="In two days")
    assert "This one is still open:" in text_of(await world.ladder_command(MAYA, "checkin"))
    assert "ask again" not in await shown(world, question)
    await world.travel(MONDAY + 2 * DAY)
    assert len(questions(world)) == 1


async def test_it_keeps_its_hours_when_slack_is_away(world: World) -> None:
    await asked(world)
    await world.click(MAYA, "checkin.later", value="Tomorrow")
    world.playground.faults.rate_limit("chat.postMessage", retry_after=3600)
    await world.travel(MONDAY + DAY)
    world.playground.clock.set_to(MONDAY + 4 * DAY)
    await slack_is_back(world)
    assert (len(questions(world)), await states(world)) == (1, [CheckInState.ASKED]), "too late to come again"


async def test_a_member_who_left_is_not_reminded(world: World) -> None:
    await asked(world)
    await world.click(MAYA, "checkin.later", value="Tomorrow")
    async with world.sessions.begin() as session:
        await session.execute(update(Member).values(active=False))
    await world.travel(MONDAY + DAY)
    assert await states(world) == [CheckInState.ASKED]
    assert [d.state for d in await world.rows(select(Delivery))] == [DeliveryState.SENT]
