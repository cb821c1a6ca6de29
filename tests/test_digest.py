"""The mentor's digest: what is in it, when it comes, and what it becomes."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

from db import members
from db.entries import entries
from db.entries.entries import NewEntry
from db.enums import DeliveryKind, Source
from db.members import UserRef
from db.mentoring import requests, shares
from db.models import Delivery, Digest, Schedule, Share
from growth import digest
from growth.digest import Item, Part
from growth.sharing import Mentee
from ladder_content.model import Ladder
from tests.support.digest import TUESDAY, WEEK, certain, mentoring, newest, shared, take_back
from tests.support.log import log_it
from tests.support.pause import slack_is_back
from tests.support.playground_app import until
from tests.support.world import MAYA, SAM, World, text_of

CRITERION = "l5.ambiguity-to-structure"


def mentee(n: int, level: str | None = "l4") -> Mentee:
    return Mentee(n, f"U{n}", level, None)


def item(n: int, of: int = 1, *criteria: str) -> Item:
    return Item(n, of, f"U{of}", f"Entry {n}", None, (), date(2027, 1, 14), criteria)


@pytest.mark.parametrize(("weekday", "day"), [(None, 2), (1, 2), (2, 3), (5, 2)])
def test_it_comes_on_tuesdays_unless_that_is_the_day_of_the_own_question(weekday: int | None, day: int) -> None:
    assert digest.usual_cadence(weekday).weekday == day


def test_entries_are_dealt_out_in_turn_and_those_left_out_before_come_first() -> None:
    """Ever less of them; the last choices name mentees only, and in the end not all of those."""
    news = {1: [11, 12], 2: [21, 22, 23, 24], 3: [31]}
    assert [{k: len(ids) for k, ids in shown.items()} for shown in digest.choices(news)] == [
        {1: 2, 2: 3, 3: 1},
        {1: 2, 2: 2, 3: 1},
        {1: 1, 2: 2, 3: 1},
        {1: 1, 2: 1, 3: 1},
        {1: 1, 2: 1, 3: 0},
        {1: 0, 2: 1, 3: 0},
        {1: 0, 2: 0, 3: 0},
        {1: 0, 2: 0},
        {2: 0},
    ]
    assert digest.choices(news)[0] == {1: [11, 12], 2: [21, 22, 23], 3: [31]}, "the latest of each"
    assert digest.choices({}) == [{}]


def test_who_has_news_without_room_is_not_among_those_who_have_none(ladder: Ladder) -> None:
    mentees = [mentee(n) for n in range(1, 5)]
    read = digest.read([Part(1, [], None)], mentees, {1: [7], 3: [8]}, [], {}, ladder)
    assert ([each.mentee for each in read.chapters], read.waiting, read.rest) == (
        [mentees[0]],
        [mentees[2]],
        [mentees[1], mentees[3]],
    )


def test_a_question_rests_and_others_are_asked_beside_it(ladder: Ladder) -> None:
    criteria = ladder.relevant("l4")
    asked: set[str] = set()
    while found := digest.question(criteria, asked, ()):
        assert found not in asked
        asked.add(found)
    assert len(asked) >= 14, "two for each of seven criteria"
    first, second, *_ = (each for criterion in criteria for each in criterion.mentor_questions)
    assert digest.question(criteria, (), {first}) == second
    assert digest.question(criteria, asked - {first}, {first}) == first


def test_those_with_news_have_parts_and_the_rest_have_none(ladder: Ladder) -> None:
    mentees, items = [mentee(1), mentee(2), mentee(3, None)], [item(7, 1, CRITERION), item(8, 3)]
    parts = digest.choose(mentees, {1: [7], 3: [8]}, items, {}, ladder)
    assert [(part.mentorship, part.entries) for part in parts] == [(1, [7]), (3, [8])]
    moved = ladder.criterion(CRITERION)
    assert moved
    assert parts[0].question == moved.mentor_questions[0]
    assert parts[1].question is None, "no level, and evidence of nothing"
    read = digest.read(parts, mentees, {1: [7, 9, 10], 2: []}, items, {}, ladder)
    assert [(each.mentee.user, each.more, each.moved) for each in read.chapters] == [("U1", 2, [moved]), ("U3", 0, [])]
    assert (read.rest, read.gone) == ([mentee(2)], False)


@pytest.mark.parametrize(
    ("mentees", "items", "chapters"),
    [([mentee(1)], [item(8)], 1), ([mentee(1)], [], 0), ([], [], 0), ([mentee(1)], [item(7, 2), item(8)], 1)],
)
def test_what_is_gone_takes_its_question_along(
    mentees: Sequence[Mentee], items: Sequence[Item], chapters: int, ladder: Ladder
) -> None:
    read = digest.read([Part(1, [7, 8], "Why?")], mentees, {}, items, {}, ladder)
    assert read.gone
    assert [(each.items, each.question) for each in read.chapters] == [([item(8)], None)] * chapters


@pytest.mark.parametrize("world", ["socket", "http"], indirect=True)
async def test_on_tuesday_at_nine_the_mentor_reads_what_is_new(world: World) -> None:
    await mentoring(world)
    for n in range(4):
        await shared(world, f"Entry {n}: shipped <!channel>", criteria=[CRITERION])
    before = len(world.playground.dm(SAM))
    await world.travel(TUESDAY - timedelta(minutes=1))
    assert len(world.playground.dm(SAM)) == before
    await world.travel(TUESDAY)
    message = newest(world)
    said = text_of(message)
    assert f"*<@{MAYA}>* · L4 · ML Engineer II  →  L5" in said
    assert [n for n in range(4) if f"> Entry {n}: shipped &lt;!channel&gt;" in said] == [1, 2, 3]
    assert "Read 1 more" in said
    criterion = world.ladder.criterion(CRITERION)
    assert criterion
    assert f"*What moved:* “{criterion.sentence}”" in said
    assert f"*Worth asking:* {criterion.mentor_questions[0]}" in said
    assert message.text == "Here is what is new from your mentees.", "no words on lock screens"
    assert await certain(world) == [True] * 3

    await world.travel(TUESDAY + WEEK)
    said = text_of(newest(world))
    assert [n for n in range(4) if f"Entry {n}" in said] == [0]
    assert f"*Worth asking:* {criterion.mentor_questions[1]}" in said, "never the same twice"


async def test_a_digest_that_waits_for_the_quiet_into_friday_evening_comes_all_the_same(world: World) -> None:
    await mentoring(world)
    await world.ladder_command(SAM, "set L6")
    await world.ladder_command(SAM, "set friday 16:00")
    await world.ladder_command(SAM, "digest friday 17:00")
    friday = datetime(2027, 1, 15, 21, tzinfo=UTC)  # 16:00 in New York
    await world.travel(friday)
    await shared(world, "Shipped it")
    for hours in range(1, 4):
        await world.travel(friday + timedelta(hours=hours))
    assert "Shipped it" not in text_of(newest(world))
    await world.travel(friday + timedelta(hours=4, minutes=1))
    assert "Shipped it" in text_of(newest(world)), "in the morning, Monday's, it would be too late"


async def test_an_hour_for_regret_and_nothing_that_is_private(world: World) -> None:
    await mentoring(world)
    await log_it(world, "private")
    await world.travel(TUESDAY - timedelta(minutes=30))
    await shared(world, "too new")
    before = len(world.playground.dm(SAM))
    await world.travel(TUESDAY)
    assert len(world.playground.dm(SAM)) == before
    assert await world.rows(select(Digest.quiet)) == [True]


async def test_after_two_weeks_without_news_one_line_that_names_nobody(world: World) -> None:
    await mentoring(world)
    before = len(world.playground.dm(SAM))
    told: list[int] = []
    for week in range(8):
        if week == 4:
            await shared(world, "Shipped it")
        await world.travel(TUESDAY + week * WEEK)
        told.append(len(world.playground.dm(SAM)) - before - sum(told))
    assert told == [0, 1, 0, 0, 0 + 1, 0, 1, 0]
    line = newest(world)
    assert "Nothing new was shared with you lately." in text_of(line)
    assert MAYA not in str(line.blocks)


async def test_who_mentors_nobody_any_more_hears_nothing(world: World) -> None:
    await mentoring(world)
    await shared(world, "Shipped it")
    await world.ladder_command(SAM, "mentees")
    await world.click(SAM, "mentoring.end.1")
    before = len(world.playground.dm(SAM))
    for week in range(3):
        await world.travel(TUESDAY + week * WEEK)
    assert len(world.playground.dm(SAM)) == before
    assert await world.rows(select(Digest)) == []


async def test_what_is_taken_back_before_it_is_sent_is_not_in_it(world: World) -> None:
    await mentoring(world)
    await shared(world, "kept"), await shared(world, "taken back")
    await world.travel(TUESDAY - timedelta(minutes=1))
    world.playground.faults.rate_limit("chat.postMessage")
    await world.travel(TUESDAY)
    await take_back(world, "taken")
    await slack_is_back(world)
    assert "> kept" in text_of(newest(world))
    assert "taken back" not in str(newest(world).blocks)
    assert await certain(world) == [True], "Slack refused the first attempt, so nobody was shown the other one"


async def test_what_is_taken_back_while_it_is_sent_goes_from_it(world: World) -> None:
    await mentoring(world)
    await shared(world, "taken back"), await shared(world, "kept")
    posting = world.playground.faults.hold("chat.postMessage")
    sending = asyncio.create_task(world.travel(TUESDAY))
    await until(lambda: posting.waiting)
    await take_back(world, "taken")
    posting.opened.set()
    await sending
    message = newest(world)
    assert "> kept" in text_of(message)
    assert "taken back" not in str(message.blocks)
    assert "Something that was here is no longer shared." in text_of(message)


async def test_on_demand_once_and_then_nothing_new(world: World) -> None:
    await mentoring(world)
    assert "Nothing new has been shared" in text_of(await world.ladder_command(SAM, "digest"))
    await shared(world, "Shipped it")
    await world.travel(timedelta(hours=1))
    answer = await world.ladder_command(SAM, "digest")
    await world.service.ticker.run()
    assert "on its way" in text_of(answer)
    assert "> Shipped it" in text_of(newest(world))
    assert "Nothing new has been shared" in text_of(await world.ladder_command(SAM, "digest"))
    assert "You mentor nobody yet" in text_of(await world.ladder_command(MAYA, "digest"))


async def due(world: World) -> list[datetime | None]:
    return await world.rows(select(Schedule.due_at).where(Schedule.kind == "digest"))


async def test_changed_paused_and_switched_off_from_the_message(world: World) -> None:
    await mentoring(world)
    await shared(world, "Shipped it")
    await world.travel(TUESDAY)
    message = newest(world)

    await world.click(SAM, "digest.change", on=message)
    assert (await world.playground.submit(SAM, {"day": "4", "time": "15:30"})).ok
    assert "Your next digest comes on Thursday 28 January at 15:30 (America/New_York)" in text_of(newest(world))

    await world.click(SAM, "digest.pause", on=message)
    assert "Paused until Tuesday 16 February." in text_of(newest(world))
    assert await due(world) == [datetime(2027, 2, 18, 20, 30, tzinfo=UTC)]

    for _ in range(2):
        await world.click(SAM, "digest.stop", on=message)
        assert "No more digests." in text_of(newest(world))
        assert await due(world) == [None]
    assert "Your next digest comes on" in text_of(await world.ladder_command(SAM, "digest on"))
    assert "Friday 29 January at 10:00" in text_of(await world.ladder_command(SAM, "digest fri 10:00"))


async def test_paused_between_planning_and_sending_it_stays_away(world: World) -> None:
    await mentoring(world)
    await shared(world, "Shipped it")
    world.playground.faults.rate_limit("chat.postMessage")
    await world.travel(TUESDAY)
    await world.ladder_command(SAM, "digest off")
    await slack_is_back(world)
    assert await world.rows(select(Delivery.error).where(Delivery.kind == DeliveryKind.DIGEST)) == [
        "not wanted any more"
    ]


async def test_the_preview_is_the_digest_and_leaves_no_trace(world: World) -> None:
    await mentoring(world)
    for n in range(4):
        await shared(world, f"Entry {n}", criteria=[CRITERION])
    preview = text_of(await world.ladder_command(MAYA, "digest preview"))
    assert await certain(world) == []
    assert f"<@{SAM}> would read:" in preview
    await world.travel(TUESDAY)
    lines: list[Any] = [block.get("text", {}).get("text") for block in newest(world).blocks[1:]]
    chapter = [line for line in lines if line]
    assert len(chapter) == 4
    assert [line for line in chapter if line not in preview] == [], "the very digest"
    assert "would read nothing new of yours" not in preview
    after = text_of(await world.ladder_command(MAYA, "digest preview"))
    assert [n for n in range(4) if f"Entry {n}" in after] == [0]
    assert "You have no mentor yet" in text_of(await world.ladder_command(SAM, "digest preview"))


@pytest.mark.parametrize("words", ["prewiew", "at noon"])
async def test_a_word_that_nobody_knows_is_answered_about_the_digest(world: World, words: str) -> None:
    await mentoring(world)
    said = text_of(await world.ladder_command(SAM, f"digest {words}"))
    assert "`/ladder digest fri 15:00`" in said
    assert "/ladder set" not in said


async def test_it_is_paused_and_resumed_by_a_word(world: World) -> None:
    await mentoring(world)
    assert "Paused until Thursday 11 February" in text_of(await world.ladder_command(SAM, "digest pause"))
    resumed = text_of(await world.ladder_command(SAM, "digest resume"))
    assert resumed.startswith("Your next digest comes on Tuesday 19 January")
    assert "No more digests." in text_of(await world.ladder_command(SAM, "digest off"))


async def test_resume_names_the_digest_too(world: World) -> None:
    await mentoring(world)
    await world.ladder_command(SAM, "digest pause")
    assert "Your next digest comes on Tuesday 19 January" in text_of(await world.ladder_command(SAM, "resume"))
    await world.ladder_command(SAM, "digest off")
    assert "No more digests." in text_of(await world.ladder_command(SAM, "resume"))
    await world.ladder_command(SAM, "mentees")
    await world.click(SAM, "mentoring.end.1")
    assert "digest" not in text_of(await world.ladder_command(SAM, "resume"))


async def test_what_moved_and_the_question_come_from_what_is_shared_alone(world: World) -> None:
    await mentoring(world)
    private = "l5.end-to-end-design"
    await shared(world, "Shipped it", criteria=[CRITERION])
    await shared(world, "private", criteria=[private])
    async with world.sessions.begin() as session:
        await session.execute(delete(Share).where(Share.entry_id == 2))
    await world.travel(TUESDAY)
    said = text_of(newest(world))
    moved, other = world.ladder.criterion(CRITERION), world.ladder.criterion(private)
    assert moved
    assert other
    assert f"*What moved:* “{moved.sentence}”\n" in said
    assert f"*Worth asking:* {moved.mentor_questions[0]}" in said
    assert not any(words in said for words in (other.sentence, *other.mentor_questions))


async def test_one_asked_for_comes_though_the_weekly_one_that_waits_does_not(world: World) -> None:
    await mentoring(world)
    await shared(world, "Shipped it")
    world.playground.faults.rate_limit("chat.postMessage")
    await world.travel(TUESDAY)
    await world.ladder_command(SAM, "digest off")
    assert "on its way" in text_of(await world.ladder_command(SAM, "digest"))
    await slack_is_back(world)
    assert "> Shipped it" in text_of(newest(world))
    assert await world.rows(select(Delivery.state).where(Delivery.kind == DeliveryKind.DIGEST)) == ["sent"]


async def test_a_week_in_which_something_was_read_is_not_quiet(world: World) -> None:
    await mentoring(world)
    for week in range(2):
        await shared(world, f"Entry {week}")
        await world.travel(TUESDAY + week * WEEK - timedelta(days=1))
        await world.ladder_command(SAM, "digest")
        await world.service.ticker.run()
        before = len(world.playground.dm(SAM))
        await world.travel(TUESDAY + week * WEEK)
        assert len(world.playground.dm(SAM)) == before


async def test_a_pause_holds_the_first_digest_too(world: World) -> None:
    await world.ladder_command(SAM, "set L5")
    await world.ladder_command(SAM, "set mon 9:00")
    await world.ladder_command(SAM, "pause until 1 Mar")
    await mentoring(world)
    assert await due(world) == [datetime(2027, 3, 2, 14, 0, tzinfo=UTC)]


async def test_a_question_rests_though_the_relation_was_renewed(world: World) -> None:
    asked = []
    for week in range(2):
        await mentoring(world)
        await shared(world, f"Entry {week}", mentorship=week + 1, criteria=[CRITERION])
        await world.travel(TUESDAY + week * WEEK)
        asked += [line for line in text_of(newest(world)).splitlines() if "Worth asking" in line]
        await world.ladder_command(MAYA, "mentors")
        await world.click(MAYA, f"mentoring.end.{week + 1}")
    assert len(set(asked)) == 2


async def test_the_preview_tells_nothing_of_others(world: World) -> None:
    await mentoring(world)
    for n in range(3):
        await shared(world, f"Entry {n}")
    alone = text_of(await world.ladder_command(MAYA, "digest preview"))
    team, now = world.playground.workspace.team_id, world.playground.clock.now()
    async with world.sessions.begin() as session:
        sam = await members.lock(session, UserRef(team, SAM))
        assert sam
        sam.mentees_wanted = 20
        for user in (f"U0OTHER{n}" for n in range(15)):
            pair = await requests.request(session, UserRef(team, user), SAM, {SAM: "UTC", user: "UTC"}, None, user, now)
            await requests.accept(session, UserRef(team, SAM), pair.mentorship.id, now)
            entry = await entries.add(session, pair.mentee, NewEntry("Theirs", now.date(), Source.FORM, "e"), now)
            await shares.put(session, entry, [pair.mentorship.id], now)
    assert text_of(await world.ladder_command(MAYA, "digest preview")) == alone


async def test_it_says_on_what_nothing_was_shared_lately(world: World) -> None:
    """Of what is shared with this mentor alone: what is private, taken back or old counts for nothing.

    Unless the digest shows it: then it would contradict itself.
    """
    await mentoring(world)
    titles = {each.id: each.title for each in world.ladder.dimensions}
    first: dict[str, str] = {}
    for criterion in world.ladder.relevant("l4"):
        first.setdefault(titles[criterion.dimension], criterion.id)
    private, old, news = list(first)[:3]
    await shared(world, "Old", criteria=[first[old]])
    await world.travel(timedelta(weeks=9))
    await shared(world, "For me", criteria=[first[private]])
    async with world.sessions.begin() as session:
        await session.execute(delete(Share).where(Share.entry_id == 2))
    await shared(world, "News", criteria=[first[news]])
    await world.travel(timedelta(hours=1))
    await world.ladder_command(SAM, "digest")
    await world.service.ticker.run()
    said = text_of(newest(world))
    assert "> News" in said
    assert f"Nothing shared with you on *{private}*" in said
    assert f"*{old}* lately" not in said, "it stands below"
    await shared(world, "News again", criteria=[first[news]])
    await world.travel(timedelta(hours=1))
    await world.ladder_command(SAM, "digest")
    await world.service.ticker.run()
    assert f"Nothing shared with you on *{private}* or *{old}* lately." in text_of(newest(world))
