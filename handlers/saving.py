"""Writing to the growth log, each time in a transaction that holds the member: one change after the other."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from db import members
from db.checkins import check_ins, quoting
from db.engine import AsyncSession
from db.entries import entries
from db.entries.entries import NewEntry
from db.enums import CheckInState, Source
from db.log import deletion
from db.mentoring import shares
from db.models import CheckIn, Entry, Member
from growth.errors import GoneForGood, NoLongerThere, SavedOtherwise
from growth.sharing import after_form
from handlers import rhythm
from handlers.people import Visit, today
from handlers.views.log import Written
from handlers.views.text import called

LONGEST_NAME = 80  # characters: Slack's limit
IN_NO_NAME, HANDLE = re.compile(r"[\n@]"), re.compile(r"[\w.-]+")


@dataclass(frozen=True)
class Origin:
    """Where an entry comes from. `key` names the interaction, so that its repetition writes nothing.

    A deleted entry of that key is written again only on a new wish: `after` is one that the person knew of, `at` when
    they asked. `typed`: the words were typed for this, and are not to be lost.
    """

    source: Source
    key: str
    after: int | None = None
    at: datetime | None = None
    typed: bool = False

    def asks_again(self, gone: Entry, new: Written) -> bool:
        """Whether this is more than a repetition of what made the entry that is deleted now."""
        later = self.at is not None and gone.deleted_at is not None and self.at > gone.deleted_at
        return gone.id == self.after or later or (self.typed and says_more(new, gone))


class Answers(NamedTuple):
    """The question that is answered. It may have been exchanged since it asked what is answered: none, as it is now."""

    check_in: int
    asked: str | None = None


class Changed(NamedTuple):
    """An entry that was changed, and the questions whose messages have something of it. `is_new`: not there before."""

    entry: Entry
    questions: Collection[int] = ()
    is_new: bool = False


async def of_source(visit: Visit, source_key: str) -> Entry | None:
    """The person's newest entry of that key, deleted or not."""
    async with visit.sessions() as session:
        member = await members.find(session, visit.who)
        return await entries.by_source(session, member, source_key) if member else None


async def save(visit: Visit, tz: ZoneInfo, new: Written, origin: Origin, answers: Answers | None = None) -> Changed:
    """Write an entry, once for each source key; an answer closes its question, also one that is in the log already.

    What was kept as typed, because its form seemed not to open, is completed by that form. Raises SavedOtherwise.
    """
    async with visit.sessions.begin() as session:
        member = await members.add(session, visit.who, tz.key)
        question = await _as_shown(session, visit, answers) if answers else None
        there = await entries.by_source(session, member, origin.key)
        if there is None or (there.deleted_at and origin.asks_again(there, new)):
            return await _add(session, visit, member, new, origin, question)
        if there.deleted_at:
            return Changed(there)
        if origin.source == Source.FORM and there.source == Source.COMMAND:
            there.source = Source.FORM
            return Changed(there, await _rewrite(session, visit, member, there, new), is_new=True)
        if origin.typed and says_more(new, there):
            raise SavedOtherwise(there.what or there.impact or "")
        if question and there.check_in_id is None:
            there.check_in_id = question.id
            await entries.tag(session, there, visit.ladder.sentences(new.criteria))
            await _close(session, visit, question)
        return Changed(there, _of(there))


async def _as_shown(session: AsyncSession, visit: Visit, answers: Answers) -> CheckIn | None:
    question = await check_ins.lock(session, visit.who, answers.check_in)
    return question if question and answers.asked in (None, question.asks) else None


async def _add(
    session: AsyncSession, visit: Visit, member: Member, new: Written, origin: Origin, question: CheckIn | None
) -> Changed:
    entry = await entries.add(session, member, _row(new, origin, question), visit.now)
    await entries.tag(session, entry, visit.ladder.sentences(new.criteria))
    await shares.put(session, entry, new.readers, visit.now)
    if question:
        await _close(session, visit, question)
    await rhythm.bring_forward(session, member, visit.now)
    return Changed(entry, _of(entry), is_new=True)


async def _close(session: AsyncSession, visit: Visit, question: CheckIn) -> None:
    question.state, question.answered_at = CheckInState.ANSWERED, visit.now
    await session.flush()


def _row(new: Written, origin: Origin, question: CheckIn | None) -> NewEntry:
    taken = new.snippet
    return NewEntry(
        new.what,
        new.happened_on,
        origin.source,
        origin.key,
        impact=new.impact,
        check_in_id=question.id if question else None,
        links=new.links,
        snippet=taken.text or None if taken else None,
        snippet_author=taken.author if taken else None,
        permalink=taken.permalink if taken else None,
    )


def _of(entry: Entry) -> list[int]:
    return [entry.check_in_id] if entry.check_in_id else []


def says_more(new: Written, there: Entry) -> bool:
    """Whether something was written that the entry does not say."""
    pairs = ((new.what, there.what), (new.impact, there.impact), (list(new.links), there.links))
    return any(written and written != kept for written, kept in pairs)


async def change(visit: Visit, entry_id: int, new: Written, *, shown: Collection[int] = ()) -> Changed:
    """Write an entry anew; the message that it was made from stays. `shown`: as `growth.sharing.after_form` has it."""
    async with visit.sessions.begin() as session:
        member, entry = await _held(session, visit, entry_id)
        if entry.deleted_at:
            raise NoLongerThere("entry")
        return Changed(entry, await _rewrite(session, visit, member, entry, new, shown))


async def _rewrite(
    session: AsyncSession, visit: Visit, member: Member, entry: Entry, new: Written, shown: Collection[int] = ()
) -> list[int]:
    """The questions that show something of it."""
    entry.what, entry.impact, entry.links = new.what, new.impact, list(new.links)
    entry.happened_on, entry.edited_at = new.happened_on, visit.now
    tags = (await entries.criteria_of(session, visit.who.workspace, [entry.id])).get(entry.id, [])
    in_form = visit.ladder.sentences(tags).keys()  # what has left the ladder stays
    await entries.untag(session, entry, in_form - set(new.criteria))
    await entries.tag(session, entry, visit.ladder.sentences(new.criteria))
    shared = await shares.live(session, visit.who, [entry.id])
    live = {each.mentorship_id for each in shared.get(entry.id, ())}
    await shares.put(session, entry, after_form(live, shown, new.readers), visit.now)
    return _of(entry) + await quoting.follow(session, entry, visit.ladder, today(member, visit.now))


async def correct(
    visit: Visit, source_key: str, before: str, text: str, names: Mapping[str, str] | None = None
) -> Changed | None:
    """Let the entry of a message follow it, unless it was changed otherwise since; None where there is no entry.

    `before`: the message as Slack had sent it; `names`: what those whom it mentions are called, as far as Slack tells
    that; None where it was not asked.
    """
    async with visit.sessions.begin() as session:
        member = await members.lock(session, visit.who)
        entry = await entries.by_source(session, member, source_key) if member else None
        if member is None or entry is None:
            return None
        if entry.deleted_at or not _is_as_sent(entry, before, names):
            return Changed(entry)
        return await _reword(session, visit, member, entry, text, visit.now)


async def rename(visit: Visit, source_key: str, before: str, text: str) -> Changed | None:
    """Say the same with people's names in the entry of a message; None unless it says exactly what it said before."""
    async with visit.sessions.begin() as session:
        member = await members.lock(session, visit.who)
        entry = await entries.by_source(session, member, source_key) if member else None
        if member is None or entry is None or entry.deleted_at or entry.what != before:
            return None
        return await _reword(session, visit, member, entry, text, entry.edited_at)


async def _reword(
    session: AsyncSession, visit: Visit, member: Member, entry: Entry, text: str, edited_at: datetime | None
) -> Changed:
    entry.what, entry.edited_at = text, edited_at
    quoted_in = await quoting.follow(session, entry, visit.ladder, today(member, visit.now))
    return Changed(entry, _of(entry) + quoted_in)


def _is_as_sent(entry: Entry, sent: str, names: Mapping[str, str] | None) -> bool:
    """Whether an entry says what its message said, whatever people were called when it was saved."""
    found = called(sent, entry.what)
    if found is None:
        return False
    if entry.edited_at is None:
        return all(len(name) <= LONGEST_NAME and not IN_NO_NAME.search(name) for _, name in found)
    return all(name == user or (names is not None and _is_name(name, names.get(user))) for user, name in found)


def _is_name(name: str, known: str | None) -> bool:
    """Of an entry that was edited: somebody may have written on after a name, or named another one.

    Where Slack does not tell the name, whatever may be a handle is taken for it.
    """
    return name == known if known else len(name) <= LONGEST_NAME and HANDLE.fullmatch(name) is not None


async def keep_private(visit: Visit, entry_id: int) -> Changed:
    """Take an entry back from everyone whom it is shared with. Twice is as once."""
    async with visit.sessions.begin() as session:
        _, entry = await _held(session, visit, entry_id)
        await shares.revoke(session, entry, visit.now)
    return Changed(entry, _of(entry))


async def tag(visit: Visit, entry_id: int, criterion_id: str) -> Changed:
    """Make the entry evidence of that criterion, beside those it is evidence of already."""
    sentences = visit.ladder.sentences([criterion_id])
    if not sentences:
        raise NoLongerThere("criterion")
    async with visit.sessions.begin() as session:
        _, entry = await _held(session, visit, entry_id)
        if entry.deleted_at:
            raise NoLongerThere("entry")
        await entries.tag(session, entry, sentences)
    return Changed(entry, _of(entry))


async def undo(visit: Visit, entry_id: int) -> Changed:
    """Take an entry out of the log; the newest question, if it answered that, waits again. Twice is as once."""
    async with visit.sessions.begin() as session:
        member, _ = await _held(session, visit, entry_id)
        entry = await deletion.delete(session, visit.who, entry_id, visit.now)
        if entry is None:
            raise NoLongerThere("entry")
        question = await check_ins.lock(session, visit.who, entry.check_in_id) if entry.check_in_id else None
        answered = question is not None and question.state == CheckInState.ANSWERED
        if question and answered and not await entries.of_check_in(session, visit.who, question.id):
            newest = await check_ins.newest(session, entry.member_id)
            waits = newest is not None and newest.id == question.id
            question.state = CheckInState.ASKED if waits else CheckInState.LAPSED
            question.answered_at = None
        quoted_in = await quoting.follow(session, entry, visit.ladder, today(member, visit.now))
    return Changed(entry, _of(entry) + quoted_in)


async def restore(visit: Visit, entry_id: int) -> Changed:
    """Bring a deleted entry back; the question that it answered is answered again. Raises GoneForGood.

    What was written again from the same source meanwhile is there already: then it is that entry.
    """
    async with visit.sessions.begin() as session:
        await members.lock(session, visit.who)
        entry = await deletion.restore(session, visit.who, entry_id, visit.now)
        if entry is None:
            raise GoneForGood
        question = await check_ins.lock(session, visit.who, entry.check_in_id) if entry.check_in_id else None
        if question and question.state != CheckInState.ANSWERED:
            question.state, question.answered_at = CheckInState.ANSWERED, entry.created_at
    return Changed(entry, _of(entry))


async def _held(session: AsyncSession, visit: Visit, entry_id: int) -> tuple[Member, Entry]:
    """The person and their entry, deleted or not, both held until the transaction ends. Raises NoLongerThere."""
    member = await members.lock(session, visit.who)
    entry = await entries.lock(session, visit.who, entry_id)
    if member is None or entry is None:
        raise NoLongerThere("entry")
    return member, entry
