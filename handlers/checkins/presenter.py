"""A question, shown as it stands: in answers, and in messages that stay."""

from datetime import datetime

import structlog

from db import members
from db.checkins import check_ins
from db.checkins.asking import comes_later
from db.engine import AsyncSession
from db.entries import entries
from db.enums import CheckInState
from db.log.deletion import UNDO_FOR
from db.members import UserRef
from db.models import CheckIn
from growth.errors import NoLongerThere
from handlers.checkins import views
from handlers.checkins.views import Question
from handlers.entries import presenter
from handlers.entries.views.entry import meaning, shown
from handlers.entries.views.sharing import ReadBy
from handlers.slack.message import Message
from handlers.slack.people import SlackActor, today
from ladder_content.model import Ladder
from services import scheduling

logger = structlog.get_logger()


def question_of(check_in: CheckIn, ladder: Ladder) -> Question:
    """A check-in as the views show it."""
    return Question(check_in.id, check_in.question, check_in.why, ladder.criterion(check_in.criterion_id))


async def question_now(actor: SlackActor, check_in_id: int) -> Message:
    """The question as it stands: open, skipped, or with what was saved."""
    async with actor.sessions() as session:
        return await question_message(session, actor.who, check_in_id, actor.ladder, actor.now)


async def question_message(
    session: AsyncSession, who: UserRef, check_in_id: int, ladder: Ladder, now: datetime
) -> Message:
    """As `question_now`. Raises NoLongerThere."""
    check_in = await check_ins.get(session, who, check_in_id)
    member = await members.get(session, who)
    if check_in is None or member is None:
        raise NoLongerThere("question")
    entry = await entries.of_check_in(session, who, check_in_id, deleted_after=now - UNDO_FOR)
    tags = await entries.criteria_of(session, who.workspace, [entry.id]) if entry else {}
    by = await presenter.read_by_whom(session, who, member, entry, now) if entry else ReadBy()
    upcoming = await scheduling.upcoming(session, member, now)
    question = question_of(check_in, ladder)
    if entry and not entry.deleted_at:
        stands = presenter.written(entry, tags.get(entry.id, ()))
        about = meaning(stands, ladder, today(member, now), by)
        return views.answered(question, entry.id, shown(stands), about, by.take_back)
    if check_in.state == CheckInState.SKIPPED:
        return views.skipped(question, upcoming, today(member, now))
    if check_in.later_at and comes_later(check_in):
        return views.snoozed(question, check_in.later_at, upcoming.zone, held_up=upcoming.held_up)
    return views.question(question, taken_out=presenter.taken_out(member, entry, by.seen, now) if entry else None)
