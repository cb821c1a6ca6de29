"""People are invited from a file: all or nobody, once, and nothing begins before they say yes."""

import asyncio
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.ops.invite import BEFORE, BEGUN, INVITED, Inviting, NotInvitedError, RosterError, outcome, workspace_of
from bot.slack import Slack
from db import members
from db.account import invitations
from db.enums import DeliveryState
from db.members import UserRef
from db.mentoring import requests
from db.models import Delivery, Invitation, LevelChange, Member, Mentorship, Schedule, Workspace
from playground.workspace import Message
from tests.support.forgetting import cleared, forget, ours
from tests.support.processes import output, slack
from tests.support.world import GUEST, MAYA, SAM, START, World, text_of

TEAM = "T0PLAYGROUND"
FILE = b"email,level,day,time,mentor\nmaya@northwind.example,L4,Monday,09:00,sam@northwind.example\n"
JONAS = "U0JONAS"


def with_emails(world: World) -> None:
    people = world.playground.workspace
    for user in (MAYA, SAM, GUEST):
        people.person(user).email = f"{people.person(user).name}@Northwind.example"
    people.add_person("jonas", user=JONAS, email="jonas@northwind.example", tz="Europe/Paris")


def inviting(world: World, told: list[str] | None = None) -> Inviting:
    client = Slack(world.playground.bot_token, api_url=f"{world.playground.url}/api/").patient_client()
    tell = (told if told is not None else []).append
    return Inviting(client, world.sessions, world.ladder, TEAM, tell)


@pytest.fixture(autouse=True)
def emails(request: pytest.FixtureRequest) -> None:
    if "world" in request.fixturenames:
        with_emails(request.getfixturevalue("world"))


async def invite(world: World, file: bytes = FILE) -> list[str]:
    """Invite, and let the messages go out; what becomes of each line."""
    run = inviting(world)
    invitees = await run.look(file)
    await run.invite(invitees, world.playground.clock.now())
    await world.service.ticker.run()
    return [each.outcome for each in invitees]


async def refused(world: World, file: bytes) -> str:
    with pytest.raises(RosterError) as faults:
        await inviting(world).look(file)
    return str(faults.value)


def newest(world: World, user: str = MAYA) -> Message:
    return world.playground.dm(user)[-1]


async def begun(world: World) -> tuple[int, int, int]:
    """How many have a level, a schedule that is on, a mentorship."""
    [levels] = await world.rows(select(func.count()).where(Member.level.is_not(None)))
    [schedules] = await world.rows(select(func.count()).where(Schedule.due_at.is_not(None)))
    [mentorships] = await world.rows(select(func.count()).select_from(Mentorship))
    return levels, schedules, mentorships


@pytest.mark.parametrize("world", ["socket", "http"], indirect=True)
async def test_invited_and_accepted(world: World) -> None:
    assert await invite(world) == [INVITED]
    message = newest(world)
    for part in (
        "Nothing starts unless you say yes",
        "Your level now: *L4 · ML Engineer II*",
        "One question a week: *Monday 09:00*, your time (Europe/Berlin).",
        f"A mentor: <@{SAM}>. I would ask them for you, and they may say no.",
        "no manager or admin can read it here",
    ):
        assert part in text_of(message)
    assert await begun(world) == (0, 0, 0)
    assert world.playground.dm(SAM) == [], "nobody is asked before"

    await world.click(MAYA, "invitation.accept", on=message)
    said = text_of(message)
    assert "*Good: we have begun.*" in said
    assert "You are at L4 · ML Engineer II, on your way to L5" in said
    assert "Your next question comes on Monday 18 January at 09:00 (Europe/Berlin)." in said
    assert f"I've asked <@{SAM}> to be your mentor." in said
    await world.service.ticker.run()
    assert f"<@{MAYA}> asks whether you would be their mentor." in text_of(newest(world, SAM))
    assert await begun(world) == (1, 1, 1)

    await world.click(SAM, "mentoring.accept")
    await world.travel(timedelta(days=4))
    assert "Your question of the week is here." in [each.text for each in world.playground.dm(MAYA)]


async def test_who_says_no_thanks_is_not_asked_again(world: World) -> None:
    await invite(world)
    message = newest(world)
    as_sent = message.blocks
    await world.click(MAYA, "invitation.decline")
    assert "You said no thanks on 14 January: nothing was set up, and I won't ask again." in text_of(message)
    assert await invite(world) == [BEFORE]
    assert len(world.playground.dm(MAYA)) == 1
    for late in ("accept", "decline", "change"):
        message.blocks = as_sent
        await world.click(MAYA, f"invitation.{late}", on=message)
        assert "You said no thanks" in text_of(message)
    assert "You said no thanks" in text_of(newest(world))
    assert world.playground.modal(MAYA) is None
    assert await begun(world) == (0, 0, 0)


async def test_a_second_yes_changes_nothing(world: World) -> None:
    await invite(world)
    message = newest(world)
    as_sent = message.blocks
    await asyncio.gather(*(world.click(MAYA, "invitation.accept", on=message) for _ in range(3)))
    await world.ladder_command(MAYA, "set L5")
    for late in ("accept", "decline"):
        message.blocks = as_sent
        await world.click(MAYA, f"invitation.{late}", on=message)
        assert text_of(message).startswith("You said yes on 14 January.")
    assert await begun(world) == (1, 1, 1)
    assert await world.rows(select(Member.level).where(Member.slack_user == MAYA)) == ["l5"]
    assert await world.rows(select(LevelChange.to_level).order_by(LevelChange.id)) == ["l4", "l5"]


async def test_changed_before_it_begins(world: World) -> None:
    await invite(world)
    message = newest(world)
    await world.click(MAYA, "invitation.change")
    modal = world.playground.modal(MAYA)
    assert modal is not None
    fields = {block["block_id"]: block["element"] for block in modal.blocks if block["type"] == "input"}
    assert fields["level"]["initial_option"]["value"] == "l4"
    assert (fields["day"]["initial_option"]["value"], fields["time"]["initial_time"]) == ("1", "09:00")
    assert fields["person"]["initial_user"] == SAM
    for nobody, why in ((MAYA, "That is you"), (GUEST, "I can only ask full members")):
        assert (await world.playground.submit(MAYA, {"person": nobody})).error == "errors"
        assert world.playground.errors(MAYA)["person"].startswith(why)
    assert await begun(world) == (0, 0, 0), "a form with errors begins nothing"

    assert (await world.playground.submit(MAYA, {"level": "l5", "day": "3", "person": None})).ok
    assert "You are at L5" in text_of(message)
    assert "Wednesday 20 January at 09:00 (Europe/Berlin)" in text_of(message)
    assert await begun(world) == (1, 1, 0)
    assert (await world.rows(select(Invitation)))[0].state == "accepted"


async def test_a_form_that_stayed_open_begins_nothing_twice(world: World) -> None:
    await invite(world)
    await world.click(MAYA, "invitation.change")
    await world.click(MAYA, "invitation.decline")
    assert (await world.playground.submit(MAYA)).ok
    assert "You said no thanks" in text_of(world.playground.dm(MAYA)[0])
    assert await begun(world) == (0, 0, 0)


async def test_what_a_person_set_themselves_stays(world: World) -> None:
    await invite(world)
    message = newest(world)
    await world.ladder_command(MAYA, "next")
    await world.click(MAYA, "welcome.level.l6")
    await world.click(MAYA, "welcome.no_questions")
    await world.ladder_command(MAYA, "mentor @jonas")
    await world.click(MAYA, "invitation.accept", on=message)
    assert "your level and your questions stay as you set them" in text_of(message)
    assert "About mentors nothing has changed" in text_of(message)
    assert await begun(world) == (1, 0, 1)
    assert await world.rows(select(Member.level).where(Member.slack_user == MAYA)) == ["l6"]


async def test_the_form_begins_with_what_a_person_set(world: World) -> None:
    await invite(world)
    message = newest(world)
    await world.ladder_command(MAYA, "next")
    await world.click(MAYA, "welcome.level.l6")
    await world.click(MAYA, "invitation.change", on=message)
    modal = world.playground.modal(MAYA)
    assert modal is not None
    chosen = [each["element"].get("initial_option", {}).get("value") for each in modal.blocks if "element" in each]
    assert chosen[:3] == ["l6", "next", "off"]


async def test_who_began_before_the_message_went_gets_none(world: World) -> None:
    run = inviting(world)
    await run.invite(await run.look(FILE), START)
    async with world.sessions.begin() as session:
        await session.execute(update(Member).where(Member.slack_user == MAYA).values(level="l5"))
    await world.service.ticker.run()
    assert world.playground.dm(MAYA) == []
    assert await world.rows(select(Delivery.state)) == [DeliveryState.CANCELLED]
    assert await invite(world) == [BEFORE]


async def test_a_level_that_left_the_ladder_is_picked_anew(world: World) -> None:
    await invite(world)
    message = newest(world)
    async with world.sessions.begin() as session:
        await session.execute(update(Invitation).values(level="l99"))
    await world.click(MAYA, "invitation.accept", on=message)
    assert "no longer on this ladder, so nothing has started" in text_of(newest(world))
    assert await begun(world) == (0, 0, 0)
    await world.click(MAYA, "invitation.change", on=message)
    assert (await world.playground.submit(MAYA, {"level": "l4"})).ok
    assert await begun(world) == (1, 1, 1)


async def test_a_mentor_without_room_hinders_nothing(world: World) -> None:
    await invite(world)
    async with world.sessions.begin() as session:
        await session.execute(update(Member).where(Member.slack_user == SAM).values(mentees_wanted=0))
    await world.click(MAYA, "invitation.accept")
    assert f"I could not ask <@{SAM}> to be your mentor. They have no room" in text_of(newest(world))
    assert await begun(world) == (1, 1, 0)


async def test_somebody_elses_invitation_is_nobodys_business(world: World) -> None:
    await invite(world)
    message = newest(world)
    for action in ("accept", "change", "decline"):
        await world.click(SAM, f"invitation.{action}", on=message)
        seen = world.playground.workspace.dm(MAYA).seen_by(SAM)
        assert "That invitation is no longer there" in text_of(seen[-1])
        assert len(seen) > 1, "said to who pressed it alone"
    assert (await world.rows(select(Invitation.state))) == ["open"]
    assert await begun(world) == (0, 0, 0)


async def test_the_same_file_invites_nobody_twice(world: World) -> None:
    assert await invite(world) == [INVITED]
    other = FILE.replace(b"L4,Monday", b"L5,Friday")
    assert await invite(world, other) == [BEFORE]
    await world.click(MAYA, "invitation.accept")
    assert await invite(world) == [BEFORE], "the answer stays between the person and Rung"
    assert await world.rows(select(Invitation.level)) == ["l4"]
    assert len(world.playground.dm(MAYA)) == 1


async def test_two_runs_at_once_invite_once(world: World) -> None:
    run = inviting(world)
    invitees = await run.look(FILE)
    done = await asyncio.gather(*(run.invite(invitees, START) for _ in range(3)))
    assert sorted(done) == [0, 0, 1]


async def test_who_came_back_is_invited(world: World) -> None:
    async with world.sessions.begin() as session:
        await members.ensure(session, TEAM, {MAYA: "UTC"})
        await session.execute(update(Member).values(active=False))
    assert await invite(world) == [INVITED]
    assert "your time (Europe/Berlin)" in text_of(newest(world))


async def test_who_uses_rung_already_is_left_alone(world: World) -> None:
    await world.ladder_command(MAYA, "next")
    await world.click(MAYA, "welcome.level.l6")
    before = len(world.playground.dm(MAYA))
    assert await invite(world) == [BEGUN]
    assert len(world.playground.dm(MAYA)) == before
    assert await world.rows(select(Member.slack_user)) == [MAYA], "nor is anybody made a member"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("gone@northwind.example,L4,Monday,9:00,", "line 2: gone@northwind.example is nobody in this workspace"),
        ("guest@northwind.example,L4,Monday,9:00,", "line 2: guest@northwind.example is a guest, and Rung is for"),
        ("maya@northwind.example,L4,Monday,9:00,U0GUEST", "line 2: the mentor U0GUEST is a guest"),
        ("maya@northwind.example,L4,Monday,9:00,U404", "line 2: the mentor U404 is nobody in this workspace"),
        ("maya@northwind.example,L4,Monday,9:00,U0APP", "line 2: the mentor U0APP is an app"),
        ("maya@northwind.example,L4,Monday,9:00,U0MAYA", "line 2: nobody is their own mentor"),
        ("maya@northwind.example,L4,Monday,9:00,\nMaya@northwind.example,L5,Monday,9:00,", "is on line 2 already"),
        ("gone@northwind.example,L9,Monday,9:00,", "line 2: level “L9” is not understood"),
    ],
)
async def test_one_wrong_line_and_nobody_is_invited(world: World, row: str, said: str) -> None:
    file = f"email,level,day,time,mentor\n{row}\njonas@northwind.example,L4,Monday,9:00,".encode()
    told = await refused(world, file)
    assert said in told
    assert ("gone@northwind.example is nobody" in told) is ("gone" in row), "file and Slack are told about together"
    for table in (Workspace, Member, Invitation, Delivery):
        assert await world.rows(select(func.count()).select_from(table)) == [0]


async def test_people_are_looked_up_by_slack_id_too(world: World) -> None:
    await world.playground.change_person(SAM, deleted=True)
    await world.playground.change_person(JONAS, team_id="T0OTHER", is_stranger=True)
    told = await refused(world, b"slack_id,level,day,time\nU0SAM,L4,Mon,9:00\nU0JONAS,L4,Mon,9:00\nU404,L4,Mon,9:00")
    assert [line.partition(",")[0] for line in told.splitlines()] == [
        "line 2: U0SAM has left",
        "line 3: U0JONAS is of another workspace",
        "line 4: U404 is nobody in this workspace: correct it",
    ]


async def test_a_mentor_is_proposed_to_five(world: World) -> None:
    people = world.playground.workspace
    for n in range(7):
        people.add_person(f"p{n}", user=f"U0P{n}", tz="Europe/Berlin")
    rows = [f"U0P{n},L4,Monday,9:00,U0SAM" for n in range(7)]
    head = "slack_id,level,day,time,mentor"
    told = await refused(world, "\n".join([head, *rows]).encode())
    assert told.splitlines() == [
        f"line {n}: the mentor @sam has room for 5 more: name somebody else, or leave it empty" for n in (7, 8)
    ]
    assert await invite(world, "\n".join([head, *rows[:4]]).encode()) == [INVITED] * 4
    assert await invite(world, "\n".join([head, *rows[:5]]).encode()) == [BEFORE] * 4 + [INVITED], "a place is kept"
    assert "line 7: the mentor @sam has room for 0 more" in await refused(world, "\n".join([head, *rows[:6]]).encode())


async def test_whom_the_mentor_is_asked_for_already_counts(world: World) -> None:
    async with world.sessions.begin() as session:
        who = UserRef(TEAM, JONAS)
        await requests.request(session, who, SAM, {JONAS: "UTC", SAM: "UTC"}, None, "k", START)
        sam = await members.get(session, UserRef(TEAM, SAM))
        assert sam
        await requests.want_mentees(session, sam, 1)
        assert await invitations.room(session, TEAM, [SAM, MAYA]) == {SAM: 0}
    assert "has room for 0 more" in await refused(world, FILE)


async def test_slack_may_ask_for_a_pause_and_long_lists_tell_how_far_they_are(world: World) -> None:
    people = world.playground.workspace
    for n in range(30):
        people.add_person(f"p{n}", user=f"U0P{n}", email=f"p{n}@northwind.example")
    rows = "".join(f"p{n}@northwind.example,L4,Mon,9:00\n" for n in range(30))
    world.playground.faults.rate_limit("users.lookupByEmail", retry_after=1)
    told: list[str] = []
    assert len(await inviting(world, told).look(f"email,level,day,time\n{rows}".encode())) == 30
    assert told == ["25 of 30 people looked up in Slack"]


async def test_a_long_file_is_mended_before_slack_is_asked(world: World) -> None:
    rows = "".join(f"p{n}@northwind.example,L4,Mon,9:00\n" for n in range(30))
    seen = await refused(world, f"email,level,day,time\n{rows}p30@northwind.example,L9,Mon,9:00\n".encode())
    assert seen.startswith("line 32: level “L9” is not understood")
    assert "nobody in this workspace" not in seen


async def test_slacks_refusals_are_sentences(world: World) -> None:
    world.playground.faults.refuse("users.lookupByEmail", "missing_scope")
    with pytest.raises(NotInvitedError, match=r"lacks the scope users:read\.email: add it .* Nobody was invited"):
        await outcome(inviting(world), FILE, START, dry=True)
    world.playground.faults.refuse("auth.test", "invalid_auth")
    with pytest.raises(NotInvitedError, match=r"Slack refused to say who is who \(invalid_auth\)"):
        await workspace_of(inviting(world).client, None)
    with pytest.raises(NotInvitedError, match="is for the workspace T0PLAYGROUND, not for T0ELSE"):
        await workspace_of(inviting(world).client, "T0ELSE")
    assert await workspace_of(inviting(world).client, TEAM) == TEAM


async def test_forgetting_a_mentor_leaves_the_invitation_without_one(world: World) -> None:
    await invite(world)
    async with world.sessions.begin() as session:
        await session.execute(Member.__table__.delete().where(Member.slack_user == SAM))  # type: ignore[attr-defined]
    await world.click(MAYA, "invitation.accept")
    assert "mentor" not in text_of(newest(world))
    async with world.sessions.begin() as session:
        await session.execute(Member.__table__.delete().where(Member.slack_user == MAYA))  # type: ignore[attr-defined]
    assert await world.rows(select(Invitation)) == []


async def test_a_yes_to_a_message_whose_sending_was_lost(world: World) -> None:
    """Slack has the invitation, its answer to the sender was lost: a click proves it, and the message stays."""
    world.playground.faults.lose("chat.postMessage")
    await invite(world)
    assert await world.rows(select(Delivery.state)) == ["unknown"]
    message = newest(world)
    await world.click(MAYA, "invitation.accept", on=message)
    states: list[Any] = await world.rows(select(Delivery.state).where(Delivery.kind == "invitation"))
    assert states == ["sent"]
    await world.service.ticker.run()
    assert "You said yes on 14 January" in text_of(world.playground.dm(MAYA)[0])


async def test_from_the_command_line(tmp_path: Path, database_url: str, engine: AsyncEngine) -> None:
    file = tmp_path / "people.csv"
    async with slack("socket") as (playground, settings):
        playground.workspace.person("maya").email = "maya@northwind.example"
        settings |= {"DATABASE_URL": database_url}

        async def run(*options: str, text: str = "email,level,day,time\nmaya@northwind.example,mle2,fri,15:00") -> Any:
            file.write_text(text)
            return await output("people", "invite", "people.csv", *options, folder=tmp_path, **settings)

        wrong = await run(text="email,level,day,time\nmaya@northwind.example,L9,fri,15:00\nnobody,L4,x,9")
        assert (wrong.code, wrong.stdout) == (1, "")
        assert [line[:19] for line in wrong.stderr.splitlines()[:-1]] == [
            "people.csv:2: level", "people.csv:3: email", "people.csv:3: day “"
        ]  # fmt: skip
        assert wrong.stderr.splitlines()[-1] == "3 to mend in people.csv. Nobody was invited."
        dry = await run("--dry-run", "--workspace", TEAM)
        assert (dry.code, dry.stderr) == (0, "")
        head, row, _, last = dry.stdout.splitlines()
        assert head.split() == ["line", "who", "level", "question", "mentor", "what"]
        assert row.split() == ["2", "@maya", "L4", "Friday", "15:00", "(Europe/Berlin)", "-", "invited"]
        assert last == "1 would be invited. This was a dry run: nothing was written or sent."
        assert "1 invited. The Rung that is running sends" in (await run()).stdout
    async with engine.connect() as connection:
        assert (await connection.execute(select(Invitation.level, Invitation.local_time))).all() == [("l4", time(15))]


@pytest.mark.parametrize(
    ("answer", "said"), [("", "Nothing starts unless you say yes"), ("invitation.accept", "You said yes")]
)
async def test_a_mentor_who_is_forgotten_is_proposed_no_more(world: World, answer: str, said: str) -> None:
    await invite(world)
    if answer:
        await world.click(MAYA, answer, on=newest(world))
    await forget(world, SAM)
    await cleared(world)
    assert [each for each in ours(world, MAYA) if said in text_of(each)]
    assert SAM not in str([each.blocks for each in ours(world, MAYA)])
