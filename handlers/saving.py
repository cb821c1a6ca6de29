"""Writing to the growth log, and showing afterwards what is in it where the question was asked."""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

import structlog

from db import check_ins, deliveries, entries, members, shares
from db import log as stored
from db.asking import comes_later
from db.engine import AsyncSession
from db.entries import NewEntry
from db.tables import CheckIn, CheckInState, DeliveryKind, Entry, Source
from growth.cadence import zone
from growth.errors import GoneForGood, NoLongerThere
from growth.sharing import after_form
from handlers import redrawing, rhythm
from handlers.people import Json, Visit, offered, today
from handlers.views import checkin, log
from handlers.views.checkin import Question
from handlers.views.log import Snippet, Written, meaning, shown
from handlers.views.message import Message
from handlers.views.sharing import read_by
from ladder_content.model import Ladder

logger = structlog.get_logger()


class Saved(NamedTuple):
    """An entry, and whether it was not there before."""

    entry: Entry
    is_new: bool


def message_key(channel: str, ts: str) -> str:
    """The source key of an entry made from a message, whichever way it was saved."""
    return f"message:{channel}:{ts}"


async def of_source(visit: Visit, source_key: str) -> Entry | None:
    """The person's newest entry of that key, deleted or not."""
    async with visit.sessions() as session:
        member = await members.find(session, visit.who)
        return await entries.by_source(session, member, source_key) if member else None


async def save(
    visit: Visit,
    tz: ZoneInfo,
    new: Written,
    source: Source,
    source_key: str,
    check_in_id: int | None = None,
    *,
    after: int | None = None,
) -> Saved:
    """Write an entry, once for each source key; an answer closes its question, also one that is in the log already.

    `after`: as `entries.add` has it.
    """
    async with visit.sessions.begin() as session:
        member = await members.add(session, visit.who, tz.key)
        question = await check_ins.lock(session, visit.who, check_in_id) if check_in_id else None
        row = _row(new, source, source_key, question)
        entry, is_new = await entries.add(session, member, row, visit.now, after=after)
        if is_new:
            await entries.tag(session, entry, sentences(visit.ladder, new.criteria))
            await shares.put(session, entry, new.readers, visit.now)
        elif question and entry.check_in_id is None and not entry.deleted_at:
            entry.check_in_id = question.id
            await _tag_too(session, visit.ladder, entry, new.criteria)
        else:
            question = None
        if question:
            question.state, question.answered_at = CheckInState.ANSWERED, visit.now
            await session.flush()
        if is_new:
            await rhythm.bring_forward(session, member, visit.now)
    return Saved(entry, is_new)


def _row(new: Written, source: Source, source_key: str, question: CheckIn | None) -> NewEntry:
    taken = new.snippet
    return NewEntry(
        new.what,
        new.happened_on,
        source,
        source_key,
        impact=new.impact,
        check_in_id=question.id if question else None,
        links=new.links,
        snippet=taken.text or None if taken else None,
        snippet_author=taken.author if taken else None,
        permalink=taken.permalink if taken else None,
    )


async def change(visit: Visit, entry_id: int, new: Written, *, shown: Collection[int] = ()) -> Entry:
    """Write an entry anew; the message that it was made from stays. `shown`: as `growth.sharing.after_form` has it."""
    async with visit.sessions.begin() as session:
        entry = await entries.lock(session, visit.who, entry_id)
        if entry is None or entry.deleted_at:
            raise NoLongerThere("entry")
        entry.what, entry.impact, entry.links = new.what, new.impact, list(new.links)
        entry.happened_on, entry.edited_at = new.happened_on, visit.now
        tags = (await entries.criteria_of(session, [entry.id])).get(entry.id, [])
        gone = {tag: "" for tag in tags if visit.ladder.criterion(tag) is None}  # the form cannot show these: they stay
        await entries.tag(session, entry, {**gone, **sentences(visit.ladder, new.criteria)})
        shared = await shares.live(session, visit.who, [entry_id])
        live = {each.mentorship_id for each in shared.get(entry_id, ())}
        await shares.put(session, entry, after_form(live, shown, new.readers), visit.now)
    return entry


async def keep_private(visit: Visit, entry_id: int) -> Entry:
    """Take an entry back from everyone whom it is shared with. Twice is as once."""
    async with visit.sessions.begin() as session:
        entry = await entries.lock(session, visit.who, entry_id)
        if entry is None:
            raise NoLongerThere("entry")
        await shares.revoke(session, entry, visit.now)
    return entry


async def tag(visit: Visit, entry_id: int, criterion_id: str) -> None:
    """Make the entry evidence of that criterion, beside those it is evidence of already."""
    async with visit.sessions.begin() as session:
        entry = await entries.lock(session, visit.who, entry_id)
        if entry is None or entry.deleted_at or visit.ladder.criterion(criterion_id) is None:
            raise NoLongerThere("entry")
        await _tag_too(session, visit.ladder, entry, [criterion_id])


async def _tag_too(session: AsyncSession, ladder: Ladder, entry: Entry, criteria: Iterable[str]) -> None:
    there = (await entries.criteria_of(session, [entry.id])).get(entry.id, [])
    await entries.tag(session, entry, {**dict.fromkeys(there, ""), **sentences(ladder, criteria)})


async def undo(visit: Visit, entry_id: int) -> Entry:
    """Take an entry out of the log; the newest question, if it answered that, waits again. Twice is as once."""
    async with visit.sessions.begin() as session:
        entry = await stored.delete(session, visit.who, entry_id, visit.now)
        if entry is None:
            raise NoLongerThere("entry")
        question = await check_ins.lock(session, visit.who, entry.check_in_id) if entry.check_in_id else None
        answered = question is not None and question.state == CheckInState.ANSWERED
        if question and answered and not await entries.of_check_in(session, question.id):
            newest = await check_ins.newest(session, entry.member_id)
            waits = newest is not None and newest.id == question.id
            question.state = CheckInState.ASKED if waits else CheckInState.LAPSED
            question.answered_at = None
    return entry


async def restore(visit: Visit, entry_id: int) -> Entry:
    """Bring a deleted entry back; the question that it answered is answered again. Raises GoneForGood."""
    async with visit.sessions.begin() as session:
        entry = await stored.restore(session, visit.who, entry_id, visit.now)
        if entry is None:
            raise GoneForGood
        question = await check_ins.lock(session, visit.who, entry.check_in_id) if entry.check_in_id else None
        if question and question.state != CheckInState.ANSWERED:
            question.state, question.answered_at = CheckInState.ANSWERED, entry.created_at
    return entry


def sentences(ladder: Ladder, criteria: Iterable[str]) -> dict[str, str]:
    """The criteria with their sentences as they are now, as `entries.tag` takes them."""
    found = (ladder.criterion(each) for each in criteria)
    return {criterion.id: criterion.sentence for criterion in found if criterion}


def written(entry: Entry, criteria: Sequence[str] = (), readers: Sequence[int] = ()) -> Written:
    """An entry as the views show it."""
    author, link = entry.snippet_author, entry.permalink
    snippet = Snippet(entry.snippet or "", author, link) if author else None
    return Written(
        entry.what, entry.happened_on, tuple(criteria), entry.impact, tuple(entry.links), snippet, tuple(readers)
    )


def question_of(check_in: CheckIn, ladder: Ladder) -> Question:
    """A check-in as the views show it."""
    return Question(check_in.id, check_in.question, check_in.why, ladder.criterion(check_in.criterion_id))


async def entry_now(
    visit: Visit, entry_id: int, *, again: bool = False, as_typed: bool = False, suggested: Sequence[str] = ()
) -> Message:
    """The entry as it stands. `again`: it was there before; `as_typed`: its form did not open."""
    async with visit.sessions() as session:
        member = await members.find(session, visit.who)
        entry = await entries.find(session, visit.who, entry_id)
        tags = await entries.criteria_of(session, [entry_id])
        shared = await shares.live(session, visit.who, [entry_id])
    if member is None or entry is None or entry.deleted_at:
        return log.undone()
    now, on = written(entry, tags.get(entry_id, ())), today(member, visit.now)
    by = read_by(entry_id, shared.get(entry_id, ()), visit.now, zone(member.tz))
    if as_typed:
        return log.saved_as_typed(entry_id, now, on, read_by=by, again=again)
    choice = offered(member, visit.ladder)
    return log.saved(entry_id, now, visit.ladder, choice, on, read_by=by, again=again, suggested=suggested)


async def question_now(visit: Visit, check_in_id: int) -> Message:
    """The question as it stands: open, skipped, or with what was saved."""
    async with visit.sessions() as session:
        check_in = await check_ins.get(session, visit.who, check_in_id)
        if check_in is None:
            raise NoLongerThere("question")
        entry = await entries.of_check_in(session, check_in_id)
        tags = await entries.criteria_of(session, [entry.id]) if entry else {}
        shared = await shares.live(session, visit.who, [entry.id]) if entry else {}
        member = await members.find(session, visit.who)
        upcoming = await rhythm.upcoming(session, member, visit.now) if member else None
    question = question_of(check_in, visit.ladder)
    if entry and member:
        now = written(entry, tags.get(entry.id, ()))
        criteria = [found for each in now.criteria if (found := visit.ladder.criterion(each))]
        by = read_by(entry.id, shared.get(entry.id, ()), visit.now, zone(member.tz))
        about = meaning(now, criteria, today(member, visit.now), by)
        return checkin.answered(question, entry.id, shown(now), about, by.take_back)
    if check_in.state == CheckInState.SKIPPED and member and upcoming:
        return checkin.skipped(question, upcoming, today(member, visit.now))
    if check_in.later_at and comes_later(check_in) and upcoming:
        return checkin.put_off(question, check_in.later_at, upcoming.zone)
    return checkin.question(question)


async def prove(visit: Visit, check_in_id: int, body: Json) -> None:
    """Who presses a button of the question has its message, even where Slack's answer to the sender was lost."""
    if message := body.get("message"):
        async with visit.sessions.begin() as session:
            await proven(session, visit, check_in_id, body["channel"]["id"], message["ts"])


async def proven(session: AsyncSession, visit: Visit, check_in_id: int, channel: str, ts: str) -> None:
    """The message of the question is there: so says whoever acted on it."""
    delivery = await deliveries.proven(session, visit.who, DeliveryKind.CHECK_IN, check_in_id, channel, ts)
    if delivery:
        logger.info("sent", delivery=str(delivery), proof="the person acted on it")


async def redraw(visit: Visit, check_in_id: int) -> tuple[Message, list[str]]:
    """Show the question as it stands in the messages that asked it; what is shown, and the ts of those messages."""
    message = await question_now(visit, check_in_id)
    return message, await redrawing.redraw(visit, DeliveryKind.CHECK_IN, check_in_id, message)
