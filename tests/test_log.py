"""The growth log: written by command and by form, changed, taken back; never lost, never twice."""

import copy
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from db.enums import Source
from db.models import Entry, EntryCriterion
from playground.payloads import Sender
from playground.workspace import Message
from tests.support.checkin import asked
from tests.support.log import PROFILED, TYPED, chosen, log_it, logged, opened
from tests.support.world import GUEST, MAYA, SAM, World, text_of

CRITERION = "l5.ambiguity-to-structure"


async def too_late(world: World, words: str) -> Message:
    """What is answered where the form does not open any more."""
    world.playground.faults.refuse("views.open", "expired_trigger_id")
    return await world.ladder_command(MAYA, f"log {words}")


async def entry(world: World) -> Entry:
    [found] = await world.rows(select(Entry).where(Entry.deleted_at.is_(None)))
    assert isinstance(found, Entry)
    return found


def long_text(length: int) -> str:
    """Numbered words, so that each lost one is missed."""
    return " ".join(f"{n}&" for n in range(length))[:length].strip()


async def test_it_is_answered_with_what_was_typed_and_who_reads_it(world: World) -> None:
    answer = await logged(world)
    shown = text_of(answer)
    assert (
        "> Cut R&amp;D's &lt;nightly&gt; job by 40% with @sam &amp; *Jonas*, see https://example.org 👩‍🔬 שלום" in shown
    )
    assert "14 January · only you can read it" in shown
    assert answer.text == "Saved to your growth log."
    assert answer.ephemeral_to == MAYA
    saved = await entry(world)
    assert (saved.what, saved.source, saved.happened_on) == (TYPED, Source.FORM, date(2027, 1, 14))


async def test_the_day_is_the_member_s_own(world: World) -> None:
    world.playground.clock.set_to(world.playground.clock.now().replace(hour=23, minute=30))
    await logged(world)
    assert (await entry(world)).happened_on == date(2027, 1, 15), "half past midnight in Berlin"


async def test_one_may_log_before_one_has_a_level(world: World) -> None:
    form = await opened(world, "Something small")
    assert "criteria" not in form.values, "there is nothing to choose from yet"
    await world.submit(MAYA)
    answer = world.playground.dm(MAYA)[-1]
    assert "Saved to your growth log." in text_of(answer)
    assert "What is it evidence of?" not in str(answer.blocks)
    assert "full members" in text_of(await world.ladder_command(GUEST, "log Something small"))
    assert len(await world.rows(select(Entry))) == 1


async def test_the_words_stand_in_the_form_and_what_they_may_be_evidence_of_is_only_suggested(world: World) -> None:
    await world.ladder_command(MAYA, "set L4")
    form = await opened(world, PROFILED)
    assert form.values["what"]["value"]["value"] == PROFILED
    assert chosen(form) == ["l5.lean-serving"]
    assert "Suggested from the words; change as you like." in str(form.blocks)
    assert await world.rows(select(Entry)) == [], "nothing is saved without a yes"

    await world.submit(MAYA, {"criteria": [CRITERION, "l4.lifecycle"]})
    assert sorted(await world.rows(select(EntryCriterion.criterion_id))) == ["l4.lifecycle", CRITERION]


async def test_where_nothing_is_suggested_nothing_is_chosen_or_hinted(world: World) -> None:
    await world.ladder_command(MAYA, "set L4")
    for words in ("", "Something small"):
        form = await opened(world, words)
        assert chosen(form) == []
        assert "Suggested" not in str(form.blocks)
        await world.playground.close(MAYA)


async def test_the_menu_has_the_next_level_then_the_own_one_then_glue_work(world: World) -> None:
    await world.ladder_command(MAYA, "set L4")
    form = await opened(world)
    [menu] = [block["element"] for block in form.blocks if block["block_id"] == "criteria"]
    labels = [group["label"]["text"] for group in menu["option_groups"]]
    assert labels == ["Leads to L5", "Leads to L4", "Or"]
    answer = await log_it(world, "Kept the build green", criteria=["Other work that keeps things running"])
    assert "evidence of “Other work that keeps things running”" in text_of(answer)
    assert "What is it evidence of?" not in text_of(answer), "it is not asked again"
    assert await world.rows(select(EntryCriterion.criterion_id)) == ["glue"]
    await world.click(MAYA, "log.edit", on=answer)
    edited = world.playground.modal(MAYA)
    assert edited is not None
    assert chosen(edited) == ["glue"]


async def test_several_criteria_and_links_are_kept_and_shown(world: World) -> None:
    await world.ladder_command(MAYA, "set L4")
    both = ["l5.lean-serving", CRITERION]
    answer = await log_it(world, "Both", criteria=both, links="https://a.example/1\n\n https://b.example/?x=1&y=2 ")
    saved = await entry(world)
    assert saved.links == ["https://a.example/1", "https://b.example/?x=1&y=2"]
    assert "https://b.example/?x=1&amp;y=2" in text_of(answer)
    for id_ in both:
        criterion = world.ladder.criterion(id_)
        assert criterion is not None
        assert f"“{criterion.sentence}”" in text_of(answer)
    await world.click(MAYA, "log.edit", on=answer)
    form = world.playground.modal(MAYA)
    assert form is not None
    assert sorted(chosen(form)) == sorted(both)
    assert form.values["links"]["value"]["value"] == "https://a.example/1\nhttps://b.example/?x=1&y=2"
    assert "Suggested" not in str(form.blocks), "they were chosen"
    await world.submit(MAYA, {"links": "https://b.example", "criteria": CRITERION})
    assert (await entry(world)).links == ["https://b.example"]
    assert await world.rows(select(EntryCriterion.criterion_id)) == [CRITERION]


async def test_an_edit_keeps_the_sentence_that_the_criterion_had(world: World) -> None:
    await world.ladder_command(MAYA, "set L4")
    answer = await log_it(world, "Old wording", criteria=CRITERION)
    async with world.sessions.begin() as session:
        await session.execute(update(EntryCriterion).values(sentence="As it was"))
    await world.click(MAYA, "log.edit", on=answer)
    await world.submit(MAYA, {"what": "Better"})
    assert await world.rows(select(EntryCriterion.sentence)) == ["As it was"]


async def test_what_is_no_link_and_a_day_to_come_stay_on_their_fields(world: World) -> None:
    await opened(world, "With a link")
    await world.playground.submit(MAYA, {"links": "https://a.example\nthe doc"})
    assert world.playground.errors(MAYA) == {
        "links": "“the doc” is no link: give each its own line, beginning with https://."
    }
    await world.playground.submit(MAYA, {"links": None, "happened_on": "2027-01-15"})
    assert "still to come" in world.playground.errors(MAYA)["happened_on"]
    await world.submit(MAYA, {"happened_on": "2027-01-13"})
    saved = await entry(world)
    assert (saved.what, saved.happened_on) == ("With a link", date(2027, 1, 13))


@pytest.mark.parametrize("trouble", ["expired_trigger_id", "fatal_error", "lost"])
async def test_where_the_form_does_not_open_the_words_are_saved_as_typed(world: World, trouble: str) -> None:
    await world.ladder_command(MAYA, "set L4")
    faults = world.playground.faults
    if trouble == "lost":
        faults.lose("views.open", times=2, accepted=False)
    else:
        faults.refuse("views.open", trouble)
    answer = await world.ladder_command(MAYA, f"log {PROFILED}")
    assert answer.text == "Saved to your growth log."
    assert "The form did not open, so I kept it as you typed it." in text_of(answer)
    saved = await entry(world)
    assert (saved.what, saved.source) == (PROFILED, Source.COMMAND)
    assert await world.rows(select(EntryCriterion)) == [], "a suggestion that nobody confirmed is none"
    assert [each["text"]["text"] for each in answer.blocks[-1]["elements"]] == ["Add details", "Undo"]

    await world.click(MAYA, "log.details", on=answer)
    form = world.playground.modal(MAYA)
    assert form is not None
    assert chosen(form) == ["l5.lean-serving"]
    assert "Suggested from the words" in str(form.blocks)
    await world.submit(MAYA, {"impact": "Pages down"})
    assert "*What came of it:* Pages down" in text_of(answer)
    assert await world.rows(select(EntryCriterion.criterion_id)) == ["l5.lean-serving"]


async def test_an_empty_form_that_does_not_open_is_asked_for_again(world: World) -> None:
    assert "Please try once more" in text_of(await too_late(world, ""))
    assert await world.rows(select(Entry)) == []


async def test_a_command_delivered_again_while_its_form_is_open_says_so(world: World) -> None:
    workspace, playground = world.playground.workspace, world.playground
    trigger = playground.triggers.issue(MAYA)
    body = Sender(workspace, playground.url).command(
        workspace.person(MAYA), workspace.dm(MAYA), "/ladder", "log Once", trigger, "token"
    )
    first, second = await playground.outbound.command(body), await playground.outbound.command(body)
    assert first.body == {}
    assert second.body["text"] == "The form for this is open already. *Save* in it keeps your words."
    await playground.submit(MAYA)
    assert (await entry(world)).what == "Once"


async def test_a_form_that_opened_after_all_adds_to_what_was_saved_as_typed(world: World) -> None:
    await world.ladder_command(MAYA, "set L4")
    world.playground.faults.lose("views.open", 2)  # the client asks once more
    as_typed = await world.ladder_command(MAYA, f"log {PROFILED}")
    assert "I kept it as you typed it" in text_of(as_typed)
    for _ in range(2):  # Slack may send it again
        form = copy.deepcopy(world.playground.modal(MAYA))
        await world.submit(MAYA, {"impact": "Pages down"})
        assert form is not None
        world.playground.workspace.modals[MAYA] = [form]
    saved = await entry(world)
    assert (saved.what, saved.impact, saved.source) == (PROFILED, "Pages down", Source.FORM)
    assert await world.rows(select(EntryCriterion.criterion_id)) == ["l5.lean-serving"]
    assert "*What came of it:* Pages down" in text_of(world.playground.dm(MAYA)[-1])


async def test_a_command_delivered_twice_is_saved_once_and_the_second_answer_says_so(world: World) -> None:
    workspace, outbound = world.playground.workspace, world.playground.outbound
    sender = Sender(workspace, world.playground.url)
    body = sender.command(workspace.person(MAYA), workspace.dm(MAYA), "/ladder", "log Once", "1.2.trigger", "token")
    first, second = await outbound.command(body), await outbound.command(body)
    assert first.body["text"] == "Saved to your growth log.", "its trigger opens nothing"
    assert second.body["text"] == "That is in your growth log already."
    assert (await entry(world)).what == "Once"

    other = await outbound.command(body | {"trigger_id": "1.3.trigger"})
    assert other.ok
    assert len(await world.rows(select(Entry))) == 2, "the same words another time are another entry"


async def test_the_tag_says_what_it_is_evidence_of(world: World) -> None:
    answer = await logged(world)
    saved = await entry(world)
    await world.click(MAYA, f"log.tag.{saved.id}", on=answer, value=CRITERION)
    criterion = world.ladder.criterion(CRITERION)
    assert criterion is not None
    assert f"evidence of “{criterion.sentence}”" in text_of(answer)
    assert "What is it evidence of?" not in str(answer.blocks)
    [row] = await world.rows(select(EntryCriterion))
    assert (row.entry_id, row.criterion_id, row.sentence) == (saved.id, CRITERION, criterion.sentence)
    assert "1 of 9 criteria have evidence" in text_of(await world.ladder_command(MAYA, "next"))
    assert "1 entry, the latest on 14 January" in text_of(await world.ladder_command(MAYA, "next"))


async def test_edit_shows_what_is_there_and_changes_it_in_place(world: World) -> None:
    answer = await logged(world)
    await world.click(MAYA, "log.edit", on=answer)
    modal = world.playground.modal(MAYA)
    assert modal is not None
    assert modal.values["what"]["value"]["value"] == TYPED
    before = len(world.playground.dm(MAYA))
    changed = {"what": "Better", "impact": "Saved a day", "criteria": CRITERION, "happened_on": "2027-01-02"}
    await world.submit(MAYA, changed)
    assert world.playground.modal(MAYA) is None
    assert len(world.playground.dm(MAYA)) == before
    assert "> Better\n*What came of it:* Saved a day" in text_of(answer)
    saved = await entry(world)
    assert (saved.what, saved.impact, saved.happened_on) == ("Better", "Saved a day", date(2027, 1, 2))
    assert saved.edited_at is not None
    assert await world.rows(select(EntryCriterion.criterion_id)) == [CRITERION]


async def test_an_edit_can_take_the_criterion_away(world: World) -> None:
    answer = await logged(world)
    await world.click(MAYA, f"log.tag.{(await entry(world)).id}", on=answer, value=CRITERION)
    await world.click(MAYA, "log.edit", on=answer)
    await world.submit(MAYA, {"criteria": None})
    assert await world.rows(select(EntryCriterion)) == []


async def test_an_edit_keeps_the_tag_of_a_criterion_that_left_the_ladder(world: World) -> None:
    answer = await logged(world)
    await world.click(MAYA, f"log.tag.{(await entry(world)).id}", on=answer, value=CRITERION)
    async with world.sessions.begin() as session:
        await session.execute(update(EntryCriterion).values(criterion_id="l5.no-longer", sentence="As it was"))
    await world.click(MAYA, "log.edit", on=answer)
    await world.submit(MAYA, {"what": "Better"})
    [row] = await world.rows(select(EntryCriterion))
    assert (row.criterion_id, row.sentence) == ("l5.no-longer", "As it was")


async def test_undo_takes_it_out_and_the_second_undo_changes_nothing(world: World) -> None:
    answer = await logged(world)
    undo_again, edit = copy.deepcopy(answer), copy.deepcopy(answer)
    await world.click(MAYA, "log.undo", on=answer)
    assert "Taken out of your log again." in text_of(answer)
    [gone] = await world.rows(select(Entry))
    assert gone.deleted_at is not None

    await world.travel(timedelta(minutes=1))
    await world.click(MAYA, "log.undo", on=undo_again)
    [still] = await world.rows(select(Entry))
    assert still.deleted_at == gone.deleted_at
    await world.click(MAYA, "log.edit", on=edit)
    assert "That entry is no longer there" in text_of(world.playground.dm(MAYA)[-1])


async def test_an_entry_undone_while_its_form_was_open_stays_out_and_the_form_keeps_the_words(world: World) -> None:
    answer = await logged(world)
    as_it_was = copy.deepcopy(answer)
    await world.click(MAYA, "log.edit", on=answer)
    await world.click(MAYA, "log.undo", on=as_it_was)
    await world.submit(MAYA, {"what": "Too late"})
    modal = world.playground.modal(MAYA)
    assert modal is not None
    assert "no longer there" in str(modal.blocks)
    await world.playground.close(MAYA)
    modal = world.playground.modal(MAYA)
    assert modal is not None
    assert modal.values["what"]["value"]["value"] == "Too late"


async def test_nobody_else_can_change_or_take_back_an_entry(world: World) -> None:
    answer = await logged(world)
    for action in ("log.edit", "log.undo"):
        await world.click(SAM, action, on=copy.deepcopy(answer))
        assert world.playground.modal(SAM) is None
    assert (await entry(world)).what == TYPED


async def test_the_form_from_the_command_and_from_a_button(world: World) -> None:
    await world.ladder_command(MAYA, "set L4")
    await opened(world)
    await world.submit(MAYA, {"what": "One"})
    assert "> One" in text_of(world.playground.dm(MAYA)[-1])
    asked_next = await world.ladder_command(MAYA, "next")
    await world.click(MAYA, "log.open", on=asked_next)
    await world.submit(MAYA, {"what": "Two", "criteria": CRITERION})
    assert "> Two" in text_of(world.playground.dm(MAYA)[-1])
    assert "→" in text_of(asked_next), "what the form was opened from stays"
    assert await world.rows(select(Entry.what).order_by(Entry.id)) == ["One", "Two"]
    assert await world.rows(select(EntryCriterion.criterion_id)) == [CRITERION]


async def test_the_form_submitted_twice_is_saved_once(world: World) -> None:
    await world.playground.command(MAYA, "/ladder log")
    workspace, view = world.playground.workspace, world.playground.modal(MAYA)
    assert view is not None
    world.playground.fill(view, {"what": "Once"})
    body = Sender(workspace, world.playground.url).submission(workspace.person(MAYA), view, "1.2.trigger")
    assert [(await world.playground.outbound.interaction(body)).ok for _ in range(2)] == [True, True]
    assert (await entry(world)).what == "Once"
    answers = [message.text for message in world.playground.dm(MAYA)]
    assert answers == ["Saved to your growth log.", "That is in your growth log already."]


async def test_the_form_from_a_criterion_is_about_it(world: World) -> None:
    await world.ladder_command(MAYA, "set L4")
    await world.playground.open_home(MAYA)
    home = world.playground.home(MAYA)
    assert home is not None
    await world.playground.click(MAYA, home, "details.open")
    criterion = world.playground.modal(MAYA)
    assert criterion is not None
    await world.playground.click(MAYA, criterion, "log.open")
    await world.submit(MAYA, {"what": "On just this"})
    modal = world.playground.modal(MAYA)
    assert modal is not None
    assert "On just this" in str(modal.blocks)
    assert await world.rows(select(EntryCriterion.criterion_id)) == [world.ladder.criteria_to("l5")[0].id]
    assert "On just this" in str(world.playground.home(MAYA)), "the tab below shows it too"


async def test_the_form_from_home_and_its_edit_redraw_the_tab(world: World) -> None:
    await world.ladder_command(MAYA, "set L4")
    before = len(world.playground.dm(MAYA))
    await world.playground.open_home(MAYA)
    await _from_home(world, "log.open", {"what": "First"})
    assert "> First" in str(world.playground.home(MAYA))
    await _from_home(world, f"log.edit.{(await entry(world)).id}", {"what": "Second"})
    home = str(world.playground.home(MAYA))
    assert "> Second" in home
    assert "> First" not in home
    assert len(world.playground.dm(MAYA)) == before


async def _from_home(world: World, action: str, values: dict[str, Any]) -> None:
    home = world.playground.home(MAYA)
    assert home is not None
    assert (await world.playground.click(MAYA, home, action)).ok
    await world.submit(MAYA, values)
    assert world.playground.modal(MAYA) is None


async def test_what_took_longer_than_half_an_hour_to_write_is_saved_and_said_in_the_dm(world: World) -> None:
    await world.playground.command(MAYA, "/ladder log")
    world.playground.clock.advance(timedelta(minutes=31))
    await world.submit(MAYA, {"what": "Slowly"})
    answer = world.playground.dm(MAYA)[-1]
    assert "> Slowly" in text_of(answer)
    assert answer.ephemeral_to is None
    assert answer.text == "Saved to your growth log."
    assert (await entry(world)).what == "Slowly"


async def test_a_long_entry_is_kept_whole_and_shown_in_part(world: World) -> None:
    told = long_text(10_000)
    answer = await logged(world, told)
    assert (await entry(world)).what == told
    shown = text_of(answer)
    assert "kept whole, *Edit* shows all of it" in shown
    assert "1999&amp;" not in shown


async def test_an_edit_shows_a_long_entry_whole_and_loses_nothing(world: World) -> None:
    told = long_text(10_000)
    answer = await logged(world, told)
    await world.click(MAYA, "log.edit", on=answer)
    await world.submit(MAYA, {"impact": "Only this is new"})
    saved = await entry(world)
    assert (saved.what, saved.impact) == (told, "Only this is new")

    await world.click(MAYA, "log.edit", on=answer)
    modal = world.playground.modal(MAYA)
    assert modal is not None
    last = max(name for name in modal.values if name.startswith("what"))
    assert last == "what.3"
    end = modal.values[last]["value"]["value"]
    await world.submit(MAYA, {last: f"{end} and then some"})
    assert (await entry(world)).what == f"{told} and then some"


async def test_what_is_left_of_a_long_entry_is_what_is_saved(world: World) -> None:
    answer = await logged(world, long_text(5_000))
    await world.click(MAYA, "log.edit", on=answer)
    await world.submit(MAYA, {"what": "Shorter", "what.1": None})
    assert (await entry(world)).what == "Shorter"
    assert "> Shorter" in text_of(answer)


async def test_a_long_answer_to_a_question_is_edited_whole_too(world: World) -> None:
    question = await asked(world)
    told = long_text(4_000)
    await world.say(MAYA, told, thread_ts=question.ts)
    await world.click(MAYA, "log.edit", on=question)
    await world.submit(MAYA, {"impact": "Much"})
    saved = await entry(world)
    assert (saved.what, saved.impact) == (told, "Much")
    assert "*What came of it:* Much" in text_of(question)


async def test_somebody_new_in_new_york_logs_in_the_evening_of_their_own_day(world: World) -> None:
    world.playground.clock.set_to(datetime(2027, 1, 15, 2, 0, tzinfo=UTC))  # 21:00 of the 14th in New York
    await world.playground.command(SAM, "/ladder log")
    await world.submit(SAM, {"what": "Late work"})
    assert world.playground.errors(SAM) == {}
    assert [entry.happened_on for entry in await world.rows(select(Entry))] == [date(2027, 1, 14)]


async def test_the_date_that_is_there_may_stand_after_one_travelled_west(world: World) -> None:
    world.playground.clock.set_to(datetime(2027, 1, 14, 23, 30, tzinfo=UTC))
    answer = await logged(world)
    assert (await entry(world)).happened_on == date(2027, 1, 15)
    await world.ladder_command(MAYA, "set zone America/New_York")
    await world.click(MAYA, "log.edit", on=answer)
    await world.playground.submit(MAYA, {"happened_on": "2027-01-16"})
    assert "still to come" in world.playground.errors(MAYA)["happened_on"]
    await world.submit(MAYA, {"happened_on": "2027-01-15", "what": "Better"})
    assert ((await entry(world)).what, (await entry(world)).happened_on) == ("Better", date(2027, 1, 15))


async def test_a_link_without_its_beginning_is_completed(world: World) -> None:
    await opened(world, "With a link")
    await world.submit(MAYA, {"links": "docs.example.org/a?b=1"})
    assert (await entry(world)).links == ["https://docs.example.org/a?b=1"]
