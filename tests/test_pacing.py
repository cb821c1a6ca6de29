"""How fast one workspace is written to: as fast as it may be and no faster; and nobody waits for another one."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.delivery.outcomes import Timing
from bot.delivery.sender import Sender
from bot.features import message_kinds
from bot.slack import Slack
from db import models
from db.checkins import check_ins
from db.checkins.check_ins import NewCheckIn
from db.engine import Sessions
from db.models import Delivery, Member
from db.outbox import claims as claiming
from db.outbox.claims import Pace
from growth import selection
from ladder_content.model import Ladder
from playground.playground import Playground
from playground.server import serving
from playground.workspace import Workspace
from tests.support.killable import DirectClient
from tests.support.playground_app import until
from tests.support.postgres_clock import Clocked, clocked
from tests.support.questions import SLOT

LARGE, SMALL = "T0LARGE", "T0SMALL"
MINUTE = 60
HELD_LONG = Timing(lease=timedelta(hours=1))


@dataclass(frozen=True)
class Post:
    """Two workspaces, and an outbox for both on a clock of its own."""

    clock: Clocked
    sessions: Sessions
    ladder: Ladder
    playgrounds: dict[str, Playground]

    def sender(self, pace: Pace, clients: dict[str, AsyncWebClient] | None = None) -> Sender:
        clients = clients or {key: self.client(key) for key in self.playgrounds}
        return Sender(
            self.sessions,
            clients.__getitem__,
            message_kinds(),
            self.ladder,
            self.playgrounds[LARGE].clock.now,
            HELD_LONG,
            pace,
        )

    def client(self, key: str) -> AsyncWebClient:
        playground = self.playgrounds[key]
        return Slack(playground.bot_token, api_url=f"{playground.url}/api/").client(retries=False)

    def posted(self, key: str) -> list[datetime]:
        """When each message was accepted."""
        calls = self.playgrounds[key].journal.of("chat.postMessage")
        return [datetime.fromisoformat(call.at) for call in calls if call.response["ok"]]

    async def wave(self, key: str, people: int, *, dm_open: bool = True) -> None:
        """A question for each of so many new people."""
        workspace = self.playgrounds[key].workspace
        new = [workspace.add_person(f"p{len(workspace.people)}").id for _ in range(people)]
        choice = selection.choose(self.ladder.relevant("l4", None), selection.Asked(), {}, {}, None, SLOT.date())
        assert choice
        async with self.sessions.begin() as session:
            row = {"workspace_id": await self._installed(key), "tz": "Europe/Berlin", "level": "l4"}
            rows = [
                {**row, "slack_user": user, "dm_channel": workspace.dm(user).id if dm_open else None} for user in new
            ]
            ids = await session.scalars(insert(Member).returning(Member.id), rows)
            await check_ins.plan(session, [NewCheckIn(id_, None, SLOT, choice) for id_ in ids])

    async def _installed(self, key: str) -> int:
        async with self.sessions.begin() as session:
            there = await session.scalar(select(models.Workspace.id).where(models.Workspace.key == key))
            made = insert(models.Workspace).values(key=key).returning(models.Workspace.id)
            return there or (await session.scalars(made)).one()


@pytest.fixture(params=[0])
async def post(request: pytest.FixtureRequest, engine: AsyncEngine, ladder: Ladder) -> AsyncIterator[Post]:
    """The clock stands still, unless a test asks for another speed by an indirect parameter."""
    async with AsyncExitStack() as stack:
        clock = await stack.enter_async_context(clocked(engine, speed=request.param))
        playgrounds = {key: Playground(Workspace(name=key)) for key in (LARGE, SMALL)}
        for playground in playgrounds.values():
            await stack.enter_async_context(serving(playground))
        yield Post(clock, Sessions(clock.engine), ladder, playgrounds)


def busiest(counts: Sequence[int], window: int) -> int:
    """The most of these counts that lie in so many neighbours."""
    sums = [0, *accumulate(counts)]
    return max(sums[end] - sums[max(0, end - window)] for end in range(len(sums)))


async def test_senders_side_by_side_use_up_the_limit_and_never_pass_it(post: Post) -> None:
    pace, people = Pace(per_minute=60), 90
    await post.wave(LARGE, people)
    senders = [post.sender(pace) for _ in range(3)]
    in_second: list[int] = []
    while sum(in_second) < people:
        before = len(post.posted(LARGE))
        await asyncio.gather(*(sender.run() for sender in senders))
        in_second.append(len(post.posted(LARGE)) - before)
        await post.clock.advance(timedelta(seconds=1))
    assert busiest(in_second, MINUTE) <= pace.per_minute
    least = people / pace.per_minute * MINUTE
    assert len(in_second) <= 1.1 * least


async def test_after_a_quiet_time_no_more_goes_out_at_once_than_the_bucket_holds(post: Post) -> None:
    await post.wave(LARGE, 30)
    await post.clock.advance(timedelta(days=3))
    await post.sender(Pace(per_minute=240)).run()
    assert len(post.posted(LARGE)) == 12


async def test_a_workspace_with_a_few_messages_does_not_wait_for_one_with_many(post: Post) -> None:
    sender = post.sender(Pace(per_minute=240))
    await post.wave(LARGE, 100)
    for _ in range(3):
        await sender.run()
        await post.clock.advance(timedelta(seconds=1))
    await post.wave(SMALL, 10)
    await sender.run()
    assert len(post.posted(SMALL)) == 10
    assert 12 < len(post.posted(LARGE)) < 30


async def test_where_the_places_are_few_workspaces_take_turns(post: Post) -> None:
    await post.wave(LARGE, 20)
    await post.wave(SMALL, 3)
    async with post.sessions.begin() as session:
        claims = await claiming.claim(session, 8, timedelta(minutes=1), Pace(per_minute=6000))
    assert sorted(claim.workspace for claim in claims) == [LARGE] * 5 + [SMALL] * 3


async def test_opening_a_dm_is_paid_for_as_the_rare_call_that_it_is(post: Post) -> None:
    await post.wave(LARGE, 60, dm_open=False)
    sender = post.sender(Pace(per_minute=240))
    for _ in range(MINUTE // 2):
        await sender.run()
        await post.clock.advance(timedelta(seconds=2))
    assert 45 <= len(post.playgrounds[LARGE].journal.of("conversations.open")) <= 50


async def test_a_slow_answer_holds_up_nothing_but_itself(post: Post) -> None:
    answer = asyncio.Event()

    class OneIsSlow(AsyncWebClient):
        asked = 0

        async def chat_postMessage(self, **message: Any) -> AsyncSlackResponse:
            self.asked += 1
            if self.asked == 1:
                await answer.wait()
            return await super().chat_postMessage(**message)

    playground = post.playgrounds[LARGE]
    slow = OneIsSlow(playground.bot_token, base_url=f"{playground.url}/api/", retry_handlers=[])
    await post.wave(LARGE, 120)
    sending = asyncio.create_task(post.sender(Pace(per_minute=6000), {LARGE: slow}).run())
    await until(lambda: len(post.posted(LARGE)) == 119)
    answer.set()
    assert await sending == 120


async def test_429_makes_that_workspace_wait_and_nobody_else(post: Post) -> None:
    await post.wave(LARGE, 3)
    await post.wave(SMALL, 3)
    post.playgrounds[LARGE].faults.rate_limit("chat.postMessage", retry_after=20, times=3)
    sender = post.sender(Pace(per_minute=240))
    await sender.run()
    assert (len(post.posted(LARGE)), len(post.posted(SMALL))) == (0, 3)
    await post.clock.advance(timedelta(seconds=19))
    assert await sender.run() == 0
    await post.clock.advance(timedelta(seconds=1))
    assert await sender.run() == 3
    assert len(post.posted(LARGE)) == 3


@pytest.mark.torture
@pytest.mark.parametrize("post", [5], indirect=True)
async def test_a_wave_of_3000_against_a_slack_that_enforces_its_limit(post: Post) -> None:
    pace, people, speed = Pace(per_minute=240), 3_000, 5
    large, small = post.playgrounds[LARGE], post.playgrounds[SMALL]
    for playground in (large, small):
        playground.faults.limit("chat.postMessage", pace.per_minute, MINUTE / speed)
    await post.wave(LARGE, people)
    direct: dict[str, AsyncWebClient] = {key: DirectClient(each) for key, each in post.playgrounds.items()}
    senders = [post.sender(pace, direct) for _ in range(2)]

    async def tick(sender: Sender) -> None:
        while len(large.journal.calls) < people:
            await sender.run()
            await asyncio.sleep(1 / speed)

    async def a_few() -> None:
        await until(lambda: len(large.journal.calls) > people / 100)
        await post.wave(SMALL, 10)

    await asyncio.gather(*(tick(sender) for sender in senders), a_few())
    begun, ended = min(post.posted(LARGE)), max(post.posted(LARGE))
    least = timedelta(seconds=people / pace.per_minute * MINUTE / speed)
    print(f"{people} in {(ended - begun) / least:.3f} of the least time")  # noqa: T201 - a figure for the record
    assert ended - begun < 1.1 * least
    steady = begun + timedelta(seconds=MINUTE / speed)
    refused = [call for call in large.journal.of("chat.postMessage") if not call.response["ok"]]
    assert [call.at for call in refused if datetime.fromisoformat(call.at) > steady] == []
    assert max(post.posted(SMALL)) < begun + least / 10
    async with post.sessions() as session:
        attempts = await session.scalar(select(func.max(Delivery.attempts)))
    assert attempts == 1 + bool(refused)
