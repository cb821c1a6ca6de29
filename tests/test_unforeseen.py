"""What nobody foresaw holds up one delivery only, and not for ever."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from bot.delivery.outcomes import Timing
from db.enums import CheckInState, DeliveryState
from db.models import CheckIn, Delivery
from handlers.checkins.messages import Question
from handlers.slack.message_kind import Composed, Due
from ladder_content.model import Ladder
from tests.support.outbox import Post, posting
from tests.support.postgres_clock import clocked
from tests.support.refusals import go_on, lose_the_answer
from tests.support.world import MAYA, SAM

HOUR = timedelta(hours=1)


@pytest.fixture
async def post(engine: AsyncEngine, ladder: Ladder) -> AsyncIterator[Post]:
    """Postgres's clock stands still."""
    async with clocked(engine) as clock, posting(clock.engine, ladder) as post:
        yield post


def spoil(monkeypatch: pytest.MonkeyPatch, which: int) -> None:
    """Let composing break on one question."""

    compose = Question.compose

    async def broken(self: Question, session: AsyncSession, due: Due) -> Composed:
        if due.subject_id == which:
            raise ValueError("unforeseen")
        return await compose(self, session, due)

    monkeypatch.setattr(Question, "compose", broken)


async def test_one_that_cannot_be_composed_holds_up_nobody(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    spoil(monkeypatch, await post.plan(MAYA))
    await post.plan(SAM)
    assert await post.sender(Timing()).run() == 2
    assert (len(post.messages(MAYA)), len(post.messages(SAM))) == (0, 1)
    states = select(Delivery.state, Delivery.error).order_by(Delivery.state)
    async with post.sessions() as session:
        ends = [tuple(row) for row in await session.execute(states)]
    assert ends == [(DeliveryState.READY, "cannot be composed: ValueError"), (DeliveryState.SENT, None)]
    monkeypatch.undo()
    await go_on(post, HOUR)
    await post.sender().run()
    assert len(post.messages(MAYA)) == 1


async def test_one_that_can_never_be_composed_fails_with_the_reason(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(monkeypatch, await post.plan())
    tries = 0
    while (found := await _tried(post)).state == DeliveryState.READY:
        await go_on(post, HOUR / 6)
        tries += 1
        assert tries < 6 * 48
    assert (found.state, found.error) == (DeliveryState.FAILED, "cannot be composed: ValueError")
    assert await post.scalars(select(CheckIn.state)) == [CheckInState.CANCELLED]
    assert tries >= 6 * 36


async def _tried(post: Post) -> Delivery:
    await post.sender(Timing()).run()
    return await post.delivery()


async def test_one_whose_message_is_there_and_cannot_be_settled_is_given_up(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lose_the_answer(post)
    [question] = await post.scalars(select(CheckIn.id))
    spoil(monkeypatch, question)
    while (found := await _tried(post)).state == DeliveryState.UNKNOWN:
        await go_on(post, HOUR)
    assert (found.state, found.error) == (DeliveryState.FAILED, "given up after 36 hours: unforeseen: ValueError")
    assert len(post.messages()) == 1
