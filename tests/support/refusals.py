"""What tests of refusals share."""

from datetime import timedelta

from sqlalchemy import text

from bot.delivery.outcomes import Timing
from db.enums import DeliveryState
from tests.support.outbox import Post


async def go_on(post: Post, by: timedelta) -> None:
    async with post.sessions.begin() as session:
        await session.execute(text("UPDATE clock.hands SET at = at + CAST(:by AS interval)"), {"by": by})


async def lose_the_answer(post: Post) -> None:
    await post.plan()
    post.playground.faults.lose("chat.postMessage")
    await post.sender(Timing()).run()
    assert (await post.delivery()).state == DeliveryState.UNKNOWN
    await go_on(post, Timing().margin)
