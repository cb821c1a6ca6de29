"""People: who they are, their level, and the notes about how they like it."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import NamedTuple, TypeVarTuple

from sqlalchemy import Select, bindparam, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import any_of, array_of
from db.enums import Kind
from db.models import LevelChange, Member, Schedule, Workspace
from db.workspaces import workspaces

Columns = TypeVarTuple("Columns")


class UserRef(NamedTuple):
    """A person as Slack names them. Every query that serves a person starts here."""

    workspace: str
    user: str


def of_person(statement: Select[*Columns], member: type[Member] = Member, *others: type[Member]) -> Select[*Columns]:
    """What the statement finds of the person whose Who is bound: its `workspace` and `user`.

    They are that member of the statement's, or one of the others, who are in the same workspace.
    """
    return statement.join(Workspace, Workspace.id == member.workspace_id).where(
        Workspace.key == bindparam("workspace"),
        or_(*(each.slack_user == bindparam("user") for each in (member, *others))),
    )


FOUND = of_person(select(Member))
HELD = FOUND.with_for_update(of=Member, key_share=True)
ID = of_person(select(Member.id)).scalar_subquery()


async def get(session: AsyncSession, who: UserRef) -> Member | None:
    member: Member | None = await session.scalar(FOUND, who._asdict())
    return member


NAME = select(Member.slack_user).where(Member.id == bindparam("id"))


async def who(session: AsyncSession, workspace: str, member_id: int) -> UserRef:
    """The member of that id, as Slack names them; nobody's name for one who is gone."""
    user: str | None = await session.scalar(NAME, {"id": member_id})
    return UserRef(workspace, user or "")


WITH_DUE = of_person(
    select(Member, Schedule.due_at, Schedule.paused_until, workspaces.SILENT, Schedule.id.is_(None))
    .select_from(Member)
    .outerjoin(Schedule, (Schedule.member_id == Member.id) & (Schedule.kind == Kind.CHECK_IN))
)


class WithDue(NamedTuple):
    """A member, when their next question comes, and the local date up to which it is paused, which may be past.

    `silent`: nothing can be sent in their workspace now; `undecided`: they said neither yes nor no to questions.
    """

    member: Member
    due_at: datetime | None
    paused_until: date | None
    silent: bool
    undecided: bool


async def get_with_due(session: AsyncSession, who: UserRef) -> WithDue | None:
    """The member and their next question, in one statement."""
    row = (await session.execute(WITH_DUE, who._asdict())).first()
    return WithDue(*row) if row else None


async def lock(session: AsyncSession, who: UserRef) -> Member | None:
    """The member, held until the transaction ends: one change of a person's things at a time."""
    member: Member | None = await session.scalar(HELD, who._asdict())
    return member


async def add(session: AsyncSession, who: UserRef, tz: str) -> Member:
    """The member, made when missing, and held until the transaction ends."""
    while True:  # somebody who is being forgotten is there, and gone once the row is ours
        await ensure(session, who.workspace, {who.user: tz})
        if member := await lock(session, who):
            return member


async def ensure(session: AsyncSession, workspace: str, zones: Mapping[str, str]) -> None:
    """Make members of those who are none yet: Slack id → zone. In one order, or two who add each other would wait."""
    await workspaces.add(session, workspace)
    id_ = await session.scalar(select(Workspace.id).where(Workspace.key == workspace))
    rows = [{"workspace_id": id_, "slack_user": user, "tz": tz} for user, tz in sorted(zones.items())]
    await session.execute(insert(Member).values(rows).on_conflict_do_nothing())


async def set_level(session: AsyncSession, member: Member, level: str, target: str | None, now: datetime) -> None:
    """Put the member on a level; a change is kept with its instant, and the focus ends with its level."""
    if member.level != level:
        session.add(LevelChange(member_id=member.id, from_level=member.level, to_level=level, changed_at=now))
        member.focus = None
    member.level, member.target = level, target
    await session.flush()


KEEP_QUIET = (
    update(Member)
    .where(Member.id == any_of("ids"))
    .values(quiet_until=bindparam("until"))
    .execution_options(synchronize_session=False)
)


async def keep_quiet(session: AsyncSession, member_ids: Collection[int], until: datetime) -> None:
    """Rung has written to these members by itself: nothing more of that kind before `until`."""
    if member_ids:
        await session.execute(KEEP_QUIET, {"ids": array_of(member_ids), "until": until})
