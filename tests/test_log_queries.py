"""Finding things in the growth log: pages, filters, words, undo, and what Home, picture and export read."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from db import members, migrate
from db.embedded import server
from db.engine import AsyncSession, Sessions, create_engine
from db.entries import entries
from db.entries.entries import NewEntry
from db.enums import CheckInState, Source
from db.log import deletion, home, log
from db.log.deletion import UNDO_FOR
from db.log.home import Home
from db.log.log import COUNTED, Cursor, Filter, ListMovedOn
from db.members import UserRef
from db.models import CheckIn, Entry, EntryCriterion
from growth.cadence import week_of
from growth.coverage import Evidence
from growth.errors import PersonError
from growth.selection import Remembered
from growth.timeline import Week
from tests.support.log_queries import statements

MAYA, SAM, NAMESAKE = UserRef("T1", "U1"), UserRef("T1", "U2"), UserRef("T2", "U1")
NOW = datetime(2027, 1, 14, 10, 0, tzinfo=UTC)
TODAY = NOW.date()
NASTY = [
    "'; DROP TABLE entries; --",
    "&|!():*",
    '"',
    '"half a phrase',
    "''",
    "\\",
    "-",
    "-drift",
    "a or",
    "or",
    "<->",
    "!!!",
    "%_",
    "🎉",
    "שלום עולם",
    "مرحبا",
    "\u202egnp.exe",
    "nul\0byte",
    "\ud800",
    "o'reilly'",
    "x" * 5000,
    "word " * 2000,
    "('a' &",
    "a:*b",
    "https://example.com/a'b?c=d&e",
    "-(",
    '-"a b"',
    "\n\t",
    "½ ﬁ İ ß",
]


@pytest.fixture
async def write(sessions: Sessions) -> Callable[..., Any]:
    """Writes an entry and returns its id."""
    keys = count()

    async def write(
        what: str = "Shipped it",
        who: UserRef = MAYA,
        *,
        on: date = TODAY,
        tags: Sequence[str] = (),
        question: bool = False,
        impact: str | None = None,
        links: Sequence[str] = (),
    ) -> int:
        async with sessions.begin() as session:
            member = await members.add(session, who, "Europe/Berlin")
            asked = await ask(session, member.id, CheckInState.ANSWERED) if question else None
            new = NewEntry(what, on, Source.FORM, f"key:{next(keys)}", impact, asked.id if asked else None, links)
            entry = await entries.add(session, member, new, NOW)
            await entries.tag(session, entry, {tag: f"The sentence of {tag}" for tag in tags})
        return entry.id

    return write


async def ask(session: AsyncSession, member_id: int, state: CheckInState, slot: datetime = NOW) -> CheckIn:
    question = CheckIn(
        member_id=member_id, slot_at=slot, criterion_id="c", prompt_id="p", question="What moved?", why="", state=state
    )
    session.add(question)
    await session.flush()
    return question


async def paged(session: AsyncSession, who: UserRef, *about: Any, **more: Any) -> log.Page:
    member = await members.get(session, who)
    return await log.page(session, member, *about, **more) if member else log.NOTHING


async def found(sessions: Sessions, wanted: Filter, who: UserRef = MAYA) -> set[str]:
    async with sessions() as session:
        page = await paged(session, who, wanted, before=None, limit=100)
    assert page.total == len(page.lines)
    return {line.entry.what for line in page.lines}


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 22, 23, 24, 100])
async def test_paging_meets_every_entry_once_in_order(sessions: Sessions, write: Any, limit: int) -> None:
    days = [TODAY - timedelta(days=n * n % 5) for n in range(23)]  # several entries a day
    ids = [await write(on=day) for day in days]
    await write(who=SAM)
    expected = sorted(zip(days, ids, strict=True), reverse=True)

    met, cursor, pages = [], None, 0
    while pages == 0 or cursor:
        async with sessions() as session:
            page = await paged(session, MAYA, Filter(), before=cursor, limit=limit)
        met += [(line.entry.happened_on, line.entry.id) for line in page.lines]
        assert page.total == 23
        assert len(page.lines) <= limit
        cursor, pages = Cursor.decode(page.next.encode()) if page.next else None, pages + 1
    assert met == expected
    assert pages == -(-23 // limit)


async def test_a_new_entry_moves_no_page(sessions: Sessions, write: Any) -> None:
    ids = [await write(on=TODAY - timedelta(days=n)) for n in range(4)]
    async with sessions() as session:
        first = await paged(session, MAYA, Filter(), before=None, limit=2)
    await write("Just now")
    async with sessions() as session:
        second = await paged(session, MAYA, Filter(), before=first.next, limit=2)
    assert [line.entry.id for line in second.lines] == ids[2:]
    assert second.next is None


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 22, 23])
async def test_paging_back_meets_every_entry_once_in_order(sessions: Sessions, write: Any, limit: int) -> None:
    days = [TODAY - timedelta(days=n * n % 5) for n in range(23)]
    ids = [await write(on=day) for day in days]
    expected = sorted(zip(days, ids, strict=True), reverse=True)

    met: list[tuple[date, int]] = []
    cursor = Cursor(date.min, 1)
    async with sessions() as session:
        while True:
            page = await paged(session, MAYA, Filter(), after=cursor, limit=limit)
            met = [(line.entry.happened_on, line.entry.id) for line in page.lines] + met
            assert page.total == 23
            assert page.next == Cursor.at(page.lines[-1].entry)
            if page.previous is None:
                break
            cursor = page.previous
    assert met == expected


async def test_a_page_knows_both_ways_on(sessions: Sessions, write: Any) -> None:
    ids = [await write(on=TODAY - timedelta(days=n)) for n in range(6)]
    async with sessions() as session:
        first = await paged(session, MAYA, Filter(), limit=2)
        second = await paged(session, MAYA, Filter(), before=first.next, limit=2)
        third = await paged(session, MAYA, Filter(), before=second.next, limit=2)
        back = await paged(session, MAYA, Filter(), after=third.previous, limit=2)
    assert (first.previous, third.next) == (None, None)
    assert [line.entry.id for line in back.lines] == ids[2:4]
    assert (back.next, back.previous) == (second.next, second.previous)


async def test_what_was_deleted_just_now_keeps_its_place(sessions: Sessions, write: Any) -> None:
    ids = [await write(f"entry {n}", on=TODAY - timedelta(days=n)) for n in range(3)]
    async with sessions.begin() as session:
        await deletion.delete(session, MAYA, ids[1], NOW)
    async with sessions() as session:
        page = await paged(session, MAYA, Filter(words="entry"), limit=3, deleted_after=NOW - UNDO_FOR)
        late = await paged(session, MAYA, Filter(words="entry"), limit=3, deleted_after=NOW)
    assert [line.entry.id for line in page.lines] == ids
    assert [line.entry.deleted_at for line in page.lines] == [None, NOW, None]
    assert (page.total, late.total) == (2, 2)
    assert [line.entry.id for line in late.lines] == [ids[0], ids[2]]


async def test_filters_combine(sessions: Sessions, write: Any) -> None:
    for day in (1, 10, 20):
        for tags in ((), ("l5.a",), ("l5.a", "l5.b")):
            for question in (False, True):
                await write(f"drift {day} {len(tags)} {question}", on=date(2027, 1, day), tags=tags, question=question)
    tenth = date(2027, 1, 10)
    assert len(await found(sessions, Filter())) == 18
    assert len(await found(sessions, Filter(criteria=["l5.a"]))) == 12
    assert len(await found(sessions, Filter(since=tenth))) == 12
    assert len(await found(sessions, Filter(check_in=True))) == 9
    assert await found(sessions, Filter(criteria=["l5.b"], since=tenth, check_in=False, words="drift")) == {
        "drift 10 2 False",
        "drift 20 2 False",
    }
    assert await found(sessions, Filter(criteria=["l5.none"])) == set()


async def test_a_page_knows_the_criteria_of_its_entries(sessions: Sessions, write: Any) -> None:
    await write(tags=("l5.b", "l5.a"))
    await write(on=TODAY - timedelta(days=1))
    async with sessions() as session:
        page = await paged(session, MAYA, Filter(), before=None, limit=10)
    assert [list(line.evidence_of) for line in page.lines] == [["l5.a", "l5.b"], []]


@pytest.mark.parametrize(
    ("words", "finds"),
    [
        ("mentor", {"stem"}),
        ("mentoring", {"stem"}),
        ("dashb", {"impact"}),  # the beginning of a word
        ("dashb pages", set()),  # only the last word may be one
        ("pages dashb", {"impact"}),
        ("PAGES", {"impact"}),
        ("will", {"name"}),  # a stop word in English, and a colleague
        ('"with jonas"', {"stem"}),
        ('"jonas paired"', set()),
        ("jonas or will", {"stem", "name"}),
        ("paired -jonas", {"name"}),
        ("paired -jon", {"stem", "name"}),  # what is left out is not a beginning
        ("paired -mentoring", {"name"}),  # what is left out is so in all its forms
        ("paired -mentors", {"name"}),
        ("will -jonas", {"name"}),
        ("will monitors", set()),
        ("-paired -shipped -läuft -עולם", {"links"}),
        ("https://example.org/run/42", {"links", "german"}),
        ("https://example.org/run/42?x=1", {"links"}),
        ("run/42", {"links", "german"}),
        ("pull 77", {"links"}),
        ("paired -github.com -jonas", {"name"}),
        ("c++", {"links"}),
        ("c", {"links"}),
        ("überwachung", {"german"}),
        ("שלום", {"hebrew"}),
    ],
)
async def test_words_are_found(sessions: Sessions, write: Any, words: str, finds: set[str]) -> None:
    texts = {
        "stem": "Mentored and paired with Jonas",
        "name": "Paired on the rollout, Will too",
        "impact": "Shipped the drift monitor",
        "german": "Die Überwachung läuft, https://example.org/run/42",
        "hebrew": "שלום עולם",
        "links": "Rewrote it in C++",
    }
    for name, line in texts.items():
        links = ["https://example.org/run/42?x=1", "https://github.com/x/pull/77"] if name == "links" else []
        await write(line, impact="Fewer pages, a dashboard" if name == "impact" else None, links=links)
    assert await found(sessions, Filter(words=words)) == {texts[name] for name in finds}


@pytest.mark.parametrize("words", NASTY)
async def test_whatever_is_typed_is_safe(sessions: Sessions, write: Any, words: str) -> None:
    await write("Something calm")
    assert await found(sessions, Filter(words=words)) <= {"Something calm"}
    assert await found(sessions, Filter()) == {"Something calm"}


async def test_words_follow_an_edit(sessions: Sessions, write: Any) -> None:
    entry_id = await write("Before")
    async with sessions.begin() as session:
        entry = await entries.lock(session, MAYA, entry_id)
        assert entry
        entry.what, entry.links = "After", ["https://example.com/1"]
    assert await found(sessions, Filter(words="before")) == set()
    assert await found(sessions, Filter(words="after")) == {"After"}


async def test_the_same_user_id_in_another_workspace_is_somebody_else(sessions: Sessions, write: Any) -> None:
    mine = await write("mine", tags=["l5.a"], question=True)
    await write("theirs", NAMESAKE, tags=["l5.b"])
    for words in ("", "mine or theirs"):
        assert await found(sessions, Filter(words=words)) == {"mine"}
        assert await found(sessions, Filter(words=words), NAMESAKE) == {"theirs"}
        assert await found(sessions, Filter(words=words), UserRef("T3", "U1")) == set()
    async with sessions() as session:
        assert await log.weeks(session, NAMESAKE) == [Week("l5.b", 1, TODAY)]
        assert [each.entry.what for each in (await home.read(session, NAMESAKE, 5)).newest] == ["theirs"]
    async with sessions.begin() as session:
        assert [each.what for each in await log.everything(session, NAMESAKE)] == ["theirs"]
        assert await deletion.delete(session, NAMESAKE, mine, NOW) is None
        assert await deletion.restore(session, NAMESAKE, mine, NOW) is None
    assert await found(sessions, Filter()) == {"mine"}


async def test_the_total_stops_counting(sessions: Sessions, write: Any) -> None:
    await write()
    async with sessions.begin() as session:
        member = await members.get(session, MAYA)
        assert member
        session.add_all(
            Entry(member_id=member.id, what="x", happened_on=TODAY, source="form", source_key=str(n), created_at=NOW)
            for n in range(COUNTED + 5)
        )
    async with sessions() as session:
        page = await paged(session, MAYA, Filter(), before=None, limit=3)
    assert (page.total, len(page.lines)) == (COUNTED + 1, 3)


async def test_a_cursor_past_the_end_still_knows_the_total(sessions: Sessions, write: Any) -> None:
    await write()
    async with sessions() as session:
        page = await paged(session, MAYA, Filter(), before=Cursor(date.min, 1), limit=3)
    assert (page.lines, page.next, page.total) == ([], None, 1)


@given(st.dates(), st.integers(0, 10**18 - 1))
def test_a_cursor_survives_a_button(day: date, entry_id: int) -> None:
    value = Cursor(day, entry_id).encode()
    assert len(value) < 32
    assert Cursor.decode(value) == Cursor(day, entry_id)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "x",
        "2027-01-14",
        "2027-02-30.1",
        "2027-01-14.-1",
        "2027-01-14." + "9" * 19,
        "2027-01-14.1\n",
        "٢٠٢٧-01-14.1",
    ],
)
def test_a_cursor_that_nobody_made_is_refused(value: str) -> None:
    with pytest.raises(ListMovedOn, match="/ladder logs") as refusal:
        Cursor.decode(value)
    assert isinstance(refusal.value, PersonError)


async def test_delete_can_be_undone_for_ten_minutes(sessions: Sessions, write: Any) -> None:
    entry_id = await write("Precious", tags=["l5.a"])
    late = NOW + UNDO_FOR
    for at in (NOW, NOW + timedelta(minutes=5)):  # the second click
        async with sessions.begin() as session:
            deleted = await deletion.delete(session, MAYA, entry_id, at)
            assert deleted
            assert deleted.deleted_at == NOW
    assert await found(sessions, Filter()) == set()
    for _ in range(2):
        async with sessions.begin() as session:
            assert await deletion.purge(session, late - timedelta(seconds=1)) == 0
            assert await deletion.restore(session, MAYA, entry_id, late - timedelta(seconds=1))
    assert await found(sessions, Filter(criteria=["l5.a"])) == {"Precious"}


async def test_undo_brings_back_nothing_that_was_written_again(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        member = await members.add(session, MAYA, "UTC")
        new = NewEntry("Once", TODAY, Source.MESSAGE, "message:C1:1.0")
        first = await entries.add(session, member, new, NOW)
        await deletion.delete(session, MAYA, first.id, NOW)
        second = await entries.add(session, member, new, NOW)
    async with sessions.begin() as session:
        restored = await deletion.restore(session, MAYA, first.id, NOW)
        assert restored
        assert restored.id == second.id
    assert await found(sessions, Filter()) == {"Once"}


async def test_after_ten_minutes_it_is_gone_for_good(sessions: Sessions, write: Any) -> None:
    kept, entry_id = await write("Kept", tags=["l5.a"]), await write("Gone", tags=["l5.a"])
    late = NOW + UNDO_FOR
    async with sessions.begin() as session:
        await deletion.delete(session, MAYA, entry_id, NOW)
    async with sessions.begin() as session:
        assert await deletion.restore(session, MAYA, entry_id, late) is None
        assert await deletion.purge(session, late) == 1
        assert await deletion.purge(session, late) == 0
    async with sessions.begin() as session:
        assert await deletion.delete(session, MAYA, entry_id, late) is None
        assert await deletion.restore(session, MAYA, entry_id, late) is None
        assert (await session.scalars(select(Entry.id))).all() == [kept]
        assert await session.scalar(select(func.count()).select_from(EntryCriterion)) == 1


async def test_home_has_the_open_question_and_the_newest_entries(sessions: Sessions, write: Any) -> None:
    async with sessions() as session:
        assert await home.read(session, MAYA, 5) == Home(None, (), {}, ())
    async with sessions.begin() as session:
        member = await members.add(session, MAYA, "UTC")
        await ask(session, member.id, CheckInState.ASKED, NOW - timedelta(days=7))
        waiting = await ask(session, member.id, CheckInState.PLANNED, NOW)
        await ask(session, member.id, CheckInState.LAPSED, NOW + timedelta(days=7))
    async with sessions() as session:
        found = await home.read(session, MAYA, 5)
        assert found.question
        assert (found.question.id, found.newest) == (waiting.id, [])
    ids = [await write(on=TODAY - timedelta(days=n)) for n in range(6)]
    async with sessions.begin() as session:
        await deletion.delete(session, MAYA, ids[1], NOW)
    async with sessions() as session:
        found = await home.read(session, MAYA, 4)
        assert found.question
        assert (found.question.id, [each.entry.id for each in found.newest]) == (waiting.id, [ids[0], *ids[2:5]])


async def test_entries_without_an_open_question(sessions: Sessions, write: Any) -> None:
    await write("Only this")
    async with sessions() as session:
        found = await home.read(session, MAYA, 5)
    assert (found.question, [each.entry.what for each in found.newest]) == (None, ["Only this"])


async def test_the_picture_reads_evidence_by_week(sessions: Sessions, write: Any) -> None:
    monday = week_of(TODAY)
    for on in (monday, monday + timedelta(days=1), monday - timedelta(days=1), date(1999, 12, 31)):
        await write(on=on, tags=["l5.a"])
    await write(on=monday, tags=["l5.b"])
    deleted = await write(on=TODAY, tags=["l5.a", "l5.c"])
    async with sessions.begin() as session:
        await deletion.delete(session, MAYA, deleted, NOW)
    async with sessions() as session:
        weeks = await log.weeks(session, MAYA)
    assert sorted(weeks, key=str) == sorted(
        (
            Week("l5.a", 2, monday + timedelta(days=1)),
            Week("l5.a", 1, monday - timedelta(days=1)),
            Week("l5.a", 1, date(1999, 12, 31)),
            Week("l5.b", 1, monday),
        ),
        key=str,
    )


@pytest.mark.parametrize("member_ids", [1, 2])
async def test_what_is_deleted_is_no_evidence_and_not_remembered(
    sessions: Sessions, write: Any, member_ids: int
) -> None:
    kept = await write("Kept", on=TODAY - timedelta(days=9), tags=["l5.a"])
    await write("Another's", SAM, tags=["l5.a", "l5.b"])
    deleted = await write("Deleted", tags=["l5.a", "l5.c"])
    async with sessions.begin() as session:
        await deletion.delete(session, MAYA, deleted, NOW)
        found = [await members.get(session, who) for who in (MAYA, SAM)][:member_ids]
    maya, *others = [each.id for each in found if each]
    async with sessions() as session:
        evidence = await entries.evidence(session, [maya, *others])
        remembered = await entries.remembered(session, dict.fromkeys([maya, *others], "l5.a"))
    assert evidence[maya] == {"l5.a": Evidence(1, TODAY - timedelta(days=9))}
    assert remembered[maya] == Remembered(TODAY - timedelta(days=9), "Kept", kept)
    assert [remembered[each].text for each in others] == ["Another's"] * len(others)
    assert [sorted(evidence[each]) for each in others] == [["l5.a", "l5.b"]] * len(others)


async def test_the_export_reads_everything(sessions: Sessions, write: Any) -> None:
    await write("Older", on=TODAY - timedelta(days=1), tags=["l5.b", "l5.a"], question=True)
    newer = await write("Newer")
    async with sessions.begin() as session:
        entry = await entries.lock(session, MAYA, newer)
        assert entry
        entry.links = ["https://example.com/1", "https://example.com/2"]
        await deletion.delete(session, MAYA, await write("Deleted"), NOW)
    async with sessions.begin() as session:
        first, second = await log.everything(session, MAYA)
    assert (first.id, first.what, first.question, first.evidence_of) == (newer, "Newer", None, {})
    assert first.links == ["https://example.com/1", "https://example.com/2"]
    assert (second.what, second.question, second.links) == ("Older", "What moved?", [])
    assert second.evidence_of == {"l5.a": "The sentence of l5.a", "l5.b": "The sentence of l5.b"}


async def test_how_many_statements_it_takes(sessions: Sessions, write: Any, engine: AsyncEngine) -> None:
    for n in range(5):
        await write(on=TODAY - timedelta(days=n), tags=["l5.a"], question=True)
    everything = Filter(["l5.a"], date.min, True, "ship")

    async def home_tab(session: AsyncSession) -> None:
        found = await members.get_with_due(session, MAYA)
        assert found
        await entries.evidence(session, [found[0].id])
        await home.read(session, MAYA, 5)

    for most, work in (
        (2, lambda session: paged(session, MAYA, Filter(), before=None, limit=3)),
        (2, lambda session: paged(session, MAYA, Filter(), after=Cursor(date.min, 1), limit=3, deleted_after=NOW)),
        (2, lambda session: paged(session, MAYA, everything, before=Cursor(TODAY, 10**6), limit=3)),
        (3, lambda session: log.everything(session, MAYA)),
        (1, lambda session: log.weeks(session, MAYA)),
        (3, home_tab),
    ):
        async with statements(engine) as seen, sessions.begin() as session:
            await work(session)
        assert len(seen) == most, seen
        assert not any("entries.words," in statement for statement in seen), "the words are for searching only"


OLD_ENTRY = """
    WITH w AS (INSERT INTO workspaces (key) VALUES ('T1') RETURNING id),
         m AS (INSERT INTO members (workspace_id, slack_user, tz) SELECT id, 'U1', 'UTC' FROM w RETURNING id),
         e AS (INSERT INTO entries (member_id, what, happened_on, source, source_key, created_at)
               SELECT id, 'From before', '2027-01-14', 'form', 'k', now() FROM m RETURNING id)
    INSERT INTO entry_criteria (entry_id, criterion_id, sentence) SELECT id, 'l5.a', 'As it was' FROM e
"""


async def test_what_was_written_before_the_migration_is_found(postgres_home: Path) -> None:
    engine = create_engine(await asyncio.to_thread(server.start, postgres_home, "written_before"))
    await migrate.upgrade(engine, "0001")
    async with engine.begin() as connection:
        await connection.execute(text(OLD_ENTRY))
    for _ in range(2):
        await migrate.upgrade(engine)
        assert await found(Sessions(engine), Filter(criteria=["l5.a"], words="before")) == {"From before"}
        await migrate.downgrade(engine, "0001")
    await engine.dispose()
