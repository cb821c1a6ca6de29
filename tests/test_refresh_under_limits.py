"""What a member takes back is gone from sixty digests, whatever Slack allows and whoever dies meanwhile."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.delivery.outcomes import Timing
from bot.delivery.sender import Sender
from bot.features import message_kinds
from db import members
from db.entries import entries
from db.entries.entries import NewEntry
from db.enums import DeliveryState, Source
from db.members import UserRef
from db.mentoring import digests, shares
from db.models import Delivery, Member, Mentorship
from growth.mentoring import MentorshipState
from growth.sharing import REGRET
from ladder_content.model import Ladder
from playground.faults import Faults
from playground.workspace import Message
from services import growth_log
from services.actor import Actor
from tests.support.killable import DiedError, DirectClient, Life, MortalSessions
from tests.support.outbox import FAST, Post, posting
from tests.support.postgres_clock import Clocked, clocked
from tests.support.world import MAYA, text_of

WORDS = "Rewrote the billing job"
MENTORS, ALLOWED = 60, 50  # calls of chat.update a minute, as Slack's tier 3 has it
TICK, PATIENCE = timedelta(seconds=15), timedelta(minutes=30)


@dataclass
class Slow:
    """An outbox and its Slack, on one clock that goes on only here."""

    post: Post
    clock: Clocked
    gone_by: timedelta = field(default=timedelta())

    def __post_init__(self) -> None:
        self.post.playground.faults = Faults(lambda: self.gone_by.total_seconds())

    @property
    def who(self) -> UserRef:
        return UserRef(self.post.playground.workspace.team_id, MAYA)

    async def tick(self) -> None:
        self.gone_by += TICK
        await self.clock.advance(TICK)

    async def send(self, life: Life) -> None:
        """A sender's life, or until nothing is due."""
        post, client = self.post, DirectClient(self.post.playground, life)
        sessions, now = MortalSessions(self.clock.engine, life), post.playground.clock.now
        with suppress(DiedError):
            await Sender(sessions, lambda _: client, message_kinds(), post.ladder, now, Timing(), FAST).run()
        await self.tick()

    async def unsettled(self) -> int:
        open_ = (Delivery.state != DeliveryState.SENT) | Delivery.stale_at.is_not(None)
        [count] = await self.post.scalars(select(func.count()).select_from(Delivery).where(open_))
        return int(count)

    async def settle(self) -> None:
        end = self.gone_by + PATIENCE
        while await self.unsettled():
            assert self.gone_by < end, "not settled"
            await self.send(Life())


@asynccontextmanager
async def slow(engine: AsyncEngine, ladder: Ladder) -> AsyncIterator[Slow]:
    async with clocked(engine) as clock, posting(clock.engine, ladder) as post:
        yield Slow(post, clock)


async def shared_with_mentors(slow: Slow) -> tuple[int, Sequence[str]]:
    """Maya's entry, which many mentors have read in a digest each; its id, and theirs in Slack."""
    workspace, now = slow.post.playground.workspace, slow.post.playground.clock.now()
    mentors = [workspace.add_person(f"mentor{n}").id for n in range(MENTORS)]
    async with slow.post.sessions.begin() as session:
        maya = await members.add(session, slow.who, "Europe/Berlin")
        about = {"workspace_id": maya.workspace_id, "tz": "Etc/UTC"}
        rows = [{**about, "slack_user": user, "dm_channel": workspace.dm(user).id} for user in mentors]
        new = (await session.scalars(insert(Member).returning(Member), rows)).all()
        bond = {"mentee_id": maya.id, "state": MentorshipState.ACTIVE, "requested_at": now, "accepted_at": now}
        bonds = await session.scalars(
            insert(Mentorship).returning(Mentorship.id), [{**bond, "mentor_id": each.id} for each in new]
        )
        entry = await entries.add(session, maya, NewEntry(WORDS, now.date(), Source.FORM, "key"), now)
        await shares.put(session, entry, bonds.all(), now - REGRET)
        for each in new:
            await digests.ask(session, each, now)
    await slow.settle()
    return entry.id, mentors


def showing(slow: Slow, users: Sequence[str]) -> list[Message]:
    """The messages to these people in which the entry can be read."""
    found = [message for user in users for message in slow.post.messages(user)]
    return [each for each in found if WORDS in text_of(each)]


async def test_what_is_taken_back_is_gone_from_sixty_digests(engine: AsyncEngine, ladder: Ladder) -> None:
    async with slow(engine, ladder) as here:
        entry, mentors = await shared_with_mentors(here)
        assert len(showing(here, mentors)) == MENTORS
        playground = here.post.playground
        playground.faults.limit("chat.update", ALLOWED)
        await growth_log.keep_private(Actor(here.who, playground.clock.now(), here.post.sessions, ladder), entry)
        for steps in (100, 150):  # each dies in the middle of the updates
            await here.send(Life(steps))
            playground.faults.rate_limit("chat.update", retry_after=30)
        assert 0 < len(showing(here, mentors)) < MENTORS
        await here.settle()
        assert showing(here, mentors) == []
