"""Of what Rung starts by itself, never two to one person within four hours; and nothing at a bad hour."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import func, select, update

from bot.planning.plan import plan
from db.checkins import schedules
from db.enums import CheckInState, DeliveryState, Kind
from db.members import UserRef
from db.mentoring import shares
from db.models import Delivery, Member, Schedule, Workspace
from growth.backoff import QUIET
from growth.cadence import Cadence
from tests.support.checkin import MONDAY, asked, meet
from tests.support.later import questions
from tests.support.pause import slack_is_back, states
from tests.support.shares import mentorship, wrote
from tests.support.world import MAYA, SAM, World

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


async def news(world: World) -> None:
    """Maya mentors Sam, who shares something; her digest comes when her question does."""
    maya, sam = (UserRef(world.playground.workspace.team_id, user) for user in (MAYA, SAM))
    id_ = await mentorship(world.sessions, maya, sam)
    entry = await wrote(world.sessions, sam)
    async with world.sessions.begin() as session:
        await shares.put(session, entry, [id_], MONDAY - DAY)
        [member] = await session.scalars(select(Member.id).where(Member.slack_user == MAYA))
        await schedules.put(session, member, Kind.DIGEST, Cadence(1, time(9)), MONDAY.date(), MONDAY, MONDAY)


async def test_planners_at_once_write_to_one_member_once(world: World) -> None:
    await meet(world)
    await news(world)

    async def written(now: datetime) -> int:
        await asyncio.gather(*(plan(world.sessions, world.ladder, now) for _ in range(4)))
        [found] = await world.rows(select(func.count()).select_from(Delivery))
        assert isinstance(found, int)
        return found

    assert await written(MONDAY) == 1
    [quiet] = await world.rows(select(Member.quiet_until).where(Member.slack_user == MAYA))
    assert quiet == MONDAY + QUIET
    assert await written(MONDAY) == 1
    assert await world.rows(select(Schedule.due_at).where(Schedule.due_at == quiet)) == [quiet], "the other one waits"
    assert await written(MONDAY + QUIET) == 2
    assert await world.rows(select(Schedule.due_at).where(Schedule.due_at <= MONDAY + QUIET)) == []


async def test_a_question_put_off_waits_for_the_quiet_too_and_makes_some(world: World) -> None:
    await asked(world)
    await world.click(MAYA, "checkin.later", value="Tomorrow")
    async with world.sessions.begin() as session:
        await session.execute(update(Member).values(quiet_until=MONDAY + DAY + HOUR))
    await world.travel(MONDAY + DAY)
    assert len(questions(world)) == 1
    await world.travel(MONDAY + DAY + HOUR)
    assert len(questions(world)) == 2
    [until] = await world.rows(select(Member.quiet_until))
    assert until >= MONDAY + DAY + HOUR + QUIET


@pytest.mark.parametrize(
    ("words", "slot", "free", "comes"),
    [
        ("monday 9:00", MONDAY, MONDAY + 3 * HOUR, MONDAY + 3 * HOUR),
        ("monday 17:00", MONDAY + 8 * HOUR, MONDAY + 11 * HOUR, MONDAY + 23 * HOUR),  # at 20:00: the morning after
        # The morning after is Monday, too late: rather at 20:00 than not at all.
        ("friday 17:00", datetime(2027, 1, 15, 16, tzinfo=UTC), datetime(2027, 1, 15, 19, tzinfo=UTC), None),
    ],
)
async def test_the_later_one_waits_and_is_not_lost(
    world: World, words: str, slot: datetime, free: datetime, comes: datetime | None
) -> None:
    await meet(world)
    await world.ladder_command(MAYA, f"set {words}")
    async with world.sessions.begin() as session:
        await session.execute(update(Member).values(quiet_until=free))
    for at in sorted({slot, free, comes or free}):
        assert await states(world) == []
        await world.travel(at)
    assert await states(world) == [CheckInState.ASKED]
    assert len(questions(world)) == 1


async def test_by_hand_neither_waits_nor_makes_others_wait(world: World) -> None:
    await asked(world)
    await world.click(MAYA, "checkin.skip")
    [before] = await world.rows(select(Member.quiet_until))
    assert before >= MONDAY + QUIET
    await world.travel(timedelta(minutes=5))
    await world.ladder_command(MAYA, "checkin")
    await world.service.ticker.run()
    assert len(questions(world)) == 2
    assert await world.rows(select(Member.quiet_until)) == [before]


async def held_up(world: World, until: datetime) -> None:
    """Monday's question is planned, and Slack takes nothing until then."""
    await meet(world)
    world.playground.faults.rate_limit("chat.postMessage", retry_after=3600)
    await world.travel(MONDAY)
    assert await states(world) == [CheckInState.PLANNED]
    world.playground.clock.set_to(until)
    await slack_is_back(world)


async def test_what_slack_held_up_comes_late_in_the_day(world: World) -> None:
    await held_up(world, MONDAY + 5 * HOUR)
    assert (len(questions(world)), await states(world)) == (1, [CheckInState.ASKED])


async def test_what_slack_held_up_into_the_night_comes_in_the_morning(world: World) -> None:
    await held_up(world, MONDAY + 12 * HOUR)
    assert (len(questions(world)), await states(world)) == (0, [CheckInState.PLANNED])
    [delivery] = await world.rows(select(Delivery))
    [now] = await world.rows(select(func.now()))
    assert delivery.state == DeliveryState.READY
    assert abs(delivery.run_at - now - 11 * HOUR) < timedelta(minutes=5), "at eight"
    world.playground.clock.set_to(MONDAY + 23 * HOUR)
    await slack_is_back(world)
    assert (len(questions(world)), await states(world)) == (1, [CheckInState.ASKED])


async def test_what_slack_held_up_for_days_is_missed(world: World) -> None:
    await held_up(world, MONDAY + 3 * DAY)
    assert (len(questions(world)), await states(world)) == (0, [CheckInState.MISSED])
    [delivery] = await world.rows(select(Delivery))
    assert (delivery.state, delivery.error) == (DeliveryState.CANCELLED, "it is too late")


async def test_what_was_asked_for_by_hand_comes_at_any_hour(world: World) -> None:
    await asked(world)
    await world.click(MAYA, "checkin.skip")
    world.playground.faults.rate_limit("chat.postMessage", retry_after=3600)
    await world.ladder_command(MAYA, "checkin")
    await world.service.ticker.run()
    world.playground.clock.set_to(MONDAY + 15 * HOUR)
    await slack_is_back(world)
    assert len(questions(world)) == 2


async def test_a_workspace_that_uninstalled_is_not_planned_for_and_its_weeks_go_by(world: World) -> None:
    await meet(world)
    async with world.sessions.begin() as session:
        await session.execute(update(Workspace).values(uninstalled_at=MONDAY))
    await world.travel(MONDAY)
    assert await states(world) == []
    assert await world.rows(select(Schedule.next_week)) == [date(2027, 1, 25)]
