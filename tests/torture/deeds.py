"""What people do with entries: each deed is a person's, through the services, as a handler would carry it out."""

import random
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from sqlalchemy import TextualSelect, text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import Sessions
from db.enums import Source
from db.members import UserRef
from growth.entry import Written
from growth.sharing import REGRET
from handlers.entries import presenter
from handlers.slack.posting import ANSWER
from ladder_content.model import Ladder
from playground.playground import Playground
from playground.webapi import call
from services import check_ins, comments, digests, erasure, growth_log, mentorships, sharing
from services.actor import Actor
from services.growth_log import Answers, Origin
from tests.torture.reading import readable

UTC_ZONE = ZoneInfo("Etc/UTC")
NUMBERS = count(1)
MINE = text("""
    SELECT e.id FROM entries e JOIN members m ON m.id = e.member_id
     WHERE m.slack_user = :user AND (e.deleted_at IS NULL) = :there ORDER BY e.id
""").columns()
BONDS = text("""
    SELECT b.id FROM mentorships b JOIN members m ON m.id IN (b.mentor_id, b.mentee_id)
     WHERE m.slack_user = :user AND b.state = 'active' ORDER BY b.id
""").columns()
OPEN = text("""
    SELECT c.id FROM check_ins c JOIN members m ON m.id = c.member_id
     WHERE m.slack_user = :user AND c.state = 'asked' ORDER BY c.id
""").columns()
NUMBER = text("SELECT CAST(substring(what FROM '^e([0-9]+)v') AS int) FROM entries WHERE id = :id").columns()
MEMBER = text("SELECT id FROM members WHERE slack_user = :user").columns()


def mark(letter: str, number: int) -> str:
    """A word that occurs nowhere else: of the entry (e) or comment (c) of that number, and of one version of it."""
    return f"{letter}{number}v{next(NUMBERS)}"


class Deeds:
    """A person, and what they may do next; `dice` decide."""

    def __init__(
        self, engine: AsyncEngine, ladder: Ladder, playground: Playground, user: str, dice: random.Random
    ) -> None:
        self._sessions, self._ladder, self._playground, self._dice = Sessions(engine), ladder, playground, dice
        self.who = UserRef(playground.workspace.team_id, user)
        self._dm = playground.workspace.dm(user).id

    def _actor(self, ago: timedelta = timedelta()) -> Actor:
        return Actor(self.who, datetime.now(UTC) - ago, self._sessions, self._ladder)

    async def _ids(self, query: TextualSelect, **about: object) -> list[int]:
        async with self._sessions() as session:
            return list(await session.scalars(query, {"user": self.who.user, **about}))

    async def _one(self, query: TextualSelect, **about: object) -> int | None:
        found = await self._ids(query, **about)
        return self._dice.choice(found) if found else None

    async def _words(self, number: int, readers: tuple[int, ...]) -> Written:
        what, impact, link = (mark("e", number) for _ in range(3))
        return Written(what, date.today(), (), impact, (f"https://example.com/{link}",), readers=readers)  # noqa: DTZ011

    async def _some_bonds(self) -> tuple[int, ...]:
        return tuple(id_ for id_ in await self._ids(BONDS) if self._dice.random() < 0.8)

    async def write(self) -> None:
        """An entry, shared so long ago that it can be read; it may answer a question, or be shown in the DM."""
        number = next(NUMBERS)
        question = await self._one(OPEN) if self._dice.random() < 0.5 else None
        new = await self._words(number, await self._some_bonds())
        answers = Answers(question) if question else None
        origin = Origin(Source.CHECK_IN if question else Source.FORM, f"torture:{number}")
        saved = await growth_log.save(self._actor(REGRET), UTC_ZONE, new, origin, answers)
        if not question:
            await self._show(saved.entry.id)

    async def _show(self, entry_id: int) -> None:
        """Rung's answer stays in the DM. The person waits for it: until it is on record they do nothing."""
        actor = self._actor()
        async with self._sessions() as session:
            message = await presenter.entry_message(session, self.who, entry_id, self._ladder, actor.now)
        content = {**message.payload(), "metadata": ANSWER, "channel": self._dm}
        said = call(self._playground, "chat.postMessage", self._playground.bot_token, content)
        try:
            await growth_log.shown_at(actor, entry_id, self._dm, said["ts"], composed_before=True)
        except BaseException:
            call(self._playground, "chat.delete", self._playground.bot_token, {"channel": self._dm, "ts": said["ts"]})
            raise

    async def edit(self) -> None:
        """Other words, and perhaps other readers."""
        if entry := await self._one(MINE, there=True):
            bonds = tuple(await self._ids(BONDS))
            [number] = await self._ids(NUMBER, id=entry)
            new = await self._words(number, await self._some_bonds())
            await growth_log.change(self._actor(), entry, new, shown=bonds)

    async def unshare(self) -> None:
        if entry := await self._one(MINE, there=True):
            bond = await self._one(BONDS)
            if bond and self._dice.random() < 0.5:
                await sharing.take_back(self._actor(), bond, [entry])
            else:
                await growth_log.keep_private(self._actor(), entry)

    async def share(self) -> None:
        entry, bond = await self._one(MINE, there=True), await self._one(BONDS)
        if entry and bond:
            await sharing.share(self._actor(REGRET), bond, [entry])

    async def delete(self) -> None:
        if entry := await self._one(MINE, there=True):
            await growth_log.delete(self._actor(), entry)

    async def restore(self) -> None:
        if entry := await self._one(MINE, there=False):
            await growth_log.restore(self._actor(), entry)

    async def ask(self) -> None:
        await check_ins.ask(self._actor())

    async def comment(self) -> None:
        """Words, other words in their place, or kudos, by a mentor."""
        actor = self._actor()

        async with self._sessions() as session:
            entries = await readable(session, self.who, actor.now)
        if not entries:
            return
        entry = self._dice.choice(sorted(entries))
        key = f"torture:{entry}"
        if self._dice.random() < 0.3:
            await comments.give_kudos(actor, entry)
        elif not await comments.correct(actor, key, lambda: mark("c", entry)):
            await comments.keep(actor, entry, mark("c", entry), key)

    async def read(self) -> None:
        await digests.ask(self._actor())

    async def end(self) -> None:
        if bond := await self._one(BONDS):
            await mentorships.end(self._actor(), bond)

    async def forget(self) -> None:
        if member := await self._one(MEMBER):
            await erasure.forget(self._actor(), member, self._dm)


Deed = Callable[[Deeds], Awaitable[None]]
OF_MENTEES: dict[Deed, int] = {
    Deeds.write: 20,
    Deeds.edit: 20,
    Deeds.unshare: 10,
    Deeds.share: 8,
    Deeds.delete: 6,
    Deeds.restore: 4,
    Deeds.ask: 6,
    Deeds.end: 1,
    Deeds.forget: 1,
}
OF_MENTORS: dict[Deed, int] = {Deeds.read: 30, Deeds.comment: 20, Deeds.end: 1, Deeds.forget: 1}
