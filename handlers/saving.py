"""Writing to the growth log, and showing afterwards what is in it where the question was asked."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError

from db import check_ins, deliveries, entries, members
from db.engine import AsyncSession
from db.entries import NewEntry
from db.tables import CheckIn, CheckInState, Entry, Kind, Source
from growth.errors import NoLongerThere
from handlers.people import Visit, relevant, today
from handlers.views import checkin, log
from handlers.views.checkin import Question
from handlers.views.log import Written, body, meaning
from handlers.views.message import Message
from ladder_content.model import Ladder

log_line = structlog.get_logger()


async def save(
    visit: Visit, tz: ZoneInfo, new: Written, source: Source, source_key: str, check_in_id: int | None = None
) -> Entry:
    """Write an entry, once for each source key; an answer closes its question."""
    async with visit.sessions.begin() as session:
        member = await members.add(session, visit.who, tz.key)
        question = await check_ins.lock(session, visit.who, check_in_id) if check_in_id else None
        row = NewEntry(new.what, new.happened_on, source, source_key, new.impact, question.id if question else None)
        entry, is_new = await entries.add(session, member, row, visit.now)
        if is_new:
            await entries.tag(session, entry, sentences(visit.ladder, new.criterion))
        if is_new and question:
            question.state, question.answered_at = CheckInState.ANSWERED, visit.now
    return entry


async def change(visit: Visit, entry_id: int, new: Written) -> Entry:
    """Write an entry anew."""
    async with visit.sessions.begin() as session:
        entry = await entries.lock(session, visit.who, entry_id)
        if entry is None or entry.deleted_at:
            raise NoLongerThere("entry")
        entry.what, entry.impact, entry.happened_on, entry.edited_at = new.what, new.impact, new.happened_on, visit.now
        await _retag(session, visit, entry, new.criterion)
    return entry


async def retag(visit: Visit, entry_id: int, criterion_id: str) -> None:
    """Make the entry evidence of that criterion."""
    async with visit.sessions.begin() as session:
        entry = await entries.lock(session, visit.who, entry_id)
        if entry is None or entry.deleted_at:
            raise NoLongerThere("entry")
        await _retag(session, visit, entry, criterion_id)


async def _retag(session: AsyncSession, visit: Visit, entry: Entry, criterion_id: str | None) -> None:
    """Criteria that left the ladder stay: no form can show them."""
    tags = (await entries.criteria_of(session, [entry.id])).get(entry.id, [])
    gone = {tag: "" for tag in tags if visit.ladder.criterion(tag) is None}
    await entries.tag(session, entry, {**gone, **sentences(visit.ladder, criterion_id)})


async def undo(visit: Visit, entry_id: int) -> Entry:
    """Take an entry out of the log; the newest question, if it answered that, waits again. Twice is as once."""
    async with visit.sessions.begin() as session:
        entry = await entries.lock(session, visit.who, entry_id)
        if entry is None:
            raise NoLongerThere("entry")
        if not entry.deleted_at:
            entry.deleted_at = visit.now
            await session.flush()
            question = await check_ins.lock(session, visit.who, entry.check_in_id) if entry.check_in_id else None
            if question and not await entries.of_check_in(session, question.id):
                newest = await check_ins.newest(session, entry.member_id)
                waits = newest is not None and newest.id == question.id
                question.state = CheckInState.ASKED if waits else CheckInState.LAPSED
                question.answered_at = None
    return entry


def sentences(ladder: Ladder, criterion_id: str | None) -> dict[str, str]:
    """The criterion with its sentence as it is now, as `entries.tag` takes it."""
    criterion = ladder.criterion(criterion_id) if criterion_id else None
    return {criterion.id: criterion.sentence} if criterion else {}


def written(entry: Entry, tags: Sequence[str] = (), ladder: Ladder | None = None) -> Written:
    """An entry as the views show it, with the first of its criteria that the ladder still has."""
    criterion_id = next((tag for tag in tags if ladder and ladder.criterion(tag)), None)
    return Written(entry.what, entry.happened_on, criterion_id, entry.impact)


def question_of(check_in: CheckIn, ladder: Ladder) -> Question:
    """A check-in as the views show it."""
    return Question(check_in.id, check_in.question, check_in.why, ladder.criterion(check_in.criterion_id))


async def entry_now(visit: Visit, entry_id: int) -> Message:
    """The entry as it stands."""
    async with visit.sessions() as session:
        member = await members.find(session, visit.who)
        entry = await entries.find(session, visit.who, entry_id)
        tags = await entries.criteria_of(session, [entry_id])
    if member is None or entry is None or entry.deleted_at:
        return log.undone()
    shown = written(entry, tags.get(entry_id, ()), visit.ladder)
    return log.saved(entry_id, shown, visit.ladder, relevant(member, visit.ladder), today(member, visit.now))


async def question_now(visit: Visit, check_in_id: int) -> Message:
    """The question as it stands: open, skipped, or with what was saved."""
    async with visit.sessions() as session:
        check_in = await check_ins.get(session, visit.who, check_in_id)
        if check_in is None:
            raise NoLongerThere("question")
        entry = await entries.of_check_in(session, check_in_id)
        tags = await entries.criteria_of(session, [entry.id]) if entry else {}
        member = await members.find(session, visit.who)
    question = question_of(check_in, visit.ladder)
    if entry and member:
        shown = written(entry, tags.get(entry.id, ()), visit.ladder)
        criterion = visit.ladder.criterion(shown.criterion) if shown.criterion else None
        return checkin.answered(question, entry.id, body(shown), meaning(shown, criterion, today(member, visit.now)))
    if check_in.state == CheckInState.SKIPPED:
        return checkin.skipped(question)
    return checkin.question(question)


async def redraw(visit: Visit, check_in_id: int) -> tuple[Message, str | None]:
    """Show the question as it stands in the message that asked it; what is shown, and that message's ts."""
    message = await question_now(visit, check_in_id)
    async with visit.sessions() as session:
        place = await deliveries.place(session, Kind.CHECK_IN, check_in_id)
    channel, ts = place or (None, None)
    if channel and ts:
        try:
            await visit.client.chat_update(channel=channel, ts=ts, text=message.text, blocks=message.blocks)
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            # What was changed stays changed, and must not look otherwise.
            log_line.warning("not redrawn", check_in=check_in_id, reason=type(error).__name__)
    return message, ts
