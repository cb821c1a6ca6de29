"""The weekly check-in: from the schedule to the log."""

import asyncio
import copy
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from bot.planning.plan import plan
from db import members
from db.checkins import check_ins
from db.enums import CheckInState, DeliveryState
from db.members import UserRef
from db.models import CheckIn, Delivery, Entry, EntryCriterion, Member, Schedule
from tests.support.checkin import CHOICES, LOGGED, MONDAY, asked, meet, shown
from tests.support.world import MAYA, SAM, World, text_of


@pytest.mark.parametrize("world", ["socket", "http"], indirect=True)
async def test_monday_s_question_is_answered_in_the_form(world: World) -> None:
    question = await asked(world)
    assert "Nothing in your log on this yet." in text_of(question)
    assert question.text == "Your question of the week is here."

    await world.click(MAYA, "checkin.write", on=question)
    await world.submit(MAYA, {"what": LOGGED, "impact": "He shipped it himself"})

    after = await shown(world, question)
    assert "Paired with Jonas on the training pipeline &amp; cut it by 40%" in after
    assert "Saved to your growth log" in after
    [entry] = await world.rows(select(Entry))
    [check_in] = await world.rows(select(CheckIn))
    assert (entry.what, entry.impact, entry.check_in_id) == (LOGGED, "He shipped it himself", check_in.id)
    assert check_in.state == CheckInState.ANSWERED
    assert await world.rows(select(EntryCriterion.criterion_id)) == [check_in.criterion_id]
    assert "1 of 9 criteria have evidence" in text_of(await world.ladder_command(MAYA, "next"))


async def test_nothing_comes_before_its_time(world: World) -> None:
    await meet(world)
    before = len(world.playground.dm(MAYA))
    await world.travel(MONDAY - timedelta(minutes=1))
    assert len(world.playground.dm(MAYA)) == before


async def test_a_reply_in_the_thread_is_an_answer_and_its_correction_too(world: World) -> None:
    question = await asked(world)
    await world.say(MAYA, "Wrote <the> runbook with @sam", thread_ts=question.ts)
    reply = world.playground.dm(MAYA)[-1]
    [entry] = await world.rows(select(Entry))
    assert entry.what == "Wrote <the> runbook with @sam"
    assert "&lt;the&gt; runbook" in await shown(world, question)

    await world.edit(MAYA, reply.ts, "Wrote the runbook")
    [entry] = await world.rows(select(Entry))
    assert entry.what == "Wrote the runbook"
    assert "Wrote the runbook" in await shown(world, question)


async def test_nothing_this_week_can_be_taken_back(world: World) -> None:
    question = await asked(world)
    await world.click(MAYA, "checkin.skip", on=question)
    assert "Nothing this week: fine." in await shown(world, question)
    await world.click(MAYA, "checkin.write", on=world.playground.workspace.message(question.channel, question.ts))
    await world.submit(MAYA, {"what": LOGGED})
    assert [check_in.state for check_in in await world.rows(select(CheckIn))] == [CheckInState.ANSWERED]


async def test_undo_opens_the_question_again(world: World) -> None:
    question = await asked(world)
    await world.say(MAYA, LOGGED, thread_ts=question.ts)
    answered = world.playground.workspace.message(question.channel, question.ts)
    as_it_was = copy.deepcopy(answered)
    await world.click(MAYA, "log.undo", on=answered)
    assert "Write reflection" in await shown(world, question)
    assert [entry.deleted_at is None for entry in await world.rows(select(Entry))] == [False]
    await world.click(MAYA, "log.undo", on=as_it_was)  # the second click
    assert [check_in.state for check_in in await world.rows(select(CheckIn))] == [CheckInState.ASKED]


async def test_edit_changes_what_the_message_shows(world: World) -> None:
    question = await asked(world)
    await world.say(MAYA, LOGGED, thread_ts=question.ts)
    await world.click(MAYA, "log.edit", on=world.playground.workspace.message(question.channel, question.ts))
    await world.submit(MAYA, {"what": "Something better"})
    assert "Something better" in await shown(world, question)
    assert len(await world.rows(select(Entry))) == 1


async def test_another_question_goes_round_all_criteria(world: World) -> None:
    question = await asked(world)
    seen = set()
    for _ in range(9):
        [check_in] = await world.rows(select(CheckIn))
        seen.add(check_in.criterion_id)
        now = world.playground.workspace.message(question.channel, question.ts)
        await world.click(MAYA, "checkin.more", on=now, value="Another question")
    assert len(seen) == 9
    assert len(world.playground.dm(MAYA)) == 2, "the same message, redrawn"


async def test_an_empty_answer_is_refused_on_its_field(world: World) -> None:
    question = await asked(world)
    await world.click(MAYA, "checkin.write", on=question)
    await world.playground.submit(MAYA, {"what": "   "})
    assert "write a few words" in world.playground.errors(MAYA)["what"]
    assert await world.rows(select(Entry)) == []


async def test_a_day_to_come_is_refused_on_its_field(world: World) -> None:
    question = await asked(world)
    await world.click(MAYA, "checkin.write", on=question)
    await world.playground.submit(MAYA, {"what": LOGGED, "happened_on": "2027-01-19"})
    assert "still to come" in world.playground.errors(MAYA)["happened_on"]


async def test_an_unanswered_question_lapses_when_the_next_comes_and_can_still_be_answered(world: World) -> None:
    first = await asked(world)
    await world.travel(MONDAY + timedelta(weeks=1))
    states = [c.state for c in await world.rows(select(CheckIn).order_by(CheckIn.id))]
    assert states == [CheckInState.LAPSED, CheckInState.ASKED]
    await world.say(MAYA, LOGGED, thread_ts=first.ts)
    states = [c.state for c in await world.rows(select(CheckIn).order_by(CheckIn.id))]
    assert states == [CheckInState.ANSWERED, CheckInState.ASKED]


async def test_by_hand_before_the_slot_takes_this_week_s_place(world: World) -> None:
    await meet(world)
    await world.travel(datetime(2027, 1, 18, 6, 0, tzinfo=UTC))
    await world.ladder_command(MAYA, "checkin")
    await world.service.ticker.run()
    assert "Write reflection" in text_of(world.playground.dm(MAYA)[-1])
    [check_in] = await world.rows(select(CheckIn))
    assert str(check_in.week) == "2027-01-18"
    await world.travel(MONDAY + timedelta(minutes=5))
    assert len(await world.rows(select(CheckIn))) == 1
    assert "still open" in text_of(await world.ladder_command(MAYA, "checkin"))


async def test_by_hand_after_the_week_s_question_is_an_extra(world: World) -> None:
    question = await asked(world)
    await world.say(MAYA, LOGGED, thread_ts=question.ts)
    await world.ladder_command(MAYA, "checkin")
    await world.service.ticker.run()
    assert [c.week is None for c in await world.rows(select(CheckIn).order_by(CheckIn.id))] == [False, True]
    assert "Write reflection" in text_of(world.playground.dm(MAYA)[-1])


async def test_without_a_level_nothing_is_asked(world: World) -> None:
    answer = await world.ladder_command(MAYA, "checkin")
    assert "I don't know your level yet" in text_of(answer)


async def test_four_planners_at_once_plan_each_week_once(world: World) -> None:
    await meet(world)
    world.playground.clock.set_to(MONDAY)
    await asyncio.gather(*(plan(world.sessions, world.ladder, MONDAY) for _ in range(4)))
    await world.service.ticker.run()
    assert await world.rows(select(func.count()).select_from(CheckIn)) == [1]
    assert [d.state for d in await world.rows(select(Delivery))] == [DeliveryState.SENT]
    assert len([m for m in world.playground.dm(MAYA) if m.metadata]) == 1


async def test_a_week_missed_in_an_outage_is_recorded_and_the_next_one_comes(world: World) -> None:
    await meet(world)
    await world.travel(MONDAY + timedelta(days=3))
    assert [c.state for c in await world.rows(select(CheckIn))] == [CheckInState.MISSED]
    assert await world.rows(select(Delivery)) == []
    [schedule] = await world.rows(select(Schedule))
    assert schedule.due_at == MONDAY + timedelta(weeks=1)


async def test_a_few_hours_late_it_is_still_asked(world: World) -> None:
    await meet(world)
    await world.travel(MONDAY + timedelta(hours=6))
    assert [c.state for c in await world.rows(select(CheckIn))] == [CheckInState.ASKED]


async def test_an_answer_from_the_form_stands_in_the_conversation_once(world: World) -> None:
    question = await asked(world)
    before = len(world.playground.dm(MAYA))
    await world.click(MAYA, "checkin.write", on=question)
    await world.submit(MAYA, {"what": LOGGED})
    assert len(world.playground.dm(MAYA)) == before


async def test_a_setting_changed_while_the_planner_works_does_not_deadlock(world: World) -> None:
    await meet(world)
    world.playground.clock.set_to(MONDAY)
    async with world.sessions.begin() as changing:
        assert await members.lock(changing, UserRef(world.playground.workspace.team_id, MAYA))
        async with asyncio.timeout(5):
            assert await plan(world.sessions, world.ladder, MONDAY) == 0, "passed over until the change is made"
    assert await plan(world.sessions, world.ladder, MONDAY) == 1


async def test_what_is_saved_is_not_called_lost_when_slack_will_not_redraw(world: World) -> None:
    question = await asked(world)
    await world.click(MAYA, "checkin.write", on=question)
    world.playground.faults.refuse("chat.update", "edit_window_closed")
    await world.submit(MAYA, {"what": LOGGED})
    assert world.playground.modal(MAYA) is None
    assert len(await world.rows(select(Entry))) == 1


async def test_a_second_pick_of_a_time_keeps_to_the_week_that_was_asked(world: World) -> None:
    await world.ladder_command(MAYA, "next")
    await world.click(MAYA, "welcome.level.l4")
    offer = copy.deepcopy(world.playground.dm(MAYA)[-1])
    await world.click(MAYA, "welcome.time.1")
    await world.travel(MONDAY)
    await world.click(MAYA, "welcome.time.5", on=offer)
    [schedule] = await world.rows(select(Schedule))
    assert schedule.due_at == datetime(2027, 1, 29, 14, 0, tzinfo=UTC), "not Friday of the same week"
    await world.travel(datetime(2027, 1, 22, 15, 0, tzinfo=UTC))
    assert [c.state for c in await world.rows(select(CheckIn))] == [CheckInState.ASKED]


async def test_a_question_that_cannot_be_sent_does_not_stand_in_the_way(world: World) -> None:
    await meet(world)
    world.playground.faults.refuse("chat.postMessage", "restricted_action")
    await world.travel(MONDAY)
    assert [c.state for c in await world.rows(select(CheckIn))] == [CheckInState.CANCELLED]
    world.playground.faults.clear()
    await world.ladder_command(MAYA, "checkin")
    await world.service.ticker.run()
    assert "Write reflection" in text_of(world.playground.dm(MAYA)[-1])


async def test_a_level_that_is_gone_for_a_while_does_not_end_the_questions(world: World) -> None:
    await meet(world)
    async with world.sessions.begin() as session:
        await session.execute(update(Member).values(level="l99"))
    await world.travel(MONDAY)
    assert await world.rows(select(CheckIn)) == []
    async with world.sessions.begin() as session:
        await session.execute(update(Member).values(level="l4"))
    await world.travel(MONDAY + timedelta(weeks=1))
    assert [c.state for c in await world.rows(select(CheckIn))] == [CheckInState.ASKED]


async def test_a_correction_in_slack_does_not_undo_an_edit_in_the_form(world: World) -> None:
    question = await asked(world)
    await world.say(MAYA, "shrot answer", thread_ts=question.ts)
    reply = world.playground.dm(MAYA)[-1]
    await world.click(MAYA, "log.edit", on=world.playground.workspace.message(question.channel, question.ts))
    await world.submit(MAYA, {"what": "A long and polished paragraph"})
    await world.edit(MAYA, reply.ts, "short answer")
    assert [entry.what for entry in await world.rows(select(Entry))] == ["A long and polished paragraph"]


async def test_no_questions_switches_off_what_another_click_switched_on(world: World) -> None:
    await world.ladder_command(MAYA, "next")
    await world.click(MAYA, "welcome.level.l4")
    offer = copy.deepcopy(world.playground.dm(MAYA)[-1])
    await world.click(MAYA, "welcome.time.1")
    await world.click(MAYA, "welcome.no_questions", on=offer)
    assert [schedule.due_at for schedule in await world.rows(select(Schedule))] == [None]


async def test_an_answer_to_a_question_that_was_exchanged_meanwhile_is_kept_as_an_entry(world: World) -> None:
    question = await asked(world)
    first = copy.deepcopy(question)
    await world.click(MAYA, "checkin.write", on=first)
    await world.click(MAYA, "checkin.more", on=first, value="Another question")
    await world.submit(MAYA, {"what": LOGGED})
    [entry] = await world.rows(select(Entry))
    assert (entry.what, entry.check_in_id) == (LOGGED, None)
    assert [c.state for c in await world.rows(select(CheckIn))] == [CheckInState.ASKED]


async def test_undoing_an_answer_to_an_old_question_does_not_ask_it_again(world: World) -> None:
    first = await asked(world)
    await world.travel(MONDAY + timedelta(weeks=1))
    await world.say(MAYA, LOGGED, thread_ts=first.ts)
    await world.click(MAYA, "log.undo", on=world.playground.workspace.message(first.channel, first.ts))
    states = [c.state for c in await world.rows(select(CheckIn).order_by(CheckIn.id))]
    assert states == [CheckInState.LAPSED, CheckInState.ASKED]


async def test_a_command_in_the_thread_is_no_answer(world: World) -> None:
    question = await asked(world)
    await world.say(MAYA, "/ladder next", thread_ts=question.ts)
    assert await world.rows(select(Entry)) == []


@pytest.mark.parametrize("action", ["checkin.write", "checkin.skip", "checkin.later", "checkin.more"])
async def test_a_button_of_another_time_is_refused_with_a_sentence(world: World, action: str) -> None:
    question = await asked(world)
    for value in ("", "x", "9" * 400, "-1", "１"):
        old, before = copy.deepcopy(question), len(world.playground.dm(MAYA))
        for block in old.blocks:
            for element in block.get("elements", []):
                if element.get("action_id") == action:
                    element["value"] = value
                    for option in element.get("options", []):
                        option["value"] = f"{option['value'].split()[0]} {value}"
        await world.click(MAYA, action, on=old, value=CHOICES.get(action))
        told = world.playground.dm(MAYA)[before:]
        assert ["older version" in text_of(each) for each in told] == [True], value


async def test_nobody_else_has_a_hand_in_a_question(world: World) -> None:
    question = await asked(world)
    [as_it_was] = await world.rows(select(CheckIn))
    await world.click(MAYA, "checkin.write", on=question)
    form = world.playground.modal(MAYA)
    assert form
    mine = await world.ladder_command(SAM, "set L4")
    mine.blocks = copy.deepcopy(question.blocks)
    for action, value in (("checkin.write", None), ("checkin.skip", None), ("checkin.more", "Another question")):
        await world.click(SAM, action, on=mine, value=value)
        assert "no longer there" in text_of(world.playground.dm(SAM)[-1])
    assert world.playground.modal(SAM) is None
    world.playground.workspace.modals[SAM] = [copy.deepcopy(form)]
    await world.submit(SAM, {"what": LOGGED})
    assert [entry.check_in_id for entry in await world.rows(select(Entry))] == [None], "the words are Sam's to keep"

    [check_in] = await world.rows(select(CheckIn))
    assert (check_in.state, check_in.question) == (CheckInState.ASKED, as_it_was.question)
    assert "Write reflection" in await shown(world, question)


async def test_a_namesake_in_another_workspace_is_somebody_else(world: World) -> None:
    question = await asked(world)
    [check_in] = await world.rows(select(CheckIn))
    team = world.playground.workspace.team_id
    async with world.sessions.begin() as session:
        for who, theirs in (
            (UserRef(team, MAYA), check_in.id),
            (UserRef("T2", MAYA), None),
            (UserRef(team, SAM), None),
        ):
            await members.add(session, who, "UTC")
            found = [
                await check_ins.get(session, who, check_in.id),
                await check_ins.lock(session, who, check_in.id),
                await check_ins.open_one(session, who),
                await check_ins.at_message(session, who, question.channel, question.ts),
            ]
            assert [each and each.id for each in found] == [theirs] * 4, who


async def test_undoing_one_of_two_answers_leaves_the_question_answered(world: World) -> None:
    question = await asked(world)
    for words in ("First", "Second"):
        await world.say(MAYA, words, thread_ts=question.ts)
    await world.click(MAYA, "log.undo", on=world.playground.workspace.message(question.channel, question.ts))
    assert [check_in.state for check_in in await world.rows(select(CheckIn))] == [CheckInState.ANSWERED]
    assert "> First" in await shown(world, question)


async def test_a_deleted_answer_counts_for_nothing(world: World) -> None:
    question = await asked(world)
    await world.say(MAYA, LOGGED, thread_ts=question.ts)
    assert "1 of 9 criteria have evidence" in text_of(await world.ladder_command(MAYA, "next"))
    await world.click(MAYA, "log.undo", on=world.playground.workspace.message(question.channel, question.ts))
    assert "0 of 9 criteria have evidence" in text_of(await world.ladder_command(MAYA, "next"))
