"""The weekly question as a message."""

from collections.abc import Collection

from db import members
from db.checkins import check_ins, nonresponse, schedules
from db.engine import AsyncSession
from db.enums import CheckInState, DeliveryKind
from growth.backoff import remark
from growth.cadence import local_date, zone
from growth.standing import unknown_zone
from handlers.checkins import presenter, views
from handlers.slack.message_kind import Composed, Due, MessageKind, Nothing, Refreshed, not_now
from services import scheduling


class Question(MessageKind):
    """Asked once its message is in Slack; shown there with whatever became of it."""

    name = DeliveryKind.CHECK_IN

    async def compose(self, session: AsyncSession, due: Due) -> Composed:
        asked = await check_ins.to_ask(session, due.workspace, due.subject_id)
        if asked is None:
            return Nothing("its question is gone")
        check_in, member, schedule = asked
        first = check_in.state == CheckInState.PLANNED
        if not (first or check_in.state == CheckInState.ASKED) or check_in.later_at or not member.active:
            return Nothing("nothing left to send")
        tz = zone(member.tz)
        stopped = scheduling.is_paused(schedule, check_in.slot_at, local_date(due.now, tz)) or (
            first and scheduling.is_off(schedule)
        )
        if check_in.week and stopped:  # what they put off themselves was promised
            return Nothing("not wanted any more")
        relevant = {each.id for each in due.ladder.relevant(member.level or "", member.target)}
        if first and check_in.criterion_id not in relevant:
            return Nothing("its criterion is behind them")
        by_hand = first and not check_in.week
        late = None if due.anyhow or by_hand else not_now(check_in.slot_at, tz, due.now)
        if late:
            return late
        said = None
        if schedule and check_in.week:
            silence = await nonresponse.of(session, member, schedule)
            said = remark(schedules.cadence_of(schedule), silence.streak)
        question = presenter.question_of(check_in, due.ladder)
        return views.question(question, remark=said, unknown_zone=unknown_zone(member.tz))

    async def refresh(self, session: AsyncSession, due: Due) -> Refreshed | Nothing:
        asked = await check_ins.to_ask(session, due.workspace, due.subject_id)
        if asked is None:
            return Nothing("its question is gone")
        if asked.check_in.state in (CheckInState.CANCELLED, CheckInState.MISSED):
            return Nothing("it is not asked any more")
        who = await members.who(session, due.workspace, due.member_id)
        return Refreshed(await presenter.question_message(session, who, due.subject_id, due.ladder, due.now))

    async def arrived(self, session: AsyncSession, subject_id: int) -> None:
        await check_ins.was_asked(session, subject_id)

    async def kept(self, session: AsyncSession, subject_id: int) -> None:
        await check_ins.was_asked(session, subject_id)

    async def ended(self, session: AsyncSession, subject_id: int, *, missed: bool) -> None:
        await check_ins.was_not_asked(session, subject_id, missed=missed)

    async def requeued(self, session: AsyncSession, subject_id: int) -> None:
        await check_ins.ask_again(session, subject_id)

    async def described(self, session: AsyncSession, subject_ids: Collection[int]) -> dict[int, str]:
        return await check_ins.described(session, subject_ids)
