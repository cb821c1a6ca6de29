"""What Slack's history does not tell is never taken for "never posted"."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, Literal

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.delivery import sender
from bot.delivery.outcomes import Timing
from bot.delivery.sender import Sender
from bot.features import message_kinds
from db.enums import CheckInState, DeliveryState
from db.models import CheckIn, Delivery
from handlers.slack import posting
from handlers.slack.message import Message
from ladder_content.model import Ladder
from tests.support.outbox import FAST, Post
from tests.support.outbox import posting as outbox
from tests.support.world import MAYA, World

Withheld = Literal["type", "none"]
WITHHELD: list[Withheld] = ["type", "none"]


@pytest.fixture
async def post(engine: AsyncEngine, ladder: Ladder) -> AsyncIterator[Post]:
    async with outbox(engine, ladder) as post:
        yield post


async def lose(post: Post, *, accepted: bool) -> None:
    """Send a question whose answer is lost, whether Slack took it or not, and that is due to be looked for."""
    await post.plan()
    post.playground.faults.lose("chat.postMessage", accepted=accepted)
    await post.sender(Timing()).run()
    await be_due(post)


async def be_due(post: Post) -> None:
    async with post.sessions.begin() as session:
        await session.execute(update(Delivery).values(run_at=Delivery.created_at))


def client_of(post: Post) -> AsyncWebClient:
    return post.sender().clients("")


@pytest.mark.parametrize("withheld", WITHHELD)
async def test_of_forty_questions_none_comes_twice_where_history_has_no_metadata(
    post: Post, withheld: Withheld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "SIDE_BY_SIDE", 5)  # no more than these connections are for
    people = [post.playground.workspace.add_person(f"p{n}").id for n in range(40)]
    faults = post.playground.faults
    for n, person in enumerate(people):
        await post.plan(person)
        if n % 8 == 0:
            faults.lose("chat.postMessage", accepted=n % 16 == 0)
        else:
            faults.slow("chat.postMessage", 0)
    faults.withhold_metadata(withheld)
    for _ in range(3):
        await post.sender().run()
    assert [len(post.messages(person)) for person in people] == [1] * 40
    states = await post.scalars(select(Delivery.state))
    assert (states.count(DeliveryState.UNKNOWN), states.count(DeliveryState.SENT)) == (3, 37)

    faults.clear()
    await be_due(post)
    await post.sender().run()
    assert set(await post.scalars(select(Delivery.state))) == {DeliveryState.SENT}
    assert [len(post.messages(person)) for person in people] == [1] * 40


async def test_what_rung_answered_is_told_from_what_it_may_have_sent(post: Post) -> None:
    channel = post.playground.workspace.dm(MAYA)
    client = client_of(post)
    await posting.post(client, channel.id, Message.of("Hello"))
    await client.files_upload_v2(channel=channel.id, filename="log.csv", content="a,b", initial_comment="your log")
    post.playground.workspace.post(channel, MAYA, text="by way of another app", bot_id="B0OTHER")
    post.playground.faults.withhold_metadata("type")
    await lose(post, accepted=False)
    sent = await post.run()
    assert sent.state == DeliveryState.SENT
    assert [message.ts for message in post.messages()][-1] == sent.ts


async def test_a_message_without_a_mark_may_be_it_and_the_reason_says_what_to_do(post: Post) -> None:
    await client_of(post).chat_postMessage(channel=MAYA, text="as an older Rung answered")
    await lose(post, accepted=False)
    looked_for = await post.run()
    assert (looked_for.state, post.attempts()) == (DeliveryState.UNKNOWN, 2)
    async with post.sessions.begin() as session:
        await session.execute(update(Delivery).values(unknown_since=Delivery.unknown_since - timedelta(hours=37)))
    await be_due(post)
    given_up = await post.run()
    assert (given_up.state, post.attempts()) == (DeliveryState.FAILED, 2)
    assert given_up.error == (
        "given up after 36 hours: cannot be looked for: Slack gives messages without their metadata, see"
        " `python -m bot doctor`"
    )
    assert await post.scalars(select(CheckIn.state)) == [CheckInState.CANCELLED]


async def test_messages_that_are_known_to_be_others_are_no_doubt(post: Post) -> None:
    await post.plan()
    await post.run()
    post.playground.faults.withhold_metadata("none")
    await post.plan()
    post.playground.faults.lose("chat.postMessage", accepted=False)
    for _ in range(3):
        await post.sender().run()
    assert set(await post.scalars(select(Delivery.state))) == {DeliveryState.SENT}
    assert len(post.messages()) == 2


class CutShort(AsyncWebClient):
    """History whose pages end before its end, with no word about the next one."""

    async def conversations_history(self, **about: Any) -> Any:
        answer = await super().conversations_history(**{**about, "limit": 1})
        assert isinstance(answer.data, dict)
        answer.data["response_metadata"] = {}
        return answer


async def test_history_that_is_cut_short_tells_nothing(post: Post) -> None:
    await lose(post, accepted=True)
    for text in ("one", "two"):
        await posting.post(client_of(post), post.playground.workspace.dm(MAYA).id, Message.of(text))
    short = CutShort(post.playground.bot_token, base_url=f"{post.playground.url}/api/", retry_handlers=[])
    now = post.playground.clock.now
    await Sender(post.sessions, lambda workspace: short, message_kinds(), post.ladder, now, Timing(), FAST).run()
    looked_for = await post.delivery()
    assert (looked_for.state, looked_for.error) == (
        DeliveryState.UNKNOWN,
        "cannot be looked for: there is more of it than Slack gives",
    )
    await be_due(post)
    assert (await post.run()).state == DeliveryState.SENT
    assert len(post.messages()) == 3


async def test_all_that_rung_says_in_the_dm_is_marked(world: World) -> None:
    for words in ("hello", "", "next", "I wrote the design of the new pipeline"):
        await world.playground.say(MAYA, words)
    said = [message for message in world.playground.dm(MAYA) if message.bot_id]
    assert len(said) == 4
    assert [(message.metadata or {}).get("event_type") for message in said] == ["rung_answer"] * 4
