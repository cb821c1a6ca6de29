"""With one bot token: whoever is of another workspace is told so, and touches nothing."""

import contextlib
import copy
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from slack_bolt.request.async_request import AsyncBoltRequest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.tenancy import NOT_SET_UP
from db.models import Member, Mentorship
from growth.errors import NotForGuests
from ladder_content.model import Ladder
from playground.outbound import Answer, posting_to
from playground.playground import Playground
from playground.server import serving
from playground.workspace import Message, View, Workspace
from tests.support.edge_cases import rows
from tests.support.log import log_it
from tests.support.oauth import REVOKED, UNINSTALLED, start
from tests.support.world import MAYA, SAM, World, people, world_of

Json = dict[str, Any]


@pytest.fixture
async def world(engine: AsyncEngine, ladder: Ladder) -> AsyncIterator[World]:
    async with world_of(engine, ladder, transport="http") as world:
        yield world


@contextlib.asynccontextmanager
async def elsewhere_of(world: World) -> AsyncIterator[Playground]:
    """Another workspace whose requests reach this Rung; people there have the same ids."""
    workspace = Workspace(world.playground.clock, name="Elsewhere", app_name="Rung", team_id="T0ELSE")
    for person in world.playground.workspace.people.values():
        workspace.people.setdefault(person.id, copy.copy(person))
    assert world.address
    slack = Playground(workspace, receiver=posting_to(world.address), bot_token="xoxb-else")
    async with serving(slack):
        yield slack


@pytest.fixture
async def elsewhere(world: World) -> AsyncIterator[Playground]:
    """Maya has a log here, and an open form and a message that elsewhere shows too."""
    async with elsewhere_of(world) as slack:
        await start(world)
        await log_it(world, "Moved the cache.")
        await world.playground.command(MAYA, "/ladder log Halved the bill.")
        yield slack


def shown_there(world: World, there: Playground) -> tuple[Message, View]:
    """Maya's newest message with buttons, and her form, as if they stood elsewhere."""
    form = world.playground.modal(MAYA)
    assert form
    there.workspace.modals[MAYA] = [copy.deepcopy(form)]
    original = next(each for each in reversed(world.playground.dm(MAYA)) if "log.edit" in str(each.blocks))
    blocks = copy.deepcopy(original.blocks)
    return there.workspace.post(there.workspace.dm(MAYA), there.workspace.bot.id, blocks=blocks), form


async def left_alone(world: World, deed: Awaitable[Answer]) -> Answer:
    """See that it writes nothing, and calls nobody with the token."""
    before = await rows(world)
    world.playground.journal.calls.clear()
    answer = await deed
    await world.service._answered()
    assert answer.ok, answer
    assert await rows(world) == before
    assert world.playground.journal.calls == []
    return answer


async def test_a_visitor_of_whom_slack_does_not_tell_is_asked_of_again(world: World) -> None:
    """Only what somebody wrote is saved before Slack has told who they are; the daily reading ends it."""
    slack = world.playground
    slack.workspace.add_person("vic", "Vic Visitor", user="U0VIC", team_id="T0ELSE")
    slack.faults.rate_limit("users.info", 0, times=9)
    for words in ("mentees 3", f"mentor <@{SAM}> you know serving", "seen", "pause two weeks"):
        await slack.command("U0VIC", f"/ladder {words}")
    await world.service._answered()
    slack.faults.clear()
    assert await world.rows(select(Member.id)) == []
    assert await world.rows(select(Mentorship.id)) == []


async def test_somebody_of_another_workspace_is_no_member_once_people_are_read(world: World) -> None:
    await start(world)
    world.playground.workspace.person(MAYA).team_id = "T0ELSE"
    await world.service.read_people()
    assert await world.rows(select(Member.active)) == [False]


async def test_a_command_is_answered_in_a_sentence(world: World, elsewhere: Playground) -> None:
    for words in ("next", "logs", "set L7", "log", "forget me", "admin", "nonsense", ""):
        before = len(elsewhere.dm(MAYA))
        elsewhere.journal.calls.clear()
        await left_alone(world, elsewhere.command(MAYA, f"/ladder {words}"))
        assert [each.text for each in elsewhere.dm(MAYA)[before:]] == [NOT_SET_UP], words
        assert [call.method for call in elsewhere.journal.calls] == ["command.response"]


async def test_so_is_a_click(world: World, elsewhere: Playground) -> None:
    message, _ = shown_there(world, elsewhere)
    await left_alone(world, elsewhere.click(MAYA, message, "log.edit"))
    assert elsewhere.dm(MAYA)[-1].text == NOT_SET_UP
    assert elsewhere.dm(MAYA)[-1].ephemeral_to == MAYA
    assert message in elsewhere.dm(MAYA), "what they pressed stays"
    assert [call.method for call in elsewhere.journal.calls] == ["response_url"]


async def test_a_click_where_nothing_can_be_said_is_acknowledged(world: World, elsewhere: Playground) -> None:
    await world.playground.open_home(MAYA)
    home = world.playground.home(MAYA)
    assert home
    await left_alone(world, elsewhere.click(MAYA, copy.deepcopy(home), "log.open"))
    assert elsewhere.journal.calls == []


async def test_a_form_says_it_on_top_and_keeps_what_was_typed(world: World, elsewhere: Playground) -> None:
    shown_there(world, elsewhere)
    await left_alone(world, elsewhere.submit(MAYA, {"what": "Halved the bill twice."}))
    top = elsewhere.modal(MAYA)
    assert top
    assert NOT_SET_UP in str(top.blocks)
    assert len(elsewhere.workspace.modals[MAYA]) == 2
    assert [call.method for call in elsewhere.journal.calls] == ["views.push"]


async def test_shortcuts_too(world: World, elsewhere: Playground) -> None:
    message, _ = shown_there(world, elsewhere)
    await left_alone(world, elsewhere.shortcut(MAYA, "log_growth"))
    assert elsewhere.journal.calls == []
    await left_alone(world, elsewhere.shortcut(MAYA, "save_message", message))
    assert elsewhere.dm(MAYA)[-1].text == NOT_SET_UP
    assert [call.method for call in elsewhere.journal.calls] == ["response_url"]


EVENTS: dict[str, Callable[[Playground], Awaitable[Answer]]] = {
    "a message": lambda slack: slack.say(MAYA, "Moved the queue, too."),
    "a change to it": lambda slack: slack.edit(MAYA, slack.dm(MAYA)[0].ts, "Moved it back."),
    "Home": lambda slack: slack.open_home(MAYA),
    "a move": lambda slack: slack.change_person(MAYA, tz="Asia/Tokyo"),
    "a farewell": lambda slack: slack.change_person(MAYA, deleted=True),
    "an uninstall": lambda slack: slack.event(UNINSTALLED),
    "a revoked token": lambda slack: slack.event(REVOKED),
}


@pytest.mark.parametrize("deed", EVENTS.values(), ids=EVENTS.keys())
async def test_events_are_dropped(
    world: World, elsewhere: Playground, deed: Callable[[Playground], Awaitable[Answer]], caplog: Any
) -> None:
    elsewhere.workspace.post(elsewhere.workspace.dm(MAYA), MAYA, text="Moved the cache.")
    for _ in range(2):
        await left_alone(world, deed(elsewhere))
    assert elsewhere.journal.calls == []
    said = [each.msg for each in caplog.records if "workspace.not_served" in str(each.msg)]
    assert [(each["event"], each["workspace"]) for each in said] == [("workspace.not_served", "T0ELSE")]


def as_socket(payload: Json) -> AsyncBoltRequest:
    return AsyncBoltRequest(mode="socket_mode", body=payload)


async def test_by_socket_mode_as_well(engine: AsyncEngine, ladder: Ladder) -> None:
    async with world_of(engine, ladder) as world:
        await start(world)
        there = Playground(Workspace(world.playground.clock, team_id="T0ELSE"))
        there.url = "https://else.example"
        maya = there.workspace.add_person("maya", user=MAYA)
        command = there._sender.command(maya, there.workspace.dm(MAYA), "/ladder", "next", "1.2.3", "x")
        before = await rows(world)
        world.playground.journal.calls.clear()
        for payload in (command, {name: value for name, value in command.items() if name != "team_id"}):
            answer = await world.service.app.async_dispatch(as_socket(payload))
            assert (answer.status, NOT_SET_UP in answer.body) == (200, True), payload
        answer = await world.service.app.async_dispatch(as_socket(there._sender.event(UNINSTALLED)))
        assert (answer.status, answer.body) == (200, "")
        assert await rows(world) == before
        assert world.playground.journal.calls == []


THERE = {"id": "T0ELSE", "domain": "elsewhere"}
FROM_THERE = {"id": MAYA, "team_id": "T0ELSE"}
VISITS: dict[str, Callable[[Json], Json]] = {
    "by the person": lambda payload: {**payload, "user": FROM_THERE},
    "by both": lambda payload: {**payload, "user": FROM_THERE, "team": THERE},
    "by the team": lambda payload: {**payload, "user": {"id": MAYA}, "team": THERE},
}


@pytest.mark.parametrize("visit", VISITS.values(), ids=VISITS.keys())
async def test_a_visitor_in_a_shared_channel_is_nobody_here(
    world: World, elsewhere: Playground, visit: Callable[[Json], Json]
) -> None:
    """Slack names the workspace that has the app; whose person it is stands beside the person."""
    _, form = shown_there(world, elsewhere)
    maya = world.playground.workspace.person(MAYA)
    payload = visit(world.playground._sender.submission(maya, form, "1.2.3"))
    payload["view"]["app_installed_team_id"] = "T0PLAYGROUND"
    answer = await left_alone(world, world.playground.outbound.interaction(payload))
    assert NOT_SET_UP in str(answer.body)


async def test_nor_is_a_visitor_whose_profile_changes(world: World, elsewhere: Playground) -> None:
    gone = {"id": MAYA, "team_id": "T0ELSE", "deleted": True}
    await left_alone(world, world.playground.event({"type": "user_change", "user": gone}))
    assert await world.rows(select(Member.active)) == [True]


@pytest.mark.parametrize("words", ["next", "set L4", "logs", "log"])
async def test_slack_says_who_is_a_visitor_where_the_request_does_not(world: World, words: str) -> None:
    world.playground.workspace.add_person("vic", user="U0VIC", team_id="T0ELSE")
    answer = await world.playground.command("U0VIC", f"/ladder {words}")
    assert answer.ok
    assert world.playground.dm("U0VIC")[-1].text == NotForGuests().sentence
    assert await world.rows(select(Member)) == []


async def test_a_token_for_an_enterprise_serves_all_its_workspaces(engine: AsyncEngine, ladder: Ladder) -> None:
    grid = people()
    grid.team_id, grid.enterprise_id = "T0ONE", "E0GRID"
    async with world_of(engine, ladder, transport="http", workspace=grid) as one:
        await start(one)
        grid.team_id = "T0TWO"
        await one.ladder_command(SAM, "set L5")
        assert sorted(await one.rows(select(Member.slack_user))) == [MAYA, SAM]
        async with elsewhere_of(one) as there:
            await left_alone(one, there.command(MAYA, "/ladder next"))
            assert there.dm(MAYA)[-1].text == NOT_SET_UP
            there.workspace.enterprise_id = "E0ELSE"
            await left_alone(one, there.command(MAYA, "/ladder next"))
            assert there.dm(MAYA)[-1].text == NOT_SET_UP
        sender = one.playground._sender
        end = {**sender.event(UNINSTALLED), "team_id": None, "enterprise_id": "E0GRID"}
        end["authorizations"][0]["team_id"] = None
        assert (await one.playground.outbound.event(end)).ok
        assert await one.rows(select(Member.slack_user))
