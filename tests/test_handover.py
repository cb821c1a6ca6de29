"""Sharing earlier entries with a mentor: the member picks, nothing is shared by itself, and one click takes it back."""

import copy
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from db.members import UserRef
from db.models import Entry, Mentorship, Share
from growth.mentoring import MentorshipState
from growth.sharing import REGRET
from handlers.mentoring.views.handover import OFFERED
from playground.workspace import Message, View
from tests.support.log import log_it
from tests.support.logs import wrote
from tests.support.mentoring import accepted
from tests.support.shares import mentorship
from tests.support.sharing import ADA, mentored
from tests.support.world import MAYA, SAM, World, text_of


async def form(world: World, answer: Message | None = None) -> View:
    """Maya opens the form, from her list of mentors unless another message is named."""
    await world.click(MAYA, "handover.open", on=answer or await world.ladder_command(MAYA, "mentors"))
    found = world.playground.modal(MAYA)
    assert found
    return found


async def picked(world: World, *entry_ids: int, mentor: int | None = None) -> Message:
    """Maya picks these entries in the form; the answer."""
    await form(world)
    fields: dict[str, str | list[str]] = {"entries": [str(each) for each in entry_ids]}
    if mentor:
        fields["mentor"] = str(mentor)
    await world.submit(MAYA, fields)
    assert world.playground.errors(MAYA) == {}
    return world.playground.dm(MAYA)[-1]


async def live(world: World) -> list[tuple[int, int]]:
    """Entry and mentorship of what is shared."""
    rows = select(Share).where(Share.revoked_at.is_(None)).order_by(Share.entry_id, Share.mentorship_id)
    return [(each.entry_id, each.mentorship_id) for each in await world.rows(rows)]


@pytest.mark.parametrize("world", ["socket", "http"], indirect=True)
async def test_a_new_mentor_may_read_what_the_member_picks_an_hour_later_and_nothing_else(world: World) -> None:
    await world.ladder_command(MAYA, "set L4")
    first, _, third = await wrote(world, 3)
    await accepted(world)
    yes = world.playground.dm(MAYA)[-1]
    assert "Nothing is shared so far." in text_of(yes)
    await form(world, yes)
    await world.submit(MAYA, {"entries": [str(first), str(third)]})
    answer = world.playground.dm(MAYA)[-1]
    assert "Shared 2 entries with <@U0SAM>. They can read it from 12:00 (Europe/Berlin)." in text_of(answer)
    [sam] = await world.rows(select(Mentorship.id))
    assert await live(world) == [(first, sam), (third, sam)]
    assert "Nothing new" in text_of(await world.ladder_command(SAM, "digest"))
    await world.travel(REGRET)
    await world.ladder_command(SAM, "digest")
    await world.service.ticker.run()
    digest = text_of(world.playground.dm(SAM)[-1])
    assert ("Entry 1" in digest, "Entry 2" in digest, "Entry 3" in digest) == (True, False, True)


async def test_what_others_could_read_is_offered_first_and_what_is_shared_is_not(world: World) -> None:
    sam, ada = await mentored(world, SAM, ADA)
    ids = await wrote(world, 4)
    await picked(world, ids[1], mentor=sam)
    await picked(world, ids[2], mentor=ada)
    view = await form(world)
    [menu] = [block["element"] for block in view.blocks if block.get("block_id") == "entries"]
    offered = {group["label"]["text"]: [each["value"] for each in group["options"]] for group in menu["option_groups"]}
    assert offered == {
        "Shared with somebody before": [str(ids[1])],
        "Only yours so far": [str(ids[0]), str(ids[3])],
    }
    await world.playground.close(MAYA)


async def test_keep_private_takes_back_what_was_shared_just_now_and_nothing_else(world: World) -> None:
    [sam] = await mentored(world)
    ids = await wrote(world, 3)
    await picked(world, ids[0])
    answer = await picked(world, ids[1], ids[2])
    old = copy.deepcopy(answer)
    await world.click(MAYA, "handover.take_back", on=answer)
    assert "Taken back: 2 entries." in text_of(world.playground.dm(MAYA)[-1])
    assert await live(world) == [(ids[0], sam)]
    await world.click(MAYA, "handover.take_back", on=old)
    assert "None of that is shared with them any more." in text_of(old)
    assert await live(world) == [(ids[0], sam)]


async def test_what_shows_an_entry_says_who_can_read_it_now(world: World) -> None:
    await mentored(world)
    await log_it(world, "Shipped the drift monitor")
    [entry] = await world.rows(select(Entry))
    answer = await picked(world, entry.id)
    assert "shared with <@U0SAM>" in text_of(await world.ladder_command(MAYA, "logs"))
    await world.click(MAYA, "handover.take_back", on=answer)
    assert "shared with <@U0SAM>" not in text_of(await world.ladder_command(MAYA, "logs"))


async def test_the_same_form_twice_shares_once(world: World) -> None:
    [sam] = await mentored(world)
    [first, *_] = await wrote(world, 2)
    view = copy.deepcopy(await form(world))
    await world.submit(MAYA, {"entries": [str(first)]})
    world.playground.workspace.modals[MAYA] = [view]
    await world.submit(MAYA, {"entries": [str(first)]})
    assert "All of that was shared with <@U0SAM> before." in text_of(world.playground.dm(MAYA)[-1])
    assert await live(world) == [(first, sam)]


async def test_nothing_left_to_share_is_said(world: World) -> None:
    await mentored(world)
    view = await form(world)
    assert "There is nothing more to share: <@U0SAM> has all that is in your log." in str(view.blocks)


async def test_of_a_long_log_the_newest_are_offered_and_the_rest_is_told_of(world: World) -> None:
    await mentored(world)
    await wrote(world, OFFERED + 1)
    view = await form(world)
    [block] = [block for block in view.blocks if block.get("block_id") == "entries"]
    [group] = block["element"]["option_groups"]
    assert len(group["options"]) == OFFERED
    assert f"These are {OFFERED}; Edit in /ladder logs shares any other." in block["hint"]["text"]


async def test_forged_and_foreign_ids_share_nothing(world: World) -> None:
    [sam] = await mentored(world)
    [mine] = await wrote(world, 1)
    team = world.playground.workspace.team_id
    foreign = await mentorship(world.sessions, UserRef(team, ADA), UserRef(team, SAM))
    view = copy.deepcopy(await form(world))
    view.body["private_metadata"] = view.body["private_metadata"].replace(
        f'"mentorship":{sam}', f'"mentorship":{foreign}'
    )
    world.playground.workspace.modals[MAYA] = [view]
    await world.submit(MAYA, {"entries": [str(mine)]})
    assert await live(world) == []
    world.playground.workspace.modals[SAM] = [copy.deepcopy(view)]
    await world.submit(SAM, {"entries": [str(mine)]})
    assert await live(world) == [], "it is Maya's entry"


async def test_with_whom_it_ended_meanwhile_nothing_is_shared(world: World) -> None:
    await mentored(world)
    [mine] = await wrote(world, 1)
    await form(world)
    async with world.sessions.begin() as session:
        ended = {"state": MentorshipState.ENDED, "ended_at": world.playground.clock.now() + timedelta(0)}
        await session.execute(update(Mentorship).values(**ended))
    await world.playground.submit(MAYA, {"entries": [str(mine)]})
    assert await live(world) == []
    assert "no longer your mentor" in str(world.playground.errors(MAYA)) + str(world.playground.modal(MAYA))


async def test_a_name_ticked_by_default_is_ticked_in_new_forms_and_can_be_unticked_there(world: World) -> None:
    sam, ada = await mentored(world, SAM, ADA)
    mentors = await world.ladder_command(MAYA, "mentors")
    await world.click(MAYA, "mentoring.ticked", on=mentors, value=[str(sam)])
    answer = await log_it(world, "Shared as I always do")
    assert "<@U0SAM> can read it from 12:00" in text_of(answer)
    await log_it(world, "For me alone", readers=[])
    entry_ids = await world.rows(select(Entry.id).order_by(Entry.id))
    assert await live(world) == [(entry_ids[0], sam)]
    await world.click(MAYA, "mentoring.ticked", on=await world.ladder_command(MAYA, "mentors"), value=[str(ada)])
    await log_it(world, "For Ada")
    assert [mentorship for _, mentorship in await live(world)] == [sam, ada]


async def test_the_default_changes_nothing_that_was_written_before(world: World) -> None:
    [sam] = await mentored(world)
    answer = await log_it(world, "Mine", readers=[])
    await world.click(MAYA, "mentoring.ticked", on=await world.ladder_command(MAYA, "mentors"), value=[str(sam)])
    await world.click(MAYA, "log.edit", on=answer)
    await world.submit(MAYA, {"what": "Still mine"})
    assert await live(world) == []
    await world.say(MAYA, "Said in passing")
    await world.click(MAYA, "log.save_message")
    assert await live(world) == [], "what is written without a form starts private"


async def test_nobody_ticks_what_is_another_s(world: World) -> None:
    [sam] = await mentored(world)
    mentors = await world.ladder_command(MAYA, "mentors")
    await world.click(SAM, "mentoring.ticked", on=copy.deepcopy(mentors), value=[str(sam)])
    assert await world.rows(select(Mentorship.share_by_default)) == [False]
