"""Who leaves, however Rung hears of it: their mentorships are over, nothing stays shared or shown, nobody is told."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select

from db.models import Member, Share, Workspace
from tests.support.digest import TUESDAY
from tests.support.mentoring import accepted, share_something, states
from tests.support.questions import planned
from tests.support.world import MAYA, SAM, World, text_of

Way = Callable[[World, str], Awaitable[None]]


async def by_event(world: World, user: str) -> None:
    await world.playground.change_person(user, deleted=True)


async def by_the_daily_reading(world: World, user: str) -> None:
    world.playground.workspace.people[user].deleted = True
    await world.service.read_people()


async def by_a_refusal(world: World, user: str) -> None:
    await planned(world.sessions, world.ladder, world.playground, user)
    world.playground.faults.refuse("chat.postMessage", "user_disabled")
    await world.service.ticker.run()


async def live_shares(world: World) -> list[int]:
    return await world.rows(select(Share.id).where(Share.revoked_at.is_(None)))


@pytest.mark.parametrize("user", [MAYA, SAM])
@pytest.mark.parametrize("way", [by_event, by_the_daily_reading, by_a_refusal])
async def test_it_is_over_silently_and_stays_so(world: World, user: str, way: Way) -> None:
    await accepted(world)
    await share_something(world)
    assert len(await live_shares(world)) == 1
    await world.travel(TUESDAY)
    digest = world.playground.dm(SAM)[-1]
    assert "comments.write.1" in str(digest.blocks)
    other = SAM if user == MAYA else MAYA
    read = len(world.playground.dm(other))

    await way(world, user)
    await world.settle()
    assert await world.rows(select(Member.active).where(Member.slack_user == user)) == [False]
    assert (await states(world), await live_shares(world)) == (["ended"], [])
    assert text_of(digest) == "What was here is no longer shared with you."
    await world.service.ticker.run()
    assert len(world.playground.dm(other)) == read

    await world.playground.change_person(user, deleted=True)
    await world.playground.change_person(user, deleted=False)
    assert await world.rows(select(Member.active).where(Member.slack_user == user)) == [True]
    assert (await states(world), await live_shares(world)) == (["ended"], [])
    assert await world.rows(select(Workspace.uninstalled_at)) == [None]
