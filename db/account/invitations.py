"""Invitations: one a person, whatever they answer."""

from collections.abc import Collection, Sequence
from datetime import datetime, time
from typing import Any, NamedTuple

from sqlalchemy import Select, Text, bindparam, func, select, union_all, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from db import members
from db.engine import any_of, array_of
from db.enums import DeliveryKind
from db.members import UserRef, of_person
from db.models import Invitation, Member, Mentorship
from db.outbox import outbox
from db.outbox.outbox import NewDelivery
from db.workspaces import workspaces
from growth.cadence import Cadence
from growth.inviting import InvitationState, Proposal

MENTOR = aliased(Member)


class NewInvitation(NamedTuple):
    """Whom to invite and what to propose; user and mentor are Slack ids of members."""

    user: str
    level: str
    weekday: int
    at: time
    mentor: str | None


async def invite(session: AsyncSession, workspace: str, new: Sequence[NewInvitation], now: datetime) -> int:
    """Write invitations and put their messages into the outbox; how many. Who has one already gets no other."""
    ids = await _ids(session, workspace, [user for each in new for user in (each.user, each.mentor) if user])
    rows = [
        {
            "member_id": ids[each.user],
            "level": each.level,
            "weekday": each.weekday,
            "local_time": each.at,
            "mentor_id": ids[each.mentor] if each.mentor else None,
            "invited_at": now,
        }
        for each in new
    ]
    if not rows:
        return 0
    inserted = await session.execute(
        insert(Invitation).values(rows).on_conflict_do_nothing().returning(Invitation.id, Invitation.member_id)
    )
    messages = [NewDelivery(row.member_id, DeliveryKind.INVITATION, row.id, str(row.id)) for row in inserted]
    return len(await outbox.enqueue(session, messages))


THESE = select(Member.slack_user).where(
    Member.workspace_id == workspaces.HERE, Member.slack_user == any_of("users", Text)
)
IDS = THESE.add_columns(Member.id)
INVITED = THESE.join(Invitation, Invitation.member_id == Member.id)
BEGUN = THESE.where(Member.level.is_not(None))


def _these(workspace: str, users: Collection[str]) -> dict[str, str]:
    return {"workspace": workspace, "users": array_of(users)}


async def _ids(session: AsyncSession, workspace: str, users: Collection[str]) -> dict[str, int]:
    rows = await session.execute(IDS, _these(workspace, users))
    return {user: id_ for user, id_ in rows}


async def invited(session: AsyncSession, workspace: str, users: Collection[str]) -> set[str]:
    """Which of these were invited before, whatever they answered."""
    return set(await session.scalars(INVITED, _these(workspace, users)))


async def begun(session: AsyncSession, workspace: str, users: Collection[str]) -> set[str]:
    """Which of these have picked a level by themselves."""
    return set(await session.scalars(BEGUN, _these(workspace, users)))


TAKEN = union_all(
    select(Mentorship.mentor_id).where(Mentorship.ended_at.is_(None)),
    select(Invitation.mentor_id).where(Invitation.state == InvitationState.OPEN),
).subquery()
ROOM = (
    THESE.add_columns(Member.mentees_wanted - func.count(TAKEN.c.mentor_id))
    .outerjoin(TAKEN, TAKEN.c.mentor_id == Member.id)
    .group_by(Member.id)
)


async def room(session: AsyncSession, workspace: str, mentors: Collection[str]) -> dict[str, int]:
    """How many more mentees each of these takes: requests and unanswered invitations have their place.

    Who is no member yet is not among them.
    """
    rows = await session.execute(ROOM, _these(workspace, mentors))
    return {user: left for user, left in rows}


FOUND = (
    select(Invitation, Member, MENTOR.slack_user)
    .join(Member, Member.id == Invitation.member_id)
    .outerjoin(MENTOR, MENTOR.id == Invitation.mentor_id)
    .where(Invitation.id == bindparam("id"))
)
FOUND_HERE = FOUND.where(Member.workspace_id == workspaces.HERE, Member.active)
OWN = of_person(FOUND)
OWN_HELD = OWN.with_for_update(of=Invitation)


async def read(session: AsyncSession, workspace: str, invitation_id: int) -> Proposal | None:
    """The invitation as it stands; none of somebody who is not here any more."""
    return await _one(session, FOUND_HERE, {"workspace": workspace, "id": invitation_id})


async def get(session: AsyncSession, who: UserRef, invitation_id: int) -> Proposal | None:
    """The person's own invitation."""
    return await _one(session, OWN, {**who._asdict(), "id": invitation_id})


async def lock(session: AsyncSession, who: UserRef, invitation_id: int) -> Proposal | None:
    """As `find`, held with the person's row until the transaction ends."""
    await members.lock(session, who)
    return await _one(session, OWN_HELD, {**who._asdict(), "id": invitation_id})


async def _one(
    session: AsyncSession, statement: Select[Invitation, Member, str], values: dict[str, Any]
) -> Proposal | None:
    row = (await session.execute(statement, values)).first()
    return _proposal(*row) if row else None


def _proposal(invitation: Invitation, member: Member, mentor: str | None) -> Proposal:
    return Proposal(
        invitation.id,
        member.slack_user,
        member.tz,
        invitation.level,
        Cadence(invitation.weekday, invitation.local_time),
        mentor,
        InvitationState(invitation.state),
        invitation.answered_at,
        began=member.level is not None,
    )


async def answer(session: AsyncSession, invitation_id: int, state: InvitationState, now: datetime) -> None:
    """The person said yes or no. Call `hold` before."""
    await session.execute(update(Invitation).where(Invitation.id == invitation_id).values(state=state, answered_at=now))
