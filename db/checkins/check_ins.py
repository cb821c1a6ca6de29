"""Questions: what was asked, what is open, and what the next choice needs to know."""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from sqlalchemy import bindparam, or_, select, text, true, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from db.engine import any_of, array_of, columns
from db.enums import CheckInState, DeliveryKind, Kind
from db.members import UserRef, of_person
from db.models import CheckIn, Delivery, Entry, Member, Schedule
from db.outbox import outbox, stale
from db.outbox.outbox import Enqueued
from db.workspaces import workspaces
from growth.cadence import ON_TIME
from growth.selection import Choice

UNSEEN = (CheckInState.MISSED, CheckInState.CANCELLED)
NOT_ASKED_YET = (CheckIn.state == CheckInState.PLANNED) & CheckIn.later_at.is_(None)
COMES_LATER = (CheckIn.state == CheckInState.PLANNED) & CheckIn.later_at.is_not(None)
# Of a member: the id of the newest question that waits to be sent or answered. An index tells it; all the rows of a
# member lie scattered over the years.
PAST = aliased(CheckIn)
NEWEST_OPEN = (
    select(PAST.id)
    .where(PAST.member_id == Member.id, PAST.state.in_((CheckInState.PLANNED, CheckInState.ASKED)))
    .order_by(PAST.slot_at.desc(), PAST.id.desc())
    .limit(1)
    .scalar_subquery()
)


class NewCheckIn(NamedTuple):
    """A question to be asked. `week` is the Monday of its week, none for an extra one."""

    member_id: int
    week: date | None
    slot_at: datetime
    choice: Choice
    state: CheckInState = CheckInState.PLANNED


class ToAsk(NamedTuple):
    """A question in the outbox, and what its message depends on."""

    check_in: CheckIn
    member: Member
    schedule: Schedule | None


class _Row(NamedTuple):
    member_id: int
    week: date | None
    slot_at: datetime
    criterion_id: str
    prompt_id: str
    quoted_entry_id: int | None
    question: str
    why: str
    state: CheckInState


def _row(new: NewCheckIn) -> _Row:
    choice = new.choice
    return _Row(
        new.member_id,
        new.week,
        new.slot_at,
        choice.criterion.id,
        choice.prompt.id,
        choice.quotes,
        choice.question,
        choice.why,
        new.state,
    )


PLAN = text(f"""
      WITH written AS (
           INSERT INTO check_ins
                  (member_id, week, slot_at, criterion_id, prompt_id, quoted_entry_id, question, why, state)
           SELECT * FROM unnest(
                  CAST(:member_id AS bigint[]), CAST(:week AS date[]), CAST(:slot_at AS timestamptz[]),
                  CAST(:criterion_id AS text[]), CAST(:prompt_id AS text[]), CAST(:quoted_entry_id AS bigint[]),
                  CAST(:question AS text[]), CAST(:why AS text[]), CAST(:state AS text[]))
               ON CONFLICT (member_id, week) DO NOTHING
        RETURNING id, member_id, week, state),
           new (member_id, kind, subject_id, dedupe_key) AS (
           SELECT member_id, 'check_in', id, COALESCE('week:' || to_char(week, 'YYYY-MM-DD'), 'check-in:' || id)
             FROM written WHERE state = 'planned')
    {outbox.INSERT}
""")


async def plan(session: AsyncSession, planned: Sequence[NewCheckIn]) -> list[Enqueued]:
    """Insert the questions, and the deliveries of those to be asked; a week that has one keeps it.

    What those who are asked left open lapses.
    """
    if not planned:
        return []
    rows = await session.execute(PLAN, columns([_row(each) for each in planned]))
    asked = [Enqueued._make(row) for row in rows.all()]
    await _lapse(session, [each.member_id for each in asked])
    return asked


async def exchange(session: AsyncSession, check_in: CheckIn, choice: Choice) -> None:
    """Ask that instead, in the same row. What was taken out of the log again answered another question than this."""
    check_in.criterion_id, check_in.prompt_id = choice.criterion.id, choice.prompt.id
    check_in.question, check_in.why, check_in.quoted_entry_id = choice.question, choice.why, choice.quotes
    await session.flush()
    await session.execute(
        update(Entry)
        .where(Entry.check_in_id == check_in.id, Entry.deleted_at.is_not(None))
        .values(check_in_id=None)
        .execution_options(synchronize_session="fetch")
    )


LAPSE = (
    update(CheckIn)
    .where(CheckIn.member_id == any_of("members"), or_(CheckIn.state == CheckInState.ASKED, COMES_LATER))
    .values(state=CheckInState.LAPSED)
    .execution_options(synchronize_session=False)
)


async def _lapse(session: AsyncSession, member_ids: Collection[int]) -> None:
    """Questions still open when the next one is planned: they can be answered for ever, but are not waited for."""
    if member_ids:
        await session.execute(LAPSE, {"members": array_of(member_ids)})


async def cancel_planned(session: AsyncSession, member_id: int, *, extras: bool = True) -> None:
    """Questions not sent yet are not wanted any more; the sender finds them cancelled. `extras`: those of no week too.

    One that was asked and is to come again stays.
    """
    await session.execute(
        update(CheckIn)
        .where(CheckIn.member_id == member_id, NOT_ASKED_YET, true() if extras else CheckIn.week.is_not(None))
        .values(state=CheckInState.CANCELLED)
    )
    await stale.mark_in_flight(session, [member_id])


OWN = of_person(select(CheckIn).join(Member, Member.id == CheckIn.member_id))
ONE = OWN.where(CheckIn.id == bindparam("id"))
ONE_HELD = ONE.with_for_update(of=CheckIn, key_share=True)


async def get(session: AsyncSession, who: UserRef, check_in_id: int) -> CheckIn | None:
    """The person's own check-in."""
    found: CheckIn | None = await session.scalar(ONE, {**who._asdict(), "id": check_in_id})
    return found


async def lock(session: AsyncSession, who: UserRef, check_in_id: int) -> CheckIn | None:
    """The person's own check-in, held until the transaction ends."""
    found: CheckIn | None = await session.scalar(ONE_HELD, {**who._asdict(), "id": check_in_id})
    return found


OPEN_ONE = select(CheckIn).where(CheckIn.id == of_person(select(NEWEST_OPEN).select_from(Member)).scalar_subquery())


async def open_one(session: AsyncSession, who: UserRef) -> CheckIn | None:
    """The newest question that waits to be sent or answered."""
    found: CheckIn | None = await session.scalar(OPEN_ONE, who._asdict())
    return found


NEWEST = select(CheckIn).where(CheckIn.member_id == bindparam("member")).order_by(CheckIn.id.desc()).limit(1)


async def newest(session: AsyncSession, member_id: int) -> CheckIn | None:
    """The question that was written down last."""
    found: CheckIn | None = await session.scalar(NEWEST, {"member": member_id})
    return found


AT_MESSAGE = OWN.join(Delivery, (Delivery.subject_id == CheckIn.id) & (Delivery.kind == Kind.CHECK_IN)).where(
    Delivery.channel == bindparam("channel"), Delivery.ts == bindparam("ts")
)


async def at_message(session: AsyncSession, who: UserRef, channel: str, ts: str) -> CheckIn | None:
    """The person's check-in that was asked in that message."""
    found: CheckIn | None = await session.scalar(AT_MESSAGE, {**who._asdict(), "channel": channel, "ts": ts})
    return found


TO_ASK = (
    select(CheckIn, Member, Schedule)
    .join(Member, Member.id == CheckIn.member_id)
    .outerjoin(Schedule, (Schedule.member_id == Member.id) & (Schedule.kind == Kind.CHECK_IN))
    .where(Member.workspace_id == workspaces.HERE, CheckIn.id == bindparam("id"))
)


async def to_ask(session: AsyncSession, workspace: str, check_in_id: int) -> ToAsk | None:
    """The question as it is now."""
    row = (await session.execute(TO_ASK, {"workspace": workspace, "id": check_in_id})).first()
    return ToAsk(*row) if row else None


LAST = (
    select(CheckIn.id, CheckIn.slot_at)
    .where(CheckIn.member_id == bindparam("member"), CheckIn.state.not_in(UNSEEN))
    .order_by(CheckIn.slot_at.desc())
    .limit(1)
    .subquery()
)
ITS_MESSAGE = (Delivery.subject_id == LAST.c.id) & (Delivery.kind == DeliveryKind.CHECK_IN) & Delivery.ts.is_not(None)
LAST_ASKED = select(LAST.c.slot_at, Delivery.ts).outerjoin(Delivery, ITS_MESSAGE).order_by(Delivery.ts.desc()).limit(1)


async def last_asked(session: AsyncSession, member_id: int) -> datetime | None:
    """The slot of the newest question that went out or will; if it came late, when it came."""
    row = (await session.execute(LAST_ASKED, {"member": member_id})).first()
    if row is None:
        return None
    slot_at: datetime = row.slot_at
    came = datetime.fromtimestamp(float(row.ts), UTC) if row.ts else slot_at
    return came if came > slot_at + ON_TIME else slot_at


# `id` is the name of a column, which an UPDATE would set.
THAT_ONE = update(CheckIn).where(CheckIn.id == bindparam("check_in")).execution_options(synchronize_session=False)
WAS_ASKED = THAT_ONE.where(NOT_ASKED_YET).values(state=CheckInState.ASKED)
WAS_MISSED = THAT_ONE.where(NOT_ASKED_YET).values(state=CheckInState.MISSED)
WAS_CANCELLED = THAT_ONE.where(NOT_ASKED_YET).values(state=CheckInState.CANCELLED)
ASK_AGAIN = THAT_ONE.where(CheckIn.state == CheckInState.CANCELLED).values(state=CheckInState.PLANNED)


async def was_asked(session: AsyncSession, check_in_id: int) -> None:
    """Its member has the question; one that moved on by itself stays."""
    await session.execute(WAS_ASKED, {"check_in": check_in_id})


async def was_not_asked(session: AsyncSession, check_in_id: int, *, missed: bool) -> None:
    """Nobody waits for the question any more. `missed`: it was too late for it."""
    await session.execute(WAS_MISSED if missed else WAS_CANCELLED, {"check_in": check_in_id})


async def ask_again(session: AsyncSession, check_in_id: int) -> None:
    """A question that was given up is to be asked after all."""
    await session.execute(ASK_AGAIN, {"check_in": check_in_id})


DESCRIBED = select(CheckIn.id, CheckIn.criterion_id + "/" + CheckIn.prompt_id).where(CheckIn.id == any_of("ids"))


async def described(session: AsyncSession, check_in_ids: Collection[int]) -> dict[int, str]:
    """Check-in id → what it asks, by the ids of criterion and prompt."""
    if not check_in_ids:
        return {}
    return {id_: asks for id_, asks in await session.execute(DESCRIBED, {"ids": array_of(check_in_ids)})}
