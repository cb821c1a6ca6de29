"""Asking for a mentor, answering, taking back and ending, as the two of them see it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from db import members
from db.members import UserRef
from db.models import Delivery, Entry, Member, Mentorship, Share, Workspace
from growth.mentoring import MentorshipState
from playground.workspace import Message
from tests.support.mentoring import WHY, accepted, ask, newest, share_something, states
from tests.support.world import GUEST, MAYA, SAM, World, text_of

KIND = "Try Priya: she knows serving better than <@U0GUEST>"


@pytest.mark.parametrize("world", ["socket", "http"], indirect=True)
async def test_asked_and_accepted(world: World) -> None:
    await world.ladder_command(MAYA, "next")
    await world.click(MAYA, "welcome.level.l4")
    said = await ask(world)
    assert f"I've asked <@{SAM}> to be your mentor." in text_of(said)
    assert "your level, your target, and the entries that you share with them by name. Nothing else." in text_of(said)

    request = newest(world, SAM)
    assert request.ephemeral_to is None
    for part in (
        f"<@{MAYA}> asks whether you would be their mentor.",
        "> because you have *built* &lt;!channel&gt; &amp; run it",
        "share with you by name. Nothing else.",
        "Either of you can end it at any time.",
    ):
        assert part in text_of(request)
    assert "L4" not in text_of(request), "they see it once they say yes"
    assert "built" not in request.text, "words do not go to lock screens"

    await world.click(SAM, "mentoring.accept", on=request)
    await world.service.ticker.run()
    assert text_of(request) == f"You are <@{MAYA}>'s mentor since 14 January. `/ladder mentees` shows all your mentees."
    answer = newest(world, MAYA)
    assert f"<@{SAM}> said yes: they are your mentor now." in text_of(answer)
    assert "Nothing is shared so far." in text_of(answer)
    assert await states(world) == ["active"]


async def test_declined_with_a_kind_word(world: World) -> None:
    await ask(world)
    request = newest(world, SAM)
    await world.click(SAM, "mentoring.decline", on=request)
    await world.submit(SAM, {"decline_note": KIND})
    await world.service.ticker.run()
    assert text_of(request) == f"You could not say yes to <@{MAYA}> on 14 January. I have told them."
    answer = newest(world, MAYA)
    assert f"<@{SAM}> can't be your mentor at the moment." in text_of(answer)
    assert "> Try Priya: she knows serving better than &lt;@U0GUEST&gt;" in text_of(answer)
    assert "Priya" not in answer.text


async def test_declined_without_a_word(world: World) -> None:
    await ask(world)
    await world.click(SAM, "mentoring.decline")
    await world.submit(SAM)
    await world.service.ticker.run()
    assert "says" not in text_of(newest(world, MAYA))
    assert await states(world) == ["declined"]


async def test_asked_in_a_form(world: World) -> None:
    await world.playground.command(MAYA, "/ladder mentor")
    for nobody in (MAYA, GUEST, "U0APP", "U404", "USLACKBOT"):
        assert (await world.playground.submit(MAYA, {"person": nobody})).error == "errors"
    assert world.playground.errors(MAYA)["person"].startswith("I can only ask full members of this workspace")
    await world.submit(MAYA, {"person": SAM, "why": WHY})
    assert f"I've asked <@{SAM}>" in text_of(newest(world, MAYA))
    await world.service.ticker.run()
    assert "&lt;!channel&gt;" in text_of(newest(world, SAM)), "what was typed into a form does not come alive"


async def test_asked_from_home(world: World) -> None:
    await world.ladder_command(MAYA, "next")
    await world.click(MAYA, "welcome.level.l4")
    await world.playground.open_home(MAYA)
    await world.click(MAYA, "mentoring.ask", on=world.playground.home(MAYA))
    await world.submit(MAYA, {"person": SAM})
    await world.click(MAYA, "mentoring.mentors", on=world.playground.home(MAYA))
    modal = world.playground.modal(MAYA)
    assert modal is not None
    assert "asked on 14 January · no answer yet" in str(modal.blocks)
    await world.click(MAYA, "mentoring.take_back.1", on=modal)
    modal = world.playground.modal(MAYA)
    assert modal is not None
    assert f"Your request to <@{SAM}> is taken back" in str(modal.blocks)


async def test_letters_are_not_a_person(world: World) -> None:
    await world.playground.command(MAYA, "/ladder mentor @sammy you know serving")
    modal = world.playground.modal(MAYA)
    assert modal is not None
    assert "Slack told me “@sammy” as letters only, so please pick the person here." in str(modal.blocks)
    assert "you know serving" in str(modal.values)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("mentor @maya", "That is you."),
        ("mentor @guest", "I can only ask full members"),
        ("mentor @Rung", "I can only ask full members"),
        ("mentor @sam and @guest", "Ask one person at a time"),
        (f"mentor @sam {'because ' * 40}", "say it in 300 characters"),
    ],
)
async def test_whom_one_cannot_ask(world: World, words: str, said: str) -> None:
    assert said in text_of(await ask(world, words))
    assert await states(world) == []
    assert await world.rows(select(Member)) == []


async def test_a_guest_cannot_ask(world: World) -> None:
    assert "Rung is for the full members" in text_of(await ask(world, mentee=GUEST))


@pytest.mark.parametrize(
    "profile", [{"deleted": True}, {"is_restricted": True}, {"is_bot": True}, {"team_id": "T0OTHER"}]
)
async def test_people_who_left_and_visitors_are_not_asked(world: World, profile: dict[str, Any]) -> None:
    await world.playground.change_person(SAM, **profile)
    assert "I can only ask full members" in text_of(await ask(world))


async def test_looking_creates_nothing(world: World) -> None:
    assert "Nobody yet: what you write is for you alone." in text_of(await world.ladder_command(MAYA, "mentors"))
    assert "Nobody yet. Whoever asks you is shown here." in text_of(await world.ladder_command(MAYA, "mentees"))
    for table in (Workspace, Member):
        assert await world.rows(select(func.count()).select_from(table)) == [0]


async def test_who_never_met_rung_becomes_a_member_without_level_or_questions(world: World) -> None:
    await accepted(world)
    [sam] = await world.rows(select(Member).where(Member.slack_user == SAM))
    assert (sam.level, sam.tz) == (None, "America/New_York")
    assert "no level picked yet" in text_of(await world.ladder_command(SAM, "mentees"))


async def test_asked_twice_is_asked_once(world: World) -> None:
    await ask(world)
    again = await ask(world, "mentor @sam")
    assert f"I've asked <@{SAM}>" in text_of(again)
    assert await states(world) == ["requested"]
    assert len(world.playground.dm(SAM)) == 1


async def test_a_form_sent_again_does_not_ask_again(world: World) -> None:
    await world.playground.command(MAYA, "/ladder mentor")
    form = world.playground.modal(MAYA)
    assert form is not None
    await world.submit(MAYA, {"person": SAM})
    await world.click(MAYA, "mentoring.take_back")
    world.playground.workspace.modals[MAYA] = [form]
    await world.submit(MAYA)
    assert world.playground.modal(MAYA) is None, "nothing to apologise for"
    assert len(world.playground.dm(MAYA)) == 2
    assert "is taken back" in text_of(newest(world, MAYA))
    assert await states(world) == ["cancelled"]


async def test_taken_back(world: World) -> None:
    said = await ask(world)
    request = newest(world, SAM)
    await world.click(MAYA, "mentoring.take_back", on=said)
    assert f"Your request to <@{SAM}> is taken back: they have nothing to answer any more." in text_of(said)
    assert text_of(request) == f"The request of <@{MAYA}> is no longer open. Nothing is left to do."


async def test_taken_back_before_it_was_sent(world: World) -> None:
    world.playground.faults.refuse("chat.postMessage", "ratelimited", times=1)
    said = await ask(world)
    await world.click(MAYA, "mentoring.take_back", on=said)
    async with world.sessions.begin() as session:
        for row in (await session.scalars(select(Delivery))).all():
            row.run_at = func.now()
        for workspace in (await session.scalars(select(Workspace))).all():
            workspace.paused_until = None
    await world.service.ticker.run()
    assert world.playground.dm(SAM) == []
    assert await world.rows(select(Delivery.state)) == ["cancelled"]


async def click_as_before(world: World, user: str, action: str, was: list[dict[str, Any]], on: Message) -> None:
    """Press a button of the message as it was before it was redrawn."""
    now, on.blocks = on.blocks, was
    try:
        await world.click(user, action, on=on)
    finally:
        if on.blocks is was:
            on.blocks = now


async def test_old_buttons_answer_sensibly(world: World) -> None:
    said = await ask(world)
    request = newest(world, SAM)
    asked, offered = said.blocks, request.blocks
    mine = f"You are <@{MAYA}>'s mentor since 14 January."
    await world.click(SAM, "mentoring.accept", on=request)
    await click_as_before(world, SAM, "mentoring.accept", offered, request)
    assert mine in text_of(request)
    await click_as_before(world, SAM, "mentoring.decline", offered, request)
    assert "That request is no longer open" in text_of(newest(world, SAM))
    assert mine in text_of(request)
    await click_as_before(world, MAYA, "mentoring.take_back", asked, said)
    assert f"<@{SAM}> is your mentor since 14 January." in text_of(said), "taken back too late"
    assert await states(world) == ["active"]

    mentors = await world.ladder_command(MAYA, "mentors")
    listed = mentors.blocks
    for _ in range(2):
        await click_as_before(world, MAYA, "mentoring.end.1", listed, mentors)
        assert f"Your mentorship with <@{SAM}> ended on 14 January." in text_of(mentors)
    await click_as_before(world, SAM, "mentoring.accept", offered, request)
    assert f"Your mentorship with <@{MAYA}> ended on 14 January." in text_of(request)
    assert await states(world) == ["ended"]


async def test_accepted_too_late(world: World) -> None:
    said = await ask(world)
    request = newest(world, SAM)
    offered = request.blocks
    await world.click(MAYA, "mentoring.take_back", on=said)
    await click_as_before(world, SAM, "mentoring.accept", offered, request)
    assert f"The request of <@{MAYA}> is no longer open." in text_of(request)
    assert await states(world) == ["cancelled"]


async def test_declined_too_late(world: World) -> None:
    await ask(world)
    request = newest(world, SAM)
    await world.click(SAM, "mentoring.decline", on=request)
    await world.click(SAM, "mentoring.accept", on=request)
    await world.submit(SAM, {"decline_note": KIND})
    assert "no longer open" in str(world.playground.modal(SAM))
    assert await states(world) == ["active"]
    assert await world.rows(select(Mentorship.decline_note)) == [None]


@pytest.mark.parametrize("ends", [MAYA, SAM])
async def test_either_ends_it(world: World, ends: str) -> None:
    request = await accepted(world)
    yes = newest(world, MAYA)
    await share_something(world)
    other = SAM if ends == MAYA else MAYA
    listed = await world.ladder_command(ends, "mentors" if ends == MAYA else "mentees")
    [confirm] = [block["accessory"]["confirm"] for block in listed.blocks if block.get("accessory", {}).get("confirm")]
    assert "private again at once" in confirm["text"]["text"]
    await world.click(ends, "mentoring.end.1", on=listed)
    await world.service.ticker.run()
    assert f"Your mentorship with <@{other}> ended on 14 January." in text_of(listed)
    told = text_of(newest(world, other))
    assert f"<@{ends}> has ended" in told
    assert told.count(".") == 1, "one sentence"
    assert f"Your mentorship with <@{MAYA}> ended" in text_of(request)
    assert f"Your mentorship with <@{SAM}> ended" in text_of(yes)
    assert await world.rows(select(func.count()).where(Share.revoked_at.is_(None))) == [0]
    assert "Nobody yet" in text_of(await world.ladder_command(MAYA, "mentors"))
    assert "Nobody yet" in text_of(await world.ladder_command(SAM, "mentees"))


async def test_the_lists(world: World) -> None:
    await ask(world)
    listed = await world.ladder_command(SAM, "mentees")
    assert f"*<@{MAYA}> asks whether you would be their mentor*\nsince 14 January" in text_of(listed)
    assert "&amp; run it" in text_of(listed)
    request = newest(world, SAM)
    await world.click(SAM, "mentoring.accept", on=listed)
    assert f"You are <@{MAYA}>'s mentor" in text_of(request), "redrawn, wherever it was accepted"
    await share_something(world)
    assert "nothing shared yet" in text_of(await world.ladder_command(SAM, "mentees")), "not within the hour of regret"
    assert "since 14 January · 1 entry shared" in text_of(await world.ladder_command(MAYA, "mentors"))
    await world.travel(timedelta(hours=1))
    await world.ladder_command(MAYA, "set L5")
    listed = await world.ladder_command(SAM, "mentees")
    assert f"<@{MAYA}> · L5 · Senior ML Engineer  →  L6" in text_of(listed)
    assert "since 14 January · 1 entry shared with you" in text_of(listed)
    assert (await world.rows(select(Entry.what)))[0] not in text_of(listed)


async def test_declined_from_the_list(world: World) -> None:
    await ask(world)
    request = newest(world, SAM)
    listed = await world.ladder_command(SAM, "mentees")
    await world.click(SAM, "mentoring.decline", on=listed)
    await world.submit(SAM, {"decline_note": KIND})
    assert f"You could not say yes to <@{MAYA}>" in text_of(listed)
    assert f"You could not say yes to <@{MAYA}>" in text_of(request)


async def test_how_many_mentees(world: World) -> None:
    await ask(world)
    request = newest(world, SAM)
    listed = await world.ladder_command(SAM, "mentees")
    assert "You take up to 5, and have 0." in text_of(listed)
    await world.click(SAM, "mentoring.wanted", on=listed, value="0")
    assert "You take nobody new." in text_of(listed)
    await world.click(SAM, "mentoring.accept", on=request)
    assert "You chose to take no mentees." in text_of(newest(world, SAM))
    assert await states(world) == ["requested"]
    await world.ladder_command(SAM, "mentees 1")
    await world.click(SAM, "mentoring.accept", on=request)
    assert await states(world) == ["active"]
    await world.ladder_command(SAM, "mentees 0")
    assert await states(world) == ["active"], "lowering ends nobody"
    assert "20 mentees are the most" in text_of(await world.ladder_command(SAM, "mentees 21"))


async def test_one_new_request_in_thirty_days_after_a_decline(world: World) -> None:
    for _ in range(2):
        await ask(world)
        await world.click(SAM, "mentoring.decline", on=newest(world, SAM))
        await world.submit(SAM)
    refused = await ask(world)
    assert "You can ask them again from 13 February." in text_of(refused)
    await world.travel(timedelta(days=30))
    assert f"I've asked <@{SAM}>" in text_of(await ask(world))
    assert await states(world) == ["declined", "declined", "requested"]


async def test_others_cannot_touch_it(world: World) -> None:
    world.playground.workspace.add_person("eve", "Eve", user="U0EVE")
    said = await ask(world)
    request = newest(world, SAM)
    listed = await world.ladder_command(SAM, "mentees")
    for action, on in (
        ("mentoring.accept", request),
        ("mentoring.decline", request),
        ("mentoring.take_back", said),
        ("mentoring.accept", listed),
    ):
        await world.playground.click("U0EVE", on, action)
    await world.playground.click(MAYA, request, "mentoring.accept")
    await world.playground.click(SAM, said, "mentoring.take_back")
    assert await states(world) == ["requested"]


async def test_who_left_takes_part_in_nothing(world: World) -> None:
    await accepted(world)
    async with world.sessions.begin() as session:
        maya = await members.lock(session, UserRef("T0PLAYGROUND", MAYA))
        assert maya is not None
        maya.active = False
    assert "Nobody yet" in text_of(await world.ladder_command(SAM, "mentees"))
    assert "I can only ask full members" in text_of(await ask(world, "mentor @maya", SAM))


async def test_both_may_mentor_each_other(world: World) -> None:
    await accepted(world)
    await ask(world, "mentor @maya", SAM)
    await world.click(MAYA, "mentoring.accept")
    assert await states(world) == [MentorshipState.ACTIVE, MentorshipState.ACTIVE]
