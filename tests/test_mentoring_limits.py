"""What limits mentoring holds when people hurry, and what leaving does."""

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text, update

from db import members
from db.engine import Sessions
from db.entries import entries
from db.entries.entries import NewEntry
from db.enums import Source
from db.members import UserRef
from db.mentoring import requests, shares
from db.mentoring.mentorships import Pair
from db.models import Delivery, Member, Mentorship, Share
from growth.errors import AskAgainLater, NoLongerThere, NoRoomForMore, PersonError, TakesNoMentees, TooManyRequests
from growth.mentoring import AGAIN, MENTEES, OPEN_REQUESTS, MentorshipState, Request, may_ask_from

NOW = datetime(2027, 1, 14, 10, 0, tzinfo=UTC)
SAM = "U0SAM"


async def ask(sessions: Sessions, mentee: str, mentor: str = SAM, at: datetime = NOW, key: str | None = None) -> int:
    """One asks another, as a click of their own; the mentorship's id."""
    async with sessions.begin() as session:
        zones = {mentee: "UTC", mentor: "UTC"}
        key = key or f"{mentee}:{mentor}:{at}"
        pair = await requests.request(session, UserRef("T1", mentee), mentor, zones, None, key, at)
    return pair.mentorship.id


async def accept(sessions: Sessions, id_: int, mentor: str = SAM) -> Pair:
    async with sessions.begin() as session:
        return await requests.accept(session, UserRef("T1", mentor), id_, NOW)


async def decline(sessions: Sessions, id_: int, at: datetime = NOW) -> Pair:
    async with sessions.begin() as session:
        return await requests.decline(session, UserRef("T1", SAM), id_, None, at)


async def at_once(*work: Awaitable[object]) -> list[object]:
    """What came of each, refusals included; anything else is raised."""
    ends = await asyncio.gather(*work, return_exceptions=True)
    for end in ends:
        if isinstance(end, BaseException) and not isinstance(end, PersonError):
            raise end
    return ends


async def count(sessions: Sessions, state: MentorshipState) -> int | None:
    async with sessions() as session:
        return await session.scalar(select(func.count()).where(Mentorship.state == state))


def refused(ends: list[object], error: type[PersonError]) -> int:
    return sum(isinstance(end, error) for end in ends)


async def test_two_accepts_at_once_for_the_last_place(sessions: Sessions) -> None:
    ids = [await ask(sessions, f"U{n}") for n in range(MENTEES + 1)]
    for id_ in ids[: MENTEES - 1]:
        await accept(sessions, id_)
    ends = await at_once(*(accept(sessions, id_) for id_ in ids[MENTEES - 1 :]))
    assert refused(ends, NoRoomForMore) == 1
    assert await count(sessions, MentorshipState.ACTIVE) == MENTEES
    assert await count(sessions, MentorshipState.REQUESTED) == 1, "it waits"
    with pytest.raises(TakesNoMentees):
        await ask(sessions, "U99")


async def test_one_accept_sent_twice_at_once(sessions: Sessions) -> None:
    id_ = await ask(sessions, "U1")
    ends = await at_once(*(accept(sessions, id_) for _ in range(3)))
    assert [pair.mentorship.state for pair in ends if isinstance(pair, Pair)] == [MentorshipState.ACTIVE] * 3
    async with sessions() as session:
        kinds = await session.scalars(select(Delivery.kind).order_by(Delivery.kind))
        assert kinds.all() == ["mentor_answer", "mentor_request"]


async def test_five_open_requests_and_no_more_at_once(sessions: Sessions) -> None:
    ends = await at_once(*(ask(sessions, "U1", f"UM{n}") for n in range(OPEN_REQUESTS + 3)))
    assert refused(ends, TooManyRequests) == 3
    assert await count(sessions, MentorshipState.REQUESTED) == OPEN_REQUESTS


async def test_one_pair_asked_many_times_at_once(sessions: Sessions) -> None:
    ends = await at_once(*(ask(sessions, "U1", key=f"click {n}") for n in range(4)))
    assert len(set(ends)) == 1
    assert await count(sessions, MentorshipState.REQUESTED) == 1


async def test_two_strangers_ask_each_other_at_once(sessions: Sessions) -> None:
    await at_once(ask(sessions, "UA", "UB"), ask(sessions, "UB", "UA"))
    assert await count(sessions, MentorshipState.REQUESTED) == 2


async def test_who_becomes_a_member_beside_another_does_not_block_them(sessions: Sessions) -> None:
    """Of two who add both, the second one waits with nothing in its hands."""

    async def second() -> None:
        async with sessions.begin() as session:
            await members.ensure(session, "T1", {"UB": "UTC", "UA": "UTC"})

    await ask(sessions, "U1")  # the workspace is there
    async with sessions.begin() as first:
        await members.ensure(first, "T1", {"UA": "UTC"})
        waits = asyncio.create_task(second())
        async with asyncio.timeout(10):
            while not await first.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                await first.execute(text("SELECT pg_sleep(0.01)"))
        await members.ensure(first, "T1", {"UB": "UTC"})
    await waits


async def test_accepted_and_taken_back_at_once(sessions: Sessions) -> None:
    for n in range(5):
        id_ = await ask(sessions, f"U{n}")
        async with asyncio.TaskGroup() as group:
            group.create_task(accept(sessions, id_))
            group.create_task(take_back(sessions, f"U{n}", id_))
    async with sessions() as session:
        states = (await session.scalars(select(Mentorship.state))).all()
        told = await session.scalar(select(func.count()).where(Delivery.kind == "mentor_answer"))
    assert set(states) <= {MentorshipState.ACTIVE, MentorshipState.CANCELLED}
    assert told == states.count(MentorshipState.ACTIVE), "nobody hears of what was not so"


async def take_back(sessions: Sessions, mentee: str, id_: int) -> None:
    async with sessions.begin() as session:
        await requests.take_back(session, UserRef("T1", mentee), id_, NOW)


async def test_lowering_ends_nobody(sessions: Sessions) -> None:
    for n in range(2):
        await accept(sessions, await ask(sessions, f"U{n}"))
    waiting = await ask(sessions, "U2")
    async with sessions.begin() as session:
        await requests.want_mentees(session, await members.add(session, UserRef("T1", SAM), "UTC"), 1)
    assert await count(sessions, MentorshipState.ACTIVE) == 2
    with pytest.raises(NoRoomForMore, match="room for 1 mentee, and it is taken"):
        await accept(sessions, waiting)


async def test_after_a_decline_one_new_request_in_thirty_days(sessions: Sessions) -> None:
    await decline(sessions, await ask(sessions, "U1"))
    again = NOW + timedelta(days=1)
    await decline(sessions, await ask(sessions, "U1", at=again), again)
    with pytest.raises(AskAgainLater, match="from 14 February"):
        await ask(sessions, "U1", at=again + AGAIN - timedelta(seconds=1))
    await ask(sessions, "U1", "U0OTHER", at=again)  # another person may be asked at any time
    await ask(sessions, "U1", at=again + AGAIN)


def ago(days: int, state: MentorshipState) -> Request:
    return Request(NOW - timedelta(days=days), state)


@pytest.mark.parametrize(
    ("past", "from_"),
    [
        ([], None),
        ([ago(1, MentorshipState.DECLINED)], None),
        ([ago(1, MentorshipState.CANCELLED), ago(2, MentorshipState.CANCELLED)], None),
        ([ago(1, MentorshipState.CANCELLED), ago(9, MentorshipState.DECLINED)], NOW - timedelta(days=1) + AGAIN),
        ([ago(1, MentorshipState.ENDED), ago(9, MentorshipState.DECLINED)], None),
        ([ago(1, MentorshipState.DECLINED), ago(9, MentorshipState.ENDED), ago(10, MentorshipState.DECLINED)], None),
        ([ago(70, MentorshipState.DECLINED), ago(90, MentorshipState.DECLINED)], NOW - timedelta(days=70) + AGAIN),
    ],
)
def test_from_when_one_may_ask_again(past: list[Request], from_: datetime | None) -> None:
    assert may_ask_from(past) == from_


@pytest.mark.parametrize("leaves", ["U1", SAM])
async def test_who_leaves_is_suspended_silently(sessions: Sessions, leaves: str) -> None:
    active, other = await ask(sessions, "U1"), await ask(sessions, "U2", "U3")
    await accept(sessions, active)
    requested = await ask(sessions, leaves, "U4")
    async with sessions.begin() as session:
        member = await members.lock(session, UserRef("T1", "U1"))
        assert member is not None
        entry = await entries.add(session, member, NewEntry("Shipped", NOW.date(), Source.FORM, "e"), NOW)
        await shares.put(session, entry, [active], NOW)
    async with sessions.begin() as session:
        told = await session.scalar(select(func.count()).select_from(Delivery))
        ids = (await session.scalars(select(Member.id).where(Member.slack_user == leaves))).all()
        await session.execute(update(Member).where(Member.id.in_(ids)).values(active=False))
        await requests.suspend(session, ids, NOW)
    async with sessions() as session:
        states = {id_: state for id_, state in await session.execute(select(Mentorship.id, Mentorship.state))}
        assert states == {active: "ended", requested: "cancelled", other: "requested"}
        assert await session.scalar(select(func.count()).where(Share.revoked_at.is_(None))) == 0
        assert await session.scalar(select(func.count()).select_from(Delivery)) == told
    async with sessions.begin() as session:
        await session.execute(update(Member).values(active=True))
    async with sessions() as session:
        assert await session.scalar(select(func.count()).where(Share.revoked_at.is_(None))) == 0
    assert await ask(sessions, "U1", at=NOW + timedelta(days=1)) not in (active, requested), "a fresh request"


async def test_who_left_is_answered_no_more(sessions: Sessions) -> None:
    id_ = await ask(sessions, "U1")
    async with sessions.begin() as session:
        await session.execute(update(Member).where(Member.slack_user == "U1").values(active=False))
    with pytest.raises(NoLongerThere):
        await accept(sessions, id_)


async def test_people_of_another_workspace_find_nothing(sessions: Sessions) -> None:
    id_ = await ask(sessions, "U1")
    for workspace, user in (("T2", SAM), ("T1", "U1"), ("T1", "U9")):
        with pytest.raises(NoLongerThere):
            async with sessions.begin() as session:
                await requests.accept(session, UserRef(workspace, user), id_, NOW)
