"""What tests of pause share."""

from sqlalchemy import func, select, update

from db.models import CheckIn, Delivery, Workspace
from tests.support.world import MAYA, World, text_of


async def said(world: World, words: str) -> str:
    return text_of(await world.ladder_command(MAYA, words))


async def states(world: World) -> list[str]:
    return await world.rows(select(CheckIn.state).order_by(CheckIn.id))


async def slack_is_back(world: World) -> None:
    """Slack asked to wait, and that is over."""
    async with world.sessions.begin() as session:
        await session.execute(update(Delivery).values(run_at=func.now()))
        await session.execute(update(Workspace).values(paused_until=None))
    await world.service.ticker.run()
