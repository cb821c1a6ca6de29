"""No message says more than Slack takes in sum, whoever wrote it and however many there are."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from db import members
from db.entries import entries
from db.entries.entries import NewEntry
from db.enums import DeliveryKind, Source
from db.members import UserRef
from db.mentoring import shares
from db.models import Delivery, Digest, Disclosure, Entry, Mentorship
from growth import digest
from growth.coverage import Evidence, coverage
from growth.digest import Item, Part
from growth.entry import Written
from growth.mentoring import Bond, MentorshipState
from growth.sharing import Mentee, Said, Seen
from growth.standing import LadderPosition, Upcoming
from handlers.digest import views
from handlers.entries.views import entry
from handlers.ladder.views import welcome
from handlers.ladder.views.next_level import next_level
from handlers.ladder.views.progress import progress
from handlers.log.views import log_list
from handlers.log.views.log_filter import Listing
from handlers.mentoring.views import comments, lists, mentorship, shared_list
from handlers.mentoring.views.shared_list import Line
from handlers.slack.message import Message
from ladder_content.loader import default_folder, load
from playground import elements
from playground.blockkit import too_long
from tests.support.blockkit import faults
from tests.support.views import HUGE, LINKS, NASTY
from tests.support.world import MAYA, SAM, START, World, text_of, text_of_blocks

TODAY = date(2027, 1, 19)
LADDER = load(default_folder())
LETTERS = ("Shipped & measured <it>, ", "ж", "👩‍🔬", '"\n', "&")
WORDS = "Shipped the drift monitor, and the team on call sleeps. " * 4  # 224 characters


def giant(letters: str, length: int = 3000) -> str:
    return (letters * (length // len(letters) + 1))[:length]


def fits(message: Message) -> bool:
    return message.fits() and not too_long(message.payload()["blocks"]) and not faults(message)


def shared_by(mentees: int, each: int, words: str, links: int = 1) -> tuple[list[Mentee], list[Item]]:
    people = [Mentee(n, f"U0MENTEE{n:03}", "l3", "l8") for n in range(1, mentees + 1)]
    criteria = [criterion.id for criterion in LADDER.relevant("l3", "l8")]
    items = [
        Item(10 * n + k, n, f"U0MENTEE{n:03}", words, words, LINKS[:links], TODAY, criteria[k : k + 4])
        for n in range(1, mentees + 1)
        for k in range(each)
    ]
    return people, items


def chosen(people: list[Mentee], items: list[Item]) -> digest.Digest:
    """What the first of the choices that there is room for comes to."""
    news = {
        each.mentorship_id: [item.id for item in items if item.mentorship_id == each.mentorship_id] for each in people
    }
    for shown in digest.choices(news):
        seen = [item for item in items if item.id in shown.get(item.mentorship_id, ())]
        parts = digest.choose(people, shown, seen, {}, LADDER)
        read = digest.read(parts, people, news, seen, {}, LADDER)
        if views.has_room(read, LADDER, TODAY):
            break
    return read


@settings(max_examples=15)
@given(
    mentees=st.integers(1, 50),
    each=st.integers(1, 5),
    letters=st.sampled_from(LETTERS),
    length=st.sampled_from([1, 200, 1000, 3000]),
    links=st.integers(0, 10),
)
def test_a_digest_fits_however_many_share_however_much(
    mentees: int, each: int, letters: str, length: int, links: int
) -> None:
    """And everybody is in it: with what is new, with its count, or by their name."""
    people, items = shared_by(mentees, each, giant(letters, length), links)
    read = chosen(people, items)
    message = views.digest(read, LADDER, TODAY)
    assert fits(message), message.size
    said = text_of_blocks(message.payload()["blocks"])
    assert [n for n, chapter in enumerate(read.chapters) if f"*<@{chapter.mentee.user}>*" not in said] == []
    assert len(read.chapters) + len(read.waiting) == mentees
    assert (mentees > 20) or not read.waiting
    for chapter in read.chapters:
        assert len(chapter.items) + chapter.more == each
    assert said.count("*19 January*") == sum(len(chapter.items) for chapter in read.chapters), "none is only counted"


@pytest.mark.parametrize(("mentees", "most"), [(1, 3), (3, 9), (5, 6), (8, 8), (12, 4), (20, 2)])
def test_there_is_room_for_so_many_entries_at_least(mentees: int, most: int) -> None:
    read = chosen(*shared_by(mentees, 3, WORDS))
    assert sum(len(chapter.items) for chapter in read.chapters) >= most
    assert not read.waiting
    message = views.digest(read, LADDER, TODAY)
    assert text_of_blocks(message.payload()["blocks"]).count("Kudos") >= most, "each can be answered"


@pytest.mark.parametrize("letters", LETTERS)
@pytest.mark.parametrize(("mentees", "each"), [(6, 3), (8, 2), (14, 1), (20, 0)])
def test_what_an_earlier_version_chose_fits_too_when_it_is_shown_again(mentees: int, each: int, letters: str) -> None:
    people, items = shared_by(mentees, each, giant(letters), 10)
    ids = {n: [item.id for item in items if item.mentorship_id == n] for n in range(1, mentees + 1)}
    question = LADDER.criteria[0].mentor_questions[0]
    read = digest.read([Part(n, ids[n], question) for n in ids], people, {}, items, {}, LADDER)
    message = views.digest(read, LADDER, TODAY)
    assert fits(message), message.size
    assert text_of_blocks(message.payload()["blocks"]).count("*19 January*") == mentees * each, "all that was shown"


@pytest.mark.parametrize("letters", LETTERS)
def test_whatever_else_is_said_of_people_fits(letters: str) -> None:
    for name, message in about_people(letters):
        assert fits(message), (name, message.size)


def about_people(letters: str) -> Iterator[tuple[str, Message]]:
    at = datetime(2027, 1, 18, tzinfo=UTC)
    ids = [2**62 + n for n in range(60)]
    words = giant(letters)
    people, items = shared_by(20, 5, words, 10)
    high = [Mentee(id_, f"U{id_}", "level-1", "level-25") for id_ in ids]
    yield "nothing new", views.nothing_new(high, HUGE)
    previews = [(each.user, chosen([each], [item for item in items if item.user == each.user])) for each in people]
    yield "preview", views.preview(previews[: views.PREVIEWED], LADDER, TODAY, more=3)
    said = Said("U1", giant(letters, comments.LONGEST), at)
    yield "told", comments.told(said, words, TODAY, TODAY)
    yield "told of what is deleted", comments.told(said, None, TODAY, TODAY)
    names = {each.user: giant(letters, 80) for each in people}
    yield "which", comments.which(items, names, "1800000000.000001", TODAY)
    seen = Seen("U1", at, at, confirmed=False)
    yield "seen", shared_list.seen([Line(seen, words, "29 February 2020", "1 January", "2 January")] * 10, 2**62)
    for state in (MentorshipState.ACTIVE, MentorshipState.REQUESTED):
        bonds = [Bond(id_, state, f"U{id_}", TODAY, "level-1", None, giant(letters, 300), 9) for id_ in ids]
        mixed = [*bonds[:20], Bond(1, MentorshipState.ACTIVE, "U1", TODAY, "level-1", None)]
        yield f"mentors {state}", lists.mentors(mixed[-6:], TODAY, "note")
        for some in (bonds, mixed):
            yield f"mentees {state}", lists.mentees(some, HUGE, TODAY, 20, "note")
        yield f"request {state}", mentorship.request(bonds[0])
        yield f"declined {state}", mentorship.declined(bonds[0])
    yield (
        "mentors",
        lists.mentors([Bond(n, MentorshipState.ACTIVE, f"U{n}", TODAY, None, None) for n in ids], TODAY, None),
    )
    for count, listing in ((1, Listing(words=giant(letters, 100).strip(), criterion="level-2.1")), (10, Listing())):
        line = log_list.Line(2**62, words, words, TODAY, words, [words[:240]] * 10, comments=[said] * 9)
        yield (
            f"logs {count}",
            log_list.page(listing, log_list.Shown([line] * count, "6", "x" * 31, "y" * 31), HUGE, TODAY),
        )
    yield "no logs", log_list.page(Listing(words=giant(letters, 100)), log_list.Shown([], ""), HUGE, TODAY)


@pytest.mark.parametrize("letters", LETTERS)
def test_a_saved_entry_offers_as_many_criteria_as_fit_and_edit_the_rest(letters: str) -> None:
    way = LADDER.relevant("l3", "l8")
    assert len(way) == 45
    far = way[-1].id
    long = entry.saved(1, Written(giant(letters), TODAY, (), giant(letters)), LADDER, way, TODAY, suggested=[far])
    offered = [each["value"] for each in options(long)]
    assert fits(long)
    assert offered[0] == far, "what the words suggest comes first"
    assert 3 <= len(offered) < 45
    assert "*Edit* has more to choose from." in text_of_blocks(long.payload()["blocks"])

    short = entry.saved(1, Written("Shipped it", TODAY), LADDER, way, TODAY)
    assert len(options(short)) == 45
    chosen = entry.saved(1, Written(giant(letters), TODAY, tuple(each.id for each in way)), LADDER, way, TODAY)
    assert fits(chosen)
    assert options(chosen) == []
    for message in (short, chosen):
        assert "has more to choose from" not in text_of_blocks(message.payload()["blocks"])


def options(message: Message) -> list[dict[str, Any]]:
    menus = [element for _, element in elements.pairs(message.payload()["blocks"]) if "option_groups" in element]
    return [option for menu in menus for group in menu["option_groups"] for option in group["options"]]


def test_the_way_from_the_lowest_level_to_the_top_fits_with_evidence_for_all_of_it() -> None:
    way = LADDER.relevant("l3", "l8")
    evidence = {each.id: Evidence(1000, date(2020, 9, 30)) for each in way}
    lowest, top = LADDER.levels[0], LADDER.levels[-1]
    upcoming = Upcoming(True, datetime(2027, 1, 18, 9, tzinfo=UTC), ZoneInfo("America/Argentina/ComodRivadavia"))
    standing = LadderPosition(lowest, top, coverage(way, evidence, TODAY), TODAY, upcoming)
    message = next_level(standing, LADDER)
    said = text_of_blocks(message.payload()["blocks"])
    assert [each.sentence for each in LADDER.criteria_to("l4") if each.sentence not in said] == [], "whole"
    assert fits(message)
    assert fits(welcome.placed(upcoming, message))
    assert fits(progress(standing, LADDER))


async def mentor_of(world: World, people: int, each: int, words: str) -> None:
    """So many people mentored by Sam, each with so many entries that are shared with him."""
    team, now = world.playground.workspace.team_id, world.playground.clock.now()
    await world.ladder_command(SAM, "digest")  # whoever mentors nobody is told so
    async with world.sessions.begin() as session:
        sam = await members.add(session, UserRef(team, SAM), "America/New_York")
        for n in range(people):
            world.playground.workspace.add_person(f"mentee{n}", f"Mentee {n}", user=f"U0MENTEE{n:03}")
            member = await members.add(session, UserRef(team, f"U0MENTEE{n:03}"), "Europe/Berlin")
            member.level = "l4"
            about = {"requested_at": now, "accepted_at": now, "state": MentorshipState.ACTIVE}
            bond = Mentorship(mentor_id=sam.id, mentee_id=member.id, **about)
            session.add(bond)
            await session.flush()
            for k in range(each):
                new = NewEntry(f"{n}.{k}: {words}", now.date(), Source.FORM, f"{n}.{k}")
                await shares.put(session, await entries.add(session, member, new, now), [bond.id], now)
    await world.travel(timedelta(hours=1))


async def next_digest(world: World) -> str:
    await world.ladder_command(SAM, "digest")
    await world.service.ticker.run()
    return text_of(world.playground.dm(SAM)[-1])


async def states(world: World) -> list[str]:
    return await world.rows(select(Delivery.state).where(Delivery.kind == DeliveryKind.DIGEST))


async def test_a_mentor_of_five_reads_all_that_is_new_in_a_few_digests(world: World) -> None:
    """Three entries of two hundred characters each; what was not shown is not written down as shown."""
    await mentor_of(world, 5, 3, WORDS)
    met: list[str] = []
    while "Nothing new has been shared" not in (said := await next_digest(world)):
        now = [f"{n}.{k}" for n in range(5) for k in range(3) if f"> {n}.{k}: {WORDS[:100]}" in said]
        assert len(now) >= 5
        assert not set(now) & set(met)
        met += now
        assert len(await world.rows(select(Disclosure.id).where(Disclosure.confirmed))) == len(met)
        if len(met) < 15:
            assert "Read " in said
    assert len(met) == 15
    assert set(await states(world)) == {"sent"}


async def test_a_digest_that_is_full_is_shown_again_after_kudos(world: World) -> None:
    await mentor_of(world, 5, 3, "ж" * 2000)
    await next_digest(world)
    message = world.playground.dm(SAM)[-1]
    [first, *_] = await world.rows(select(Disclosure.entry_id).order_by(Disclosure.id))
    await world.click(SAM, f"comments.kudos.{first}", on=message)
    assert "kudos from you" in text_of(message)


async def test_what_was_composed_of_more_than_fits_is_shown_again(world: World) -> None:
    """As a version of Rung did that counted blocks only."""
    await mentor_of(world, 6, 3, WORDS)
    await next_digest(world)
    message = world.playground.dm(SAM)[-1]
    rows = await world.rows(select(Entry.id).order_by(Entry.id))
    bonds = await world.rows(select(Mentorship.id).order_by(Mentorship.id))
    parts = [{"mentorship": id_, "entries": rows[3 * n : 3 * n + 3], "question": None} for n, id_ in enumerate(bonds)]
    async with world.sessions.begin() as session:
        await session.execute(update(Digest).values(parts=parts))
    await world.click(SAM, f"comments.kudos.{rows[2]}", on=message)
    assert "kudos from you" in text_of(message)
    assert [n for n in range(6) if f"> {n}.2: Shipped" not in text_of(message)] == []


async def test_a_mentor_of_fifty_is_told_of_all(world: World) -> None:
    await mentor_of(world, 50, 1, WORDS)
    said = await next_digest(world)
    there = [n for n in range(50) if f"*<@U0MENTEE{n:03}>*" in said]
    assert len(there) > 20
    assert "There is news from <@U0MENTEE" in said
    assert "`/ladder digest` brings it" in said
    for n in there:
        await world.click(SAM, f"reading.list.{n + 1}")
    said = await next_digest(world)
    assert [n for n in range(50) if n not in there and f"*<@U0MENTEE{n:03}>*" not in said] == []
    assert set(await states(world)) == {"sent"}


async def test_a_log_of_long_entries_is_read_page_by_page(world: World) -> None:
    """Each is as long as it may be, in letters that take much room, and the list is narrowed to a long word."""
    word = "ж" * 90
    team = world.playground.workspace.team_id
    async with world.sessions.begin() as session:
        maya = await members.add(session, UserRef(team, MAYA), "Europe/Berlin")
        for n in range(12):
            new = NewEntry(f"{n:02} {word} " + "ж" * 2000, START.date(), Source.FORM, str(n), impact="ж" * 2000)
            await entries.add(session, maya, new, START)
    for words in ("logs", f"logs {word}"):
        await world.ladder_command(MAYA, words)
        await world.service._running.drain()
        page = world.playground.dm(MAYA)[-1]
        met: list[str] = []
        while True:
            met += [line[2:4] for line in text_of(page).splitlines() if line.startswith("> ")]
            if "Older →" not in text_of(page):
                break
            await world.click(MAYA, "logs.older", on=page)
            await world.service._running.drain()
        assert met == [f"{n:02}" for n in range(11, -1, -1)]


async def test_all_mentees_are_shown_where_there_is_more_room(world: World) -> None:
    await mentor_of(world, 20, 0, "")
    listed = await world.ladder_command(SAM, "mentees")
    there = [n for n in range(20) if f"<@U0MENTEE{n:03}>" in text_of(listed)]
    assert 5 <= len(there) < 20
    assert f"And {20 - len(there)} more." in text_of(listed)
    await world.click(SAM, "mentoring.mentees", on=listed)
    modal = world.playground.modal(SAM)
    assert modal
    assert [n for n in range(20) if f"<@U0MENTEE{n:03}>" not in text_of_blocks(modal.blocks)] == []


def test_letters_are_those_that_escapes_make_longer() -> None:
    """Else the tests above prove little."""
    assert "&" in NASTY
    people, items = shared_by(1, 3, giant("👩‍🔬"))
    full = views._digest(chosen(people, items), LADDER, TODAY, views.FULL[0])
    assert not full.fits()
