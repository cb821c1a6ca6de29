"""The doctor finds what is wrong, says what to do about it, goes on, and changes nothing."""

import asyncio
import os
import re
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.install.manifest import SCOPES, manifest
from bot.ops import doctor, doctor_database
from bot.ops.doctor import Mark
from bot.roles import Role
from bot.slack import OAuth, Slack, WorkspaceClient
from db import migrate
from db.embedded import server
from db.engine import create_engine
from ladder_content.loader import default_folder
from playground.playground import Playground
from playground.server import running, serving
from tests.support.doctor import found, now, told
from tests.support.ladder_content_files import tiny, write
from tests.support.processes import free_port, output, slack
from tests.support.settings import KEY, MANY

FINE, WRONG, OPEN = Mark.FINE, Mark.WRONG, Mark.OPEN
HEX = "0123456789abcdef" * 2


@pytest.fixture
async def playground() -> AsyncIterator[Playground]:
    playground = Playground(manifest=manifest())
    async with serving(playground):
        yield playground


def slack_of(playground: Playground, **other: str | None) -> Slack:
    """How to reach it by Socket Mode, unless told otherwise."""
    about = {"bot_token": playground.bot_token, "app_token": playground.app_token, **other}
    return Slack(**{"api_url": f"{playground.url}/api/", **about})  # type: ignore[arg-type]


@pytest.mark.usefixtures("engine")  # on empty tables
async def test_with_everything_in_order_every_line_says_so(playground: Playground, database_url: str) -> None:
    findings = await found(
        database=partial(doctor_database.at, database_url, now),
        slack=slack_of(playground),
        folder=default_folder(),
        port=free_port(),
    )
    assert {finding.mark for finding in findings} == {FINE}, findings
    order = [finding.what for finding in findings]
    assert order == [
        *("settings", "database", "tables", "clock and Postgres", "content", "bot token", "scopes", "app token"),
        *("clock and Slack", "port"),
    ]
    assert told(findings, "bot token") == "✓ app in Playground"


async def test_in_http_mode_the_signing_secret_is_looked_at(playground: Playground) -> None:
    right = await found(slack=slack_of(playground, app_token=None, signing_secret=HEX))
    assert told(right, "signing secret").startswith("✓")
    for secret in ("hello", HEX.upper(), HEX + "0"):
        wrong = await found(slack=slack_of(playground, app_token=None, signing_secret=secret))
        assert told(wrong, "signing secret").startswith("✗ SLACK_SIGNING_SECRET is not what Slack hands out")
        assert secret not in str(wrong)
    neither = await found(slack=slack_of(playground, app_token=None))
    assert told(neither, "Slack's way in").startswith("✗ no usable SLACK_APP_TOKEN or SLACK_SIGNING_SECRET")


async def test_for_a_worker_it_looks_at_no_way_in(playground: Playground) -> None:
    findings = await found(slack=slack_of(playground, app_token="xapp-of-a-web"), role=Role.WORKER)
    assert [finding.what for finding in findings] == ["settings", "bot token", "scopes", "clock and Slack"]
    assert told(findings, "settings") == "✓ all there, for a worker"


async def test_with_many_workspaces_each_has_a_token_of_its_own(playground: Playground) -> None:
    oauth = OAuth("1.2", "s3cret", [KEY])
    slack = replace(slack_of(playground, bot_token=None, app_token=None, signing_secret=HEX), oauth=oauth)
    findings = await found(slack=slack)
    assert told(findings, "settings") == "✓ all there, for HTTP mode and many workspaces"
    assert told(findings, "bot token") == "– none here: each workspace that installs Rung has its own"
    assert told(findings, "scopes") == "– asked for where a workspace installs Rung"
    assert told(findings, "clock and Slack") == "✓ agree"
    assert "s3cret" not in str(findings)
    playground.faults.refuse("api.test", "odd")
    assert "answered odd: try again in a minute" in str(await found(slack=slack))


async def test_it_tries_the_token_that_everything_else_sends(playground: Playground) -> None:
    slack = slack_of(playground, bot_token=f" {playground.bot_token}\n")

    async def stored() -> str | None:
        return slack.bot_token

    assert told(await found(slack=slack), "bot token") == "✓ app in Playground"
    clients = [slack.client(), slack.client(stored), slack.patient_client(stored)]
    assert {type(client) for client in clients} == {WorkspaceClient}
    for client in clients:
        assert (await client.auth_test())["ok"]


async def test_a_refused_token_does_not_keep_it_from_looking_further(playground: Playground) -> None:
    findings = await found(slack=slack_of(playground, bot_token="xoxb-s3cret", app_token="xapp-s3cret"))
    assert "refused SLACK_BOT_TOKEN (invalid_auth): copy it anew" in told(findings, "bot token")
    assert told(findings, "scopes").startswith(OPEN)
    assert "refused SLACK_APP_TOKEN (invalid_auth): generate one with the scope" in told(findings, "app token")
    assert told(findings, "clock and Slack") == "✓ agree"
    assert "s3cret" not in str(findings)


async def test_trouble_at_slack_is_not_blamed_on_the_token(playground: Playground) -> None:
    playground.faults.refuse("auth.test", "internal_error")
    findings = await found(slack=slack_of(playground))
    assert "has trouble of its own (internal_error)" in told(findings, "bot token")


async def test_each_missing_scope_is_named_with_its_reason(playground: Playground) -> None:
    granted = playground.manifest["oauth_config"]["scopes"]["bot"]
    granted.remove("im:history")
    granted.append("channels:read")
    findings = await found(slack=slack_of(playground))
    assert f"✗ missing: im:history ({SCOPES['im:history']}). Paste" in told(findings, "scopes")
    granted.append("im:history")
    assert told(await found(slack=slack_of(playground)), "scopes") == "✓ all granted; not needed: channels:read"


@pytest.mark.parametrize("ahead", [95, -95])
async def test_a_clock_that_is_off_is_told(playground: Playground, database_url: str, ahead: int) -> None:
    off = timedelta(seconds=ahead)
    look = partial(doctor_database.at, database_url, lambda: now() + off)
    findings = await found(off, slack=slack_of(playground), database=look)
    direction = "ahead of" if ahead > 0 else "behind"
    for other in ("Slack", "Postgres"):
        line = told(findings, f"clock and {other}")
        assert re.match(rf"✗ this machine is 9\d s {direction} {other}: let the", line), line


async def test_a_slack_that_cannot_be_reached_is_told_once(playground: Playground) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}/api/"
    findings = await found(slack=slack_of(playground, api_url=nowhere, app_token=None, signing_secret=HEX))
    assert told(findings, "Slack").startswith(f"✗ Slack cannot be reached at {nowhere}, see SLACK_API_URL: ")
    assert [finding.what for finding in findings] == ["settings", "Slack", "signing secret"]
    other = await found(slack=slack_of(playground, api_url=f"{playground.url}/elsewhere/"))
    assert "is not Slack, see SLACK_API_URL." in told(other, "bot token")


async def test_what_hangs_ends_and_the_rest_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "PATIENCE", 0.05)
    findings = await found(database=asyncio.Event().wait, port=free_port())
    assert told(findings, "database").startswith("✗ no answer within 0.05 s")
    assert told(findings, "port").startswith("✓")


async def test_what_nobody_foresaw_is_told_without_its_words(playground: Playground) -> None:
    findings = await found(slack=slack_of(playground, bot_token="xoxb-s3\ncret"))
    assert told(findings, "Slack") == "✗ could not be looked at (ValueError): check its settings."


async def test_a_port_that_is_taken_by_rung_or_by_somebody_else(taken_port: int) -> None:
    assert told(await found(port=taken_port), "port").startswith(f"✗ PORT {taken_port} cannot be used (Address already")

    async def healthz(_request: object) -> PlainTextResponse:
        return PlainTextResponse("alive\n")

    async with running(Starlette(routes=[Route("/healthz", healthz)])) as url:
        port = int(url.rpartition(":")[2])
        assert told(await found(port=port), "port").startswith(f"– {port} is taken, by Rung as it seems")


@pytest.mark.parametrize(
    ("host", "line"),
    [
        ("127.0.0.1", "✓ {port} is free at 127.0.0.1: this machine alone reaches it"),
        ("127.0.0.2", "✓ {port} is free at 127.0.0.2: this machine alone reaches it"),
        ("0.0.0.0", "✓ {port} is free at every address of this machine: others reach it there"),
        ("::", "✓ {port} is free at every address of this machine: others reach it there"),
        ("192.0.2.1", "✗ HOST 192.0.2.1 is no address of this machine (Cannot assign requested address): write"),
        ("http://rung", "✗ HOST http://rung is no address, and no name that leads to one: write 127.0.0.1"),
    ],
)
async def test_it_says_who_reaches_the_port(host: str, line: str) -> None:
    port = free_port()
    assert told(await found(host=host, port=port), "port").startswith(line.format(port=port))


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("", 0)) as listener:
        yield listener.getsockname()[1]


async def test_a_ladder_with_faults_is_told_with_the_first_one(tmp_path: Path) -> None:
    texts = tiny()
    texts["criteria/l2.yaml"] = texts["criteria/l2.yaml"].replace("dimension: design", "dimension: charm")
    folder = write(tmp_path / "ladder", texts)
    line = told(await found(folder=folder), "content")
    assert re.match(r"✗ criteria/l2\.yaml:\d+: l2\.k1\b.*charm.* See `python -m bot content check ", line), line


@pytest.fixture
def new_url(postgres_home: Path) -> str:
    """A database of its own, without tables."""
    url = server.start(postgres_home, "doctor")
    with psycopg.connect(url.replace("postgresql+psycopg", "postgresql"), autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    return url


async def test_tables_that_are_missing_old_or_of_another_version_are_told_and_left_alone(new_url: str) -> None:
    engine = create_engine(new_url)
    look = partial(doctor_database.at, new_url, now)
    tables = text("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'")

    async def line() -> str:
        return told(await found(database=look), "tables")

    assert await line() == "– none yet: Rung makes them when it starts"
    async with engine.connect() as connection:
        assert await connection.scalar(tables) == 0
    await migrate.upgrade(engine, "0001")
    assert (await line()).startswith("✗ of an older Rung: back up, then `python -m bot migrate`")
    assert await migrate.standing(engine) == migrate.Standing.BEHIND
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999_future'"))
    assert await line() == "✗ Another version of Rung migrated the database. Run that one."
    await engine.dispose()


async def test_an_old_postgres_is_told(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_database, "OLDEST", 99)
    findings = await found(database=partial(doctor_database.at, database_url, now))
    assert re.match(r"✗ PostgreSQL \d+.* is too old: Rung needs 99 or newer\.", told(findings, "database"))


async def test_the_embedded_postgres_is_neither_made_nor_started(postgres_home: Path, tmp_path: Path) -> None:
    async def line(home: Path) -> str:
        return told(await found(database=partial(doctor_database.at_home, home, now)), "database")

    home = tmp_path / "a" / "home"
    assert await line(home) == f"– none yet: Rung makes an embedded Postgres in {home} when it starts"
    assert os.listdir(tmp_path) == []
    (tmp_path / "file").touch()
    assert (await line(tmp_path / "file")).startswith(f"✗ {tmp_path / 'file'} may not be written to: set RUNG_HOME")
    (home / "data").mkdir(parents=True)
    assert await line(home) == f"– the embedded Postgres in {home} is not up: Rung starts it"
    assert os.listdir(home) == ["data"]
    server.start(postgres_home)
    assert (await line(postgres_home)).startswith("✓ PostgreSQL ")


async def test_as_a_process_it_goes_on_after_every_fault_and_quotes_no_secret(tmp_path: Path) -> None:
    before = os.listdir(tmp_path)
    ended = await output(
        "doctor",
        folder=tmp_path,
        SLACK_BOT_TOKEN="s3cret-token",
        SLACK_SIGNING_SECRET="s3cret-signing",
        SLACK_API_URL=f"http://127.0.0.1:{free_port()}/",
        DATABASE_URL=f"postgresql://rung:s3/cret@127.0.0.1:{free_port()}/rung",
        LADDER_DIR="/nowhere",
        PORT="http",
    )
    assert (ended.code, ended.stderr) == (1, "")
    assert "cret" not in ended.stdout.replace("ecret", "")
    marks = [(line[0], line[2:20].strip()) for line in ended.stdout.splitlines()]
    assert marks == [
        *[(WRONG, "settings")] * 3,
        (WRONG, "database"),
        (OPEN, "content"),
        (OPEN, "bot token"),
        (OPEN, "scopes"),
        (WRONG, "signing secret"),
        (OPEN, "clock and Slack"),
        (OPEN, "message metadata"),
        (OPEN, "port"),
    ]
    assert os.listdir(tmp_path) == before


async def test_as_a_process_it_goes_on_after_a_wrong_key(tmp_path: Path) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}/"
    ended = await output("doctor", folder=tmp_path, **MANY | {"SLACK_API_URL": nowhere, "TOKEN_KEYS": f"{KEY},s3cret"})
    assert (ended.code, ended.stderr) == (1, "")
    assert "✗ settings           TOKEN_KEYS has no key at place 2: it is a list of keys" in ended.stdout
    assert "✓ content" in ended.stdout
    assert "s3cret" not in ended.stdout


@pytest.mark.usefixtures("engine")
async def test_as_a_process_it_is_content_with_what_run_takes(database_url: str, tmp_path: Path) -> None:
    async with slack("socket") as (_, settings):
        ended = await output("doctor", folder=tmp_path, **settings, DATABASE_URL=database_url)
    assert (ended.code, ended.stderr) == (0, "")
    [other] = [line for line in ended.stdout.splitlines() if line[0] != FINE]
    assert other == "– message metadata   nothing was sent yet that it could be tried with"


@pytest.mark.parametrize("role", ["web", "worker"])
async def test_as_a_process_it_looks_at_what_a_role_needs(role: str, tmp_path: Path) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}/"
    ended = await output("doctor", "--role", role, folder=tmp_path, SLACK_BOT_TOKEN="xoxb-1", SLACK_API_URL=nowhere)
    missing = {"web": "Set SLACK_APP_TOKEN (xapp-…)", "worker": "DATABASE_URL is missing: a worker works with others"}
    assert ended.stdout.startswith(f"✗ settings           {missing[role]}")
    assert ("Slack's way in" in ended.stdout) == (role == "web")


async def test_a_file_of_settings_that_cannot_be_read_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"SLACK_BOT_TOKEN=\xff\xfe")
    ended = await output("doctor", folder=tmp_path)
    assert (ended.code, ended.stdout) == (2, "")
    assert re.fullmatch(r"The file \.env cannot be read \(.*\)\.\n", ended.stderr)
