"""While Slack takes nothing that Rung sends: what is shown of it, that nobody is promised a day, and how it ends."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.ops import doctor_database, doctor_history
from bot.slack import Slack
from db.enums import DeliveryState
from db.models import Delivery, Workspace
from db.workspaces import workspaces
from handlers.checkins import views
from handlers.slack import action_ids
from ladder_content.model import Ladder
from tests.support.checkin import asked
from tests.support.digest import TUESDAY
from tests.support.doctor import found, now, told
from tests.support.many_workspaces import many
from tests.support.mentoring import accepted, share_something
from tests.support.steps import look, scrape
from tests.support.world import MAYA, SAM, World, text_of, text_of_blocks

HELD_UP = "Slack is not taking my messages at the moment"
READY = (200, "database: ready\nslack: ready\ncontent: ready\n")


async def started(world: World) -> None:
    """Maya gets a question every Monday at nine."""
    await world.ladder_command(MAYA, "next")
    await world.click(MAYA, "welcome.level.l4")
    await world.click(MAYA, "welcome.time.1")


async def refused(world: World, word: str = "invalid_auth") -> None:
    async with world.sessions.begin() as session:
        await workspaces.refuse(session, world.playground.workspace.team_id, word, timedelta(minutes=1))


async def be_due(world: World) -> None:
    """Let the pause before the next try be over."""
    async with world.sessions.begin() as session:
        await session.execute(update(Workspace).values(paused_until=None))


@pytest.mark.parametrize("world", ["http"], indirect=True)
async def test_one_passing_refusal_is_over_without_a_restart(world: World) -> None:
    await started(world)
    assert await look(world, "/readyz") == READY
    world.playground.faults.refuse("chat.postMessage", "invalid_auth")
    await world.travel(TUESDAY - timedelta(days=1))
    status, page = await look(world, "/readyz")
    assert (status, page.splitlines()[:3]) == (503, ["database: ready", "slack: NOT ready", "content: ready"])
    assert page.splitlines()[3].startswith("refused: 1 of 1, since ")
    assert page.splitlines()[3].endswith(" UTC (invalid_auth)")
    assert "rung_workspaces_refused 1.0" in (await scrape(world))[2]

    await be_due(world)
    await world.service.ticker.run()
    assert await world.rows(select(Delivery.state)) == [DeliveryState.SENT]
    assert await look(world, "/readyz") == READY
    assert "rung_workspaces_refused 0.0" in (await scrape(world))[2]


@pytest.mark.parametrize("world", ["http"], indirect=True)
async def test_a_refusal_counts_whoever_hears_of_it_first(world: World) -> None:
    """Not only the sender: nothing may be due for days."""
    await started(world)
    for method in ("views.publish", "auth.test"):
        world.playground.faults.refuse(method, "invalid_auth", times=2)
    await world.playground.open_home(MAYA)
    assert (await look(world, "/readyz"))[0] == 503
    assert HELD_UP in text_of(await world.ladder_command(MAYA, "next"))
    next_try = await world.rows(select(Workspace.paused_until))
    await world.playground.open_home(MAYA)
    assert await world.rows(select(Workspace.paused_until)) == next_try, "nobody puts that off"
    world.playground.faults.clear()
    await be_due(world)
    await world.service.ticker.run()
    assert await look(world, "/readyz") == READY

    world.playground.faults.refuse("users.list", "token_expired")
    await world.service.read_people()
    assert (await look(world, "/readyz"))[1].endswith("(token_expired)\n")


async def test_later_names_no_day_meanwhile(world: World) -> None:
    question = await asked(world)
    await world.travel(timedelta(days=6))
    await refused(world)
    await world.click(MAYA, action_ids.CHECKIN_LATER, on=question, value=f"{views.TOMORROW} 1")
    assert "Your next question is due before that. This one stays open" in text_of(world.playground.dm(MAYA)[-1])


@pytest.mark.parametrize("world", ["http"], indirect=True)
async def test_where_the_token_was_revoked_nothing_is_ready(world: World) -> None:
    await started(world)
    world.playground.faults.refuse("chat.postMessage", "token_revoked")
    await world.travel(TUESDAY - timedelta(days=1))
    status, page = await look(world, "/readyz")
    assert (status, "(uninstalled)" in page) == (503, True)


async def by_next(world: World) -> str:
    return text_of(await world.ladder_command(MAYA, "next"))


async def by_set(world: World) -> str:
    return text_of(await world.ladder_command(MAYA, "set tue 15:00"))


async def on_home(world: World) -> str:
    await world.playground.open_home(MAYA)
    home = world.playground.home(MAYA)
    assert home
    return text_of_blocks(home.blocks)


async def by_resume(world: World) -> str:
    return text_of(await world.ladder_command(MAYA, "resume"))


async def by_pause(world: World) -> str:
    return text_of(await world.ladder_command(MAYA, "pause 2 weeks"))


async def by_checkin(world: World) -> str:
    return text_of(await world.ladder_command(MAYA, "checkin"))


async def by_welcome(world: World) -> str:
    await world.ladder_command(SAM, "next")
    await world.click(SAM, "welcome.level.l5")
    await world.click(SAM, "welcome.time.3")
    return text_of(world.playground.dm(SAM)[-1])


Saying = Callable[[World], Awaitable[str]]


@pytest.mark.parametrize("say", [by_next, by_set, on_home, by_resume, by_pause, by_checkin, by_welcome])
async def test_nobody_is_promised_a_day_meanwhile(world: World, say: Saying) -> None:
    await started(world)
    await refused(world)
    said = await say(world)
    assert HELD_UP in said
    assert "Nothing is lost" in said
    for promise in ("comes on", "ask you on", "on its way", "January"):
        assert promise not in said.replace("Paused until Thursday 28 January", "")

    async with world.sessions.begin() as session:
        await workspaces.accepted(session, world.playground.workspace.team_id, now())
    assert "Your next question comes on" in await by_next(world)


async def test_what_is_put_off_is_promised_for_no_day_and_a_skip_neither(world: World) -> None:
    await started(world)
    await world.travel(TUESDAY - timedelta(days=1))
    question = world.playground.dm(MAYA)[-1]
    await refused(world)
    menu = next(each for block in question.blocks for each in block.get("elements", ()) if "options" in each)
    await world.click(MAYA, "checkin.later", on=question, value=menu["options"][0]["value"])
    assert f"Later, then. {HELD_UP}" in text_of(question)
    await world.click(MAYA, "checkin.later", on=question, value=menu["options"][2]["value"])
    assert f"Nothing this week: fine. {HELD_UP}" in text_of(question)


async def test_no_digest_is_promised_either(world: World) -> None:
    await accepted(world)
    await refused(world)
    assert HELD_UP in text_of(await world.ladder_command(SAM, "digest fri 15:00"))
    await share_something(world)
    await world.travel(timedelta(hours=2))
    assert f"Your digest waits. {HELD_UP}" in text_of(await world.ladder_command(SAM, "digest"))


async def test_the_doctor_tells_of_it_and_of_what_to_do(world: World, database_url: str) -> None:
    async def look_at_it() -> list[str]:
        findings = await doctor_database.at(database_url, now)
        return [str(each) for each in findings if each.what == "refused"]

    await started(world)
    assert await look_at_it() == []
    await refused(world, "messages_tab_disabled")
    [line] = await look_at_it()
    assert line.startswith("✗ refused")
    assert "T0PLAYGROUND since " in line
    assert "(messages_tab_disabled)" in line
    assert line.endswith("switch the Messages Tab on, on your Slack app's page App Home.")
    assert await world.rows(select(Workspace.refused_for)) == ["messages_tab_disabled"], "it changes nothing"


async def test_the_doctor_tries_whether_history_has_metadata(world: World, database_url: str) -> None:
    slack = Slack(world.playground.bot_token, world.playground.app_token, None, f"{world.playground.url}/api/")

    async def line() -> str:
        return told(await found(history=lambda: doctor_history.look(database_url, slack)), "message metadata")

    assert await line() == "– nothing was sent yet that it could be tried with"
    await started(world)
    await world.travel(TUESDAY - timedelta(days=1))
    calls = len(world.playground.journal.of("conversations.history"))
    assert await line() == "✓ Slack's history gives back what Rung knows its messages by"
    world.playground.faults.withhold_metadata("type")
    assert (await line()).startswith("✗ Slack gives the history of a DM without the metadata that Rung knows")
    world.playground.faults.withhold_metadata("none")
    assert (await line()).startswith("✗ Slack gives the history of a DM without the metadata that Rung knows")
    assert len(world.playground.journal.of("conversations.history")) == calls + 3
    world.playground.faults.refuse("conversations.history", "missing_scope")
    assert (await line()).startswith("✗ Slack does not let the history be read (missing_scope)")
    world.playground.faults.rate_limit("conversations.history")
    assert (await line()).startswith("– not known: Slack did not show the history (ratelimited)")


async def test_of_many_workspaces_one_that_is_refused_leaves_the_rest_ready(
    engine: AsyncEngine, ladder: Ladder
) -> None:
    async with many(engine, ladder) as app:
        for each in (app.north, app.south):
            await app.install(each)
        await refused(app.north)
        status, page = await look(app.north, "/readyz")
        assert (status, "refused: 1 of 2" in page) == (200, True)
        await refused(app.south)
        assert (await look(app.north, "/readyz"))[0] == 503
