"""Mentorships against a plain model: whoever does what in whatever order, both agree."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from db import members
from db.engine import AsyncSession, Sessions
from db.entries import entries
from db.entries.entries import NewEntry
from db.enums import Source
from db.members import UserRef
from db.mentoring import requests, shares
from db.mentoring.mentorships import Pair
from db.models import Delivery, Member, Mentorship, Share
from growth.errors import (
    AskAgainLater,
    NoLongerThere,
    NoMentorHere,
    NoRoomForMore,
    PersonError,
    TakesNoMentees,
    TooManyRequests,
)
from tests.support.database import emptied


class Deed(NamedTuple):
    """What those on these sides may do: it takes a mentorship from one state to another, and what it tells."""

    do: Callable[[AsyncSession, UserRef, int, datetime], Coroutine[Any, Any, Pair]]
    by: tuple[str, ...]
    of: str
    becomes: str
    tells: str | None


async def decline(session: AsyncSession, who: UserRef, id_: int, now: datetime) -> Pair:
    return await requests.decline(session, who, id_, None, now)


ACCEPT = Deed(requests.accept, ("mentor",), "requested", "active", "mentor_answer")
DEEDS = (
    ACCEPT,
    Deed(decline, ("mentor",), "requested", "declined", "mentor_answer"),
    Deed(requests.take_back, ("mentee",), "requested", "cancelled", None),
    Deed(requests.end, ("mentor", "mentee"), "active", "ended", "mentor_end"),
)
PEOPLE = tuple(f"U{n}" for n in range(7))
START = datetime(2027, 1, 14, 10, 0, tzinfo=UTC)
T = TypeVar("T")
people = st.sampled_from(PEOPLE)
few = st.sampled_from(PEOPLE[:2])  # whose limits are reached


@dataclass
class Bond:
    id: int
    mentee: str
    mentor: str
    at: datetime
    state: str = "requested"

    @property
    def is_open(self) -> bool:
        return self.state in ("requested", "active")


class Machine(RuleBasedStateMachine):
    """Each rule says what the model expects, does it in Postgres, and compares."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.engine = engine
        self.sessions = Sessions(self.engine)
        self.bonds: list[Bond] = []
        self.room = dict.fromkeys(PEOPLE, 5)
        self.here = set(PEOPLE)
        self.told: set[tuple[str, int]] = set()
        self.now = START

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run(work)

    def teardown(self) -> None:
        self.run(self.engine.dispose())
        self.loop.close()

    @initialize()
    def empty(self) -> None:
        async def work() -> None:
            await emptied(self.engine)
            async with self.sessions.begin() as session:
                await members.ensure(session, "T1", dict.fromkeys(PEOPLE, "UTC"))

        self.run(work())

    def does(self, expected: type[PersonError] | None, work: Coroutine[Any, Any, T]) -> T | None:
        if expected is None:
            return self.run(work)
        with pytest.raises(expected):
            self.run(work)
        return None

    @rule(mentee=few, mentor=few | people)
    def request(self, mentee: str, mentor: str) -> None:
        if mentee == mentor or mentee not in self.here:
            return

        async def work() -> int:
            async with self.sessions.begin() as session:
                zones = {mentee: "UTC", mentor: "UTC"}
                pair = await requests.request(
                    session, UserRef("T1", mentee), mentor, zones, None, f"{self.now} {mentor}", self.now
                )
            return pair.mentorship.id

        there = next((b for b in self.bonds if (b.mentee, b.mentor) == (mentee, mentor) and b.is_open), None)
        refusal = self.refusal(mentee, mentor) if there is None or mentor not in self.here else None
        id_ = self.does(refusal, work())
        if there and id_:
            assert id_ == there.id
        elif id_:
            self.bonds.append(Bond(id_, mentee, mentor, self.now))
            self.told.add(("mentor_request", id_))
        self.now += timedelta(seconds=1)

    def refusal(self, mentee: str, mentor: str) -> type[PersonError] | None:
        if mentor not in self.here:
            return NoMentorHere
        if sum(b.mentee == mentee and b.state == "requested" for b in self.bonds) == 5:
            return TooManyRequests
        of_pair = [b for b in self.bonds if (b.mentee, b.mentor) == (mentee, mentor)]
        accepted = max((n for n, b in enumerate(of_pair) if b.state == "ended"), default=-1)
        recent = of_pair[accepted + 1 :]
        declined = next((n for n, b in enumerate(recent) if b.state == "declined"), len(recent))
        if any(self.now < b.at + timedelta(days=30) for b in recent[declined + 1 :]):
            return AskAgainLater
        return TakesNoMentees if self.active(mentor) >= self.room[mentor] else None

    def active(self, mentor: str) -> int:
        return sum(b.mentor == mentor and b.state == "active" for b in self.bonds)

    @rule(deed=st.sampled_from(DEEDS), newest=st.integers(1, 9), who=st.sampled_from(["mentor", "mentee", "other"]))
    def act(self, deed: Deed, newest: int, who: str) -> None:
        """One of the two, or somebody else, lays hands on one of the last mentorships."""
        if not self.bonds:
            return None
        bond = self.bonds[-min(newest, len(self.bonds))]
        actor = {"mentor": bond.mentor, "mentee": bond.mentee}.get(who, "U-nobody")

        async def work() -> None:
            async with self.sessions.begin() as session:
                await deed.do(session, UserRef("T1", actor), bond.id, self.now)

        if who not in deed.by or not {bond.mentor, bond.mentee} <= self.here:
            return self.does(NoLongerThere, work())
        if deed is ACCEPT and bond.state == "requested" and self.active(bond.mentor) >= self.room[bond.mentor]:
            return self.does(NoRoomForMore, work())
        self.does(None, work())
        if bond.state == deed.of:
            bond.state = deed.becomes
            self.told |= {(deed.tells, bond.id)} if deed.tells else set()
            if deed is ACCEPT:
                self.run(self.share(bond))
        return None

    async def share(self, bond: Bond) -> None:
        """Something of the mentee's, by this mentorship."""
        async with self.sessions.begin() as session:
            mentee = await members.lock(session, UserRef("T1", bond.mentee))
            assert mentee is not None
            new = NewEntry("Shipped", self.now.date(), Source.FORM, f"{bond.id}")
            entry = await entries.add(session, mentee, new, self.now)
            await shares.put(session, entry, [bond.id], self.now)

    @rule(
        what=st.sampled_from(["time", "time", "room", "room", "leaves", "comes back"]),
        person=few,
        most=st.integers(0, 2),
    )
    def happens(self, what: str, person: str, most: int) -> None:
        if what == "time":
            self.now += timedelta(days=most * 15)
        elif what == "room":
            self.run(self.want(person, most))
            self.room[person] = most
        elif what == "comes back":
            self.run(self.set_active(person, True))
            self.here.add(person)
        else:
            self.run(self.set_active(person, False))
            self.here.discard(person)
            for bond in self.bonds:
                if bond.is_open and person in (bond.mentor, bond.mentee):
                    bond.state = "ended" if bond.state == "active" else "cancelled"

    async def want(self, person: str, most: int) -> None:
        async with self.sessions.begin() as session:
            member = await members.add(session, UserRef("T1", person), "UTC")
            await requests.want_mentees(session, member, most)

    async def set_active(self, person: str, active: bool) -> None:
        async with self.sessions.begin() as session:
            ids = (await session.scalars(select(Member.id).where(Member.slack_user == person))).all()
            await session.execute(update(Member).where(Member.id.in_(ids)).values(active=active))
            if not active:
                await requests.suspend(session, ids, self.now)

    @invariant()
    def both_agree(self) -> None:
        async def work() -> tuple[dict[int, str], set[int], set[tuple[str, int]]]:
            async with self.sessions() as session:
                states = {id_: state for id_, state in await session.execute(select(Mentorship.id, Mentorship.state))}
                live = set(await session.scalars(select(Share.mentorship_id).where(Share.revoked_at.is_(None))))
                told = {(kind, id_) for kind, id_ in await session.execute(select(Delivery.kind, Delivery.subject_id))}
            return states, live, told

        states, live, told = self.run(work())
        assert states == {bond.id: bond.state for bond in self.bonds}
        assert live == {bond.id for bond in self.bonds if bond.state == "active"}
        assert told == self.told


def test_mentorships_are_as_in_a_plain_model(loops_own_engine: AsyncEngine) -> None:
    how = settings(max_examples=8, stateful_step_count=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    run_state_machine_as_test(lambda: Machine(loops_own_engine), settings=how)  # type: ignore[arg-type] # any callable will do
