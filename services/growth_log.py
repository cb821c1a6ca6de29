"""Writing to the growth log. Each locks the member: one change after the other."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from db import members
from db.checkins import check_ins, quoting
from db.engine import AsyncSession
from db.entries import entries
from db.entries.entries import NewEntry
from db.enums import CheckInState, DeliveryKind, Source
from db.log import deletion
from db.log.stale import mark_entries
from db.mentoring import shares
from db.models import CheckIn, Entry, Member
from db.outbox import outbox
from db.outbox.stale import mark_message
from growth.cadence import local_date, zone
from growth.entry import Written
from growth.errors import GoneForGood, NoLongerThere, SavedOtherwise
from growth.sharing import after_form
from services import scheduling
from services.actor import Actor


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
    """An entry as it is after a change. `is_new`: it was not there before."""

    entry: Entry
    is_new: bool = False


async def of_source(actor: Actor, source_key: str) -> Entry | None:
    """The person's newest entry of that key, deleted or not."""
    async with actor.sessions() as session:
        member = await members.get(session, actor.who)
        return await entries.by_source(session, member, source_key) if member else None


async def save(actor: Actor, tz: ZoneInfo, new: Written, origin: Origin, answers: Answers | None = None) -> Changed:
    """Write an entry, once for each source key; an answer closes its question, also one that is in the log already.

    What was kept as typed, because its form seemed not to open, is completed by that form. Raises SavedOtherwise.
    """
    async with actor.sessions.begin() as session:
        member = await members.add(session, actor.who, tz.key)
        question = await _as_shown(session, actor, answers) if answers else None
        there = await entries.by_source(session, member, origin.key)
        if there is None or (there.deleted_at and origin.asks_again(there, new)):
            return Changed(await _add(session, actor, member, new, origin, question), is_new=True)
        if there.deleted_at:
            return Changed(there)
        if origin.source == Source.FORM and there.source == Source.COMMAND:
            there.source = Source.FORM
            await _rewrite(session, actor, member, there, new)
            return Changed(there, is_new=True)
        if origin.typed and says_more(new, there):
            raise SavedOtherwise(there.what or there.impact or "")
        if question and there.check_in_id is None:
            there.check_in_id = question.id
            await entries.tag(session, there, actor.ladder.sentences(new.criteria))
            await _close(session, actor, question)
            await mark_entries(session, [there.id])
        return Changed(there)


async def _as_shown(session: AsyncSession, actor: Actor, answers: Answers) -> CheckIn | None:
    question = await check_ins.lock(session, actor.who, answers.check_in)
    return question if question and answers.asked in (None, question.asks) else None


async def _add(
    session: AsyncSession, actor: Actor, member: Member, new: Written, origin: Origin, question: CheckIn | None
) -> Entry:
    entry = await entries.add(session, member, _row(new, origin, question), actor.now)
    await entries.tag(session, entry, actor.ladder.sentences(new.criteria))
    await shares.put(session, entry, new.readers, actor.now)
    if question:
        await _close(session, actor, question)
    await scheduling.bring_forward(session, member, actor.now)
    await mark_entries(session, [entry.id])
    return entry


async def _close(session: AsyncSession, actor: Actor, question: CheckIn) -> None:
    question.state, question.answered_at = CheckInState.ANSWERED, actor.now
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


def says_more(new: Written, there: Entry) -> bool:
    """Whether something was written that the entry does not say."""
    pairs = ((new.what, there.what), (new.impact, there.impact), (list(new.links), there.links))
    return any(written and written != kept for written, kept in pairs)


async def change(actor: Actor, entry_id: int, new: Written, *, shown: Collection[int] = ()) -> Changed:
    """Write an entry anew; the message that it was made from stays. `shown`: as `growth.sharing.after_form` has it."""
    async with actor.sessions.begin() as session:
        member, entry = await _locked(session, actor, entry_id)
        if entry.deleted_at:
            raise NoLongerThere("entry")
        await _rewrite(session, actor, member, entry, new, shown)
    return Changed(entry)


async def _rewrite(
    session: AsyncSession, actor: Actor, member: Member, entry: Entry, new: Written, shown: Collection[int] = ()
) -> None:
    entry.what, entry.impact, entry.links = new.what, new.impact, list(new.links)
    entry.happened_on, entry.edited_at = new.happened_on, actor.now
    tags = (await entries.criteria_of(session, actor.who.workspace, [entry.id])).get(entry.id, [])
    in_form = actor.ladder.sentences(tags).keys()  # what has left the ladder stays
    await entries.untag(session, entry, in_form - set(new.criteria))
    await entries.tag(session, entry, actor.ladder.sentences(new.criteria))
    shared = await shares.live(session, actor.who, [entry.id])
    live = {each.mentorship_id for each in shared.get(entry.id, ())}
    await shares.put(session, entry, after_form(live, shown, new.readers), actor.now)
    await _follow(session, actor, member, entry)


async def _follow(session: AsyncSession, actor: Actor, member: Member, entry: Entry) -> None:
    """What quotes the entry says what it says now; what shows it is to be refreshed."""
    today = local_date(actor.now, zone(member.tz))
    await quoting.follow(session, entry, actor.ladder, today)
    await mark_entries(session, [entry.id])


async def correct(actor: Actor, source_key: str, text: str, is_as_sent: Callable[[str, bool], bool]) -> Changed | None:
    """Let the entry of a message follow it, unless it was changed otherwise since; None where there is no entry.

    `is_as_sent`: whether the entry's words, which were edited in Rung or not, are those of the message as it was.
    """
    async with actor.sessions.begin() as session:
        member = await members.lock(session, actor.who)
        entry = await entries.by_source(session, member, source_key) if member else None
        if member is None or entry is None:
            return None
        if not entry.deleted_at and is_as_sent(entry.what, entry.edited_at is not None):
            entry.what, entry.edited_at = text, actor.now
            await _follow(session, actor, member, entry)
    return Changed(entry)


async def rename(actor: Actor, source_key: str, before: str, text: str) -> None:
    """Say the same with people's names in the entry of a message, if it says exactly what it said before."""
    async with actor.sessions.begin() as session:
        member = await members.lock(session, actor.who)
        entry = await entries.by_source(session, member, source_key) if member else None
        if member and entry and not entry.deleted_at and entry.what == before:
            entry.what = text
            await _follow(session, actor, member, entry)


async def keep_private(actor: Actor, entry_id: int) -> Changed:
    """Take an entry back from everyone whom it is shared with; again, it stays private."""
    async with actor.sessions.begin() as session:
        _, entry = await _locked(session, actor, entry_id)
        await shares.revoke(session, entry, actor.now)
        await mark_entries(session, [entry.id])
    return Changed(entry)


async def tag(actor: Actor, entry_id: int, criterion_id: str) -> Changed:
    """Make the entry evidence of that criterion, beside those it is evidence of already."""
    sentences = actor.ladder.sentences([criterion_id])
    if not sentences:
        raise NoLongerThere("criterion")
    async with actor.sessions.begin() as session:
        _, entry = await _locked(session, actor, entry_id)
        if entry.deleted_at:
            raise NoLongerThere("entry")
        await entries.tag(session, entry, sentences)
        await mark_entries(session, [entry.id])
    return Changed(entry)


async def delete(actor: Actor, entry_id: int) -> Changed:
    """Take an entry out of the log; the newest question, if it answered that, waits again. Again, nothing changes."""
    async with actor.sessions.begin() as session:
        member, _ = await _locked(session, actor, entry_id)
        entry = await deletion.delete(session, actor.who, entry_id, actor.now)
        if entry is None:
            raise NoLongerThere("entry")
        question = await check_ins.lock(session, actor.who, entry.check_in_id) if entry.check_in_id else None
        answered = question is not None and question.state == CheckInState.ANSWERED
        if question and answered and not await entries.of_check_in(session, actor.who, question.id):
            newest = await check_ins.newest(session, entry.member_id)
            waits = newest is not None and newest.id == question.id
            question.state = CheckInState.ASKED if waits else CheckInState.LAPSED
            question.answered_at = None
        await _follow(session, actor, member, entry)
    return Changed(entry)


async def restore(actor: Actor, entry_id: int) -> Changed:
    """Bring a deleted entry back; the question that it answered is answered again. Raises GoneForGood.

    What was written again from the same source meanwhile is there already: then it is that entry.
    """
    async with actor.sessions.begin() as session:
        await members.lock(session, actor.who)
        entry = await deletion.restore(session, actor.who, entry_id, actor.now)
        if entry is None:
            raise GoneForGood
        question = await check_ins.lock(session, actor.who, entry.check_in_id) if entry.check_in_id else None
        if question and question.state != CheckInState.ANSWERED:
            question.state, question.answered_at = CheckInState.ANSWERED, entry.created_at
        await session.flush()
        await mark_entries(session, [entry.id])
    return Changed(entry)


async def shown_at(actor: Actor, entry_id: int, channel: str, ts: str, *, composed_before: bool = False) -> None:
    """The entry is shown in that message of the person's DM from now on, and the message follows it.

    `composed_before`: the message was composed before this, and what it shows may have changed since: it is refreshed.
    """
    async with actor.sessions.begin() as session:
        await members.lock(session, actor.who)
        if entry := await entries.lock(session, actor.who, entry_id):
            await outbox.shown(session, entry.member_id, DeliveryKind.ENTRY, entry_id, channel, ts)
            if composed_before:
                await mark_message(session, actor.who, ts)


async def _locked(session: AsyncSession, actor: Actor, entry_id: int) -> tuple[Member, Entry]:
    """The person and their entry, deleted or not, both locked until the transaction ends. Raises NoLongerThere."""
    member = await members.lock(session, actor.who)
    entry = await entries.lock(session, actor.who, entry_id)
    if member is None or entry is None:
        raise NoLongerThere("entry")
    return member, entry
