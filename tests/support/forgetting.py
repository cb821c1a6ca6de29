"""What tests of forgetting share."""

from datetime import time

from sqlalchemy import select, text

from db import members
from db.entries import entries
from db.entries.entries import NewEntry
from db.enums import Source
from db.members import UserRef
from db.mentoring import shares
from db.models import Invitation, Member, Mentorship, Removal
from playground.workspace import Message, View
from tests.support.checkin import asked
from tests.support.digest import TUESDAY, newest
from tests.support.mentoring import ask
from tests.support.progress import settled, uploaded
from tests.support.world import MAYA, SAM, World, text_of, text_of_blocks

MARK = "marzipan"  # in all that Maya writes, except

SAID = "Well done, Priya"

PRIYA = "U0PRIYA"


async def a_full_life(world: World) -> None:
    """Maya has used everything: a log, questions, a mentor, a mentee, requests, files, digests, comments."""
    world.playground.workspace.add_person("priya", "Priya Raman", user=PRIYA, tz="Asia/Kolkata")
    await asked(world)
    await world.click(MAYA, "checkin.write")
    await world.playground.submit(MAYA, {"what": f"Answered with {MARK}", "impact": f"More {MARK}"})
    await ask(world, f"mentor @sam because {MARK}")
    await world.click(SAM, "mentoring.accept", on=newest(world))
    await ask(world, f"mentor @priya because {MARK}")
    await ask(world, "mentor @maya", mentee=PRIYA)
    await world.click(MAYA, "mentoring.accept", on=newest(world, MAYA))
    await world.service.ticker.run()
    await share(world, MAYA, f"Shared {MARK}", SAM)
    await share(world, PRIYA, "Priya's own", MAYA)
    await world.travel(TUESDAY)
    digest = newest(world)
    assert MARK in text_of(digest)
    await world.playground.say(SAM, "Nice", thread_ts=digest.ts)
    await comment(world)
    await world.playground.say(MAYA, f"Wrote {MARK} here")
    await world.click(MAYA, "log.save_message", on=newest(world, MAYA))
    await world.playground.say(MAYA, f"In a thread, {MARK}", thread_ts=newest(world, MAYA).ts)
    await world.ladder_command(MAYA, "export md")
    await settled(world)
    assert uploaded(world)
    await world.playground.open_home(MAYA)
    await invited(world, MAYA, SAM)
    await invited(world, PRIYA, MAYA)


async def invited(world: World, user: str, mentor: str) -> None:
    """As from a file, without the message."""
    ids = {each: await member_id(world, each) for each in (user, mentor)}
    about = {"level": "l4", "weekday": 1, "local_time": time(9), "invited_at": world.playground.clock.now()}
    async with world.sessions.begin() as session:
        session.add(Invitation(member_id=ids[user], mentor_id=ids[mentor], **about))


async def member_id(world: World, user: str) -> int:
    [found] = await world.rows(select(Member.id).where(Member.slack_user == user))
    return int(found)


async def share(world: World, user: str, what: str, mentor: str) -> None:
    now = world.playground.clock.now()
    async with world.sessions.begin() as session:
        member = await members.lock(session, UserRef("T0PLAYGROUND", user))
        assert member
        entry = await entries.add(session, member, NewEntry(what, now.date(), Source.FORM, what), now)
        to = select(Member.id).where(Member.slack_user == mentor).scalar_subquery()
        bond = select(Mentorship.id).where(Mentorship.mentee_id == member.id, Mentorship.mentor_id == to)
        await shares.put(session, entry, list(await session.scalars(bond)), now)


async def comment(world: World) -> None:
    """Maya says something to Priya's entry, in the thread of her own digest."""
    if not [message for message in world.playground.dm(MAYA) if "Priya's own" in text_of(message)]:
        await world.ladder_command(MAYA, "digest")
        await world.service.ticker.run()
    digest = [message for message in world.playground.dm(MAYA) if "Priya's own" in text_of(message)][-1]
    await world.playground.say(MAYA, SAID, thread_ts=digest.ts)
    await world.service.ticker.run()
    assert SAID in text_of(newest(world, PRIYA))


async def form(world: World, user: str = MAYA) -> View:
    assert (await world.playground.command(user, "/ladder forget me")).ok
    found = world.playground.modal(user)
    assert found
    return found


async def forget(world: World, user: str = MAYA) -> str:
    """Go through with it; what is said."""
    await form(world, user)
    await world.submit(user, {"confirm": "Forget me"})
    found = world.playground.modal(user)
    assert found
    return text_of_blocks(found.blocks)


def ours(world: World, user: str) -> list[Message]:
    """The messages that are Rung's and stay."""
    bot = world.playground.workspace.bot.id
    return [each for each in world.playground.dm(user) if each.user == bot and not each.ephemeral_to]


async def cleared(world: World) -> None:
    """Let Rung remove what is left in Slack, also what comes later."""
    await world.service.ticker.run()
    async with world.sessions.begin() as session:
        await session.execute(text("UPDATE removals SET run_at = now()"))
    await world.service.ticker.run()
    assert await world.rows(select(Removal.kind)) == []
