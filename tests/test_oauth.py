"""Many workspaces: installed by OAuth, strictly apart, switched off at once, and back with their data."""

import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.install.oauth import STATE_LIFE, Installs
from bot.tenancy import NOT_INSTALLED
from db.engine import Sessions
from db.models import BOTS, INSTALLATIONS, Entry, Member, OAuthState, Workspace
from db.workspaces import installations
from db.workspaces.installations import Cipher, UnreadableTokenError
from ladder_content.model import Ladder
from tests.support.log import log_it
from tests.support.log_queries import statements
from tests.support.many_workspaces import NEW_KEY, OLD_KEY, Many, many
from tests.support.oauth import REVOKED, UNINSTALLED, start
from tests.support.questions import SLOT
from tests.support.world import MAYA, World, text_of

WEEK = timedelta(days=7)
SECOND = timedelta(seconds=1.1)


@pytest.fixture
async def app(engine: AsyncEngine, ladder: Ladder, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Many]:
    async with many(engine, ladder) as app:
        yield app
    for mark in ("tick.failed", "Traceback", "xoxb-", app.slack.client_secret, OLD_KEY, "is not a valid argument"):
        assert mark not in caplog.text


def posts(world: World) -> int:
    return len(world.playground.journal.of("chat.postMessage"))


async def off(world: World) -> bool:
    key = world.playground.workspace.enterprise_id or world.playground.workspace.team_id
    [at] = await world.rows(select(Workspace.uninstalled_at).where(Workspace.key == key))
    return at is not None


async def rows(engine: AsyncEngine) -> str:
    """All that the database says of installations, as it lies there."""
    async with engine.connect() as connection:
        found = [await connection.execute(text(f"SELECT * FROM {table}")) for table in (BOTS, INSTALLATIONS)]
    return "\n".join(str(dict(row)) for each in found for row in each.mappings())


async def test_two_workspaces_install_it_and_stay_apart(app: Many) -> None:
    for world, name in ((app.north, "North &amp; Co"), (app.south, "South")):
        page = await app.install(world)
        assert (page.status, page.headers["Cache-Control"]) == (200, "no-store")
        assert f"Rung is in {name}" in page.text
        assert "<code>/ladder next</code>" in page.text
        await start(world)
    assert app.north.playground.bot_token != app.south.playground.bot_token

    await log_it(app.north, "Moved the northern cache.")
    assert "northern cache" in text_of(await app.north.ladder_command(MAYA, "logs"))
    assert "northern cache" not in text_of(await app.south.ladder_command(MAYA, "logs"))
    assert len(set(await app.north.rows(select(Member.workspace_id).where(Member.slack_user == MAYA)))) == 2

    await app.north.travel(SLOT)
    assert [posts(world) for world in (app.north, app.south)] == [1, 1]
    for world in (app.north, app.south):
        world.playground.journal.calls.clear()
    await app.service.read_people()
    assert [len(world.playground.journal.of("users.list")) for world in (app.north, app.south)] == [1, 1]


async def test_an_enterprise_installs_it_as_one(app: Many) -> None:
    page = await app.install(app.grid)
    assert "Rung is in Grid" in page.text
    await start(app.grid)
    await app.grid.travel(SLOT)
    assert posts(app.grid) == 1
    assert await app.grid.rows(select(Workspace.key)) == ["E0GRID"]
    await app.grid.playground.change_person(MAYA, tz="Asia/Tokyo")
    app.grid.playground.workspace.people[MAYA].deleted = True
    await app.grid.travel(timedelta(days=2))
    await app.service.read_people()
    assert await app.grid.rows(select(Member.active)) == [False], "an enterprise's people are those of its teams"
    await app.uninstall(app.grid)
    assert await off(app.grid)
    assert "xoxb" not in await rows(app.grid.engine)


async def test_a_request_costs_one_statement_more_and_no_call(app: Many) -> None:
    await app.install(app.north)
    await start(app.north)
    app.north.playground.journal.calls.clear()
    async with statements(app.north.engine) as said:
        assert (await app.north.playground.command(MAYA, "/ladder next")).ok
    assert len(said) == 3, said
    assert [call.method for call in app.north.playground.journal.calls] == ["command.response"]


async def test_tokens_cannot_be_read_in_the_database_and_keys_can_be_changed(
    engine: AsyncEngine, ladder: Ladder
) -> None:
    sessions = Sessions(engine)
    async with many(engine, ladder) as app:
        await app.install(app.north)
        token = app.north.playground.bot_token
        assert token.startswith("xoxb-")
        assert await app.service._token("T0NORTH") == token
        there = await rows(engine)
        assert there.count("gAAAA") == 2, "Fernet's own beginning"
        assert "xoxb" not in there
        assert token not in there
        people = [each.id for each in app.north.playground.workspace.people.values() if not each.is_bot]
        assert people
        assert not any(person in there for person in people), "who installed it is not kept"

    for expected in ((2, 2), (0, 2)):
        async with sessions.begin() as session:
            assert await installations.reencrypt(session, Cipher([NEW_KEY, OLD_KEY])) == expected
    async with sessions.begin() as session:
        await installations.check(session, Cipher([NEW_KEY]))
        with pytest.raises(UnreadableTokenError, match="No key in TOKEN_KEYS opens"):
            await installations.check(session, Cipher([OLD_KEY]))
        with pytest.raises(UnreadableTokenError):
            await installations.reencrypt(session, Cipher([OLD_KEY]))
    with pytest.raises(UnreadableTokenError):
        async with many(engine, ladder, keys=(OLD_KEY,)):
            pass
    async with many(engine, ladder, keys=(NEW_KEY,)) as app:
        assert await app.service._token("T0NORTH") == token


@pytest.mark.parametrize("events", [(UNINSTALLED, REVOKED), (REVOKED, UNINSTALLED)])
async def test_an_uninstall_is_the_end_at_once_and_a_reinstall_goes_on(app: Many, events: tuple[Any, ...]) -> None:
    for world in (app.north, app.south):
        await app.install(world)
        await start(world)
    await log_it(app.north, "Moved the cache.")
    old = app.north.playground.bot_token
    assert app.service._installs
    replica = Installs(app.service._installs._oauth, app.service._slack.client(), app.north.engine, lambda: SLOT)
    assert await replica.token("T0NORTH") == old
    await app.north.travel(SECOND)
    for each in events:
        assert (await app.north.playground.event(each)).ok
        assert await off(app.north)
    assert not await off(app.south)
    assert await replica.token("T0NORTH") is None, "every process knows at once"
    assert "T0NORTH" not in await rows(app.north.engine)
    await app.north.travel(SLOT)
    assert posts(app.north) == 0, "nothing is tried, even where the token is good"
    assert posts(app.south) == 1

    answer = await app.north.playground.command(MAYA, "/ladder next")
    assert answer.ok
    assert app.north.playground.dm(MAYA)[-1].text == NOT_INSTALLED

    late = app.north.playground._sender.event(UNINSTALLED)
    await app.north.travel(SECOND)
    await app.install(app.north)
    assert await replica.token("T0NORTH") == app.north.playground.bot_token != old
    assert (await app.north.playground.outbound.event(late)).ok
    assert not await off(app.north), "what comes late of the uninstall is old"
    assert "Moved the cache" in text_of(await app.north.ladder_command(MAYA, "logs"))
    await app.north.travel(SLOT + WEEK)
    assert posts(app.north) == 1


async def test_installing_again_without_an_uninstall_leaves_one_token(app: Many) -> None:
    for _ in range(2):
        await app.install(app.north)
    assert await app.service._token("T0NORTH") == app.north.playground.bot_token
    async with app.north.engine.connect() as connection:
        for table in (BOTS, INSTALLATIONS):
            assert len((await connection.execute(select(table))).all()) == 1


async def test_a_person_s_token_alone_switches_nothing_off(app: Many) -> None:
    await app.install(app.north)
    await app.north.travel(SECOND)
    revoked = {"type": "tokens_revoked", "tokens": {"oauth": [MAYA], "bot": []}}
    assert (await app.north.playground.event(revoked)).ok
    assert not await off(app.north)
    assert await app.service._token("T0NORTH")


@pytest.mark.parametrize("method", ["auth.revoke", "apps.uninstall"])
async def test_an_app_that_is_taken_back_by_its_own_token_is_off(app: Many, method: str) -> None:
    await app.install(app.north)
    await app.north.travel(SECOND)
    client = app.service._slack.client()
    client.token = app.north.playground.bot_token
    secrets = {"client_id": app.slack.client_id, "client_secret": app.slack.client_secret}
    assert (await client.api_call(method, data=secrets))["ok"]
    while app.north.playground._background:
        for task in tuple(app.north.playground._background):
            await task
    assert await off(app.north)
    client.token = app.north.playground.bot_token = "xoxb-else"


async def test_a_workspace_whose_token_is_gone_is_switched_off_by_the_first_try(app: Many) -> None:
    """As when many workspaces are served from a database in which one was."""
    await app.install(app.north)
    await start(app.north)
    async with app.north.engine.begin() as connection:
        await connection.execute(BOTS.delete())
    await app.north.travel(SLOT)
    assert await off(app.north)
    assert posts(app.north) == 0


async def test_one_token_serves_its_own_workspace_alone(world: World) -> None:
    """As when one workspace is served from a database in which many were."""
    await start(world)
    async with world.sessions.begin() as session:
        await session.execute(update(Workspace).values(key="T0OTHER"))
    await world.travel(SLOT)
    assert {call.response.get("error") for call in world.playground.journal.of("chat.postMessage")} <= {"not_authed"}
    assert [at is None for at in await world.rows(select(Workspace.uninstalled_at))] == [False]
    assert await world.rows(select(Member.active)) == [True]


@pytest.mark.parametrize("world", ["http"], indirect=True)
async def test_one_workspace_is_switched_off_too(world: World) -> None:
    await start(world)
    await log_it(world, "Moved the cache.")
    for kind in (REVOKED, UNINSTALLED):
        assert (await world.playground.event(kind)).ok
    await world.travel(SLOT)
    assert posts(world) == 0
    late = world.playground._sender.event(UNINSTALLED)
    await world.service.stop()
    await world.travel(SECOND)
    await world.service.start()
    await world.service.ticker.run()
    assert (await world.playground.outbound.event(late)).ok
    assert await world.rows(select(Workspace.uninstalled_at)) == [None]
    assert len(await world.rows(select(Entry))) == 1


async def test_nobody_installs_it_without_a_state_of_their_own(app: Many) -> None:
    stolen = await app.consent()
    forged = f"{stolen.replace('state=', 'state=x')}&team=T0NORTH"
    page = await app.get(forged)
    assert (page.status, "opened on its own" in page.text) == (400, True)

    app.browser.cookie_jar.clear()
    page = await app.get(f"{stolen}&team=T0NORTH")
    assert (page.status, "opened on its own" in page.text) == (400, True)
    assert 'href="/slack/install"' in page.text

    url = f"{await app.consent()}&team=T0NORTH"
    assert (await app.get(url)).status == 200
    page = await app.get(url)
    assert (page.status, "That link is used up" in page.text) == (400, True)

    late = f"{await app.consent()}&team=T0SOUTH"
    await app.north.travel(STATE_LIFE)
    page = await app.get(late)
    assert (page.status, "That link is used up" in page.text) == (400, True)
    for params in ({}, {"state": "\0"}, {"code": "x"}, {"state": "ü" * 9999, "code": "é"}):
        assert (await app.get("/slack/oauth_redirect", **params)).status == 400
    await app.consent()
    assert len(await app.north.rows(select(OAuthState))) == 1, "those that nobody ended are forgotten"
    assert await app.south.rows(select(Workspace.key)) == ["T0NORTH"]


async def test_the_cookie_is_for_this_server_and_no_script(app: Many) -> None:
    page = await app.get("/slack/install", team='T1&redirect_uri="><script>')
    assert "script>" not in page.text
    assert "redirect_uri" not in page.text
    for sign in ("HttpOnly", "Secure", "Max-Age=600"):
        assert sign in page.headers["Set-Cookie"]


async def test_each_failure_says_what_to_do(app: Many, caplog: pytest.LogCaptureFixture) -> None:
    page = await app.get(f"{await app.consent()}&cancel=1")
    assert (page.status, "You cancelled, and that is fine" in page.text) == (200, True)

    url = f"{await app.consent()}&team=T0NORTH"
    app.slack.client_secret, right = "another", app.slack.client_secret
    page = await app.get(url)
    assert (page.status, "whoever runs Rung" in page.text) == (502, True)
    assert "'reason': 'misconfigured', 'said': 'bad_client_secret'" in caplog.text
    app.slack.client_secret = right

    page = await app.get(f"{await app.consent()}&team=T0NORTH")
    assert page.status == 200
    [north] = await app.north.rows(select(Workspace.key))
    assert north == "T0NORTH"

    [code] = [code for code, it in app.slack._codes.items() if it.used]
    state = (await app.consent()).partition("state=")[2].partition("&")[0]
    page = await app.get("/slack/oauth_redirect", state=state, code=code)
    assert (page.status, "start it again" in page.text) == (400, True)
    assert code not in caplog.text

    url = f"{await app.consent()}&team=T0NORTH"
    assert app.service._installs
    app.service._installs.flow.client.base_url = "http://127.0.0.1:1/api/"
    page = await app.get(url)
    assert (page.status, "in a minute" in page.text) == (503, True)


async def test_a_workspace_that_never_installed_it_is_told_so(app: Many) -> None:
    for playground in (app.south.playground, app.grid.playground):
        assert (await playground.command(MAYA, "/ladder next")).ok
        assert playground.dm(MAYA)[-1].text == NOT_INSTALLED
        assert (await playground.open_home(MAYA)).ok
        assert (await playground.say(MAYA, "hello")).ok
        assert (await playground.event(UNINSTALLED)).ok
    assert await app.south.rows(select(Member)) == []


async def test_after_an_uninstall_what_is_still_open_there_says_so(app: Many, caplog: pytest.LogCaptureFixture) -> None:
    await app.install(app.north)
    await start(app.north)
    slack = app.north.playground
    assert (await slack.command(MAYA, "/ladder log Moved the cache.")).ok
    await slack.open_home(MAYA)
    home = slack.home(MAYA)
    assert home
    await app.uninstall(app.north)
    slack.journal.calls.clear()
    caplog.clear()

    assert (await slack.submit(MAYA)).ok
    assert NOT_INSTALLED in str(slack.workspace.modals[MAYA][-1].blocks)
    assert (await slack.click(MAYA, home, "log.open")).ok
    assert (await slack.shortcut(MAYA, "log_growth")).ok
    assert (await slack.say(MAYA, "hello")).ok
    assert [call.method for call in slack.journal.calls] == ["views.push"]
    assert [each.levelname for each in caplog.records if "workspace.not_served" in str(each.msg)] == ["WARNING"]
    assert "ERROR" not in [each.levelname for each in caplog.records]
    assert await app.north.rows(select(Entry)) == []


async def test_with_postgres_away_people_are_told_in_the_browser_and_in_slack(
    engine: AsyncEngine, ladder: Ladder
) -> None:
    async with many(engine, ladder) as app:
        await app.install(app.north)
        async with away(engine, "slack_oauth_states"):
            page = await app.get("/slack/install")
            assert (page.status, "try in a minute" in page.text) == (503, True)
        async with away(engine, "slack_bots"):
            assert (await app.north.playground.command(MAYA, "/ladder next")).ok
            assert "something went wrong on my side" in app.north.playground.dm(MAYA)[-1].text
            page = await app.install(app.south)
            assert (page.status, "try in a minute" in page.text) == (503, True)


@contextlib.asynccontextmanager
async def away(engine: AsyncEngine, table: str) -> AsyncIterator[None]:
    async with engine.begin() as connection:
        await connection.execute(text(f"ALTER TABLE {table} RENAME TO is_away"))
    try:
        yield
    finally:
        async with engine.begin() as connection:
            await connection.execute(text(f"ALTER TABLE is_away RENAME TO {table}"))


def test_a_key_that_is_none_is_refused() -> None:
    for keys in ([], ["short"], [OLD_KEY, "short"]):
        with pytest.raises(ValueError, match=r"32|unpack"):
            Cipher(keys)
