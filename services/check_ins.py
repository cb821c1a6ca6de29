"""The weekly question: asked by hand, skipped, put off, exchanged for another one."""

from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple

from db import members
from db.checkins import asking, check_ins
from db.engine import AsyncSession
from db.enums import CheckInState, DeliveryKind
from db.models import CheckIn, Member
from db.outbox import stale
from db.workspaces import workspaces
from growth.errors import NoLevelYet, NoLongerThere
from services import scheduling
from services.actor import Actor

OPEN = (CheckInState.PLANNED, CheckInState.ASKED, CheckInState.LAPSED)
Change = Callable[[AsyncSession, Member, CheckIn], Coroutine[Any, Any, None]]


class Asked(NamedTuple):
    """What came of asking by hand: the question that waits already, or whether one is on its way.

    `held_up`: Slack takes nothing that Rung sends there now.
    """

    waiting: CheckIn | None
    on_its_way: bool
    held_up: bool


async def ask(actor: Actor) -> Asked:
    """This week's question if one is open, else a new one: this week's if its slot is ahead, or an extra.

    Raises NoLevelYet.
    """
    async with actor.sessions.begin() as session:
        member = await members.lock(session, actor.who)
        if member is None or actor.ladder.level(member.level) is None:
            raise NoLevelYet
        held_up = await workspaces.is_silent(session, member.workspace_id)
        waiting = await check_ins.open_one(session, actor.who)
        if waiting:
            if asking.comes_later(waiting):
                await reopen(session, waiting)
            is_asked = waiting.state == CheckInState.ASKED
            return Asked(waiting if is_asked else None, on_its_way=not is_asked, held_up=held_up)
        planned = await asking.ask_now(session, member, actor.ladder, actor.now)
        return Asked(None, on_its_way=planned is not None, held_up=held_up)


async def reopen(session: AsyncSession, check_in: CheckIn) -> None:
    """A question that was put off is open as it was, and comes no second time. The caller locks the member."""
    asking.stand_open(check_in)
    await session.flush()
    await stale.mark(session, DeliveryKind.CHECK_IN, [check_in.id])


async def question(actor: Actor, check_in_id: int) -> CheckIn:
    """The person's question. Raises NoLongerThere."""
    async with actor.sessions() as session:
        found = await check_ins.get(session, actor.who, check_in_id)
    if found is None:
        raise NoLongerThere("question")
    return found


async def skip(actor: Actor, check_in_id: int) -> None:
    """Not this one; what was answered stays answered."""

    async def skipped(session: AsyncSession, member: Member, check_in: CheckIn) -> None:
        if check_in.state in OPEN:
            check_in.state = CheckInState.SKIPPED
            await session.flush()
            await scheduling.bring_forward(session, member, actor.now)

    await _change(actor, check_in_id, skipped)


async def snooze(actor: Actor, check_in_id: int, days: int) -> None:
    """The same again so many days from today. Raises AnotherSince, AnotherIsSooner."""

    async def later(session: AsyncSession, member: Member, check_in: CheckIn) -> None:
        await asking.snooze(session, member, check_in, days, actor.now)

    await _change(actor, check_in_id, later)


async def exchange(actor: Actor, check_in_id: int) -> None:
    """Another question in its place; what was answered stays."""

    async def another(session: AsyncSession, member: Member, check_in: CheckIn) -> None:
        if check_in.state in OPEN:
            await asking.exchange(session, member, check_in, actor.ladder, actor.now)

    await _change(actor, check_in_id, another)


async def _change(actor: Actor, check_in_id: int, change: Change) -> None:
    async with actor.sessions.begin() as session:
        member = await members.lock(session, actor.who)
        check_in = await check_ins.lock(session, actor.who, check_in_id)
        if member and check_in:
            await change(session, member, check_in)
            await session.flush()
            await stale.mark(session, DeliveryKind.CHECK_IN, [check_in_id])
