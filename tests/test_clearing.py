"""What is removed from Slack after somebody was forgotten, whoever dies, hurries or refuses meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.delivery.slack_cleanup import Clearer, forget_those_who_left
from bot.delivery.slack_messages import EVENT_TYPE
from bot.features import LAST_WORD
from db import members
from db.account import erasure, profiles
from db.entries import entries
from db.entries.entries import NewEntry
from db.enums import Source
from db.members import UserRef
from db.models import Delivery, Entry, Member, Removal, Workspace
from db.workspaces import workspaces
from ladder_content.model import Ladder
from tests.support.digest import TUESDAY, mentoring, newest, shared
from tests.support.forgetting import cleared, forget, ours
from tests.support.in_flight import Waiting, sender
from tests.support.killable import DiedError, DirectClient, Life, MortalSessions
from tests.support.outbox import Post, posting
from tests.support.world import MAYA, SAM, START, World, text_of

DAYS = timedelta(days=365)


@pytest.fixture
async def post(engine: AsyncEngine, ladder: Ladder) -> AsyncIterator[Post]:
    async with posting(engine, ladder) as post:
        yield post


async def forgotten(post: Post, user: str = MAYA) -> None:
    who = UserRef(post.playground.workspace.team_id, user)
    async with post.sessions.begin() as session:
        member = await members.get(session, who)
        assert member
        held = await erasure.lock(session, who, member.id)
        assert held
        await erasure.forget(session, held, post.playground.clock.now())


def clearer(post: Post, client: Any = None) -> Clearer:
    found = client or DirectClient(post.playground)
    return Clearer(post.sessions, lambda workspace: found, LAST_WORD)


async def due(post: Post) -> None:
    async with post.sessions.begin() as session:
        await session.execute(text("UPDATE removals SET run_at = now()"))


async def a_conversation(post: Post, *, sent: bool = True) -> None:
    """A question, if it is `sent`; an answer of Rung's in a thread of Maya's, and a file."""
    await post.plan()
    if sent:
        await post.sender().run()
    async with post.sessions.begin() as session:
        await session.execute(update(Member).values(dm_channel=post.playground.workspace.dm(MAYA).id))
    space, dm = post.playground.workspace, post.playground.workspace.dm(MAYA)
    mine = space.post(dm, MAYA, text="mine")
    space.post(dm, space.bot.id, text="in a thread", thread_ts=mine.ts, bot_id=space.bot_id)
    space.post(dm, space.bot.id, text="a file", files=[{"id": "F1"}], bot_id=space.bot_id)


async def test_wherever_one_dies_all_is_removed_in_the_end_and_the_last_word_said_once(
    engine: AsyncEngine, post: Post
) -> None:
    for steps in count():
        await a_conversation(post, sent=False)
        await forgotten(post)
        life = Life(steps)
        mortal = DirectClient(post.playground, life)
        own = MortalSessions(engine, life)
        with suppress(DiedError):
            await Clearer(own, lambda workspace: mortal, LAST_WORD).run()  # noqa: B023
        for _ in range(2):
            await due(post)
            await clearer(post).run()
        left = [each for each in post.messages() if each.user != MAYA]
        assert len(left) <= 1, f"died after {steps} steps"
        assert all(each.text.startswith("Done:") for each in left)
        assert await post.scalars(select(Removal.kind)) == []
        post.playground.workspace.dm(MAYA).messages.clear()
        if life.taken < steps:
            assert len(left) == 1
            break
    assert steps > 15


async def test_where_slack_asks_to_wait_it_waits(post: Post) -> None:
    await a_conversation(post)
    await forgotten(post)
    post.playground.faults.rate_limit("chat.delete", retry_after=600)
    await clearer(post).run()
    await clearer(post).run()
    assert len(post.playground.journal.of("chat.delete")) == 1
    waits = await post.scalars(select(Removal.run_at > text("now() + interval '9 minutes'")))
    assert waits == [True] * 2
    await due(post)
    await clearer(post).run()
    assert [each.text[:5] for each in post.messages() if each.user != MAYA] == ["Done:"]


async def test_without_the_right_to_read_what_is_known_goes(post: Post) -> None:
    await a_conversation(post)
    await forgotten(post)
    post.playground.faults.refuse("conversations.history", "missing_scope", times=100)
    await clearer(post).run()
    await due(post)
    await clearer(post).run()
    assert [each for each in post.messages() if EVENT_TYPE in str(each.metadata)] == []


@pytest.mark.parametrize(
    ("fault", "kept"),
    [("channel_not_found", []), ("token_revoked", ["conversation"]), ("fatal_error", ["conversation"])],
)
async def test_what_can_be_done_later_is_kept(post: Post, fault: str, kept: list[str]) -> None:
    await a_conversation(post)
    await forgotten(post)
    post.playground.faults.refuse("conversations.history", fault)
    await clearer(post).run()
    kinds = select(Removal.kind).where(Removal.kind != "message")
    assert await post.scalars(kinds) == kept
    async with post.sessions.begin() as session:
        await session.execute(update(Removal).values(created_at=text("now() - interval '8 days'")))
    await clearer(post).run()
    assert await post.scalars(select(Removal.kind)) == [], "not for ever"


async def test_without_a_token_nothing_counts_as_removed(post: Post) -> None:
    await a_conversation(post)
    await forgotten(post)
    kinds = await post.scalars(select(Removal.kind).order_by(Removal.kind))
    post.playground.faults.refuse("chat.delete", "token_revoked", times=100)
    await clearer(post).run()
    await due(post)
    await clearer(post).run()
    assert await post.scalars(select(Removal.kind).order_by(Removal.kind)) == kinds


async def test_where_rung_is_not_installed_what_is_to_be_removed_waits_for_it(post: Post) -> None:
    await a_conversation(post)
    await forgotten(post)
    key, now = post.playground.workspace.team_id, post.playground.clock.now()
    async with post.sessions.begin() as session:
        await workspaces.uninstalled(session, key, now)
        await session.execute(update(Removal).values(created_at=text("now() - interval '80 days'")))
    await clearer(post).run()
    async with post.sessions.begin() as session:
        await session.execute(update(Workspace).values(uninstalled_at=None, installed_at=text("now()")))
    await clearer(post).run()
    assert [each.text[:5] for each in post.messages() if each.user != MAYA] == ["Done:"]


async def test_what_a_sender_posted_before_it_died_is_found(post: Post) -> None:
    await post.plan()
    dies_with_the_answer = DirectClient(post.playground, Life(3))
    with suppress(DiedError):
        await sender(post, dies_with_the_answer).run()
    assert await post.scalars(select(Delivery.state)) == ["sending"]
    [message] = post.messages()
    await forgotten(post)
    await clearer(post).run()
    post.playground.workspace.dm(MAYA).messages.append(message)  # Slack's history lags behind
    await due(post)
    await clearer(post).run()
    assert [each for each in post.messages() if EVENT_TYPE in str(each.metadata)] == []
    assert await post.scalars(select(Removal.kind)) == []


async def test_what_nobody_knows_to_have_reached_a_mentor_is_found(world: World) -> None:
    world.playground.faults.lose("chat.postMessage")
    await world.ladder_command(MAYA, "mentor @sam because marzipan")
    await world.service.ticker.run()
    assert await world.rows(select(Delivery.state)) == ["unknown"]
    assert "marzipan" in text_of(newest(world))
    await forget(world)
    await cleared(world)
    assert ours(world, SAM) == []


async def test_a_digest_on_its_way_says_nothing_of_them(world: World) -> None:
    await mentoring(world)
    await shared(world, "marzipan")
    world.playground.clock.set_to(TUESDAY)
    await world.service._plan()
    client = Waiting(world.playground)
    post = Post(world.playground, world.sessions, world.ladder)
    sending = asyncio.create_task(sender(post, client).run())
    await client.posted.wait()
    assert "marzipan" in text_of(newest(world))
    await forget(world)
    client.go_on.set()
    await sending
    await cleared(world)
    assert "marzipan" not in str([each.blocks for each in world.playground.dm(SAM)])
    assert MAYA not in str([each.blocks for each in world.playground.dm(SAM)])


async def test_everybody_at_work_at_once(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """A mentor's clicks, the planner, senders, and the member's own words, while they are forgotten again and again."""
    for turn in range(2):
        await mentoring(world)
        bond = max(await world.rows(select(text("id FROM mentorships"))))
        ids = [await shared(world, f"marzipan {turn} {n}", mentorship=bond) for n in range(2)]
        await world.travel(timedelta(days=7))
        digest = newest(world)
        [view] = [await opened(world)]

        async def mentor(ids: list[int] = ids, digest: Any = digest) -> None:
            for entry in ids:
                with suppress(KeyError):  # redrawn meanwhile
                    await world.playground.click(SAM, digest, f"comments.kudos.{entry}")
                await world.playground.say(SAM, "Nice", thread_ts=digest.ts)

        await asyncio.gather(
            world.playground.submit(MAYA, {"confirm": "forget me"}),
            mentor(),
            world.service._plan(),
            world.service.ticker.run(),
            world.playground.command(SAM, "/ladder digest"),
        )
        assert view
        if await world.rows(select(Member.id).where(Member.slack_user == MAYA)):
            assert (await world.playground.submit(MAYA, {"confirm": "forget me"})).ok, "it was told to press again"
        await world.service.ticker.run()
        await cleared(world)
        assert await world.rows(select(Entry.what)) == []
        assert "marzipan" not in str([each.blocks for each in ours(world, SAM)])
        async with world.sessions.begin() as session:
            await session.execute(text("DELETE FROM members"))
    assert "DeadlockDetected" not in caplog.text
    assert "incident" not in caplog.text


async def opened(world: World) -> Any:
    assert (await world.playground.command(MAYA, "/ladder forget me")).ok
    return world.playground.modal(MAYA)


async def test_who_writes_while_they_are_forgotten_is_a_newcomer(world: World) -> None:
    """The entry of that moment is there or not, and never an error."""
    for n in range(4):
        await world.ladder_command(MAYA, "set L4")
        await opened(world)
        submitted, answer = await asyncio.gather(
            world.playground.submit(MAYA, {"confirm": "forget me"}),
            world.playground.command(MAYA, f"/ladder set L{4 + n % 2}"),
        )
        assert submitted.ok
        assert answer.ok
        assert "Sorry" not in str(answer.body)


async def test_a_lock_that_is_held_is_waited_for_and_then_said(world: World) -> None:
    await world.ladder_command(MAYA, "set L4")
    await opened(world)
    async with world.sessions.begin() as session:
        await members.lock(session, UserRef("T0PLAYGROUND", MAYA))
        await world.playground.submit(MAYA, {"confirm": "forget me"})
    top = world.playground.modal(MAYA)
    assert top
    assert "nothing was removed. Please press once more" in str(top.blocks)
    await world.playground.close(MAYA)
    assert (await world.playground.submit(MAYA, {"confirm": "forget me"})).ok
    assert await world.rows(select(Member.id)) == []


async def leave(world: World, user: str, *, days_ago: int) -> None:
    """They left so long ago, as Slack told."""
    at = world.playground.clock.now() - timedelta(days=days_ago)
    who = UserRef("T0PLAYGROUND", user)
    async with world.sessions.begin() as session:
        member = await members.add(session, who, "UTC")
        await entries.add(session, member, NewEntry(f"Of {user}", START.date(), Source.FORM, user), at)
        await profiles.follow(session, who.workspace, [profiles.Profile(user, None, active=False)], at)
        moved = profiles.Profile(user, "Asia/Tokyo", active=False)
        await profiles.follow(session, who.workspace, [moved], at + timedelta(days=5))


async def test_who_left_is_forgotten_after_a_year_and_nobody_else(world: World) -> None:
    await leave(world, "U1", days_ago=366)
    await leave(world, "U2", days_ago=364)
    await leave(world, "U3", days_ago=800)
    now = world.playground.clock.now()
    async with world.sessions.begin() as session:  # U3 came back
        await profiles.follow(session, "T0PLAYGROUND", [profiles.Profile("U3", None, active=True)], now)
    assert await forget_those_who_left(world.sessions, now, None) == 0
    assert await forget_those_who_left(world.sessions, now, DAYS) == 0, "nobody has looked yet who came back"
    async with world.sessions.begin() as session:
        await profiles.was_read(session, "T0PLAYGROUND", now)
    both = await asyncio.gather(*(forget_those_who_left(world.sessions, now, DAYS) for _ in range(2)))
    assert sum(both) == 1
    assert await forget_those_who_left(world.sessions, now, DAYS) == 0
    assert await world.rows(select(Entry.what).order_by(Entry.what)) == ["Of U2", "Of U3"]


async def test_the_daily_reading_does_it(world: World) -> None:
    await world.ladder_command(MAYA, "set L4")
    world.playground.workspace.people[MAYA].deleted = True
    await world.service.read_people()
    assert await world.rows(select(Member.active)) == [False]
    world.service._keep_left = DAYS
    await world.travel(DAYS - timedelta(hours=1))
    await world.service.read_people()
    assert len(await world.rows(select(Member.id))) == 1
    await world.travel(timedelta(days=2))
    await world.service.read_people()
    assert await world.rows(select(Member.id)) == []
    await cleared(world)
    assert await world.rows(select(Workspace.uninstalled_at)) == [None]


async def test_who_came_back_while_rung_was_away_is_not_forgotten_before_slack_has_told_so(world: World) -> None:
    await leave(world, MAYA, days_ago=800)
    world.service._keep_left = DAYS
    world.playground.faults.refuse("users.list", "internal_error")
    await world.service.read_people()
    assert await world.rows(select(Member.active)) == [False]
    await world.travel(timedelta(hours=2))
    await world.service.read_people()
    assert await world.rows(select(Member.active)) == [True]
