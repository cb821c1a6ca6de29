"""What becomes of somebody who does not answer: slower, a rest, one last question, and then quiet."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from db.enums import CheckInState
from db.models import CheckIn, Schedule
from playground.workspace import Message
from tests.support.checkin import MONDAY, meet
from tests.support.pause import slack_is_back
from tests.support.world import MAYA, World, text_of

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)


def sent(world: World) -> list[Message]:
    """What Rung wrote by itself, oldest first."""
    return [message for message in world.playground.dm(MAYA) if message.metadata]


async def weeks_asked(world: World, until: int, since: int = 0) -> list[int]:
    """Live through some weeks, Monday by Monday; those in which a question came, counted from the first one."""
    asked = []
    for week in range(since, until):
        before = len(sent(world))
        await world.travel(MONDAY + week * WEEK)
        if len(sent(world)) > before:
            asked.append(week)
    return asked


async def asked_in(world: World, *weeks: int) -> None:
    """Live through these weeks alone, each of which brings a question to somebody silent."""
    for week in weeks:
        await world.travel(MONDAY + week * WEEK)
    assert len(sent(world)) == len(weeks)


async def said(world: World, words: str) -> str:
    return text_of(await world.ladder_command(MAYA, words))


async def test_two_every_two_weeks_two_more_a_rest_one_and_off(world: World) -> None:
    await meet(world)
    assert await weeks_asked(world, 30) == [0, 1, 3, 5, 13, 15]
    texts = [text_of(message) for message in sent(world)]
    assert ["every two weeks from here on" in text for text in texts] == [False, False, True, False, False, False]
    assert ["eight quiet weeks" in text for text in texts] == [False, False, False, True, False, False]
    assert ["the last one I send by myself" in text for text in texts] == [False, False, False, False, True, False]
    assert "I'll stop asking; your log stays as it is, and `/ladder resume` brings" in texts[-1]
    assert await world.rows(select(CheckIn.state).order_by(CheckIn.id)) == [CheckInState.LAPSED] * 4 + [
        CheckInState.ASKED
    ], "the last one stays open"
    assert await world.rows(select(Schedule.due_at)) == [None]
    assert await world.rows(select(Schedule.every_weeks)) == [1], "what was chosen stays"


@pytest.mark.parametrize(
    ("back", "told"),
    [(18 * HOUR, 23 * HOUR), (38 * HOUR, 47 * HOUR), (5 * DAY, 6 * DAY + 23 * HOUR)],  # Saturday waits for Monday
)
async def test_after_an_outage_the_word_that_it_is_over_waits_for_the_morning(
    world: World, back: timedelta, told: timedelta
) -> None:
    await meet(world)
    await asked_in(world, 0, 1, 3, 5, 13)
    last = MONDAY + 15 * WEEK - HOUR  # at nine, in summer
    await world.travel(last + back)
    assert (len(sent(world)), await world.rows(select(Schedule.due_at))) == (5, [last + told])
    await world.travel(last + told)
    assert "I'll stop asking" in text_of(sent(world)[-1])


async def test_what_is_shown_is_what_comes(world: World) -> None:
    await meet(world)
    for week in range(14):
        await world.travel(MONDAY + week * WEEK)
        if week in (1, 2):
            assert f"comes on {'Monday 1 February' if week == 1 else 'Monday 8 February'}" in await said(world, "next")
        if week == 3:
            assert "comes on Monday 22 February" in await said(world, "next")
        if week == 7:
            assert "comes on Monday 19 April" in await said(world, "next"), "eight weeks after the fourth"


async def answer_the_oldest(world: World) -> None:
    await world.say(MAYA, "Shipped it", thread_ts=sent(world)[0].ts)


async def answer_the_newest(world: World) -> None:
    await world.say(MAYA, "Shipped it", thread_ts=sent(world)[-1].ts)


async def log(world: World) -> None:
    await world.playground.command(MAYA, "/ladder log Shipped it")
    await world.submit(MAYA)


async def skip(world: World) -> None:
    await world.click(MAYA, "checkin.skip", on=sent(world)[-1])


async def resume(world: World) -> None:
    await said(world, "resume")


async def choose_again(world: World) -> None:
    await said(world, "set monday 9:00")


async def answer_by_hand(world: World) -> None:
    await said(world, "checkin")
    await world.service.ticker.run()
    await world.say(MAYA, "Shipped it", thread_ts=sent(world)[-1].ts)


@pytest.mark.parametrize(
    "alive", [answer_the_oldest, answer_the_newest, log, skip, resume, choose_again, answer_by_hand]
)
async def test_any_sign_of_life_brings_the_chosen_rhythm_back_at_once(
    world: World, alive: Callable[[World], Awaitable[None]]
) -> None:
    await meet(world)
    await asked_in(world, 0, 1, 3, 5)
    await world.travel(MONDAY + 7 * WEEK + DAY)  # the rest began
    await alive(world)
    assert "comes on Monday 15 March" in await said(world, "next")
    assert await weeks_asked(world, 12, since=8) == [8, 9, 11], "and counting begins anew"


async def test_weeks_with_an_entry_of_one_s_own_are_not_silent(world: World) -> None:
    await meet(world)
    for week in range(6):
        await world.travel(MONDAY + week * WEEK + timedelta(hours=1))
        await log(world)
    assert len(sent(world)) == 6


async def test_an_entry_that_was_taken_back_is_none(world: World) -> None:
    await meet(world)
    await weeks_asked(world, 2)
    await log(world)
    await world.click(MAYA, "log.undo")
    assert await weeks_asked(world, 4, since=2) == [3]


async def test_weeks_in_which_nobody_was_asked_count_for_nothing(world: World) -> None:
    await meet(world)
    await weeks_asked(world, 1)
    await world.travel(MONDAY + WEEK + timedelta(days=3))  # an outage
    assert await world.rows(select(CheckIn.state).order_by(CheckIn.id)) == [CheckInState.ASKED, CheckInState.MISSED]
    assert await weeks_asked(world, 8, since=2) == [2, 4, 6]


async def test_a_rhythm_slower_than_that_gets_no_slower(world: World) -> None:
    await meet(world)
    await said(world, "set every four weeks")
    assert await weeks_asked(world, 30) == [0, 4, 8, 12, 20, 24]
    assert not any("every two weeks" in text_of(message) for message in sent(world))


async def test_who_resumes_before_the_notice_is_sent_does_not_get_it(world: World) -> None:
    await meet(world)
    await asked_in(world, 0, 1, 3, 5, 13)
    world.playground.faults.rate_limit("chat.postMessage", retry_after=3600)
    await world.travel(MONDAY + 15 * WEEK)
    assert "Monday 10 May" in await said(world, "resume")
    await slack_is_back(world)
    assert len(sent(world)) == 5


async def test_the_notice_has_a_way_back(world: World) -> None:
    await meet(world)
    await asked_in(world, 0, 1, 3, 5, 13)
    await world.travel(MONDAY + 15 * WEEK)
    await world.click(MAYA, "pause.resume", on=sent(world)[-1])
    assert "Your next question comes on Monday 10 May at 09:00 (Europe/Berlin)." in text_of(
        world.playground.dm(MAYA)[-1]
    )
    assert await weeks_asked(world, 18, since=16) == [16, 17]


async def test_silence_counts_from_when_they_last_said_how_they_want_it(world: World) -> None:
    await meet(world)
    await weeks_asked(world, 2)
    async with world.sessions.begin() as session:
        await session.execute(update(Schedule).values(configured_at=MONDAY + timedelta(minutes=1)))
    assert await weeks_asked(world, 5, since=2) == [2, 4], "only the second question counts"
