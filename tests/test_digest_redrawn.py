"""A delivered digest follows what may be read, and tells of nothing that came after it."""

import asyncio
import copy
from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import select

from db.models import Disclosure
from tests.support.comments import digested
from tests.support.digest import TUESDAY, certain, shared
from tests.support.mentoring import ask
from tests.support.playground_app import until
from tests.support.world import MAYA, SAM, World, text_of

PRIYA = "U0PRIYA"
FIRST, DAYS = TUESDAY.date(), timedelta(days=2)


async def test_of_two_who_take_back_at_once_nothing_stays(world: World) -> None:
    digest = await digested(world, 2)
    listed = await world.ladder_command(MAYA, "logs")
    again = copy.deepcopy(listed)
    refreshing = world.playground.faults.hold("chat.update")
    first = asyncio.create_task(world.click(MAYA, "logs.delete.1", on=listed))
    await until(lambda: refreshing.waiting)
    await world.click(MAYA, "logs.delete.2", on=again)
    refreshing.opened.set()
    await first
    await world.settle()
    assert [n for n in range(2) if f"Entry {n}" in str(digest.blocks)] == []
    assert "What was here is no longer shared with you." in text_of(digest)


async def edit(world: World, entry_id: int, *, what: str | None = None, readers: Sequence[str] | None = None) -> None:
    """Maya changes an entry in its form."""
    await world.ladder_command(MAYA, "logs")
    await world.click(MAYA, f"log.edit.{entry_id}")
    wished = {"what": what, "readers": readers}
    await world.submit(MAYA, {k: v for k, v in wished.items() if v is not None})


async def shown_on(world: World) -> list[date]:
    return [at.date() for at in await world.rows(select(Disclosure.shown_at).order_by(Disclosure.id))]


async def test_what_was_edited_is_written_down_before_it_is_shown_again(world: World) -> None:
    digest = await digested(world)
    await world.travel(DAYS)
    await edit(world, 1, what="Other words")
    assert "> Other words" in text_of(digest)
    assert (await shown_on(world), await certain(world)) == ([FIRST, FIRST + DAYS], [True, True])
    assert "on 19 January, last on 21 January" in text_of(await world.ladder_command(MAYA, "seen"))
    await world.travel(DAYS)
    await world.click(SAM, "comments.kudos.1", on=digest)
    assert len(await shown_on(world)) == 2, "nothing new of it is shown"

    world.playground.faults.refuse("chat.update", "internal_error", times=9)
    await edit(world, 1, what="Words that may not have arrived")
    assert await certain(world) == [True, True, False]


async def test_what_was_taken_back_and_shared_again_waits_for_the_next_digest(world: World) -> None:
    digest = await digested(world, 2)
    await edit(world, 1, readers=[])
    assert "> Entry 0" not in text_of(digest)
    await world.travel(DAYS)
    await edit(world, 1, readers=["1"])
    await world.travel(timedelta(hours=2))
    await world.click(SAM, "comments.kudos.2", on=digest)
    assert "kudos from you" in text_of(digest)
    assert "> Entry 0" not in text_of(digest)
    assert await shown_on(world) == [FIRST, FIRST]


async def test_who_and_what_came_later_is_not_in_it(world: World) -> None:
    digest = await digested(world)
    await world.travel(DAYS)
    await shared(world, "Shared later")
    world.playground.workspace.add_person("priya", "Priya Raman", user=PRIYA, tz="Asia/Kolkata")
    await ask(world, "mentor @sam", mentee=PRIYA)
    await world.click(SAM, "mentoring.accept")
    await world.travel(timedelta(hours=2))
    await world.click(SAM, "comments.kudos.1", on=digest)
    after = text_of(digest)
    assert "kudos from you" in after
    assert (PRIYA in after, "Read 1 more" in after) == (False, False)
