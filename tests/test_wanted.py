"""What waits in the outbox is judged anew when it goes out: is it wanted still, and is this its hour?"""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.features import message_kinds
from bot.ops import deliveries
from db.enums import CheckInState, DeliveryState
from db.models import CheckIn, Delivery, Workspace
from db.workspaces import workspaces
from tests.support.checkin import MONDAY, asked, meet, shown
from tests.support.later import DAY, questions
from tests.support.pause import said, slack_is_back, states
from tests.support.world import MAYA, World

HOUR = timedelta(hours=1)
FRIDAY = datetime(2027, 1, 15, 14, tzinfo=UTC)  # 15:00 in Berlin


async def ends(world: World) -> list[tuple[str, str | None]]:
    """State and reason of each delivery."""
    rows = await world.rows(select(Delivery).order_by(Delivery.created_at))
    return [(row.state, row.error) for row in rows]


async def refused(world: World) -> None:
    """This week's question failed."""
    await meet(world)
    world.playground.faults.refuse("chat.postMessage", "msg_too_long")
    await world.travel(MONDAY)
    assert await ends(world) == [(DeliveryState.FAILED, "msg_too_long")]


async def requeued(world: World) -> None:
    [delivery] = await world.rows(select(Delivery.id))
    assert await deliveries.requeue(world.sessions, message_kinds(), delivery)
    for _ in range(2):
        async with world.sessions.begin() as session:
            await workspaces.refill(session)
        await world.service.ticker.run()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("pause two weeks", "not wanted any more"),
        ("set off", "not wanted any more"),
        ("set L5", "its criterion is behind them"),
    ],
)
async def test_a_question_sent_again_by_hand_comes_to_nobody_who_wants_it_no_more(
    world: World, words: str, reason: str
) -> None:
    await refused(world)
    await said(world, words)
    await requeued(world)
    assert (questions(world), await states(world)) == ([], [CheckInState.CANCELLED])
    assert await ends(world) == [(DeliveryState.CANCELLED, reason)]


async def test_a_question_sent_again_by_hand_comes_to_who_wants_it(world: World) -> None:
    await refused(world)
    await requeued(world)
    assert (len(questions(world)), await states(world)) == (1, [CheckInState.ASKED])


async def test_switched_off_while_the_question_waits_it_does_not_come(world: World) -> None:
    await meet(world)
    world.playground.faults.rate_limit("chat.postMessage", retry_after=3600)
    await world.travel(MONDAY)
    await said(world, "set off")
    await slack_is_back(world)
    assert (questions(world), await states(world)) == ([], [CheckInState.CANCELLED])


async def test_this_weeks_question_asked_for_by_hand_in_a_pause_comes(world: World) -> None:
    await meet(world)
    await said(world, "set friday 15:00")
    await world.travel(MONDAY)
    await said(world, "pause until thursday")
    await said(world, "checkin")
    await world.service.ticker.run()
    assert await world.rows(select(CheckIn.week).order_by(CheckIn.id.desc()).limit(1)) == [MONDAY.date()]
    assert (len(questions(world)), (await states(world))[-1]) == (1, CheckInState.ASKED)


async def test_what_was_posted_in_time_and_arrived_after_its_hour_stays(world: World) -> None:
    await meet(world)
    await said(world, "set friday 15:00")
    world.playground.faults.rate_limit("chat.postMessage", retry_after=3600)
    await world.travel(FRIDAY)
    early = FRIDAY + timedelta(hours=3, minutes=59)  # 18:59 in Berlin, by a clock that is two minutes slow
    world.playground.clock.set_to(early + timedelta(minutes=2))
    world.service._sender = dataclasses.replace(world.service._sender, clock=lambda: early)
    await slack_is_back(world)
    assert (len(questions(world)), await states(world)) == (1, [CheckInState.ASKED])
    assert world.playground.journal.of("chat.delete") == []


async def extra_put_off(world: World) -> None:
    """An extra, put off to tomorrow, and held up by Slack when it is due."""
    await asked(world)
    await world.click(MAYA, "checkin.skip", on=questions(world)[-1])
    await said(world, "checkin")
    await world.service.ticker.run()
    await world.click(MAYA, "checkin.later", on=questions(world)[-1], value="Tomorrow")
    world.playground.faults.rate_limit("chat.postMessage", retry_after=3600)
    await world.travel(MONDAY + DAY + timedelta(minutes=5))
    assert (len(questions(world)), (await ends(world))[-1][0]) == (2, DeliveryState.READY)


@pytest.mark.parametrize(("late", "state"), [(18 * HOUR, DeliveryState.READY), (5 * DAY, DeliveryState.CANCELLED)])
async def test_an_extra_put_off_keeps_its_hours_when_slack_is_away(world: World, late: timedelta, state: str) -> None:
    await extra_put_off(world)
    world.playground.clock.set_to(MONDAY + DAY + late)
    await slack_is_back(world)
    assert (len(questions(world)), (await ends(world))[-1][0]) == (2, state)
    assert (await states(world))[-1] == CheckInState.ASKED


async def test_an_extra_comes_when_it_is_asked_for_whatever_the_hour(world: World) -> None:
    await meet(world)
    await world.travel(datetime(2027, 1, 16, 2, tzinfo=UTC))  # Saturday, 03:00 in Berlin
    await said(world, "set off")
    await said(world, "checkin")
    await world.service.ticker.run()
    assert len(questions(world)) == 1


async def put_off(world: World) -> None:
    """Monday's question was to come again on Tuesday, and Slack asks to wait."""
    await asked(world)
    await world.click(MAYA, "checkin.later", value="Tomorrow")
    world.playground.faults.rate_limit("chat.postMessage", retry_after=3600)
    await world.travel(MONDAY + DAY)
    assert await ends(world) == [(DeliveryState.SENT, None), (DeliveryState.READY, "ratelimited")]


@pytest.mark.parametrize(("words", "times"), [("pause two weeks", 1), ("set off", 2), ("set L5", 2)])
async def test_a_question_on_its_way_again_stays_open_whatever_becomes_of_that(
    world: World, words: str, times: int
) -> None:
    await put_off(world)
    await said(world, words)
    await slack_is_back(world)
    assert (len(questions(world)), await states(world)) == (times, [CheckInState.ASKED])


async def test_a_question_on_its_way_again_stays_open_when_slack_refuses_it(world: World) -> None:
    await asked(world)
    await world.click(MAYA, "checkin.later", value="Tomorrow")
    world.playground.faults.refuse("chat.postMessage", "msg_too_long")
    await world.travel(MONDAY + DAY)
    assert await states(world) == [CheckInState.ASKED]
    await world.click(MAYA, "checkin.later", on=questions(world)[0], value="Tomorrow")
    await world.travel(MONDAY + 2 * DAY)
    assert len(questions(world)) == 2


async def test_a_question_on_its_way_again_can_be_put_off_once_more(world: World) -> None:
    await put_off(world)
    first = questions(world)[0]
    await world.click(MAYA, "checkin.later", on=first, value="In two days")
    assert "I'll ask again on Thursday 21 January at 09:00" in await shown(world, first)
    await slack_is_back(world)
    assert len(questions(world)) == 1
    assert await world.rows(select(CheckIn.later_at)) == [MONDAY + 3 * DAY]
    await world.travel(MONDAY + 3 * DAY)
    assert (len(questions(world)), await states(world)) == (2, [CheckInState.ASKED])


async def test_a_question_on_its_way_again_gives_way_to_the_next_one(world: World) -> None:
    await asked(world)
    await world.travel(MONDAY + 5 * DAY)
    await world.click(MAYA, "checkin.later", value="Tomorrow")
    world.playground.faults.rate_limit("chat.postMessage", retry_after=3600)
    await world.travel(MONDAY + 6 * DAY)
    await world.travel(MONDAY + 7 * DAY)
    await slack_is_back(world)
    assert (len(questions(world)), await states(world)) == (2, [CheckInState.LAPSED, CheckInState.ASKED])


async def test_a_question_on_its_way_again_stays_open_where_rung_was_uninstalled(world: World) -> None:
    await put_off(world)
    await world.click(MAYA, "checkin.later", on=questions(world)[0], value="In two days")
    long_ago = CheckIn.created_at - 2 * DAY
    async with world.sessions.begin() as session:
        await workspaces.uninstalled(session, world.playground.workspace.team_id, world.playground.clock.now())
        await session.execute(update(Workspace).values(uninstalled_at=select(long_ago).scalar_subquery()))
    await world.service.ticker.run()
    assert (await ends(world))[-1] == (DeliveryState.CANCELLED, "Rung was uninstalled")
    assert await states(world) == [CheckInState.PLANNED]
    assert await world.rows(select(CheckIn.later_at)) == [MONDAY + 3 * DAY]
