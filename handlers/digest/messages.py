"""A mentor's digest as a message."""

from db.checkins import schedules
from db.engine import AsyncSession
from db.enums import DeliveryKind, Kind
from db.mentoring import digests, disclosures
from growth.cadence import local_date, zone
from handlers.digest import views
from handlers.slack.message_kind import Composed, Due, MessageKind, Nothing, Refreshed, not_now
from services import digests as composing
from services import scheduling


class Digest(MessageKind):
    """What it shows is written down before it is shown, and certain once Slack has it."""

    name = DeliveryKind.DIGEST

    async def compose(self, session: AsyncSession, due: Due) -> Composed:
        held = await digests.lock(session, due.workspace, due.subject_id)
        if held is None:
            return Nothing("its mentor is gone")
        tz, slot_at = zone(held.tz), held.digest.slot_at
        if held.digest.week:
            schedule = await schedules.get(session, due.member_id, Kind.DIGEST)
            if scheduling.is_off(schedule) or scheduling.is_paused(schedule, slot_at, local_date(due.now, tz)):
                return Nothing("not wanted any more")
            if not due.anyhow and (late := not_now(slot_at, tz, due.now)):
                return late
        read = await composing.compose(session, held, due.ladder, due.now, views.has_room)
        if read is None:
            return views.quiet() if held.digest.quiet and not held.digest.parts else Nothing("nothing new")
        return views.digest(read, due.ladder, local_date(due.now, tz))

    async def refresh(self, session: AsyncSession, due: Due) -> Refreshed:
        held = await digests.lock(session, due.workspace, due.subject_id)
        if held is None:  # its mentor left
            return Refreshed(views.gone(), withdrawn=True)
        if held.digest.quiet and not held.digest.parts:
            return Refreshed(views.quiet())
        read, withdrawn = await composing.compose_again(session, held, due.ladder, due.now)
        message = views.digest(read, due.ladder, local_date(due.now, zone(held.tz))) if read else views.gone()
        return Refreshed(message, withdrawn=withdrawn)

    async def arrived(self, session: AsyncSession, subject_id: int) -> None:
        await disclosures.were_shown(session, subject_id)

    async def not_posted(self, session: AsyncSession, subject_id: int) -> None:
        await disclosures.were_not_shown(session, subject_id)
