"""A mentor's digest as a message."""

from db.checkins import schedules
from db.engine import AsyncSession
from db.enums import DeliveryKind, Kind
from db.mentoring import digests, disclosures
from growth.cadence import local_date, zone
from handlers import digesting
from handlers.message_check_in import is_off, is_paused, not_now
from handlers.slack.message_kind import Composed, Due, MessageKind, Nothing, Refreshed
from handlers.views import digest as views


class Digest(MessageKind):
    """What it shows is written down before it is shown, and certain once Slack has it."""

    name = DeliveryKind.DIGEST

    async def compose(self, session: AsyncSession, due: Due) -> Composed:
        held = await digests.hold(session, due.workspace, due.subject_id)
        if held is None:
            return Nothing("its mentor is gone")
        tz, slot_at = zone(held.tz), held.digest.slot_at
        if held.digest.week:
            schedule = await schedules.find(session, due.member_id, Kind.DIGEST)
            if is_off(schedule) or is_paused(schedule, slot_at, local_date(due.now, tz)):
                return Nothing("not wanted any more")
            if not due.anyhow and (late := not_now(slot_at, tz, due.now)):
                return late
        return await digesting.compose(session, held, due.ladder, due.now) or Nothing("nothing new")

    async def refresh(self, session: AsyncSession, due: Due) -> Refreshed | Nothing:
        held = await digests.hold(session, due.workspace, due.subject_id)
        if held is None:
            return Nothing("its mentor is gone")
        if not held.digest.parts and held.digest.quiet:
            return Refreshed(views.quiet())
        message, withdrawn = await digesting.recompose(session, held, due.ladder, due.now)
        return Refreshed(message or views.gone(), withdrawn=withdrawn)

    async def arrived(self, session: AsyncSession, subject_id: int) -> None:
        await disclosures.were_shown(session, subject_id)

    async def not_posted(self, session: AsyncSession, subject_id: int) -> None:
        await disclosures.were_not_shown(session, subject_id)
