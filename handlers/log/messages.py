"""An answer that shows an entry and stays in its member's DM."""

from db import members
from db.engine import AsyncSession
from db.enums import DeliveryKind
from handlers.entries import presenter
from handlers.slack.message_kind import Composed, Due, MessageKind, Nothing, Refreshed


class ShownEntry(MessageKind):
    """Never sent from the outbox, only kept up to date."""

    name = DeliveryKind.ENTRY

    async def compose(self, session: AsyncSession, due: Due) -> Composed:
        return Nothing("it was answered when it was written")

    async def refresh(self, session: AsyncSession, due: Due) -> Refreshed | Nothing:
        who = await members.who(session, due.workspace, due.member_id)
        return Refreshed(await presenter.entry_message(session, who, due.subject_id, due.ladder, due.now))
