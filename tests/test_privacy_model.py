"""People, mentorships, entries, shares, digests and endings in any order: no word reaches whom it is not for.

Every entry, snippet and comment carries a mark of its own, so a leak is found by its mark in the playground's journal,
whatever it leaked through.
"""

import asyncio
import copy
import json
import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from db import members
from db.entries import entries
from db.entries.entries import NewEntry
from db.enums import Source
from db.members import UserRef
from db.mentoring import disclosures, mentorships, requests, shares
from db.models import Delivery, Member
from db.workspaces import workspaces
from growth.errors import PersonError
from ladder_content.loader import default_folder, load
from playground import elements
from playground.journal import Call
from playground.workspace import Message, View
from services import growth_log, scheduling
from services import mentorships as services_mentorships
from services.actor import Actor
from services.growth_log import Changed
from tests.support.database import emptied
from tests.support.world import MAYA, SAM, World, world_of

PRIYA = "U0PRIYA"
PEOPLE = (MAYA, SAM, PRIYA)
ELSEWHERE, STRANGER = "T0ELSEWHERE", "U0STRANGER"  # another workspace, and somebody who is only there
NAMESAKES = ((SAM, MAYA), (MAYA, SAM), (SAM, STRANGER), (STRANGER, MAYA))  # there: mentor and mentee
MARK = re.compile(r"MARK\d+X")
BUTTONS = ("comments.", "reading.", "digest.")
people = st.sampled_from(PEOPLE)
T = TypeVar("T")
Change = Callable[[Actor, int], Coroutine[Any, Any, Changed]]
OFTEN = ("write", "write", "time", "time", "ask", "ask", "click", "click", "reply", "keep private", "remove")
STEPS = (*OFTEN, *OFTEN, "mentor", "mentor", "end", "leave")
PAUSES = (timedelta(hours=2), timedelta(minutes=30), timedelta(days=1), timedelta(days=5))
WORDS = ("digest", "digest", "digest", "digest preview", "seen", "logs", "mentees", "export json")


@dataclass
class Note:
    """An entry by the plain model: whose, by whom it may be read since when, and its marks."""

    id: int
    owner: str
    open: set[str]
    private: str
    shared: dict[str, datetime] = field(default_factory=dict)
    deleted: bool = False


class Machine(RuleBasedStateMachine):
    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.engine = engine
        self.notes: list[Note] = []
        self.mentors: dict[tuple[str, str], int] = {}  # (mentor, mentee) → mentorship, while it is active
        self.said: dict[str, set[str]] = {}  # a comment's mark → who may read it
        self.shown: dict[str, set[int]] = {}  # a message's ts → the entries that it ever showed
        self.old: list[tuple[str, Message | View, str]] = []
        self.left = False
        self.marks = count(1)
        self.read_up_to = 0
        self.seen_by_mentors = 0

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run(work)

    @initialize()
    def begin(self) -> None:
        self.context = world_of(self.engine, load(default_folder()))

        async def work() -> World:
            await emptied(self.engine)
            world = await self.context.__aenter__()
            world.playground.workspace.add_person("priya", "Priya Raman", user=PRIYA, tz="Asia/Kolkata")
            async with world.sessions.begin() as session:
                for workspace in (world.playground.workspace.team_id, ELSEWHERE):
                    here = PEOPLE if workspace != ELSEWHERE else (*PEOPLE, STRANGER)
                    await members.ensure(session, workspace, dict.fromkeys(here, "UTC"))
                await session.execute(update(Member).values(level="l4"))
            return world

        self.world = self.run(work())
        self.run(self.namesakes())
        self.mentor(MAYA, SAM)
        self.mentor(PRIYA, SAM)
        self.mentor(PRIYA, MAYA)
        for owner in (MAYA, PRIYA, MAYA):
            self.write(owner, set(PEOPLE), of_message=owner == PRIYA)

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.run(self.context.__aexit__(None, None, None))
        self.run(self.engine.dispose())
        self.loop.close()

    @property
    def now(self) -> datetime:
        return self.world.playground.clock.now()

    async def tick(self) -> None:
        """Let Rung do what is due, at any pace."""
        async with self.world.sessions.begin() as session:
            await workspaces.refill(session)
        await self.world.service.ticker.run()

    def who(self, user: str) -> UserRef:
        return UserRef(self.world.playground.workspace.team_id, user)

    def actor(self, user: str) -> Actor:
        return Actor(self.who(user), self.now, self.world.sessions, self.world.ladder)

    def mark(self) -> str:
        return f"MARK{next(self.marks)}X"

    async def namesakes(self) -> None:
        """The same people of another workspace mentor each other and somebody who is only there, and share."""
        async with self.world.sessions.begin() as session:
            for mentor, mentee in NAMESAKES:
                pair = await requests.request(
                    session, UserRef(ELSEWHERE, mentee), mentor, {mentor: "UTC"}, None, mentor, self.now
                )
                await requests.accept(session, UserRef(ELSEWHERE, mentor), pair.mentorship.id, self.now)
                new = NewEntry(self.mark(), self.now.date(), Source.FORM, f"by {mentor}", impact=self.mark())
                entry = await entries.add(session, pair.mentee, new, self.now)
                await shares.put(session, entry, [pair.mentorship.id], self.now)
            await session.execute(delete(Delivery))  # that workspace has no Slack here

    def mentor(self, mentee: str, mentor: str) -> None:
        async def work() -> int:
            async with self.world.sessions.begin() as session:
                key = f"ask {mentor} {next(self.marks)}"
                pair = await requests.request(session, self.who(mentee), mentor, {mentor: "UTC"}, None, key, self.now)
                await requests.accept(session, self.who(mentor), pair.mentorship.id, self.now)
                await scheduling.start_digest(session, pair.mentor, self.now)
                return pair.mentorship.id

        if mentee != mentor and (mentor, mentee) not in self.mentors:
            try:
                self.mentors[mentor, mentee] = self.run(work())
            except PersonError:
                assert self.left
            self.check(mentee)

    def write(self, owner: str, to: set[str], *, of_message: bool) -> None:
        mine = {mentor: id_ for (mentor, mentee), id_ in self.mentors.items() if mentee == owner and mentor in to}
        what, impact, link, private = (self.mark() for _ in range(4))

        async def work() -> int:
            async with self.world.sessions.begin() as session:
                member = await members.lock(session, self.who(owner))
                assert member
                new = NewEntry(
                    "" if of_message else what,
                    self.now.date(),
                    Source.MESSAGE,
                    what,
                    impact=impact,
                    links=[f"https://a.example/{link}"],
                    snippet=private if of_message else None,
                    snippet_author=private if of_message else None,
                )
                entry = await entries.add(session, member, new, self.now)
                criteria = self.world.ladder.relevant("l4")[:1]
                await entries.tag(session, entry, {each.id: each.sentence for each in criteria})
                await shares.put(session, entry, list(mine.values()), self.now)
            return entry.id

        note = Note(self.run(work()), owner, {what, impact, link}, private)
        note.shared = dict.fromkeys(mine, self.now)
        self.notes.append(note)

    @rule(
        what=st.sampled_from(STEPS),
        user=people,
        other=people,
        n=st.integers(0, 40),
        flag=st.booleans(),
    )
    def step(self, what: str, user: str, other: str, n: int, flag: bool) -> None:
        """One rule for all: Hypothesis leaves whole rules out of most runs."""
        match what:
            case "mentor":
                self.mentor(user, other)
            case "write":
                self.write(user, set(PEOPLE) if n % 3 else {other}, of_message=flag)
            case "keep private":
                self.keep_private(1 + n % 5)
            case "remove":
                self.remove(1 + n % 5, growth_log.delete if flag else growth_log.restore)
            case "end":
                self.end(n % 6, by_mentor=flag)
            case "leave":
                self.leave_and_come_back(user)
            case "time":
                self.time_passes(PAUSES[n % len(PAUSES)])
            case "ask":
                self.ask(user, WORDS[n % len(WORDS)])
            case "click":
                self.click(n, other, words=flag)
            case "reply":
                self.reply(user, alone=flag)

    async def change(self, note: Note, how: Change) -> None:
        await how(self.actor(note.owner), note.id)
        await self.tick()

    def newest(self, back: int) -> Note | None:
        return self.notes[-back] if back <= len(self.notes) else None

    def keep_private(self, back: int) -> None:
        if note := self.newest(back):
            note.shared = {}
            try:
                self.run(self.change(note, growth_log.keep_private))
            except PersonError:
                assert note.deleted  # and gone for good
            self.check(note.owner)

    def remove(self, back: int, how: Change) -> None:
        note = self.newest(back)
        if note is None:
            return
        note.shared = {} if how is growth_log.delete else note.shared
        try:
            self.run(self.change(note, how))
            note.deleted = how is growth_log.delete
        except PersonError:
            assert note.deleted
        self.check(note.owner)

    def end(self, pair: int, *, by_mentor: bool) -> None:
        if pair >= len(self.mentors):
            return
        (mentor, mentee), id_ = list(self.mentors.items())[pair]
        user = mentor if by_mentor else mentee

        async def work() -> None:
            await services_mentorships.end(self.actor(user), id_)
            await self.tick()

        try:
            self.over(mentor, mentee)
            self.run(work())
        except PersonError:
            assert self.left
        self.check(user)

    def over(self, mentor: str, mentee: str) -> None:
        self.mentors.pop((mentor, mentee))
        for note in self.notes:
            if note.owner == mentee:
                note.shared.pop(mentor, None)

    def leave_and_come_back(self, user: str) -> None:
        async def work() -> None:
            async with self.world.sessions.begin() as session:
                ids = (await session.scalars(select(Member.id).where(Member.slack_user == user))).all()
                ids = [id_ for id_ in ids if id_ <= len(PEOPLE)]  # not the namesake
                await session.execute(update(Member).where(Member.id.in_(ids)).values(active=False))
                await requests.suspend(session, ids, self.now)
            await self.tick()
            async with self.world.sessions.begin() as session:
                await session.execute(update(Member).where(Member.id.in_(ids)).values(active=True))

        self.left = True
        self.run(work())
        for pair in [pair for pair in self.mentors if user in pair]:
            self.over(*pair)
        self.check(user)

    def time_passes(self, by: timedelta) -> None:
        self.world.playground.clock.advance(by)
        self.run(self.tick())
        self.check(None)
        if by >= timedelta(days=1):
            self.run(self.check_readers())
        for user in PEOPLE:
            self.keep(user)

    def ask(self, user: str, words: str) -> None:
        async def work() -> None:
            await self.world.playground.command(user, f"/ladder {words}")
            await self.world.service._answered()
            await self.tick()

        self.run(work())
        self.check(user)
        self.keep(user)

    def click(self, which: int, other: str, *, words: bool) -> None:
        """A button of now or of long ago, in every third case somebody else's and forged; what opens is filled in."""
        if not self.old:
            return
        user, target, action = copy.deepcopy(self.old[-1 - which % len(self.old)])
        if which % 3 == 0:
            user = other
            forge(target.blocks, action, 1 + which % (len(self.notes) + len(NAMESAKES)))
        mark = self.mark()

        async def work() -> None:
            playground = self.world.playground
            playground.workspace.modals[user] = [target] if isinstance(target, View) else []
            await playground.click(user, target, action)
            form = playground.modal(user)
            if form and form.body.get("callback_id") == "comments.form" and words:
                self.comment_on(json.loads(form.body["private_metadata"])["entry"], user, mark)
                await playground.submit(user, {"words": mark})
            await self.tick()

        self.run(work())
        self.check(user)
        self.keep(user)

    def comment_on(self, entry_id: int, author: str, mark: str) -> None:
        owners = {note.owner for note in self.notes if note.id == entry_id}
        self.said[mark] = owners | {author}

    def reply(self, user: str, *, alone: bool) -> None:
        """In the thread of the newest digest; first, what it shows may be taken back but for the last entry."""
        digests = [each for each in self.world.playground.dm(user) if written_in(each)]
        if not digests:
            return
        for id_ in written_in(digests[-1])[:-1] if alone else ():
            self.keep_private(len(self.notes) - [note.id for note in self.notes].index(id_))
        shown = self.shown[digests[-1].ts]
        mark = self.mark()
        self.said[mark] = {user} | {note.owner for note in self.notes if shown == {note.id}}

        async def work() -> None:
            await self.world.playground.say(user, mark, thread_ts=digests[-1].ts)
            await self.tick()

        self.run(work())
        self.check(user)
        self.keep(user)

    def keep(self, user: str) -> None:
        """Old messages and modals, as they lie about in somebody's Slack."""
        shown: list[Message | View] = [*self.world.playground.dm(user)[-2:]]
        modal = self.world.playground.modal(user)
        for each in [*shown, *([modal] if modal else [])]:
            ids = re.findall(r'"action_id": "([^"]+)"', json.dumps(each.blocks))
            self.old += [(user, copy.deepcopy(each), id_) for id_ in ids if id_.startswith(BUTTONS)][:4]

    def check(self, actor: str | None) -> None:
        """Whatever was sent since the last check went to people who may read it."""
        calls = self.world.playground.journal.calls
        for call in calls[self.read_up_to :]:
            sent = json.dumps(call.args, ensure_ascii=False)
            assert STRANGER not in sent, f"{call.method} told of somebody elsewhere"
            to = self.recipient(call) or actor
            for mark in MARK.findall(sent):
                assert to is not None, call
                assert self.may_read(to, mark), f"{call.method} brought {mark} to {to}"
            fallback = call.args.get("text") or ""
            assert call.method == "conversations.replies" or not MARK.search(fallback), "words on a lock screen"
        self.read_up_to = len(calls)
        for user in PEOPLE:
            for message in self.world.playground.dm(user):
                if message.ephemeral_to is None and message.user == self.world.playground.workspace.bot.id:
                    self.shown.setdefault(message.ts, set()).update(written_in(message))
                    for mark in MARK.findall(json.dumps(message.blocks)):
                        assert self.may_read(user, mark), f"{mark} still stands in the DM of {user}"

    async def check_readers(self) -> None:
        """Who knows all ids reads what is shared with them, and nobody of another workspace anything of this one."""
        ids = [note.id for note in self.notes]
        async with self.world.sessions.begin() as session:
            for user in PEOPLE:
                read = {each.id for each in await disclosures.readable(session, self.who(user), ids, self.now)}
                assert read <= {note.id for note in self.notes if self.reads(user, note)}
                namesake = UserRef(ELSEWHERE, user)
                assert await disclosures.readable(session, namesake, ids, self.now) == []
                found = {each.mentorship_id for each in await mentorships.mentors(session, namesake)}
                found |= {each.mentorship_id for each in await mentorships.mentees(session, namesake)}
                assert not found & set(self.mentors.values())

    def recipient(self, call: Call) -> str | None:
        """Whose DM it went to; none for what went to whoever acted."""
        place = self.world.playground.workspace.channels.get(call.args.get("channel") or "")
        return place.im_of if place else call.args.get("user_id")

    def reads(self, user: str, note: Note) -> bool:
        """Whether it may be read by a mentor."""
        since = note.shared.get(user)
        late = since is not None and self.now >= since + timedelta(hours=1)
        return late and not note.deleted and (user, note.owner) in self.mentors

    def may_read(self, user: str, mark: str) -> bool:
        if mark in self.said:
            return user in self.said[mark]
        for note in self.notes:
            if mark in note.open | {note.private}:
                reads = mark in note.open and self.reads(user, note)
                self.seen_by_mentors += reads
                return user == note.owner or reads
        return False


def written_in(message: Message) -> list[int]:
    """The entries that a message shows with a button to comment on them."""
    return [int(id_) for id_ in re.findall(r'"comments\.write\.(\d+)"', json.dumps(message.blocks))]


def forge(blocks: list[Any], action: str, id_: int) -> None:
    """Let a button say another id, of an entry or a mentorship, than it was made for."""
    _, element = elements.find(blocks, action)
    if element["type"] == "button":
        element["value"] = f"{id_} 0" if action.startswith("reading.list") else str(id_)


def test_no_word_reaches_whom_it_is_not_for(loops_own_engine: AsyncEngine, caplog: pytest.LogCaptureFixture) -> None:
    how = settings(
        max_examples=6,
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],  # a run takes seconds: shrinking would take minutes
    )
    made: list[Machine] = []

    def machine() -> Machine:
        made.append(Machine(loops_own_engine))
        return made[-1]

    run_state_machine_as_test(machine, settings=how)  # type: ignore[arg-type] # any callable will do
    assert "tick.failed" not in caplog.text
    assert sum(each.seen_by_mentors for each in made) > 0, "mentors did read something"
