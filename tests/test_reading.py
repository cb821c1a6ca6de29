"""What a mentor may read, and what is written down of it."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import OperationalError

from db.engine import Sessions
from db.entries import entries
from db.entries.entries import NewEntry
from db.enums import Source, Surface
from db.log import deletion
from db.members import UserRef, add
from db.mentoring import disclosures, requests, shares
from db.models import Disclosure, Entry, Member, Mentorship, Share
from growth.sharing import REGRET, Seen
from tests.support.shares import MAYA, NAMESAKE, NOW, PRIYA, SAM, mentorship, share, wrote

SOON = NOW + REGRET
LATER = NOW + timedelta(days=1)


async def readable(sessions: Sessions, entry: Entry, mentor: UserRef = SAM, now: datetime = SOON) -> bool:
    """Whether the mentor may read it, by every way to ask."""
    async with sessions.begin() as session:
        ids = list(await session.scalars(select(Mentorship.id)))
        viewer = list(await session.scalars(select(Member.id).where(Member.slack_user == mentor.user)))
        items = await disclosures.readable(session, mentor, [entry.id], now)
        pages = [await disclosures.page(session, mentor, id_, now, skip=0, limit=5) for id_ in ids]
        news = await disclosures.news(session, mentor, now)
        some = await disclosures.with_news(session, viewer, now)
    answers = {bool(items), any(page.items for page in pages), bool(news), bool(some)}
    assert len(answers) == 1
    return answers.pop()


async def shared(sessions: Sessions) -> Entry:
    await mentorship(sessions)
    entry = await wrote(sessions)
    await share(sessions, entry, [1])
    return entry


async def disclose(sessions: Sessions, entry: Entry, now: datetime = SOON) -> list[int]:
    async with sessions.begin() as session:
        return await disclosures.disclose(session, SAM, [entry.id], Surface.LIST, now)


async def test_after_the_hour_the_mentor_and_nobody_else_may_read(sessions: Sessions) -> None:
    entry = await shared(sessions)
    await mentorship(sessions, PRIYA)
    await mentorship(sessions, UserRef("T2", "U2"), NAMESAKE)
    assert not await readable(sessions, entry, now=SOON - timedelta(seconds=1))
    assert await readable(sessions, entry)
    for other in (MAYA, PRIYA, NAMESAKE):
        assert not await readable(sessions, entry, other)
    async with sessions.begin() as session:
        assert await disclosures.readable(session, UserRef("T2", "U2"), [entry.id], SOON) == []


async def _revoke(session: Any, entry: Entry) -> None:
    await shares.revoke(session, entry, SOON)


async def _delete(session: Any, entry: Entry) -> None:
    await deletion.delete(session, MAYA, entry.id, SOON)


async def _delete_and_restore(session: Any, entry: Entry) -> None:
    await deletion.delete(session, MAYA, entry.id, SOON)
    await deletion.restore(session, MAYA, entry.id, SOON)


async def _end(session: Any, entry: Entry) -> None:
    await requests.end(session, SAM, 1, SOON)


async def _end_without_revoking(session: Any, entry: Entry) -> None:
    await session.execute(update(Mentorship).values(state="ended", ended_at=SOON))


async def _mentor_leaves(session: Any, entry: Entry) -> None:
    await session.execute(update(Member).where(Member.slack_user == SAM.user).values(active=False))


async def _mentee_leaves(session: Any, entry: Entry) -> None:
    await session.execute(update(Member).where(Member.slack_user == MAYA.user).values(active=False))


async def _share_anew(session: Any, entry: Entry) -> None:
    await shares.revoke(session, entry, SOON)
    await shares.put(session, entry, [1], SOON)


@pytest.mark.parametrize(
    "happens",
    [
        _revoke,
        _delete,
        _delete_and_restore,
        _end,
        _end_without_revoking,
        _mentor_leaves,
        _mentee_leaves,
        _share_anew,
    ],
)
async def test_then_no_longer(sessions: Sessions, happens: Callable[[Any, Entry], Awaitable[None]]) -> None:
    entry = await shared(sessions)
    async with sessions.begin() as session:
        await happens(session, entry)
    assert not await readable(sessions, entry)


async def test_what_is_read_are_the_member_s_own_words_and_links(sessions: Sessions) -> None:
    await mentorship(sessions)
    async with sessions.begin() as session:
        new = NewEntry(
            "",
            NOW.date(),
            Source.MESSAGE,
            "m",
            links=["https://a.example"],
            snippet="their words",
            snippet_author="priya",
            permalink="https://northwind.slack.com/p1",
        )
        entry = await entries.add(session, await add(session, MAYA, "UTC"), new, NOW)
        await shares.put(session, entry, [1], NOW)
    async with sessions.begin() as session:
        [item] = await disclosures.readable(session, SAM, [entry.id], SOON)
    assert (item.what, item.links) == ("", ["https://a.example", "https://northwind.slack.com/p1"])
    assert "their words" not in str(item)
    assert "priya" not in str(item)


async def test_new_is_what_was_not_shown_for_certain(sessions: Sessions) -> None:
    entry = await shared(sessions)
    ids = await disclose(sessions, entry)
    assert await readable(sessions, entry), "it may never have arrived"
    async with sessions.begin() as session:
        await disclosures.confirm(session, ids)
        assert await disclosures.news(session, SAM, SOON) == {}
        assert len(await disclosures.readable(session, SAM, [entry.id], SOON)) == 1


async def test_who_takes_something_back_waits_for_whoever_reads_it(sessions: Sessions) -> None:
    entry = await shared(sessions)

    async def take_back() -> None:
        async with sessions.begin() as session:
            await session.execute(text("SET LOCAL lock_timeout = '20ms'"))
            await shares.revoke(session, entry, SOON)

    async with sessions.begin() as session:
        await disclosures.readable(session, SAM, [entry.id], SOON)
        with pytest.raises(OperationalError, match="lock timeout"):
            await take_back()
    await take_back()


async def test_the_member_sees_what_was_shown_and_only_they(sessions: Sessions) -> None:
    entry, other = await shared(sessions), await wrote(sessions, key="other")
    await disclose(sessions, other)
    await disclose(sessions, entry)
    async with sessions.begin() as session:
        await disclosures.confirm(session, await disclosures.disclose(session, SAM, [entry.id], Surface.LIST, LATER))
    async with sessions() as session:
        assert await disclosures.seen(session, MAYA, [entry.id]) == {entry.id: [Seen(SAM.user, LATER, LATER, True)]}
        [first, second] = await disclosures.all_seen(session, MAYA, limit=5)
        assert (first.entry.id, first.seen.last, second.entry.id, second.seen.confirmed) == (
            entry.id,
            LATER,
            other.id,
            False,
        )
        assert [each.entry.id for each in await disclosures.all_seen(session, MAYA, before=first.place, limit=5)] == [
            other.id
        ]
        for nobody in (SAM, NAMESAKE):
            assert await disclosures.seen(session, nobody, [entry.id]) == {}
            assert await disclosures.all_seen(session, nobody, limit=5) == []


async def test_that_it_was_shown_is_kept_when_the_viewer_leaves_and_goes_with_the_entry(sessions: Sessions) -> None:
    entry = await shared(sessions)
    await disclose(sessions, entry)
    async with sessions.begin() as session:
        await session.execute(delete(Member).where(Member.slack_user == SAM.user))
    async with sessions.begin() as session:
        assert [each.user for each in (await disclosures.seen(session, MAYA, [entry.id]))[entry.id]] == [None]
        await session.execute(delete(Entry))
        assert list(await session.scalars(select(Disclosure.id))) == list(await session.scalars(select(Share.id))) == []
