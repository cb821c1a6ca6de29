"""Slack's shortcuts: a message kept with one's own words, and the empty form from anywhere."""

import asyncio
import copy
from datetime import timedelta

import pytest
from sqlalchemy import select

from db import members
from db.entries import entries
from db.enums import Source
from db.log import log
from db.members import UserRef
from db.models import Entry
from handlers.log.shortcuts import permalink
from playground.payloads import Sender
from tests.support.log import PROFILED, chosen
from tests.support.shortcuts import OWN, opened, praise
from tests.support.world import GUEST, MAYA, SAM, START, World, text_of

AS_READ = "@maya's drift monitor & its runbook (https://example.org/runbook) saved our weekend"
SHOWN = "> @maya's drift monitor &amp; its runbook (https://example.org/runbook) saved our weekend"


async def live(world: World) -> list[Entry]:
    return await world.rows(select(Entry).where(Entry.deleted_at.is_(None)).order_by(Entry.id))


@pytest.mark.parametrize("world", ["socket", "http"], indirect=True)
async def test_a_message_is_kept_with_ones_own_words_on_top(world: World) -> None:
    message = praise(world)
    form = await opened(world, message)
    assert form.values["what"]["value"]["value"] is None
    assert SHOWN in str(form.blocks)
    assert "Only you can read this." in str(form.blocks)

    await world.submit(MAYA, {"what": OWN})
    modal = world.playground.modal(MAYA)
    assert modal is not None
    assert "*Saved to your growth log.*" in str(modal.blocks)
    assert "From a message by sam" in str(modal.blocks)
    [entry] = await live(world)
    assert (entry.what, entry.snippet, entry.snippet_author) == (OWN, AS_READ, "sam")
    assert entry.permalink == f"https://northwind.slack.com/archives/{message.channel}/p{message.ts.replace('.', '')}"
    assert (entry.source, entry.source_key) == (Source.MESSAGE, f"message:{message.channel}:{message.ts}")


async def test_nobody_but_the_member_sees_anything_of_it(world: World) -> None:
    message = praise(world)
    place = world.playground.workspace.channel(message.channel)
    await opened(world, message)
    await world.submit(MAYA, {"what": OWN})
    assert place.seen_by(SAM) == place.seen_by(MAYA) == [message]
    assert world.playground.dm(SAM) == []


async def test_ones_own_words_may_be_empty_beside_a_message_only(world: World) -> None:
    await opened(world, praise(world))
    await world.submit(MAYA, {"what": None})
    [entry] = await live(world)
    assert (entry.what, entry.snippet) == ("", AS_READ)
    await world.playground.open_home(MAYA)
    await world.ladder_command(MAYA, "set L4")
    await world.playground.open_home(MAYA)
    home = world.playground.home(MAYA)
    assert home is not None
    assert SHOWN in str(home.blocks), "the list shows the message's words then"

    await opened(world, praise(world, text=""))
    await world.playground.submit(MAYA, {"what": None})
    assert "what" in world.playground.errors(MAYA), "a picture alone says nothing"
    await world.submit(MAYA, {"what": "What the picture shows"})
    assert [(each.what, each.snippet) for each in await live(world)][1:] == [("What the picture shows", None)]


async def test_an_edit_keeps_the_message(world: World) -> None:
    await opened(world, praise(world))
    await world.submit(MAYA, {"what": OWN})
    saved = world.playground.modal(MAYA)
    assert saved is not None
    await world.click(MAYA, "log.edit", on=saved)
    form = world.playground.modal(MAYA)
    assert form is not None
    assert SHOWN in str(form.blocks)
    await world.submit(MAYA, {"what": None, "impact": "No page since"})
    [entry] = await live(world)
    assert (entry.what, entry.impact, entry.snippet, entry.snippet_author) == ("", "No page since", AS_READ, "sam")
    below = world.playground.modal(MAYA)
    assert below is not None
    assert below.id == saved.id
    assert "No page since" in str(below.blocks), "what lay below shows it too"
    await world.playground.close(MAYA)
    assert world.playground.modal(MAYA) is None


async def test_undo_in_the_modal_is_seen_there(world: World) -> None:
    await opened(world, praise(world))
    await world.submit(MAYA, {"what": OWN})
    saved = world.playground.modal(MAYA)
    assert saved is not None
    await world.click(MAYA, "log.undo", on=saved)
    assert "Taken out of your log again." in str(saved.blocks)
    assert await live(world) == []


async def test_the_tag_in_the_modal_is_seen_there(world: World) -> None:
    await world.ladder_command(MAYA, "set L4")
    await opened(world, None)
    await world.submit(MAYA, {"what": OWN})
    saved = world.playground.modal(MAYA)
    assert saved is not None
    [entry] = await live(world)
    await world.click(MAYA, f"log.tag.{entry.id}", on=saved, value="l5.lean-serving")
    assert "evidence of “" in str(saved.blocks)


async def test_the_same_message_is_not_saved_twice_and_the_second_time_says_so(world: World) -> None:
    message = praise(world)
    await opened(world, message)
    await world.submit(MAYA, {"what": OWN})
    await world.playground.close(MAYA)

    again = await opened(world, message)
    assert "*That is in your growth log already.*" in str(again.blocks)
    assert f"> {OWN}" in str(again.blocks)
    await world.click(MAYA, "log.edit", on=again)
    await world.submit(MAYA, {"what": "Better"})
    assert [entry.what for entry in await live(world)] == ["Better"]


@pytest.mark.parametrize("typed", [OWN, None])
async def test_two_forms_for_one_message_make_one_entry(world: World, typed: str | None) -> None:
    message = praise(world)
    first = copy.deepcopy(await opened(world, message))
    await world.submit(MAYA, {"what": OWN})
    world.playground.workspace.modals[MAYA] = [first]  # on another device
    await world.submit(MAYA, {"what": typed})
    modal = world.playground.modal(MAYA)
    assert modal is not None
    assert "*That is in your growth log already.*" in str(modal.blocks)
    assert [entry.what for entry in await live(world)] == [OWN]


async def test_what_was_typed_into_a_second_form_for_one_message_is_not_lost(world: World) -> None:
    message = praise(world)
    first = await opened(world, message)
    await world.playground.close(MAYA)
    await opened(world, message)
    await world.submit(MAYA, {"what": OWN})
    saved = world.playground.modal(MAYA)
    assert saved is not None
    world.playground.workspace.modals[MAYA] = [first]  # on another device
    await world.playground.submit(MAYA, {"what": "Long and precious"})
    assert f"in other words: “{OWN}”" in world.playground.errors(MAYA)["what"]
    assert [entry.what for entry in await live(world)] == [OWN]

    await world.click(MAYA, "log.undo", on=saved)
    await world.submit(MAYA, {})
    assert [entry.what for entry in await live(world)] == ["Long and precious"], "nothing is in the way any more"


async def test_a_form_that_slack_sends_again_does_not_bring_back_what_was_undone(world: World) -> None:
    form = copy.deepcopy(await opened(world, praise(world)))
    await world.submit(MAYA, {"what": OWN})
    saved = world.playground.modal(MAYA)
    assert saved is not None
    await world.click(MAYA, "log.undo", on=saved)
    world.playground.workspace.modals[MAYA] = [form]
    await world.submit(MAYA, {"what": OWN})
    assert await live(world) == []


async def test_a_click_after_an_undo_elsewhere_is_a_new_wish(world: World) -> None:
    await world.say(MAYA, OWN)
    message, offer = world.playground.dm(MAYA)[-2:]
    await opened(world, message)
    await world.submit(MAYA, {"what": None})
    saved = world.playground.modal(MAYA)
    assert saved is not None
    await world.click(MAYA, "log.undo", on=saved)
    await world.playground.close(MAYA)
    world.playground.clock.advance(timedelta(seconds=1))
    await world.click(MAYA, "log.save_message", on=offer)
    assert [entry.what for entry in await live(world)] == [OWN]


async def test_what_was_undone_can_be_saved_again(world: World) -> None:
    message = praise(world)
    await opened(world, message)
    await world.submit(MAYA, {"what": OWN})
    saved = world.playground.modal(MAYA)
    assert saved is not None
    await world.click(MAYA, "log.undo", on=saved)
    form = await opened(world, message)
    assert "what" in form.values
    await world.submit(MAYA, {"what": "Once more"})
    assert [entry.what for entry in await live(world)] == ["Once more"]


async def test_each_keeps_their_own_and_a_message_saved_from_the_dm_is_the_same_one(world: World) -> None:
    message = praise(world)
    for user in (MAYA, SAM):
        await opened(world, message, user)
        await world.submit(user, {"what": user})
    assert [entry.what for entry in await live(world)] == [MAYA, SAM]

    await world.say(MAYA, "Said in the DM")
    said, offer = world.playground.dm(MAYA)[-2:]
    await world.click(MAYA, "log.save_message", on=offer)
    assert "already" in str((await opened(world, said)).blocks)


async def test_a_correction_in_the_dm_leaves_ones_own_words_alone(world: World) -> None:
    await world.say(MAYA, "Said in the DM")
    said = world.playground.dm(MAYA)[-2]
    await opened(world, said)
    await world.submit(MAYA, {"what": OWN})
    await world.edit(MAYA, said.ts, "Said otherwise")
    assert [(each.what, each.snippet) for each in await live(world)] == [(OWN, "Said in the DM")]


async def test_the_link_asks_nobody_and_leads_into_the_thread(world: World) -> None:
    message = praise(world, seen_by_rung=False)
    workspace = world.playground.workspace
    reply = workspace.post(workspace.channel(message.channel), SAM, text="So say we all", thread_ts=message.ts)
    for each in (message, reply):
        await opened(world, each)
        await world.submit(MAYA, {"what": OWN})
        await world.playground.close(MAYA)
    place = f"https://northwind.slack.com/archives/{message.channel}"
    assert [entry.permalink for entry in await live(world)] == [
        f"{place}/p{message.ts.replace('.', '')}",
        f"{place}/p{reply.ts.replace('.', '')}?thread_ts={message.ts}&cid={message.channel}",
    ]
    assert world.playground.journal.of("chat.getPermalink") == []


@pytest.mark.parametrize("about", [{"team": None}, {"team": {"id": "T1"}}, {"enterprise": {"id": "E1"}}])
def test_where_the_host_is_not_known_there_is_no_link(about: dict[str, object]) -> None:
    body = {"team": {"domain": "northwind"}, "channel": {"id": "C1"}, "message": {"ts": "1.2"}}
    assert permalink(body) == "https://northwind.slack.com/archives/C1/p12"
    assert permalink(body | about) is None


async def test_what_the_message_may_be_evidence_of_is_suggested(world: World) -> None:
    await world.ladder_command(MAYA, "set L4")
    form = await opened(world, praise(world, text=PROFILED))
    assert chosen(form) == ["l5.lean-serving"]
    assert "Suggested from the words" in str(form.blocks)
    assert await live(world) == []


async def test_a_long_message_is_kept_in_part(world: World) -> None:
    await opened(world, praise(world, text="long & <words> " * 1000))
    await world.submit(MAYA, {"what": OWN})
    [entry] = await live(world)
    assert entry.snippet is not None
    assert len(entry.snippet) <= 300
    assert entry.snippet.endswith("…")


async def test_a_message_of_an_app_has_the_app_s_name(world: World) -> None:
    message = praise(world)
    message.user = world.playground.workspace.bot.id
    await opened(world, message)
    await world.submit(MAYA, {"what": OWN})
    [entry] = await live(world)
    assert entry.snippet_author == world.playground.workspace.bot.name


async def test_the_empty_form_from_anywhere(world: World) -> None:
    form = await opened(world, None)
    assert form.values["what"]["value"]["value"] is None
    assert form.values["happened_on"]["value"]["selected_date"] == "2027-01-14"
    await world.submit(MAYA, {"what": OWN})
    modal = world.playground.modal(MAYA)
    assert modal is not None
    assert "*Saved to your growth log.*" in str(modal.blocks)
    assert [(entry.what, entry.source) for entry in await live(world)] == [(OWN, Source.FORM)]
    assert world.playground.dm(MAYA) == []


async def test_the_day_is_ones_own_before_one_is_known(world: World) -> None:
    world.playground.clock.set_to(START.replace(hour=23, minute=30))
    form = await opened(world, None)
    assert form.values["happened_on"]["value"]["selected_date"] == "2027-01-15", "half past midnight in Berlin"


async def test_guests_are_told_kindly(world: World) -> None:
    message = praise(world)
    for target in (None, message):
        assert (await world.playground.shortcut(GUEST, "save_message" if target else "log_growth", target)).ok
        assert world.playground.modal(GUEST) is None
    assert "full members" in text_of(world.playground.dm(GUEST)[-1])


async def test_a_form_that_does_not_open_is_asked_for_again(world: World) -> None:
    message = praise(world)
    world.playground.faults.refuse("views.open", "expired_trigger_id")
    await world.playground.shortcut(MAYA, "save_message", message)
    said = world.playground.workspace.channel(message.channel).seen_by(MAYA)[-1]
    assert "Please try once more" in text_of(said)
    assert said.ephemeral_to == MAYA
    assert await live(world) == []


async def test_no_question_quotes_words_that_are_not_one_s_own(world: World) -> None:
    await world.ladder_command(MAYA, "set L4")
    for words in (None, OWN):
        await opened(world, praise(world))
        await world.submit(MAYA, {"what": words, "criteria": ["l5.lean-serving"]})
        async with world.sessions() as session:
            member = await members.get(session, UserRef(world.playground.workspace.team_id, MAYA))
            assert member is not None
            remembered = await entries.remembered(session, {member.id: "l5.lean-serving"})
        assert [each.text for each in remembered.values()] == ([words] if words else [])


async def test_many_clicks_at_once_make_one_entry(world: World) -> None:
    message = praise(world)
    form = await opened(world, message)
    world.playground.fill(form, {"what": OWN})
    playground = world.playground
    sender = Sender(playground.workspace, playground.url)
    body = sender.submission(playground.workspace.person(MAYA), form, "1.2.trigger")
    answers = await asyncio.gather(*(playground.outbound.interaction(body) for _ in range(4)))
    assert all(answer.ok for answer in answers)
    assert len(await live(world)) == 1


async def test_it_is_found_by_the_message_s_words(world: World) -> None:
    await opened(world, praise(world))
    await world.submit(MAYA, {"what": OWN})
    who = UserRef(world.playground.workspace.team_id, MAYA)
    async with world.sessions() as session:
        member = await members.get(session, who)
        assert member
        for words, found in (("weekend", 1), ("monitor", 1), ("holiday", 0)):
            page = await log.page(session, member, log.Filter(words=words), before=None, limit=9)
            assert len(page.lines) == found, words
