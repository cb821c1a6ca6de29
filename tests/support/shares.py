"""What tests of shares share."""

from collections.abc import Sequence
from datetime import UTC, datetime

from db import members
from db.engine import Sessions
from db.entries import entries
from db.entries.entries import NewEntry
from db.enums import Source
from db.members import UserRef
from db.mentoring import shares
from db.models import Entry, Mentorship
from growth.mentoring import MentorshipState

MAYA, SAM, PRIYA, NAMESAKE = UserRef("T1", "U1"), UserRef("T1", "U2"), UserRef("T1", "U3"), UserRef("T2", "U1")

NOW = datetime(2027, 1, 14, 10, 0, tzinfo=UTC)

OPEN = (MentorshipState.REQUESTED, MentorshipState.ACTIVE)


async def mentorship(
    sessions: Sessions, mentor: UserRef = SAM, mentee: UserRef = MAYA, state: MentorshipState = MentorshipState.ACTIVE
) -> int:
    """A mentorship in that state; its id."""
    async with sessions.begin() as session:
        row = Mentorship(
            mentor_id=(await members.add(session, mentor, "UTC")).id,
            mentee_id=(await members.add(session, mentee, "UTC")).id,
            state=state,
            requested_at=NOW,
            accepted_at=NOW if state in (MentorshipState.ACTIVE, MentorshipState.ENDED) else None,
            ended_at=None if state in OPEN else NOW,
        )
        session.add(row)
        await session.flush()
    return row.id


async def wrote(sessions: Sessions, who: UserRef = MAYA, key: str = "key") -> Entry:
    async with sessions.begin() as session:
        member = await members.add(session, who, "UTC")
        return await entries.add(session, member, NewEntry("Shipped it", NOW.date(), Source.FORM, key), NOW)


async def share(sessions: Sessions, entry: Entry, ids: Sequence[int], at: datetime = NOW) -> None:
    async with sessions.begin() as session:
        await entries.lock(session, MAYA, entry.id)
        await shares.put(session, entry, ids, at)
