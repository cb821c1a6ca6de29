"""`python -m bot` as a process: it serves, it stops in order, and a sentence says what keeps it from starting."""

import asyncio
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from time import time
from typing import Any

import aiohttp
import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.logs import discreet
from bot.startup import CannotStartError, listening
from db.embedded import server
from db.engine import create_engine
from ladder_content.model import Ladder
from playground.playground import Playground
from tests.support.ladder_content_files import tiny, write
from tests.support.playground_app import until
from tests.support.processes import Output, Start, free_port, output, rung, slack
from tests.support.world import MAYA, text_of, world_of

Local = tuple[Playground, dict[str, str]]


@pytest.fixture(scope="session")
def run_url(postgres_home: Path) -> str:
    """A database that only `bot run` migrates."""
    return server.start(postgres_home, "run")


@pytest.fixture(params=["socket", "http"])
async def local(request: pytest.FixtureRequest, run_url: str) -> AsyncIterator[Local]:
    """A playground, and the settings to serve it."""
    async with slack(request.param) as (playground, settings):
        yield playground, settings | {"DATABASE_URL": run_url}


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("", 0)) as listener:
        yield listener.getsockname()[1]


async def next_answers(playground: Playground) -> None:
    answer = await playground.command(MAYA, "/ladder next")
    assert answer.ok, answer
    assert "Which level are you at now?" in text_of(playground.dm(MAYA)[-1])


async def test_it_serves_stops_and_starts_again(local: Local, tmp_path: Path) -> None:
    playground, settings = local
    async with rung(settings, tmp_path, Start(anew=True)) as running:
        assert await running.get("/healthz") == 200
        await next_answers(playground)
        assert await running.end(signal.SIGTERM) == 0

        running.start_with = Start()
        await running.start()
        await next_answers(playground)
        assert await running.end(signal.SIGINT) == 0

        await running.start()
        assert await running.end(signal.SIGKILL) == -signal.SIGKILL
        await running.start()
        await next_answers(playground)
        assert await running.end() == 0
        said = [(record["level"], record["event"]) for record in running.records]
        began, ended = ("info", "service.started"), ("info", "service.stopping")
        assert said == [began, ended] * 2 + [began] * 2 + [ended]


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_with_a_line_break_behind_each_setting_a_question_goes_out(
    transport: str, postgres_home: Path, tmp_path: Path
) -> None:
    """As secrets come from files; and the doctor is content with what is sent."""
    async with slack(transport) as (playground, settings):
        settings |= {"DATABASE_URL": server.start(postgres_home, f"blanks_{transport}"), "HTTPS_PROXY": ""}
        settings |= {"SLACK_CLIENT_ID": "", "SLACK_CLIENT_SECRET": "", "SLACK_REDIRECT_URI": ""}  # Bolt reads them too
        broken = {name: f"{value}\n" for name, value in settings.items()}
        async with rung(broken, tmp_path) as running:
            for words in ("set L4", "checkin"):
                answer = await playground.command(MAYA, f"/ladder {words}")
                assert answer.ok, answer
            await until(lambda: playground.journal.of("chat.postMessage"))
            assert [call.response["ok"] for call in playground.journal.of("chat.postMessage")] == [True]
            assert await running.end() == 0
        examined = await output("doctor", folder=tmp_path, **broken)
    lines = [line for line in examined.stdout.splitlines() if not line.startswith("✓")]
    assert all("signing secret" in line for line in lines), "the playground's is no secret of Slack's own"


async def test_what_is_in_flight_at_the_end_is_still_answered(local: Local, run_url: str, tmp_path: Path) -> None:
    playground, settings = local
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%members%'")
    engine = create_engine(run_url)
    async with rung(settings, tmp_path) as running, engine.connect() as watcher:
        async with engine.begin() as holder:
            await holder.execute(text("LOCK TABLE members IN ACCESS EXCLUSIVE MODE"))
            command = asyncio.create_task(next_answers(playground))
            while not await watcher.scalar(waiting):
                await watcher.rollback()  # the view is a snapshot of the transaction
            end = asyncio.create_task(running.end())
            await until(lambda: '"service.stopping"' in running.log)
        await command
        assert await end == 0
    await engine.dispose()


async def test_http_mode_takes_what_slack_signed_and_nothing_else(run_url: str, tmp_path: Path) -> None:
    async with slack("http") as (_, settings):
        settings |= {"DATABASE_URL": run_url, "LOG_FORMAT": "console"}
        async with rung(settings, tmp_path) as running:
            body = "command=%2Fladder&text=next&team_id=T0PLAYGROUND&user_id=U0MAYA"
            form = {"content-type": "application/x-www-form-urlencoded"}
            forged = form | {"x-slack-request-timestamp": str(int(time())), "x-slack-signature": "v0=forged"}
            for headers in (form, forged):
                status, _ = await running.request("POST", "/slack/events", data=body, headers=headers)
                assert status == 401
            await running.end()
            assert re.search(r"\[info +\] service.started +host=\S+ mode=http port=\d+ role=all\n", running.log)


@pytest.mark.parametrize(
    ("host", "heard", "unheard"),
    [
        ("127.0.0.1", ["127.0.0.1"], ["127.0.0.2", "::1"]),
        ("localhost", ["127.0.0.1"], ["127.0.0.2"]),
        ("0.0.0.0", ["127.0.0.1", "127.0.0.2"], ["::1"]),
        ("0", ["127.0.0.1", "127.0.0.2"], ["::1"]),
        ("::", ["127.0.0.1", "127.0.0.2", "::1"], []),
        ("::0", ["127.0.0.1", "127.0.0.2", "::1"], []),
        ("0:0:0:0:0:0:0:0", ["127.0.0.1", "127.0.0.2", "::1"], []),
        ("::1", ["::1"], ["127.0.0.1"]),
    ],
)
def test_it_is_heard_where_host_says_and_nowhere_else(host: str, heard: list[str], unheard: list[str]) -> None:
    if not socket.has_dualstack_ipv6():
        heard = [each for each in heard if ":" not in each]
        if host == "::1":
            pytest.skip("this machine has no IPv6")
    with listening(host, free_port(), "PORT") as listener:
        port = listener.getsockname()[1]
        for each in heard:
            socket.create_connection((each, port)).close()
        for each in unheard:
            with pytest.raises(OSError, match=r"refused|unreachable|assign"):
                socket.create_connection((each, port))


@pytest.mark.parametrize("host", ["224.0.0.1", "239.255.255.250", "ff02::1", "255.255.255.255", "4294967295"])
def test_an_address_of_many_machines_is_none_of_this_one(host: str) -> None:
    with pytest.raises(CannotStartError, match=f"^HOST {host} is no address of this machine .* write 127.0.0.1 for"):
        listening(host, free_port(), "PORT").close()


@pytest.mark.parametrize("host", ["::", "::0"])
def test_where_there_is_no_ipv6_everywhere_is_ipv4(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "has_dualstack_ipv6", lambda: False)
    with listening(host, free_port(), "PORT") as listener:
        assert listener.getsockname()[0] == "0.0.0.0"


async def test_in_socket_mode_this_machine_alone_reaches_it(run_url: str, tmp_path: Path) -> None:
    async with slack("socket") as (_, settings), rung(settings | {"DATABASE_URL": run_url}, tmp_path) as running:
        assert [record["host"] for record in running.records if record["event"] == "service.started"] == ["127.0.0.1"]
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.2", int(settings["PORT"]))


def test_answers_leave_without_waiting_for_more_to_send() -> None:
    with listening("127.0.0.1", free_port(), "PORT") as listener, socket.create_connection(listener.getsockname()):
        connection, _ = listener.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


FAULTS: list[tuple[dict[str, str], str]] = [
    ({"SLACK_BOT_TOKEN": ""}, "SLACK_BOT_TOKEN is missing: copy the Bot User OAuth Token"),
    ({"SLACK_BOT_TOKEN": "xoxb-other"}, "refused SLACK_BOT_TOKEN (invalid_auth)"),
    ({"SLACK_APP_TOKEN": "xapp-other"}, "refused SLACK_APP_TOKEN (invalid_auth)"),
    (
        {"SLACK_API_URL": "http://127.0.0.1:{free}/api/"},
        "cannot be reached at http://127.0.0.1:{free}/api/, see SLACK_",
    ),
    ({"SLACK_API_URL": "{slack}elsewhere/"}, "What answers at {slack}elsewhere/ is not Slack, see SLACK_API_URL."),
    ({"HOST": "192.0.2.1"}, "HOST 192.0.2.1 is no address of this machine (Cannot assign requested address): write"),
    ({"HOST": "nowhere.invalid"}, "HOST nowhere.invalid is no address, and no name that leads to one: write 127.0.0.1"),
    ({"HOST": "0.0.0.0:3000"}, "HOST 0.0.0.0:3000 is no address, and no name that leads to one: write 127.0.0.1"),
    ({"HOST": f"{'x' * 64}.test"}, ".test is no address, and no name that leads to one: write 127.0.0.1"),
    ({"PORT": "{taken}"}, "PORT {taken} cannot be used (Address already in use)"),
    (
        {"DATABASE_URL": "postgresql://rung:s3cret@localhost:{free}/rung"},
        "The database cannot be used, see DATABASE_URL: ",
    ),
    ({"DATABASE_URL": "postgresql://rung:s3cret@127.0.0.1:port/rung"}, "DATABASE_URL cannot be read"),
    ({"DATABASE_URL": "postgresql+nothing://rung:s3cret@127.0.0.1/rung"}, "DATABASE_URL cannot be read"),
]


async def test_what_cannot_be_started_ends_with_a_sentence(run_url: str, taken_port: int, tmp_path: Path) -> None:
    async with slack("socket") as (playground, settings):
        right = settings | {"DATABASE_URL": run_url}
        known = {"free": free_port(), "taken": taken_port, "slack": f"{playground.url}/"}
        few = asyncio.Semaphore(3)

        async def complaint(wrong: dict[str, str]) -> Output:
            async with few:
                return await output("run", folder=tmp_path, **right | {"PORT": str(free_port())} | filled(wrong, known))

        complaints = await asyncio.gather(*(complaint(wrong) for wrong, _ in FAULTS))
    for (_, sentence), ended in zip(FAULTS, complaints, strict=True):
        assert sentence.format(**known) in ended.stderr
        assert (ended.code, ended.stdout, ended.stderr.count("\n")) == (2, "", 1), ended.stderr
        assert ended.stderr.endswith(".\n")
        assert "s3cret" not in ended.stderr


def filled(wrong: dict[str, str], known: dict[str, Any]) -> dict[str, str]:
    return {name: value.format(**known) for name, value in wrong.items()}


async def test_a_ladder_with_faults_is_told_line_by_line(run_url: str, tmp_path: Path) -> None:
    texts = tiny()
    texts["criteria/l2.yaml"] = texts["criteria/l2.yaml"].replace("dimension: design", "dimension: charm")
    folder = write(tmp_path / "ladder", texts)
    fault = r"^criteria/l2\.yaml:\d+: l2\.k1\b.*charm"

    checked = await output("content", "check", str(folder), folder=tmp_path)
    assert (checked.code, checked.stdout) == (1, "")
    assert re.search(fault, checked.stderr, re.MULTILINE)

    async with slack("socket") as (_, settings):
        ended = await output("run", folder=tmp_path, **settings, DATABASE_URL=run_url, LADDER_DIR=str(folder))
    assert ended.code == 2
    assert re.search(fault, ended.stderr, re.MULTILINE)
    assert ended.stderr.endswith("LADDER_DIR names a ladder with faults: mend them, or leave it out.\n")
    assert "Traceback" not in ended.stderr


async def test_the_shipped_ladder_is_in_order(tmp_path: Path) -> None:
    checked = await output("content", "check", folder=tmp_path)
    assert (checked.code, checked.stderr) == (0, "")
    assert "All in order." in checked.stdout


async def test_migrate_can_be_repeated(postgres_home: Path, tmp_path: Path) -> None:
    url = server.start(postgres_home, "migrate")
    for _ in range(2):
        ended = await output("migrate", folder=tmp_path, DATABASE_URL=url)
        assert (ended.code, ended.stdout, ended.stderr) == (0, "The database has the newest tables.\n", "")


def test_a_refused_row_is_not_in_the_log() -> None:
    """Postgres quotes the row it refuses; the log tells of the refusal only."""
    error = psycopg.errors.CheckViolation(
        'new row for relation "entries" violates check constraint "ck"\n'
        "DETAIL:  Failing row contains (1, quarrelled,\nwith Tom)."
    )
    try:
        raise IntegrityError("INSERT", {}, error) from error
    except IntegrityError:
        told = discreet(None, "error", {"event": "incident", "exc_info": sys.exc_info()})["exception"]
    assert "violates check constraint" in told
    assert "quarrelled" not in told
    assert "Tom" not in told


@pytest.mark.parametrize("body", [b"{not json", b"payload=notjson", b"\xff\xfe", b"[]"])
async def test_rubbish_is_refused_and_is_no_fault_of_ours(engine: AsyncEngine, ladder: Ladder, body: bytes) -> None:
    kind = "application/json" if body[:1] in (b"{", b"[") else "application/x-www-form-urlencoded"
    async with world_of(engine, ladder, transport="http") as world, aiohttp.ClientSession() as browser:
        assert world.address
        async with browser.post(world.address, data=body, headers={"content-type": kind}) as answer:
            assert answer.status in (400, 401)
