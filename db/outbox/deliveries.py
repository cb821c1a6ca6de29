"""What becomes of what is in the outbox. Marks are fenced by the token of the claim.

The one thing that no fence holds up is that Slack has the message: by its answer, its history, or a click.
Whoever changes what is a member's locks the member first; so does whoever records what became of a delivery to them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CursorResult,
    Interval,
    Text,
    Update,
    bindparam,
    case,
    exists,
    func,
    null,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from db.enums import DeliveryKind, DeliveryState
from db.members import UserRef, of_person
from db.models import Delivery, Member

HELD = (DeliveryState.SENDING, DeliveryState.UNKNOWN)
LONGEST_WAIT = timedelta(hours=1)  # between two looks for an unknown one, or two tries to refresh one


@dataclass(frozen=True)
class Claim:
    """A delivery that this process may send until its lease runs out; or look for, or refresh.

    `state` is the one that it was claimed in: ready, unknown, or sent and stale. `stale_at` is when something that it
    shows changed last, of what was committed by then. `probe`: Slack refused the last that was sent in its workspace,
    and this one is to show whether it still does.
    """

    id: UUID
    token: UUID
    member_id: int
    kind: DeliveryKind
    subject_id: int
    attempts: int
    channel: str | None
    ts: str | None
    stale_at: datetime | None
    created_at: datetime
    workspace: str
    state: DeliveryState
    probe: bool = False

    @property
    def unknown(self) -> bool:
        return self.state == DeliveryState.UNKNOWN


class Held(NamedTuple):
    """A delivery as it stands, locked: its state, since when it is stale, and the ts of its message if it has one."""

    state: DeliveryState
    stale_at: datetime | None
    ts: str | None


LOCK_MEMBER = select(Member.id).where(Member.id == bindparam("member")).with_for_update(key_share=True)


async def lock_member(session: AsyncSession, claim: Claim) -> None:
    """Nobody else changes what is the member's until the transaction ends."""
    await session.execute(LOCK_MEMBER, {"member": claim.member_id})


LOCK = (
    select(Delivery.state, Delivery.stale_at, Delivery.ts)
    .where(Delivery.id == bindparam("delivery"))
    .with_for_update(key_share=True)
)


async def lock(session: AsyncSession, claim: Claim) -> Held | None:
    """Lock the delivery until the transaction ends; None when its member was forgotten."""
    row = (await session.execute(LOCK, {"delivery": claim.id})).first()
    return Held(DeliveryState(row.state), row.stale_at, row.ts) if row else None


# What parameters of an UPDATE are called is no column's name: those would be set.
REASON = bindparam("reason", type_=Text)
AFTER = bindparam("after", type_=Interval)
THAT_ONE = update(Delivery).where(Delivery.id == bindparam("delivery")).execution_options(synchronize_session=False)
NOT_SENT_YET = THAT_ONE.where(Delivery.state != DeliveryState.SENT).values(lease_until=None, unknown_since=None)
IS_AT = NOT_SENT_YET.values(
    state=DeliveryState.SENT,
    channel=bindparam("at_channel"),
    ts=bindparam("at_ts"),
    error=None,
    run_at=func.now(),
    stale_at=case((bindparam("stale", type_=Boolean), func.clock_timestamp()), else_=null()),
)


async def sent(session: AsyncSession, claim: Claim, channel: str, ts: str, *, stale: bool) -> None:
    """Record where the message stands, whoever holds the delivery. `stale`: it may show what is no longer so."""
    await _is_at(session, claim.id, channel, ts, stale=stale)


async def _is_at(session: AsyncSession, delivery: UUID, channel: str, ts: str, *, stale: bool) -> None:
    await session.execute(IS_AT, {"delivery": delivery, "at_channel": channel, "at_ts": ts, "stale": stale})


OVERTAKEN = NOT_SENT_YET.values(state=DeliveryState.CANCELLED, error=REASON)


async def overtaken(session: AsyncSession, claim: Claim, reason: str) -> bool:
    """Its message is not to stay, whoever holds the delivery by now; False where it was sent as another message."""
    row = await session.execute(OVERTAKEN, {"delivery": claim.id, "reason": reason})
    assert isinstance(row, CursorResult)
    return row.rowcount == 1


KIND, SUBJECT = bindparam("kind", type_=Text), bindparam("subject", type_=BigInteger)
KNOWN = aliased(Delivery)
KNOWN_AT = exists().where(
    KNOWN.subject_id == SUBJECT,
    KNOWN.kind == KIND,
    KNOWN.channel == bindparam("channel"),
    KNOWN.ts == bindparam("ts"),
)
PROVEN = (
    of_person(select(Delivery.id).join(Member, Member.id == Delivery.member_id))
    .where(Delivery.kind == KIND, Delivery.subject_id == SUBJECT, ~KNOWN_AT)
    .where(Delivery.state.not_in((DeliveryState.SENT, DeliveryState.CANCELLED)))
    .order_by(Delivery.created_at)
    .limit(1)
)


async def proven(
    session: AsyncSession, who: UserRef, kind: DeliveryKind, subject_id: int, channel: str, ts: str
) -> UUID | None:
    """The person acted on the message at that place, which is about that subject: so that delivery was sent.

    Its id, if nobody knew; it is refreshed, as nobody knows what it says either.
    """
    message = {"kind": kind, "subject": subject_id, "channel": channel, "ts": ts}
    found: UUID | None = await session.scalar(PROVEN, {**who._asdict(), **message})
    if found:
        await _is_at(session, found, channel, ts, stale=True)
    return found


CLAIMED = THAT_ONE.where(Delivery.token == bindparam("claim"))
STANDS = CLAIMED.where(Delivery.state == DeliveryState.SENT)
NEWER = Delivery.stale_at.is_distinct_from(bindparam("shown"))
REFRESHED = STANDS.values(stale_at=case((NEWER, Delivery.stale_at)), run_at=func.now(), error=None)


async def refreshed(session: AsyncSession, claim: Claim) -> None:
    """The message shows what was so at `claim.stale_at`; what changed since is refreshed at once."""
    await session.execute(REFRESHED, _of(claim) | {"shown": claim.stale_at})


STALE_FOR = func.least(func.greatest(func.now() - Delivery.stale_at, AFTER), LONGEST_WAIT)
REFRESH_LATER = STANDS.values(run_at=func.now() + STALE_FOR, error=REASON)


async def refresh_later(session: AsyncSession, claim: Claim, margin: timedelta, error: str) -> None:
    """It could not be refreshed: again, the more rarely the longer it is stale, after `margin` at the least."""
    await session.execute(REFRESH_LATER, _of(claim) | {"after": margin, "reason": error})


WITHDRAWN = STANDS.values(state=DeliveryState.CANCELLED, stale_at=None, error=REASON)


async def withdrawn(session: AsyncSession, claim: Claim, reason: str) -> bool:
    """Nobody is to read the message any more; whether it stood there until now. Whoever calls sees to its removal."""
    return await _change(session, claim, WITHDRAWN, reason=reason)


HELD_BY_IT = CLAIMED.where(Delivery.state.in_(HELD))
ENDS = HELD_BY_IT.values(lease_until=None)
FAILED = ENDS.values(state=DeliveryState.FAILED, unknown_since=None, error=REASON)
CANCELLED = ENDS.values(state=DeliveryState.CANCELLED, unknown_since=None, error=REASON)


async def failed(session: AsyncSession, claim: Claim, error: str) -> bool:
    """Given up; the reason stays.

    Of this and the other marks: whether the claim still held it; else nothing was done.
    """
    return await _change(session, claim, FAILED, reason=error)


async def cancelled(session: AsyncSession, claim: Claim, reason: str) -> bool:
    """What it was to tell is no longer so."""
    return await _change(session, claim, CANCELLED, reason=reason)


SINCE = func.coalesce(Delivery.unknown_since, func.now())
UNKNOWN_FOR = func.least(func.greatest(func.now() - SINCE, AFTER), LONGEST_WAIT)
UNKNOWN = ENDS.values(state=DeliveryState.UNKNOWN, run_at=func.now() + UNKNOWN_FOR, unknown_since=SINCE, error=REASON)


async def unknown(session: AsyncSession, claim: Claim, margin: timedelta, error: str) -> bool:
    """It may be in Slack, and not as it should: look after as long as that is not known by now, at least `margin`."""
    return await _change(session, claim, UNKNOWN, after=margin, reason=error)


UNKNOWN_LONGER = select(Delivery.id).where(
    Delivery.id == bindparam("delivery"), Delivery.unknown_since < func.now() - AFTER
)


async def unknown_for(session: AsyncSession, claim: Claim, long: timedelta) -> bool:
    """Whether nobody has known for longer than that what became of it."""
    return await session.scalar(UNKNOWN_LONGER, {"delivery": claim.id, "after": long}) is not None


READY = ENDS.values(state=DeliveryState.READY, run_at=func.now() + AFTER, error=REASON)
AGAIN, PUT_OFF = READY.values(unknown_since=None), READY.values(attempts=0)


async def again(session: AsyncSession, claim: Claim, after: timedelta, error: str) -> bool:
    """Nothing was sent: ready again after a while."""
    return await _change(session, claim, AGAIN, after=after, reason=error)


async def defer(session: AsyncSession, claim: Claim, after: timedelta, reason: str) -> bool:
    """It has to wait, and nothing went wrong: ready after a while, as if it had not been tried."""
    return await _change(session, claim, PUT_OFF, after=after, reason=reason)


STORE_CHANNEL = HELD_BY_IT.values(channel=bindparam("at_channel"))


async def store_channel(session: AsyncSession, claim: Claim, channel: str) -> bool:
    """Where the member's messages go, kept before the first attempt so that a lost one can be looked for.

    False when the delivery is no longer ours to send.
    """
    await session.execute(update(Member).where(Member.id == claim.member_id).values(dm_channel=channel))
    return await _change(session, claim, STORE_CHANNEL, at_channel=channel)


def _of(claim: Claim) -> dict[str, Any]:
    return {"delivery": claim.id, "claim": claim.token}


async def _change(session: AsyncSession, claim: Claim, statement: Update, **values: object) -> bool:
    """Whether the delivery was as the statement wants it, still under that claim."""
    result = await session.execute(statement, _of(claim) | values)
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


RECIPIENT = select(Member.slack_user).where(Member.id == bindparam("member"))


async def recipient(session: AsyncSession, claim: Claim) -> str:
    """The Slack id of whom it is for."""
    user: str | None = await session.scalar(RECIPIENT, {"member": claim.member_id})
    return user or ""
