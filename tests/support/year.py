"""Rung and its people on a virtual clock, side by side with what those may expect.

The planner, what it says at the moment of sending, and Postgres are the real ones.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from random import Random

from sqlalchemy import select

from bot.features import message_kinds
from bot.planning.plan import plan
from db import members
from db.engine import AsyncSession, Sessions
from db.members import UserRef
from db.models import Delivery, Member
from db.outbox import claims as claiming
from db.outbox import deliveries
from db.outbox.claims import Pace
from growth.cadence import Cadence, zone
from handlers.slack.message_kind import Due, Nothing, Wait
from ladder_content.model import Ladder
from services import scheduling
from tests.support.clocks import WEEK
from tests.support.expected import Expected, Rhythm

START = datetime(2026, 10, 5, tzinfo=UTC)  # a Monday; there is a week 53, and clocks change on both hemispheres
WEEKS = 53
END = START + WEEKS * WEEK
ANY_PACE = Pace(per_minute=10**9)
MOMENTS = timedelta(hours=11)  # from one at which people act to the next
PLACES = [
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "Europe/Dublin",
    "Atlantic/Azores",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Africa/Lagos",
    "Asia/Gaza",
    "Asia/Beirut",
    "Asia/Tehran",
    "Asia/Kabul",
    "Asia/Karachi",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Dhaka",
    "Asia/Yangon",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Eucla",
    "Australia/Adelaide",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Pacific/Norfolk",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Pacific/Honolulu",
    "Pacific/Marquesas",
    "America/Anchorage",
    "America/Los_Angeles",
    "America/Denver",
    "America/Chicago",
    "America/New_York",
    "America/Havana",
    "America/St_Johns",
    "America/Asuncion",
    "America/Nuuk",
    "Antarctica/Troll",
]
TIMES = [time(0), time(2, 30), time(8), time(9), time(9), time(9, 30), time(14), time(17), time(23, 30)]


@dataclass(frozen=True)
class Outage:
    """Rung is away."""

    begins: datetime
    ends: datetime


def outage(day: int, hour: int, hours: float) -> Outage:
    begins = START + timedelta(days=day, hours=hour)
    return Outage(begins, begins + timedelta(hours=hours))


KINDS = message_kinds()
OUTAGES = [
    outage(9, 8, 0.75),
    outage(30, 7, 3),
    outage(56, 6, 26),  # a Monday
    outage(102, 20, 40),  # a Friday
    outage(171, 1, 1),
    outage(200, 6, 8 * 24),
    outage(291, 12, 20),
    outage(318, 22, 50),  # a weekend, after a Friday
]


@dataclass
class Person:
    """Somebody with a will of their own, and what they may expect. While they are away they do nothing at all."""

    who: UserRef
    expected: Expected
    chance: Random
    away_until: datetime = START

    @property
    def name(self) -> str:
        return self.who.user


def some_rhythm(chance: Random) -> Rhythm:
    pick = chance.choice
    return Rhythm(pick((1, 1, 2, 3, 4, 5, 5, 6, 7)), pick(TIMES), pick((1, 1, 1, 2, 4)))


def cadence(wanted: Rhythm) -> Cadence:
    """The same in Rung's words."""
    return Cadence(wanted.weekday, wanted.at, wanted.every)


@dataclass(frozen=True)
class Turn:
    """One person acts, in the transaction of the moment."""

    session: AsyncSession
    ladder: Ladder
    member: Member
    person: Person
    now: datetime

    @property
    def expected(self) -> Expected:
        return self.person.expected

    @property
    def chance(self) -> Random:
        return self.person.chance


Act = Callable[[Turn], Awaitable[None]]


@dataclass
class Year:
    """Passes by tick after tick; each is compared with what was to be expected of it."""

    sessions: Sessions
    ladder: Ladder
    people: Sequence[Person]
    habits: Mapping[Act, float]  # how likely at each moment
    now: datetime = START
    done: Counter[str] = field(default_factory=Counter)
    came: Counter[tuple[str, str]] = field(default_factory=Counter)

    async def pass_by(self) -> None:
        for n in range(1, (END - START) // MOMENTS):
            await self._until(START + n * MOMENTS)
            if not self._away():
                await self._act()

    async def _until(self, moment: datetime) -> None:
        """Let Rung do all that is due, each at its time, or when it is back."""
        while (due := min(each.expected.next_look or END for each in self.people)) < moment:
            self.now = max(self.now, due)
            if away := self._away():
                if away.ends > moment:
                    break
                self.now = away.ends
            await self._tick()
        self.now = moment

    def _away(self) -> Outage | None:
        return next((each for each in OUTAGES if each.begins <= self.now < each.ends), None)

    async def _tick(self) -> None:
        expected = {each.name: comes for each in self.people if (comes := each.expected.tick(self.now))}
        await plan(self.sessions, self.ladder, self.now)
        came: dict[str, list[str]] = {}
        for name, what in await self._send():
            came.setdefault(name, []).append(what)
            self.came[name, what] += 1
        assert came == expected, self.now

    async def _send(self) -> list[tuple[str, str]]:
        """Empty the outbox; to whom something went, and what."""
        async with self.sessions.begin() as session:
            claims = await claiming.claim(session, 10_000, timedelta(minutes=1), ANY_PACE)
            if not claims:
                return []
            sent = []
            for claim in claims:
                kind = KINDS[claim.kind]
                due = Due(claim.workspace, claim.member_id, claim.subject_id, self.ladder, self.now)
                match await kind.compose(session, due):
                    case Nothing(reason, missed):
                        await deliveries.cancelled(session, claim, reason)
                        await kind.ended(session, claim.subject_id, missed=missed)
                    case Wait(_, reason):
                        await deliveries.again(session, claim, timedelta(), reason)
                    case _:
                        await deliveries.sent(session, claim, "D", f"{self.now.timestamp():.6f}", stale=False)
                        await kind.arrived(session, claim.subject_id)
                        sent.append(claim.id)
            rows = await session.execute(
                select(Member.slack_user, Delivery.dedupe_key)
                .join(Delivery, Delivery.member_id == Member.id)
                .where(Delivery.id.in_(sent))
                .order_by(Delivery.dedupe_key)
            )
            return [(name, _what(key)) for name, key in rows]

    async def _act(self) -> None:
        """Who feels like it does something."""
        busy = [(person, act) for person in self.people if (act := self._wish(person))]
        if not busy:
            return
        async with self.sessions.begin() as session:
            for person, act in busy:
                member = await members.lock(session, person.who)
                assert member
                self.done[act.__name__] += 1
                await act(Turn(session, self.ladder, member, person, self.now))
        await self._tick()

    def _wish(self, person: Person) -> Act | None:
        if self.now < person.away_until:
            return None
        acts = [*self.habits, None]
        likely = [*self.habits.values(), 1 - sum(self.habits.values())]
        return person.chance.choices(acts, likely)[0]


def _what(key: str) -> str:
    """What a delivery is about, in words."""
    word, _, which = key.partition(":")
    return f"week {which}" if word == "week" else {"check-in": "extra"}.get(word, word)


async def settled(sessions: Sessions, count: int, seed: int) -> list[Person]:
    """So many people, on the ladder and asked every now and then, all over the world."""
    people = []
    async with sessions.begin() as session:
        for n in range(count):
            who, place, chance = UserRef("T", f"U{n}"), PLACES[n % len(PLACES)], Random(f"{seed} {n}")
            wanted = some_rhythm(chance)
            member = await members.add(session, who, place)
            await members.set_level(session, member, "l4", None, START)
            await scheduling.start(session, member, cadence(wanted), START)
            people.append(Person(who, Expected(zone(place), wanted, START), chance))
    return people
