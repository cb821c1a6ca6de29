"""From the sentence that a person reads to the traceback there is one id."""

import asyncio
import io
import json
import logging
import re
import sys
from collections.abc import Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest
from sqlalchemy import text

from bot import app, dispatch, failures, logs
from handlers.slack.message import PLEASE_WAIT
from playground.workspace import Message
from tests.support.checkin import asked
from tests.support.outage import INCIDENT
from tests.support.playground_app import until
from tests.support.world import MAYA, World, text_of

Lines = list[dict[str, Any]]


def ours(caplog: pytest.LogCaptureFixture) -> Lines:
    """Our own lines, as they are handed to the standard library."""
    return [record.msg for record in caplog.records if isinstance(record.msg, dict)]


def told(message: Message) -> str:
    """The id that a person was given."""
    [incident] = INCIDENT.findall(text_of(message))
    return str(incident)


@asynccontextmanager
async def locked(world: World) -> Any:
    """Nobody gets at members while the block runs; statements that wait for it fail after 1.5 s."""
    for ticker in (world.service.ticker, world.service.people):
        await ticker.run()  # the first ticks are over
    async with world.engine.begin() as holder:
        await holder.execute(text("LOCK TABLE members IN ACCESS EXCLUSIVE MODE"))
        yield


async def answer(world: World) -> Message:
    """What Maya is answered at once: nobody waits for what Rung sends, which cannot get at members either."""
    assert (await world.playground.command(MAYA, "/ladder mentors")).ok
    return world.playground.dm(MAYA)[-1]


def tracebacks(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str, str]]:
    """Request and incident of each error, and what it was."""
    return [
        (line["request"], line["incident"], type(line["exc_info"]).__name__)
        for line in ours(caplog)
        if line["event"] == "request.incident"
    ]


async def test_an_answer_in_time_has_the_id_of_its_request(world: World, caplog: pytest.LogCaptureFixture) -> None:
    async with locked(world):
        first, second = [told(await answer(world)) for _ in range(2)]
    assert first != second
    assert tracebacks(caplog) == [(each, each, "OperationalError") for each in (first, second)]


async def test_a_deadline_has_it_too_and_so_has_what_happens_after_it(
    world: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "DEADLINE", 0.2)
    async with locked(world):
        incident = told(await answer(world))
        await until(lambda: len(tracebacks(caplog)) == 2)
    assert tracebacks(caplog) == [(incident, incident, what) for what in ("TimeoutError", "OperationalError")]


async def test_work_behind_one_moment_has_it_too(
    world: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "PATIENCE", 0.2)
    async with locked(world):
        assert (await answer(world)).text == PLEASE_WAIT
        await until(lambda: world.playground.dm(MAYA)[-1].text != PLEASE_WAIT)
    incident = told(world.playground.dm(MAYA)[-1])
    assert tracebacks(caplog) == [(incident, incident, "OperationalError")]


async def test_what_a_request_woke_is_logged_without_its_id(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    await asked(world)
    await world.click(MAYA, "checkin.skip")
    await world.playground.command(MAYA, "/ladder checkin")
    await until(lambda: [line["event"] for line in ours(caplog)].count("delivery.sent") == 2)
    assert not [line for line in ours(caplog) if line["event"] == "delivery.sent" and "request" in line]


@contextmanager
def configured(form: logs.Form, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Logs as `bot run` writes them."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    try:
        logs.configure(form)
        yield written
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


@pytest.mark.parametrize("form", ["json", "console"])
async def test_every_line_of_a_request_carries_the_id_the_libraries_lines_too(
    form: logs.Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def late() -> None:
        await asyncio.sleep(0)
        logging.getLogger("slack_sdk").warning("a library's line")

    with configured(form, monkeypatch) as written:
        with failures.request():
            follow_up = asyncio.create_task(late())
            words = failures.sentence(ValueError("unforeseen"))
        await follow_up
        logging.getLogger("slack_sdk").warning("nobody's line")
    [incident] = INCIDENT.findall(words)
    *of_it, nobodys = re.split(r"\n(?=\{|\d{4}-)", written.getvalue().strip())
    pattern = f'"request": "{incident}"' if form == "json" else f"request={incident}"
    assert len(of_it) == 2
    assert all(pattern in line for line in of_it)
    assert "request" not in nobodys
    assert "Traceback (most recent call last)" not in words
    if form == "json":
        assert json.loads(of_it[0])["incident"] == incident
