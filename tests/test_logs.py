"""Looking through the growth log: pages, filters, edits in their place, and deletions that can be undone."""

import copy
from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from db.enums import CheckInState
from db.log.deletion import UNDO_FOR
from db.log.log import COUNTED
from db.models import CheckIn, Entry, EntryCriterion
from handlers.log.views import log_filter
from handlers.log.views import log_list as views
from handlers.log.views.log_filter import Listing
from handlers.log.views.log_list import Line, Shown
from handlers.slack import action_ids
from handlers.slack.inputs import Memory
from handlers.slack.message import Message as Drawn
from handlers.slack.message import notice
from ladder_content.model import Ladder
from playground.workspace import Message, View
from tests.support.blockkit import faults
from tests.support.checkin import LOGGED, asked, shown
from tests.support.log_queries import statements
from tests.support.logs import CRITERION, OTHER, modal, wrote
from tests.support.views import HUGE, LOG, SECRET, TODAY, nasty, texts
from tests.support.world import MAYA, SAM, World, text_of


async def live(world: World) -> list[str]:
    return await world.rows(select(Entry.what).where(Entry.deleted_at.is_(None)).order_by(Entry.id))


def listed(shown: Message | View) -> list[str]:
    """The entries' words, as listed."""
    said = "\n".join(texts({"blocks": shown.blocks}, "mrkdwn")).splitlines()
    return [line.removeprefix("> ") for line in said if line.startswith("> ")]


def offers(shown: Message | View, action: str) -> bool:
    return f"'{action}'" in str(shown.blocks)


async def test_an_empty_log_says_how_to_start(world: World) -> None:
    answer = await world.ladder_command(MAYA, "logs")
    assert "Your growth log is empty." in text_of(answer)
    assert await world.rows(select(Entry)) == []
    await world.click(MAYA, "log.open", on=answer)
    await world.submit(MAYA, {"what": "The first line"})
    assert listed(await world.ladder_command(MAYA, "logs")) == ["The first line"]


async def test_a_line_tells_when_what_and_what_for(world: World) -> None:
    await wrote(world, what="Cut\nR&D's <nightly> job " + "by 40% " * 80, tags=[CRITERION], impact="A\nday saved")
    answer = await world.ladder_command(MAYA, "logs")
    criterion = world.ladder.criterion(CRITERION)
    assert criterion
    said = text_of(answer)
    assert "*14 January* · only you\n> Cut R&amp;D's &lt;nightly&gt; job by 40%" in said
    assert "…\n*What came of it:* A day saved\n" in said
    assert f"*Evidence of* “{criterion.sentence}”" in said
    assert "1 entry, newest first" in said
    assert "Your log is private, except what you share." in said
    assert (answer.ephemeral_to, answer.text) == (MAYA, "Your growth log")


async def test_a_criterion_that_left_the_ladder_is_named_as_it_was(world: World) -> None:
    await wrote(world, tags=["l5.no-longer"])
    assert "*Evidence of* “The sentence of l5.no-longer”" in text_of(await world.ladder_command(MAYA, "logs"))


async def test_an_entry_made_from_a_message_is_shown_by_its_own_words_else_by_the_message_s(world: World) -> None:
    await wrote(world, 2, "Own {}")
    async with world.sessions.begin() as session:
        first, second = await session.scalars(select(Entry).order_by(Entry.id))
        first.what, first.snippet, first.snippet_author = "", "Thanks & well done", "@sam"
        second.snippet, second.snippet_author = "Not shown", "@sam"
    answer = await world.ladder_command(MAYA, "logs")
    assert listed(answer) == ["Thanks &amp; well done", "Own 2"]
    assert "*14 January* · only you · from a message by @sam\n" in text_of(answer)


async def test_today_is_the_member_s_own(world: World) -> None:
    await wrote(world)
    world.playground.clock.set_to(world.playground.clock.now().replace(month=12, day=31, hour=23, minute=30))
    assert "*14 January 2027*" in text_of(await world.ladder_command(MAYA, "logs")), "in Berlin it is 2028"


@pytest.mark.parametrize("world", ["socket", "http"], indirect=True)
async def test_pages_of_ten_there_and_back(world: World) -> None:
    await wrote(world, 25)
    answer = await world.ladder_command(MAYA, "logs")
    everything = [f"Entry {n}" for n in range(1, 26)]
    assert listed(answer) == everything[:10]
    assert "25 entries" in text_of(answer)
    assert not offers(answer, action_ids.LOGS_NEWER)
    old_first_page = copy.deepcopy(answer)

    await world.click(MAYA, action_ids.LOGS_OLDER, on=answer)
    assert listed(answer) == everything[10:20]
    await world.click(MAYA, action_ids.LOGS_OLDER, on=answer)
    assert listed(answer) == everything[20:]
    assert not offers(answer, action_ids.LOGS_OLDER)
    await world.click(MAYA, action_ids.LOGS_NEWER, on=answer)
    assert listed(answer) == everything[10:20]
    await wrote(world, what="Just now")
    await world.click(MAYA, action_ids.LOGS_NEWER, on=answer)
    assert listed(answer) == everything[:10]
    await world.click(MAYA, action_ids.LOGS_NEWER, on=answer)
    assert listed(answer) == ["Just now"]
    await world.click(MAYA, action_ids.LOGS_OLDER, on=answer)
    assert listed(answer) == everything[:10]

    await world.click(MAYA, action_ids.LOGS_OLDER, on=old_first_page)  # a button that lay about
    assert listed(old_first_page) == everything[10:20]
    assert len(world.playground.dm(MAYA)) == 1, "the same answer, redrawn"


async def test_a_page_takes_five_statements(world: World) -> None:
    await wrote(world, 25)
    answer = await world.ladder_command(MAYA, "logs")
    for action in (action_ids.LOGS_OLDER, action_ids.LOGS_OLDER, action_ids.LOGS_NEWER):
        async with statements(world.engine) as seen:
            assert (await world.playground.click(MAYA, answer, action)).ok
        assert len(seen) == 5
    async with statements(world.engine) as seen:
        assert (await world.playground.command(MAYA, "/ladder logs entry")).ok
    assert len(seen) == 5


async def test_several_entries_of_one_day_are_each_met_once(world: World) -> None:
    await wrote(world, 12, days_apart=0)
    answer = await world.ladder_command(MAYA, "logs")
    met = listed(answer)
    await world.click(MAYA, action_ids.LOGS_OLDER, on=answer)
    assert met + listed(answer) == [f"Entry {n}" for n in range(12, 0, -1)]


async def test_a_page_that_is_gone_gives_way_to_the_newest(world: World) -> None:
    ids = await wrote(world, 11)
    answer = await world.ladder_command(MAYA, "logs")
    async with world.sessions.begin() as session:
        await session.delete(await session.get_one(Entry, ids[10]))
    await world.click(MAYA, action_ids.LOGS_OLDER, on=answer)
    assert listed(answer) == [f"Entry {n}" for n in range(1, 11)]


async def test_words_after_the_command_look_for_them(world: World) -> None:
    await wrote(world, what="Shipped the <drift> monitor")
    await wrote(world, what="Mentored Jonas")
    answer = await world.ladder_command(MAYA, "logs  mentoring   jonas")
    assert listed(answer) == ["Mentored Jonas"]
    assert "Only with the words “mentoring jonas”" in text_of(answer)
    await world.click(MAYA, action_ids.LOGS_CLEAR, on=answer)
    assert len(listed(answer)) == 2
    assert not offers(answer, action_ids.LOGS_CLEAR)


async def test_nothing_matches(world: World) -> None:
    await wrote(world)
    answer = await world.ladder_command(MAYA, "logs <!channel> & all")
    assert "Nothing in your log matches." in text_of(answer)
    assert "&amp; all”" in text_of(answer)
    await world.click(MAYA, action_ids.LOGS_CLEAR, on=answer)
    assert listed(answer) == ["Entry 1"]


async def test_the_filter_narrows_and_pages_keep_it(world: World) -> None:
    await wrote(world, 12, "Drift {}", tags=[CRITERION])
    await wrote(world, 3, "Other {}", tags=[OTHER])
    answer = await world.ladder_command(MAYA, "logs drift")
    await world.click(MAYA, action_ids.LOGS_FILTER, on=answer)
    assert modal(world).values["words"]["value"]["value"] == "drift"
    criterion = world.ladder.criterion(CRITERION)
    assert criterion
    await world.submit(MAYA, {"criterion": CRITERION, "period": "The last three months"})
    assert world.playground.modal(MAYA) is None
    assert listed(answer) == [f"Drift {n}" for n in range(1, 11)]
    said = f"Only with the words “drift” · evidence of “{criterion.sentence}” · from the last three months"
    assert said in text_of(answer)
    await world.click(MAYA, action_ids.LOGS_OLDER, on=answer)
    assert listed(answer) == ["Drift 11", "Drift 12"]
    assert said in text_of(answer)

    await world.click(MAYA, action_ids.LOGS_FILTER, on=answer)
    await world.submit(MAYA, {"words": None, "criterion": "Anything, or nothing", "period": "Any time"})
    assert "15 entries" in text_of(answer)
    assert "Only with" not in text_of(answer)
    assert len(world.playground.dm(MAYA)) == 1


async def test_the_filter_by_time(world: World) -> None:
    await wrote(world, 20, days_apart=31)
    answer = await world.ladder_command(MAYA, "logs")
    for period, finds in (("month", 1), ("three months", 3), ("six months", 6), ("twelve months", 12)):
        await world.click(MAYA, action_ids.LOGS_FILTER, on=answer)
        await world.submit(MAYA, {"period": f"The last {period}"})
        assert f"{finds} entr" in text_of(answer)


async def test_answers_to_questions_or_not(world: World) -> None:
    question = await asked(world)
    await world.say(MAYA, LOGGED, thread_ts=question.ts)
    await wrote(world, what="By myself")
    answer = await world.ladder_command(MAYA, "logs")
    await world.click(MAYA, action_ids.LOGS_FILTER, on=answer)
    await world.submit(MAYA, {"check_in": "Answers to my questions"})
    assert listed(answer) == [LOGGED.replace("&", "&amp;")]
    await world.click(MAYA, action_ids.LOGS_FILTER, on=answer)
    await world.submit(MAYA, {"check_in": "What you logged yourself"})
    assert listed(answer) == ["By myself"]


async def test_an_edit_redraws_the_page_it_was_opened_from(world: World) -> None:
    ids = await wrote(world, 11)
    answer = await world.ladder_command(MAYA, "logs entry")
    await world.click(MAYA, action_ids.LOGS_OLDER, on=answer)
    await world.click(MAYA, f"log.edit.{ids[10]}", on=answer)
    await world.submit(MAYA, {"what": "A better entry"})
    assert world.playground.modal(MAYA) is None
    assert listed(answer) == ["A better entry"]
    assert "Only with the words “entry”" in text_of(answer)
    assert len(world.playground.dm(MAYA)) == 1


async def test_an_edited_answer_is_redrawn_in_the_list_and_where_it_was_asked(world: World) -> None:
    question = await asked(world)
    await world.say(MAYA, LOGGED, thread_ts=question.ts)
    [entry_id] = await world.rows(select(Entry.id))
    answer = await world.ladder_command(MAYA, "logs")
    await world.click(MAYA, f"log.edit.{entry_id}", on=answer)
    await world.submit(MAYA, {"what": "Something better"})
    assert listed(answer) == ["Something better"]
    assert "1 entry, newest first" in text_of(answer)
    assert "Something better" in await shown(world, question)


async def test_a_deletion_can_be_undone_in_its_place(world: World) -> None:
    ids = await wrote(world, 3, tags=[CRITERION])
    answer = await world.ladder_command(MAYA, "logs")
    again = copy.deepcopy(answer)
    await world.click(MAYA, f"logs.delete.{ids[1]}", on=answer)
    assert listed(answer) == ["Entry 1", "Entry 3"]
    assert "_Deleted_ · 13 January · “Entry 2” · can be undone until 11:10" in text_of(answer)
    assert "2 entries" in text_of(answer)
    assert await live(world) == ["Entry 1", "Entry 3"]

    await world.travel(timedelta(minutes=1))
    await world.click(MAYA, f"logs.delete.{ids[1]}", on=again)  # the second click
    assert "until 11:10" in text_of(again)
    await world.travel(UNDO_FOR - timedelta(minutes=3))
    undo_again = copy.deepcopy(again)
    for message in (again, undo_again):
        await world.click(MAYA, f"logs.restore.{ids[1]}", on=message)
        assert listed(message) == ["Entry 1", "Entry 2", "Entry 3"]
    assert len(await world.rows(select(EntryCriterion))) == 3


async def test_after_ten_minutes_it_is_gone_for_good(world: World) -> None:
    [entry_id] = await wrote(world)
    answer = await world.ladder_command(MAYA, "logs")
    await world.click(MAYA, f"logs.delete.{entry_id}", on=answer)
    edit = copy.deepcopy(answer)
    await world.travel(UNDO_FOR)
    assert await world.rows(select(Entry)) == []
    await world.click(MAYA, f"logs.restore.{entry_id}", on=edit)
    assert "gone for good" in text_of(edit)
    assert "Your growth log is empty." in text_of(edit), "the stale list is drawn as it is now"
    assert "Your growth log is empty." in text_of(await world.ladder_command(MAYA, "logs"))


async def test_between_its_ten_minutes_and_the_sweep_it_is_gone_too(world: World) -> None:
    [entry_id, _] = await wrote(world, 2)
    answer = await world.ladder_command(MAYA, "logs")
    await world.click(MAYA, f"logs.delete.{entry_id}", on=answer)
    world.playground.clock.advance(UNDO_FOR)
    await world.click(MAYA, f"logs.restore.{entry_id}", on=answer)
    assert "gone for good" in text_of(world.playground.dm(MAYA)[-1])
    assert "Deleted" not in text_of(await world.ladder_command(MAYA, "logs"))


async def test_what_was_delivered_is_redrawn_on_delete_and_on_undo(world: World) -> None:
    question = await asked(world)
    await world.say(MAYA, LOGGED, thread_ts=question.ts)
    [entry_id] = await world.rows(select(Entry.id))
    answer = await world.ladder_command(MAYA, "logs")
    await world.click(MAYA, f"logs.delete.{entry_id}", on=answer)
    assert "Paired with Jonas" not in await shown(world, question)
    assert "Write reflection" in await shown(world, question)
    assert await world.rows(select(CheckIn.state)) == [CheckInState.ASKED]

    await world.click(MAYA, f"logs.restore.{entry_id}", on=answer)
    assert "Paired with Jonas" in await shown(world, question)
    assert await world.rows(select(CheckIn.state)) == [CheckInState.ANSWERED]
    [check_in] = await world.rows(select(CheckIn))
    assert check_in.answered_at is not None


async def test_an_answer_whose_message_is_gone_can_be_deleted(world: World) -> None:
    question = await asked(world)
    await world.say(MAYA, LOGGED, thread_ts=question.ts)
    [entry_id] = await world.rows(select(Entry.id))
    answer = await world.ladder_command(MAYA, "logs")
    world.playground.workspace.remove(world.playground.workspace.message(question.channel, question.ts))
    await world.click(MAYA, f"logs.delete.{entry_id}", on=answer)
    assert "_Deleted_" in text_of(answer)


async def test_the_deleted_answer_of_an_earlier_week_waits_for_nobody(world: World) -> None:
    question = await asked(world)
    await world.say(MAYA, LOGGED, thread_ts=question.ts)
    [entry_id] = await world.rows(select(Entry.id))
    await world.travel(timedelta(weeks=1))
    answer = await world.ladder_command(MAYA, "logs")
    await world.click(MAYA, f"logs.delete.{entry_id}", on=answer)
    states = await world.rows(select(CheckIn.state).order_by(CheckIn.slot_at))
    assert states == [CheckInState.LAPSED, CheckInState.ASKED]


async def test_nobody_else_s_buttons_change_a_log(world: World) -> None:
    [entry_id] = await wrote(world)
    answer = await world.ladder_command(MAYA, "logs")
    await world.click(SAM, f"logs.delete.{entry_id}", on=copy.deepcopy(answer))
    assert await live(world) == ["Entry 1"]
    answer = await world.ladder_command(MAYA, "logs")
    await world.click(MAYA, f"logs.delete.{entry_id}", on=answer)
    await world.click(SAM, f"logs.restore.{entry_id}", on=copy.deepcopy(answer))
    assert await live(world) == []


GARBAGE = ["-", "{", "x {}", '{"before":"2027-02-30.1"}', '{"sql":"x"}', '{"period":"ever"}', "9" * 30 + " {}"]


async def test_buttons_that_nobody_made_are_refused(world: World) -> None:
    ids = await wrote(world, 11)
    answer = await world.ladder_command(MAYA, "logs")
    for action, value in product((f"logs.delete.{ids[0]}", f"logs.restore.{ids[0]}", action_ids.LOGS_OLDER), GARBAGE):
        before = len(world.playground.dm(MAYA))
        await world.click(MAYA, action, on=forged(answer, action, value))
        assert len(world.playground.dm(MAYA)) == before + 1, (action, value)
        assert "I lost the place in that list." in text_of(world.playground.dm(MAYA)[-1])
    assert len(await live(world)) == 11


def forged(answer: Message, action: str, value: str) -> Message:
    """The answer with a button of somebody's own making."""
    other = copy.deepcopy(answer)
    text = {"type": "plain_text", "text": "Forged"}
    button = {"type": "button", "action_id": action, "value": value, "text": text}
    other.blocks = [{"type": "actions", "block_id": "forged", "elements": [button]}]
    return other


async def test_home_opens_all_of_it_in_a_modal(world: World) -> None:
    ids = await wrote(world, 12)
    await world.playground.open_home(MAYA)
    home = world.playground.home(MAYA)
    assert home
    await world.playground.click(MAYA, home, action_ids.LOGS_OPEN)
    assert listed(modal(world)) == [f"Entry {n}" for n in range(1, 11)]
    await world.playground.click(MAYA, modal(world), action_ids.LOGS_OLDER)
    assert listed(modal(world)) == ["Entry 11", "Entry 12"]

    await world.playground.click(MAYA, modal(world), f"log.edit.{ids[11]}")
    await world.submit(MAYA, {"what": "A better entry"})
    assert listed(modal(world)) == ["Entry 11", "A better entry"]

    await world.playground.click(MAYA, modal(world), action_ids.LOGS_FILTER)
    await world.submit(MAYA, {"words": "entry 1"})
    assert listed(modal(world))[0] == "Entry 1"
    await world.playground.click(MAYA, modal(world), f"logs.delete.{ids[0]}")
    assert "_Deleted_" in str(modal(world).blocks)
    home = world.playground.home(MAYA)
    assert home
    assert "'> Entry 1'" not in str(home.blocks)
    assert "Entry 2" in str(home.blocks)
    await world.playground.click(MAYA, modal(world), f"logs.restore.{ids[0]}")
    assert listed(modal(world))[0] == "Entry 1"
    await world.playground.click(MAYA, modal(world), action_ids.LOGS_CLEAR)
    assert len(listed(modal(world))) == 10
    await world.playground.close(MAYA)
    assert world.playground.modal(MAYA) is None
    assert world.playground.dm(MAYA) == []


async def test_an_empty_home_offers_no_list(world: World) -> None:
    await world.ladder_command(MAYA, "set L4")
    await world.playground.open_home(MAYA)
    home = world.playground.home(MAYA)
    assert home
    assert not offers(home, action_ids.LOGS_OPEN)


async def test_a_spent_form_brings_the_list_to_the_dm(world: World) -> None:
    await wrote(world)
    answer = await world.ladder_command(MAYA, "logs")
    await world.click(MAYA, action_ids.LOGS_FILTER, on=answer)
    world.playground.clock.advance(timedelta(minutes=31))
    await world.submit(MAYA, {"words": "entry"})
    newest = world.playground.dm(MAYA)[-1]
    assert newest.ephemeral_to is None
    assert newest.text == "Your growth log"
    assert listed(newest) == ["Entry 1"]


async def test_very_many_are_not_counted_out(world: World) -> None:
    await wrote(world)
    async with world.sessions.begin() as session:
        [one] = await session.scalars(select(Entry))
        about = {"member_id": one.member_id, "happened_on": one.happened_on, "created_at": one.created_at}
        session.add_all(Entry(what="x", source="form", source_key=str(n), **about) for n in range(COUNTED))
    assert "more than 1,000 entries, newest first" in text_of(await world.ladder_command(MAYA, "logs"))


LISTINGS = st.builds(
    lambda words, **about: Listing.of_words(words).model_copy(update=about),
    st.text(),
    criterion=st.sampled_from([None, "a" * 60]),
    period=st.sampled_from([None, *log_filter.PERIODS]),
    check_in=st.sampled_from([None, True, False]),
    before=st.sampled_from([None, "2027-01-14." + "9" * 18]),
)


@given(LISTINGS)
def test_a_list_survives_its_buttons(listing: Listing) -> None:
    value = f"{2**62} {listing.encoded()}"
    assert len(value) <= 2000
    assert Listing.model_validate_json(listing.encoded()) == listing
    memory = Memory(response_url="https://hooks.slack.com/actions/" + "x" * 200, listing=listing.encoded())
    assert len(memory.model_dump_json()) <= 1000, "an edited entry's own memory has to fit beside it"


def test_very_many_words_are_looked_for_in_part() -> None:
    assert Listing.of_words("word \0\n" * 100).words == " ".join(["word"] * 20)


def pages() -> list[tuple[str, Drawn]]:
    worst = Listing(words='"\\' * 50, criterion=HUGE.criteria[0].id, period="half-year", check_in=True)
    cursor = "2027-01-14." + "9" * 18
    lines = [
        Line(
            2**62 + n,
            each.what,
            each.impact,
            each.happened_on,
            nasty(80),
            [each.sentence for each in HUGE.criteria[:4]],
        )
        for n, each in enumerate(LOG * 2)
    ]
    deleted = [Line(n, SECRET, SECRET, TODAY, undo_until=None) for n in range(10)]
    return [
        ("full", views.page(worst, Shown(lines, "more than 1,000 entries", cursor, cursor), HUGE, TODAY)),
        ("plain", views.page(Listing(), Shown(deleted, "10 entries"), HUGE, TODAY)),
        ("nothing", views.page(worst, Shown((), "0 entries"), HUGE, TODAY)),
        ("gone", views.page(Listing(criterion="gone"), Shown((), "0 entries"), HUGE, TODAY)),
        ("empty", views.page(Listing(), Shown((), "0 entries"), HUGE, TODAY)),
    ]


@pytest.mark.parametrize("drawn", [each for _, each in pages()], ids=[name for name, _ in pages()])
def test_slack_would_show_the_list_and_nothing_comes_alive(drawn: Drawn) -> None:
    body = drawn.payload()
    assert faults(drawn) == []
    assert faults(notice("Rung", drawn)) == []
    alive = [text for text in texts(body, "mrkdwn") if "<" in text or ">" in text.replace("\n> ", "")]
    assert alive == []
    assert SECRET not in drawn.text


@pytest.mark.parametrize("listing", [Listing(), Listing(words="x", criterion="gone"), Listing(criterion="level-9.1")])
def test_slack_would_show_the_filter(listing: Listing, ladder: Ladder) -> None:
    for of in (HUGE, ladder):
        form = log_filter.form(of, HUGE.criteria[90:], listing, Memory())
        assert faults(form) == []
