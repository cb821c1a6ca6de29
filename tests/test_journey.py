"""Travelling in the playground: what comes due on the way comes, at its own time, as with a Rung that was up."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from db.checkins import snooze
from playground.clock import Clock
from playground.journey import STEP, Journey
from playground.workspace import Message
from tests.support.digest import mentoring, shared
from tests.support.world import MAYA, SAM, World, text_of

HOUR = timedelta(hours=1)
BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
MOMENT = timedelta(minutes=1)  # real time goes on meanwhile


class Days:
    """A clock, and a life in which nothing happens but what is `due`; `stops` are the instants that it lived."""

    def __init__(self, *due: datetime) -> None:
        self.clock = Clock()
        self.clock.set_to(datetime(2100, 1, 1, 10, 20, tzinfo=UTC))
        self.start = self.clock.now()
        self.due = due
        self.stops: list[datetime] = []
        self.journey = Journey(self.clock, self.live, self.next_due)

    async def live(self) -> None:
        self.stops.append(self.clock.now())
        await asyncio.sleep(0)  # others have their turn

    async def next_due(self, after: datetime) -> datetime | None:
        return min((due for due in self.due if due > after), default=None)


def near(instant: datetime, to: datetime) -> bool:
    return to <= instant < to + MOMENT


async def test_it_stops_at_every_full_hour_and_at_the_end() -> None:
    days = Days()
    end = days.start + timedelta(days=7)
    await days.journey.to(end)
    assert len(days.stops) == 7 * 24 + 1
    assert all(after - before < STEP + MOMENT for before, after in pairwise([days.start, *days.stops]))
    assert all(near(stop, stop.replace(minute=0, second=0, microsecond=0)) for stop in days.stops[:-1])
    assert near(days.stops[-1], end)
    assert near(days.clock.now(), end)


async def test_it_stops_where_something_is_due() -> None:
    first = datetime(2100, 1, 1, 10, 45, tzinfo=UTC)
    second = first + timedelta(minutes=7)
    days = Days(first, second, first + 9 * HOUR)
    await days.journey.to(days.start + HOUR)
    ends = (first, second, datetime(2100, 1, 1, 11, tzinfo=UTC), days.start + HOUR)
    assert [near(stop, end) for stop, end in zip(days.stops, ends, strict=True)] == [True] * 4


async def test_there_is_one_journey_at_a_time_and_it_tells_how_far_it_is() -> None:
    days = Days()
    told: list[float | None] = []
    days.clock.subscribe(lambda: told.append(days.journey.progress))
    await asyncio.gather(days.journey.to(days.start + 4 * HOUR), days.journey.to(days.start + 9 * HOUR))
    assert near(days.clock.now(), days.start + 4 * HOUR)
    assert [each and round(each, 2) for each in told] == [0, 0.17, 0.42, 0.67, 0.92]
    assert days.journey.progress is None
    await days.journey.to(days.start)
    assert len(days.stops) == 5, "what has passed has passed"


async def test_at_the_end_of_the_demo_it_goes_no_further() -> None:
    days = Days()
    days.clock.subscribe(days.journey.end)
    await days.journey.to(days.start + 9 * HOUR)
    assert len(days.stops) == 1


@pytest.mark.parametrize("zone", [BERLIN, ZoneInfo("Asia/Kathmandu")], ids=str)
async def test_a_question_and_a_digest_come_at_their_hours(world: World, zone: ZoneInfo) -> None:
    """Whoever leaps lands in their own evening, far from the hours of others."""
    await mentoring(world)
    await shared(world, "Shipped the ranking service")
    await world.ladder_command(MAYA, "set monday 09:00")

    async def next_due(after: datetime) -> datetime | None:
        async with world.sessions() as session:
            return await snooze.next_due(session, after)

    journey = Journey(world.playground.clock, world.service.ticker.run, next_due)
    sunday = datetime(2027, 1, 17, 22, 40, tzinfo=zone)
    world.playground.clock.set_to(sunday)
    for days in (1, 2):
        await journey.to(sunday + timedelta(days=days))
    question = next(each for each in world.playground.dm(MAYA) if "Write reflection" in text_of(each))
    news = next(each for each in world.playground.dm(SAM) if "Shipped the ranking service" in text_of(each))
    assert at(question, BERLIN) == "Mon 09:00"
    assert at(news, NEW_YORK) == "Tue 09:00"


def at(message: Message, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(float(message.ts), zone):%a %H:%M}"
