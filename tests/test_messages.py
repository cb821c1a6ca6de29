"""What people write in the DM: offered to be saved, corrected, ignored where no person wrote it."""

import asyncio
import copy
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Boolean, column, func, select, table, update

from db import members
from db.enums import CheckInState, Source
from db.members import UserRef
from db.models import CheckIn, Entry, EntryCriterion
from playground import payloads
from playground.workspace import Message
from tests.support.checkin import asked
from tests.support.log import PROFILED
from tests.support.messages import TYPED, labels, said
from tests.support.shortcuts import opened
from tests.support.world import GUEST, MAYA, World, text_of

SHOWN = "> Paired with @sam on R&amp;D's &lt;pipeline&gt;"


async def heard(world: World, event: Mapping[str, Any]) -> list[Message]:
    """What Rung says to an event as Slack sends it."""
    dm = world.playground.workspace.dm(MAYA)
    before = len(dm.messages)
    world.playground.manifest.pop("settings", None)  # an app created by hand may hear of more
    whole = {"type": "message", "channel": dm.id, "channel_type": "im", "ts": world.playground.workspace.new_ts()}
    assert (await world.playground.event({**whole, **event})).ok
    await world.settle()
    return dm.messages[before:]


async def entries(world: World) -> list[Entry]:
    return await world.rows(select(Entry).order_by(Entry.id))


async def test_a_message_out_of_the_blue_is_offered_to_be_saved(world: World) -> None:
    _, offer = await said(world)
    assert text_of(offer).startswith("Shall I keep that in your growth log?")
    assert labels(offer) == ["Save to my log"]
    assert await entries(world) == [], "nothing is saved without a yes"

    await world.click(MAYA, "log.save_message", on=offer)
    [entry] = await entries(world)
    assert (entry.what, entry.source, entry.check_in_id) == (TYPED, Source.MESSAGE, None)
    assert SHOWN in text_of(offer)
    assert offer.text == "Saved to your growth log."


async def test_while_a_question_is_open_it_may_be_the_answer(world: World) -> None:
    question = await asked(world)
    _, offer = await said(world)
    assert labels(offer) == ["Save as my answer", "Save to my log"]
    await world.click(MAYA, "log.save_answer", on=offer)
    [entry] = await entries(world)
    assert entry.source == Source.CHECK_IN
    assert await world.rows(select(CheckIn.state)) == [CheckInState.ANSWERED]
    assert SHOWN in text_of(question)
    assert SHOWN in text_of(offer)

    await world.click(MAYA, "log.edit", on=offer)
    await world.submit(MAYA, {"what": "Better"})
    assert "> Better" in text_of(question)
    assert "> Better" in text_of(offer), "the copy that was clicked changes too"

    await world.click(MAYA, "log.undo", on=offer)
    assert "Write reflection" in text_of(question)
    assert "Taken out of your log again." in text_of(offer)
    assert "Write reflection" not in text_of(offer), "the question stands in one place"


async def test_or_an_entry_of_its_own(world: World) -> None:
    question = await asked(world)
    _, offer = await said(world)
    await world.click(MAYA, "log.save_message", on=offer)
    assert [entry.check_in_id for entry in await entries(world)] == [None]
    assert await world.rows(select(CheckIn.state)) == [CheckInState.ASKED]
    assert "Write reflection" in text_of(question)


async def test_what_is_saved_is_what_stands_there_now(world: World) -> None:
    written, offer = await said(world)
    await world.edit(MAYA, written.ts, "Corrected before saving")
    await world.click(MAYA, "log.save_message", on=offer)
    assert [entry.what for entry in await entries(world)] == ["Corrected before saving"]
    await world.edit(MAYA, written.ts, "And after")
    assert [entry.what for entry in await entries(world)] == ["And after"]

    written, offer = await said(world, "Deleted before saving")
    await world.playground.delete(MAYA, written.ts)
    await world.click(MAYA, "log.save_message", on=offer)
    assert "That message is no longer there" in text_of(world.playground.dm(MAYA)[-1])
    assert len(await entries(world)) == 1


async def test_an_edit_to_nothing_or_of_something_unsaved_changes_nothing(world: World) -> None:
    written, offer = await said(world)
    await world.edit(MAYA, written.ts, "Never saved")
    assert await entries(world) == []
    await world.click(MAYA, "log.save_message", on=offer)
    await world.edit(MAYA, written.ts, "  ")
    assert [entry.what for entry in await entries(world)] == ["Never saved"]
    await world.click(MAYA, "log.undo", on=offer)
    await world.edit(MAYA, written.ts, "Taken back already")
    assert [entry.what for entry in await entries(world)] == ["Never saved"]


async def test_an_event_delivered_again_is_saved_once(world: World) -> None:
    question = await asked(world)
    await world.say(MAYA, TYPED, thread_ts=question.ts)
    written = world.playground.dm(MAYA)[-1]
    again = payloads.message_event(world.playground.workspace, written)
    assert (await world.playground.event(again)).ok
    assert len(await entries(world)) == 1
    await world.click(MAYA, "log.undo", on=question)
    assert (await world.playground.event(again)).ok
    assert [entry.deleted_at is None for entry in await entries(world)] == [False], "what was undone stays undone"


async def test_a_message_delivered_again_is_offered_once(world: World) -> None:
    written, _ = await said(world)
    before = len(world.playground.dm(MAYA))
    assert (await world.playground.event(payloads.message_event(world.playground.workspace, written))).ok
    assert len(world.playground.dm(MAYA)) == before


async def test_the_second_click_saves_nothing_more(world: World) -> None:
    _, offer = await said(world)
    as_it_was = copy.deepcopy(offer)
    await world.click(MAYA, "log.save_message", on=offer)
    await world.click(MAYA, "log.save_message", on=as_it_was)
    assert len(await entries(world)) == 1
    assert "That is in your growth log already." in text_of(as_it_was)


async def test_the_menu_of_what_was_saved_begins_with_what_the_words_suggest(world: World) -> None:
    await world.ladder_command(MAYA, "set L4")
    _, offer = await said(world, PROFILED)
    await world.click(MAYA, "log.save_message", on=offer)
    [menu] = [each for each in offer.blocks[-1]["elements"] if each["type"] == "static_select"]
    groups = [(group["label"]["text"], [each["value"] for each in group["options"]]) for group in menu["option_groups"]]
    assert groups[0] == ("Suggested from the words", ["l5.lean-serving"])
    assert [label for label, _ in groups[1:]] == ["Leads to L5", "Leads to L4"]
    assert "l5.lean-serving" not in groups[1][1]
    await world.click(MAYA, menu["action_id"], on=offer, value="l5.lean-serving")
    assert await world.rows(select(EntryCriterion.criterion_id)) == ["l5.lean-serving"]


async def test_what_the_shortcut_saved_can_still_become_the_answer(world: World) -> None:
    question = await asked(world)
    written, offer = await said(world)
    await opened(world, written)
    await world.submit(MAYA, {"what": "In my words", "criteria": ["l4.lifecycle"]})
    await world.playground.close(MAYA)
    await world.click(MAYA, "log.save_answer", on=offer)
    [entry], [check_in] = await entries(world), await world.rows(select(CheckIn))
    assert (entry.what, entry.check_in_id, check_in.state) == ("In my words", check_in.id, CheckInState.ANSWERED)
    tags = await world.rows(select(EntryCriterion.criterion_id))
    assert sorted(tags) == sorted(["l4.lifecycle", check_in.criterion_id])
    assert "> In my words" in text_of(question)


async def test_an_edit_makes_an_answer_of_a_reply_that_was_none(world: World) -> None:
    question = await asked(world)
    await world.say(MAYA, "hi", thread_ts=question.ts)
    written = next(each for each in world.playground.dm(MAYA) if each.text == "hi")
    await world.edit(MAYA, written.ts, "Wrote the runbook")
    assert [entry.what for entry in await entries(world)] == ["Wrote the runbook"]
    assert "> Wrote the runbook" in text_of(question)
    await world.edit(MAYA, written.ts, "Wrote it again")
    assert [entry.what for entry in await entries(world)] == ["Wrote it again"]


async def waits_for_a_row(world: World) -> None:
    """Until somebody waits for what a transaction of the test's holds."""
    waiting = select(func.count()).select_from(table("pg_locks")).where(~column("granted", Boolean))
    async with asyncio.timeout(10):
        while await world.rows(waiting) == [0]:
            pass


async def test_a_correction_waits_for_what_is_being_polished(world: World) -> None:
    written, offer = await said(world)
    await world.click(MAYA, "log.save_message", on=offer)
    async with world.sessions.begin() as session:
        await members.lock(session, UserRef(world.playground.workspace.team_id, MAYA))
        await session.execute(update(Entry).values(what="Polished"))
        correction = asyncio.create_task(world.playground.edit(MAYA, written.ts, "Corrected"))
        await waits_for_a_row(world)
    await correction
    assert [entry.what for entry in await entries(world)] == ["Polished"]


async def test_an_edit_waits_for_what_is_being_taken_out(world: World) -> None:
    _, offer = await said(world)
    await world.click(MAYA, "log.save_message", on=offer)
    await world.click(MAYA, "log.edit", on=offer)
    async with world.sessions.begin() as session:
        await session.execute(update(Entry).values(deleted_at=world.playground.clock.now()))
        submission = asyncio.create_task(world.playground.submit(MAYA, {"what": "Too late"}))
        await waits_for_a_row(world)
    await submission
    assert [entry.what for entry in await entries(world)] == [TYPED]


async def test_a_reply_in_a_thread_that_asks_nothing_is_offered_there(world: World) -> None:
    written, _ = await said(world)
    _, offer = await said(world, "And one more thing", thread_ts=written.ts)
    assert offer.thread_ts == written.ts
    await world.click(MAYA, "log.save_message", on=offer)
    assert [entry.what for entry in await entries(world)] == ["And one more thing"]


async def test_a_reply_sent_to_the_conversation_too_is_an_answer(world: World) -> None:
    question = await asked(world)
    await heard(world, {"subtype": "thread_broadcast", "user": MAYA, "text": "Both", "thread_ts": question.ts})
    assert [entry.what for entry in await entries(world)] == ["Both"]
    assert "> Both" in text_of(question)


async def test_hello_is_answered_with_what_rung_can_do(world: World) -> None:
    for words in ("hi", "Hello!", "hey", "help", "?"):
        _, answer = await said(world, words)
        assert answer.text == "What Rung can do", words


async def test_a_command_without_its_slash_is_told_how_it_is_typed(world: World) -> None:
    written = {
        "next": "next",
        "L5": "L5",
        " ladder compare L4 L5": "compare L4 L5",
        "senior ml engineer": "senior ml engineer",
    }
    for words, command in written.items():
        _, answer = await said(world, words)
        assert text_of(answer) == f"That is a command: type `/ladder {command}`, with the slash, and I'll answer."
        assert command not in answer.text.split(), "a notification quotes nobody"


async def test_what_only_begins_like_a_command_may_be_either(world: World) -> None:
    _, offer = await said(world, "log shipped the <b> monitor")
    assert labels(offer) == ["Save to my log"]
    assert "Those start with a slash: `/ladder log shipped the &lt;b&gt; monitor`." in text_of(offer)
    _, offer = await said(world, "Shipped the monitor")
    assert "slash" not in text_of(offer)


async def test_mentions_are_kept_as_names(world: World) -> None:
    for sent, kept in {
        "with <@U0SAM>": "with @sam",
        "with <@U0SAM|Sam O>": "with @Sam O",
        "with <@U0STRANGER>": "with @U0STRANGER",
        "<!here> R&amp;D": "@here R&D",
    }.items():
        message = world.playground.workspace.post(world.playground.workspace.dm(MAYA), MAYA, text=sent)
        await world.playground.event(payloads.message_event(world.playground.workspace, message))
        await world.click(MAYA, "log.save_message")
        assert (await entries(world))[-1].what == kept


async def test_a_file_without_words_is_asked_for_some(world: World) -> None:
    question = await asked(world)
    files = {"subtype": "file_share", "user": MAYA, "files": [{"id": "F1"}]}
    [answer] = await heard(world, {**files, "text": ""})
    assert text_of(answer).startswith("I can only keep words.")
    [answer] = await heard(world, {**files, "text": "", "thread_ts": question.ts})
    assert answer.thread_ts == question.ts
    assert await entries(world) == []
    await heard(world, {**files, "text": "The plan, as agreed", "thread_ts": question.ts})
    assert [entry.what for entry in await entries(world)] == ["The plan, as agreed"]


async def test_what_no_person_wrote_is_ignored(world: World) -> None:
    question = await asked(world)
    bot = {"user": "U0APP", "bot_id": "B0PLAYGROUND", "text": "I am a bot", "thread_ts": question.ts}
    for event in (
        bot,
        {**bot, "subtype": "bot_message"},
        {**bot, "user": MAYA, "bot_id": "B0OTHER"},
        {"subtype": "message_deleted", "deleted_ts": question.ts, "previous_message": {"user": MAYA, "text": "x"}},
        {"subtype": "message_changed", "message": {**bot, "ts": question.ts}, "previous_message": bot},
        {"subtype": "message_replied", "message": {"user": MAYA, "ts": question.ts, "text": "x"}},
        {"subtype": "some_day_new", "user": MAYA, "text": "x"},
        {"user": MAYA, "text": "x", "channel_type": "channel"},
        {"text": "from nobody"},
    ):
        assert await heard(world, event) == [], event
    assert await world.rows(select(func.count()).select_from(Entry)) == [0]


async def test_a_link_that_slack_unfurls_is_no_correction(world: World) -> None:
    question = await asked(world)
    await world.say(MAYA, "See https://example.org", thread_ts=question.ts)
    written = world.playground.dm(MAYA)[-1]
    await world.click(MAYA, "log.edit", on=question)
    await world.submit(MAYA, {"what": "Said better"})
    same = {"user": MAYA, "ts": written.ts, "text": written.text}
    await heard(
        world, {"subtype": "message_changed", "message": {**same, "attachments": [{}]}, "previous_message": same}
    )
    assert [entry.what for entry in await entries(world)] == ["Said better"]


async def test_guests_are_told_kindly(world: World) -> None:
    await world.say(GUEST, "Keep this")
    await world.click(GUEST, "log.save_message")
    assert "full members" in text_of(world.playground.dm(GUEST)[-1])
    assert await entries(world) == []


async def test_a_message_of_ten_thousand_characters_is_kept_whole(world: World) -> None:
    told = " ".join(f"{n}&" for n in range(10_000))[:10_000].strip()
    _, offer = await said(world, told)
    await world.click(MAYA, "log.save_message", on=offer)
    assert [entry.what for entry in await entries(world)] == [told]
    assert "shows all of it" in text_of(offer)
