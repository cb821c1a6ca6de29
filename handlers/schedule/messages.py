"""What is said about when Rung writes."""

from db.checkins import schedules
from db.engine import AsyncSession
from db.enums import DeliveryKind
from handlers.schedule.views import pause
from handlers.slack.message_kind import Composed, Due, MessageKind, Nothing


class Stopped(MessageKind):
    """The weekly question is off, as nothing came back for long; told once, if it is off still."""

    name = DeliveryKind.NOTICE

    async def compose(self, session: AsyncSession, due: Due) -> Composed:
        off = await schedules.switched_off(session, due.workspace, [due.subject_id])
        return pause.stopped() if off else Nothing("it is on again")
