"""What a mentor said to an entry, as it comes to the entry's member."""

from datetime import datetime

from db.engine import AsyncSession
from db.enums import DeliveryKind
from db.mentoring import comments
from db.mentoring.comments import ToTell
from growth.cadence import local_date, zone
from handlers.mentoring.views import comments as views
from handlers.slack.message import Message
from handlers.slack.message_kind import Composed, Due, MessageKind, Nothing, Refreshed


class Comment(MessageKind):
    """Told once; then with the words, the entry and the author's name as they are."""

    name = DeliveryKind.COMMENT

    async def compose(self, session: AsyncSession, due: Due) -> Composed:
        told = (await comments.to_tell(session, due.workspace, [due.subject_id])).get(due.subject_id)
        return _message(told, due.now) if told else Nothing("nothing to say")

    async def refresh(self, session: AsyncSession, due: Due) -> Refreshed | Nothing:
        told = await comments.told(session, due.workspace, due.subject_id)
        if told is None:
            return Nothing("the entry is gone")
        return Refreshed(_message(told, due.now), withdrawn=told.said.user is None)


def _message(told: ToTell, now: datetime) -> Message:
    """What brings a comment, or kudos, to the member of the entry."""
    entry = told.entry
    what = None if entry.deleted_at else entry.what or entry.snippet or ""
    return views.told(told.said, what, entry.happened_on, local_date(now, zone(told.tz)))
