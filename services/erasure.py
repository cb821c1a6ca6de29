"""Everything of a person, gone for good."""

from datetime import datetime, timedelta

from db import members
from db.account import erasure
from db.account.erasure import Owned
from db.engine import AsyncSession, BusyError, Sessions
from growth.errors import BegunAnew, StillBusy
from services.actor import Actor

JUST_READ = timedelta(hours=12)  # less than a day but the hour after which a reading that failed is tried again


async def owned(actor: Actor) -> Owned | None:
    """What there is of the person, if anything."""
    async with actor.sessions() as session:
        return await erasure.owned(session, actor.who)


async def forget(actor: Actor, member_id: int, channel: str | None) -> None:
    """The person, if they are that member still, in one transaction; `channel` is their conversation with Rung.

    The second time finds nobody. Raises BegunAnew for somebody who came back since, StillBusy.
    """

    async def at_once(session: AsyncSession) -> None:
        member = await erasure.lock(session, actor.who, member_id)
        if member:
            await erasure.forget(session, member, actor.now, channel)
        elif await members.get(session, actor.who):
            raise BegunAnew

    try:
        await actor.sessions.yielding(at_once)
    except BusyError as error:
        raise StillBusy from error


async def forget_one_who_left(sessions: Sessions, now: datetime, keep: timedelta) -> bool:
    """Forget one of those who left longer ago than that, whom nobody else forgets at the moment; whether there was."""
    async with sessions.background() as session:
        member = await erasure.lock_one_who_left(session, now - keep, now - JUST_READ)
        if member is None:
            return False
        await erasure.forget(session, member, now)
    return True
