"""What quotes or shows an entry follows it: to its new words, and to nothing when it is deleted."""

import copy
import json
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bot.planning.plan import plan
from db import members
from db.entries import entries
from db.entries.entries import NewEntry
from db.enums import CheckInState, Source
from db.members import UserRef
from db.models import CheckIn, Entry
from playground.workspace import Message
from tests.support.checkin import MONDAY, asked, meet, shown
from tests.support.log import logged
from tests.support.progress import uploaded
from tests.support.world import MAYA, START, World, text_of

SECRET = "My manager is not amused"


async def noted(world: World) -> list[int]:
    """Maya has an entry on each criterion ahead, so that she is asked what came of it; their ids."""
    async with world.sessions.begin() as session:
        member = await members.add(session, UserRef(world.playground.workspace.team_id, MAYA), "Europe/Berlin")
        ids = []
        for n, criterion in enumerate(world.ladder.criteria_to("l5")):
            new = NewEntry(f"{SECRET} {n}", date(2026, 12, 1), Source.FORM, f"key:{n}")
            entry = await entries.add(session, member, new, START)
            await entries.tag(session, entry, {criterion.id: criterion.sentence})
            ids.append(entry.id)
    return ids


async def asked_about_it(world: World) -> tuple[Message, int]:
    """The question that quotes an entry, and that entry's id."""
    await meet(world)
    await noted(world)
    await world.travel(MONDAY)
    question = world.playground.dm(MAYA)[-1]
    assert SECRET in text_of(question)
    [quoted] = await world.rows(select(CheckIn.quoted_entry_id))
    return question, quoted


async def deleted(world: World, entry_id: int) -> Message:
    """The list, in which that entry was just deleted."""
    answer = await world.ladder_command(MAYA, "logs")
    await world.click(MAYA, f"logs.delete.{entry_id}", on=answer)
    return answer


async def test_a_question_stops_quoting_what_is_deleted_at_once(world: World) -> None:
    question, entry_id = await asked_about_it(world)
    [before] = await world.rows(select(CheckIn))
    answer = await deleted(world, entry_id)
    [check_in] = await world.rows(select(CheckIn))
    assert SECRET not in await shown(world, question)
    assert SECRET not in check_in.question
    assert (check_in.quoted_entry_id, check_in.criterion_id) == (None, before.criterion_id)
    assert check_in.prompt_id != before.prompt_id
    assert check_in.question in await shown(world, question)

    await world.click(MAYA, f"logs.restore.{entry_id}", on=answer)
    assert SECRET not in await shown(world, question), "the quotation is not missed"


async def test_a_planned_question_is_sent_without_what_was_deleted_before(world: World) -> None:
    await meet(world)
    await noted(world)
    world.playground.clock.set_to(MONDAY)
    assert await plan(world.sessions, world.ladder, MONDAY) == 1
    [planned] = await world.rows(select(CheckIn).where(CheckIn.quoted_entry_id.is_not(None)))
    assert planned.state == CheckInState.PLANNED
    await deleted(world, planned.quoted_entry_id)
    await world.service.ticker.run()
    assert "Write reflection" in text_of(world.playground.dm(MAYA)[-1])
    assert SECRET not in text_of(world.playground.dm(MAYA)[-1])


async def test_an_answer_keeps_its_question_without_the_words_that_were_deleted(world: World) -> None:
    question, entry_id = await asked_about_it(world)
    await world.say(MAYA, "It went well", thread_ts=question.ts)
    [before] = await world.rows(select(CheckIn))
    await deleted(world, entry_id)
    [after] = await world.rows(select(CheckIn))
    assert "“(taken out)”" in after.question
    assert (after.prompt_id, after.state) == (before.prompt_id, CheckInState.ANSWERED)
    assert "It went well" in await shown(world, question)
    assert f"{SECRET} 0" not in await shown(world, question)
    await world.travel(timedelta(minutes=11))
    await world.ladder_command(MAYA, "export json")
    taken = json.loads(uploaded(world)[-1][1].content or "")
    questions = [each["question"] for each in taken["entries"] if each["question"]]
    assert questions == [after.question]


async def test_an_edit_is_quoted_as_it_reads_now(world: World) -> None:
    question, entry_id = await asked_about_it(world)
    answer = await world.ladder_command(MAYA, "logs")
    await world.click(MAYA, f"log.edit.{entry_id}", on=answer)
    await world.submit(MAYA, {"what": "The team is delighted", "happened_on": "2026-12-24"})
    assert "“The team is delighted”" in await shown(world, question)
    assert SECRET not in await shown(world, question)
    assert "24 December" in await shown(world, question)


async def test_a_prompt_that_has_left_the_ladder_quotes_nothing_either(world: World) -> None:
    question, entry_id = await asked_about_it(world)
    async with world.sessions.begin() as session:
        [check_in] = await session.scalars(select(CheckIn))
        check_in.criterion_id = "l5.no-longer"
    await deleted(world, entry_id)
    assert SECRET not in await shown(world, question)
    assert "What has come of it since?" in await shown(world, question)


async def test_an_answer_taken_out_does_not_come_back_to_another_question(world: World) -> None:
    question = await asked(world)
    await world.say(MAYA, "About the first one", thread_ts=question.ts)
    [entry] = await world.rows(select(Entry))
    answer = await deleted(world, entry.id)
    await world.click(MAYA, "checkin.more", on=question, value="Another question")
    await world.click(MAYA, f"logs.restore.{entry.id}", on=answer)
    [entry] = await world.rows(select(Entry))
    assert (entry.deleted_at, entry.check_in_id) == (None, None)
    assert [each.state for each in await world.rows(select(CheckIn))] == [CheckInState.ASKED]
    assert "Write reflection" in await shown(world, question)


async def test_saved_as_an_answer_it_answers_the_question_that_was_open_then(world: World) -> None:
    question = await asked(world)
    await world.say(MAYA, "About the first one")
    offer = world.playground.dm(MAYA)[-1]
    await world.click(MAYA, "checkin.more", on=question, value="Another question")
    await world.click(MAYA, "log.save_answer", on=offer)
    [entry] = await world.rows(select(Entry))
    assert (entry.what, entry.check_in_id) == ("About the first one", None)
    assert "Write reflection" in await shown(world, question)


async def saved_in_the_dm(world: World) -> Message:
    """The message that said *Saved to your growth log*, which stays."""
    await world.ladder_command(MAYA, "set L4")
    await world.say(MAYA, SECRET)
    offer = world.playground.dm(MAYA)[-1]
    await world.click(MAYA, "log.save_message", on=offer)
    assert SECRET in await shown(world, offer)
    return offer


async def test_the_message_that_said_saved_follows_the_list(world: World) -> None:
    message = await saved_in_the_dm(world)
    [entry] = await world.rows(select(Entry))
    answer = await deleted(world, entry.id)
    assert SECRET not in await shown(world, message)
    assert "Bring it back" in await shown(world, message)
    await world.click(MAYA, f"logs.restore.{entry.id}", on=answer)
    assert SECRET in await shown(world, message)
    await world.click(MAYA, f"log.edit.{entry.id}", on=answer)
    await world.submit(MAYA, {"what": "Said better"})
    assert "Said better" in await shown(world, message)
    assert SECRET not in await shown(world, message)


async def test_what_was_posted_because_the_form_was_open_for_long_follows_too(world: World) -> None:
    await world.playground.command(MAYA, "/ladder log")
    world.playground.clock.advance(timedelta(minutes=31))
    await world.submit(MAYA, {"what": SECRET})
    message = world.playground.dm(MAYA)[-1]
    [entry] = await world.rows(select(Entry))
    await deleted(world, entry.id)
    assert SECRET not in await shown(world, message)


async def test_undo_says_how_long_and_is_undone(world: World) -> None:
    answer = await logged(world, SECRET)
    await world.click(MAYA, "log.undo", on=answer)
    assert "Until 11:10 (Europe/Berlin) you can bring it back; after that it is gone for good." in text_of(answer)
    as_it_was = copy.deepcopy(answer)
    await world.click(MAYA, "log.restore", on=answer)
    assert SECRET in text_of(answer)
    assert [each.deleted_at for each in await world.rows(select(Entry))] == [None]

    await world.click(MAYA, "log.undo", on=answer)
    await world.travel(timedelta(minutes=11))
    await world.click(MAYA, "log.restore", on=as_it_was)
    assert "gone for good" in text_of(as_it_was) + text_of(world.playground.dm(MAYA)[-1])


async def test_too_late_the_way_back_goes(world: World) -> None:
    message = await saved_in_the_dm(world)
    await world.click(MAYA, "log.undo", on=message)
    await world.travel(timedelta(minutes=11))
    assert await world.rows(select(Entry)) == []
    await world.click(MAYA, "log.restore", on=message)
    assert await shown(world, message) == "Taken out of your log, and gone for good."


async def test_the_undone_answer_to_a_question_can_be_brought_back_there(world: World) -> None:
    question = await asked(world)
    await world.say(MAYA, SECRET, thread_ts=question.ts)
    await world.click(MAYA, "log.undo", on=question)
    assert "Your answer is out of your log again. Until 09:10 (Europe/Berlin)" in await shown(world, question)
    await world.click(MAYA, "log.restore", on=question)
    assert SECRET in await shown(world, question)
    assert [each.state for each in await world.rows(select(CheckIn))] == [CheckInState.ANSWERED]

    await world.click(MAYA, "log.undo", on=question)
    await world.travel(timedelta(minutes=11))
    await world.click(MAYA, "log.restore", on=question)
    assert "Bring it back" not in await shown(world, question)
    assert "Write reflection" in await shown(world, question)


@pytest.mark.parametrize("refusal", ["message_not_found", "ratelimited"])
async def test_what_is_deleted_is_deleted_though_slack_redraws_nothing(world: World, refusal: str) -> None:
    await saved_in_the_dm(world)
    [entry] = await world.rows(select(Entry))
    for method in ("chat.update", "views.publish"):
        world.playground.faults.refuse(method, refusal)
    answer = await deleted(world, entry.id)
    assert "_Deleted_" in text_of(answer)
