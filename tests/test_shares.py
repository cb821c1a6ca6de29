"""Mentors and what is shared with them: what the database holds, and what it forbids."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError

from db.engine import Sessions
from db.log import deletion
from db.members import UserRef
from db.mentoring import mentorships, shares
from db.models import Entry, Member, Mentorship, Share
from growth.errors import NotYourMentor
from growth.mentoring import MentorshipState
from growth.sharing import Mentee, Mentor, Shared, after_form
from tests.support.shares import MAYA, NAMESAKE, NOW, OPEN, PRIYA, SAM, mentorship, share, wrote

LATER = NOW + timedelta(days=1)


async def live(sessions: Sessions, entry: Entry, who: UserRef = MAYA) -> list[Shared]:
    async with sessions() as session:
        return (await shares.live(session, who, [entry.id])).get(entry.id, [])


async def refuses(sessions: Sessions, constraint: str, statement: Any) -> None:
    with pytest.raises(IntegrityError, match=constraint):
        async with sessions.begin() as session:
            await session.execute(statement)


def test_there_is_an_hour_for_second_thoughts() -> None:
    assert Shared(1, "U2", NOW).readable_at == datetime(2027, 1, 14, 11, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("live", "shown", "ticked", "after"),
    [
        ({1}, [1], [1], {1}),
        ({1}, [1], [1, 2], {1, 2}),
        ({1, 2}, [1, 2], [2], {2}),
        (set(), [], [2], {2}),
        (set(), [1], [1], set()),  # made private in another window
        ({3}, [1], [2], {2, 3}),
        ({1, 2}, [2], [], {1}),
    ],
)
def test_a_form_changes_what_the_person_changed_in_it(
    live: set[int], shown: list[int], ticked: list[int], after: set[int]
) -> None:
    assert after_form(live, shown, ticked) == after


async def test_mentors_and_mentees_are_those_of_active_mentorships(sessions: Sessions) -> None:
    by_sam = await mentorship(sessions)
    by_priya = await mentorship(sessions, PRIYA)
    for state in set(MentorshipState) - {MentorshipState.ACTIVE}:
        await mentorship(sessions, UserRef("T1", f"U-{state}"), MAYA, state)
    await mentorship(sessions, UserRef("T2", "U2"), NAMESAKE)
    async with sessions.begin() as session:
        await session.execute(update(Member).where(Member.slack_user == "U1").values(level="l4", target="l6"))
    async with sessions() as session:
        assert await mentorships.mentors(session, MAYA) == [Mentor(by_sam, "U2"), Mentor(by_priya, "U3")]
        assert await mentorships.mentees(session, SAM) == [Mentee(by_sam, "U1", "l4", "l6")]
        assert await mentorships.mentors(session, SAM) == []
        assert await mentorships.mentees(session, MAYA) == []
        assert [each.user for each in await mentorships.mentors(session, NAMESAKE)] == ["U2"]


async def test_who_left_neither_mentors_nor_reads(sessions: Sessions) -> None:
    id_, entry = await mentorship(sessions), await wrote(sessions)
    await share(sessions, entry, [id_])
    async with sessions.begin() as session:
        await session.execute(update(Member).where(Member.slack_user == SAM.user).values(active=False))
    async with sessions() as session:
        assert await mentorships.mentors(session, MAYA) == []
    assert await live(sessions, entry) == []
    with pytest.raises(NotYourMentor):
        await share(sessions, await wrote(sessions, key="other"), [id_])


async def test_two_open_mentorships_of_a_pair_are_refused_and_ended_ones_are_not(sessions: Sessions) -> None:
    await mentorship(sessions, state=MentorshipState.REQUESTED)
    for state in OPEN:
        with pytest.raises(IntegrityError, match="uq_mentorships_mentee_id_mentor_id"):
            await mentorship(sessions, state=state)
    for state in set(MentorshipState) - set(OPEN):
        await mentorship(sessions, state=state)
    await mentorship(sessions, MAYA, SAM)  # the other way round is another pair


async def test_nobody_mentors_themselves(sessions: Sessions) -> None:
    with pytest.raises(IntegrityError, match="ck_mentorships_two_people"):
        await mentorship(sessions, MAYA, MAYA)


async def test_what_is_over_has_a_date_and_what_is_not_has_none(sessions: Sessions) -> None:
    await mentorship(sessions)
    await refuses(sessions, "ck_mentorships_ended_at", update(Mentorship).values(state=MentorshipState.ENDED))
    await refuses(sessions, "ck_mentorships_ended_at", update(Mentorship).values(ended_at=NOW))


async def test_an_entry_is_shared_with_exactly_these(sessions: Sessions) -> None:
    sam, priya = await mentorship(sessions), await mentorship(sessions, PRIYA)
    entry, other = await wrote(sessions), await wrote(sessions, key="other")
    await share(sessions, entry, [sam])
    assert await live(sessions, entry) == [Shared(sam, "U2", NOW)]
    await share(sessions, entry, [sam, priya], LATER)
    assert await live(sessions, entry) == [Shared(sam, "U2", NOW), Shared(priya, "U3", LATER)]
    await share(sessions, entry, [priya], LATER)
    assert await live(sessions, entry) == [Shared(priya, "U3", LATER)]
    await share(sessions, entry, [sam, priya], LATER)
    assert [each.shared_at for each in await live(sessions, entry)] == [LATER, LATER], "its hour begins anew"
    await share(sessions, other, [sam])
    async with sessions.begin() as session:
        await shares.revoke(session, entry, LATER)
    assert await live(sessions, entry) == []
    assert len(await live(sessions, other)) == 1
    assert await live(sessions, other, SAM) == await live(sessions, other, NAMESAKE) == []


@pytest.mark.parametrize("state", [state for state in MentorshipState if state != MentorshipState.ACTIVE])
async def test_an_entry_is_not_shared_by_a_mentorship_that_is_not_active(
    sessions: Sessions, state: MentorshipState
) -> None:
    with pytest.raises(NotYourMentor):
        await share(sessions, await wrote(sessions), [await mentorship(sessions, state=state)])


async def test_nobody_shares_by_another_one_s_mentorship(sessions: Sessions) -> None:
    entry = await wrote(sessions)
    others = await mentorship(sessions, SAM, PRIYA)
    for ids in ([others], [others + 1]):
        with pytest.raises(NotYourMentor):
            await share(sessions, entry, ids)
    row = {"entry_id": entry.id, "mentorship_id": others, "shared_at": NOW}
    async with sessions() as session:
        mentee_id = await session.scalar(select(Mentorship.mentee_id))
    of_the_entry = insert(Share).values(**row, mentee_id=entry.member_id)
    of_the_mentorship = insert(Share).values(**row, mentee_id=mentee_id)
    await refuses(sessions, "fk_shares_mentorship_id_mentee_id", of_the_entry)
    await refuses(sessions, "fk_shares_entry_id_mentee_id", of_the_mentorship)


async def test_two_live_shares_are_refused(sessions: Sessions) -> None:
    id_, entry = await mentorship(sessions), await wrote(sessions)
    await share(sessions, entry, [id_])
    again = insert(Share).values(entry_id=entry.id, mentorship_id=id_, mentee_id=entry.member_id, shared_at=NOW)
    await refuses(sessions, "uq_shares_entry_id_mentorship_id", again)


async def test_a_mentorship_does_not_end_while_something_is_being_shared(sessions: Sessions) -> None:
    id_, entry = await mentorship(sessions), await wrote(sessions)

    async def end() -> None:
        async with sessions.begin() as session:
            await session.execute(text("SET LOCAL lock_timeout = '20ms'"))
            await session.execute(update(Mentorship).values(state=MentorshipState.ENDED, ended_at=NOW))

    async with sessions.begin() as session:
        await shares.put(session, entry, [id_], NOW)
        with pytest.raises(OperationalError, match="lock timeout"):
            await end()
    await end()


@pytest.mark.parametrize("leaves", [MAYA, SAM])
async def test_a_member_s_mentorships_and_shares_go_with_them(sessions: Sessions, leaves: UserRef) -> None:
    await share(sessions, await wrote(sessions), [await mentorship(sessions)])
    async with sessions.begin() as session:
        await session.execute(delete(Member).where(Member.slack_user == leaves.user))
    async with sessions() as session:
        assert list(await session.scalars(select(Mentorship.id))) == []
        assert list(await session.scalars(select(Share.id))) == []


async def test_shares_go_with_their_entry(sessions: Sessions) -> None:
    entry = await wrote(sessions)
    await share(sessions, entry, [await mentorship(sessions)])
    async with sessions.begin() as session:
        await deletion.delete(session, MAYA, entry.id, NOW)
        assert await deletion.purge(session, LATER) == 1
    async with sessions() as session:
        assert list(await session.scalars(select(Share.id))) == []
