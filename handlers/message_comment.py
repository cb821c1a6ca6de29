"""What a mentor said to an entry, as it comes to the entry's member."""

from db.engine import AsyncSession
from db.enums import DeliveryKind
from db.mentoring import comments
from handlers import remarks
from handlers.slack.message_kind import Composed, Due, MessageKind, Nothing, Refreshed


class Comment(MessageKind):
    """Told once; then with the words, the entry and the author's name as they are."""

    name = DeliveryKind.COMMENT

    async def compose(self, session: AsyncSession, due: Due) -> Composed:
        told = (await comments.to_tell(session, due.workspace, [due.subject_id])).get(due.subject_id)
        return remarks.message(told, due.now) if told else Nothing("nothing to say")

    async def refresh(self, session: AsyncSession, due: Due) -> Refreshed | Nothing:
        told = await comments.told(session, due.workspace, due.subject_id)
        if told is None:
            return Nothing("the entry is gone")
        return Refreshed(remarks.message(told, due.now), withdrawn=told.said.user is None)
