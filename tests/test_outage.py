"""Postgres goes away under a running Rung, or hangs; people are told, and when it is back so is Rung."""

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from db.embedded import server
from db.engine import Sessions, create_engine
from ladder_content.model import Ladder
from playground.outbound import Answer
from playground.playground import Playground
from playground.workspace import Message
from tests.support.checkin import CHOICES
from tests.support.outage import INCIDENT
from tests.support.playground_app import until
from tests.support.processes import Rung, postmaster, rung, slack
from tests.support.questions import planned
from tests.support.world import MAYA, SAM, text_of

NEED_THE_DATABASE = ["next", "levels", "log a private thought", "checkin", "set level L5"]
NEED_NOTHING = ["L5", "compare L4 L5", "find ambiguity", "help", "nonsense"]


@dataclass(frozen=True)
class Scene:
    """Maya, who is at L4 and has a question to answer, and the Postgres that is about to leave."""

    playground: Playground
    rung: Rung
    home: Path
    question: Message

    async def command(self, words: str) -> str:
        """What `/ladder …` is answered within the three seconds that Slack waits."""
        return said(await self.playground.command(MAYA, f"/ladder {words}"))


def said(answer: Answer) -> str:
    assert answer.ok, answer
    return json.dumps(answer.body, ensure_ascii=False)


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder for a Postgres of the test's own."""
    folder = Path(tempfile.mkdtemp(prefix="rung-outage-"))
    folder.chmod(0o711)
    yield folder
    server.stop(folder)
    shutil.rmtree(folder)


@pytest.fixture(params=["socket", "http"])
async def scene(request: pytest.FixtureRequest, home: Path, tmp_path: Path) -> AsyncIterator[Scene]:
    async with (
        slack(request.param) as (playground, settings),
        rung(settings | {"RUNG_HOME": str(home)}, tmp_path) as it,
    ):
        await playground.command(MAYA, "/ladder next")
        await playground.click(MAYA, playground.dm(MAYA)[-1], "welcome.level.l4")
        await playground.command(MAYA, "/ladder checkin")
        await until(lambda: any(message.metadata for message in playground.dm(MAYA)))
        question = next(message for message in playground.dm(MAYA) if message.metadata)
        yield Scene(playground, it, home, question)


@contextlib.contextmanager
def hanging(home: Path) -> Iterator[None]:
    """Neither the server nor any of its processes does anything."""
    main = postmaster(home)
    os.kill(main, signal.SIGSTOP)
    processes = [main, *(int(pid) for pid in Path(f"/proc/{main}/task/{main}/children").read_text().split())]
    try:
        for process in processes:
            os.kill(process, signal.SIGSTOP)
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


def incidents(texts: list[str]) -> set[str]:
    """The incident ids in these texts, one of its own in each."""
    found = {incident for text in texts for incident in INCIDENT.findall(text)}
    assert len(found) == len(texts) > 0, texts
    return found


async def test_people_are_told_while_postgres_is_gone_and_served_when_it_is_back(scene: Scene, ladder: Ladder) -> None:
    playground, question = scene.playground, scene.question
    await playground.command(MAYA, "/ladder log")
    form = playground.modal(MAYA)
    assert form is not None
    os.kill(postmaster(scene.home), signal.SIGQUIT)  # an immediate shutdown

    told = [await scene.command(words) for words in NEED_THE_DATABASE]
    for words in NEED_NOTHING:
        assert not INCIDENT.search(await scene.command(words))
    unready = "database: NOT ready\nslack: ready\ncontent: ready\n"
    assert await scene.rung.request("GET", "/readyz") == (503, unready)
    assert (await scene.rung.get("/healthz"), await scene.rung.get("/metrics")) == (200, 200)

    said(await playground.submit(MAYA, {"what": "a private thought", "impact": "a secret hope"}))
    apology = playground.modal(MAYA)
    assert apology is not None
    assert (apology.previous_view_id, "a private thought" in str(form.values)) == (form.id, True)
    told.append(str(apology.blocks))

    for action in ("checkin.write", "checkin.skip", "checkin.later", "checkin.more"):
        said(await playground.click(MAYA, question, action, CHOICES.get(action)))
        told.append(text_of(playground.dm(MAYA)[-1]))
    said(await playground.say(MAYA, "a private thought", thread_ts=question.ts))
    told.append(text_of(playground.dm(MAYA)[-1]))
    said(await playground.open_home(MAYA))
    told.append(text_of(playground.dm(MAYA)[-1]))

    logged = {record.get("incident"): record for record in scene.rung.records}
    for incident in incidents(told):
        assert "Traceback (most recent call last)" in logged[incident]["exception"]
        assert "psycopg.OperationalError" in logged[incident]["exception"]
    assert not re.search("private|secret", scene.rung.log)

    url = server.start(scene.home)
    assert "criteria have evidence" in await scene.command("next")
    assert await scene.rung.get("/readyz") == 200
    await playground.close(MAYA)
    said(await playground.submit(MAYA))
    assert any("a private thought" in text_of(message) for message in playground.dm(MAYA))
    engine = create_engine(url)
    await planned(Sessions(engine), ladder, playground, SAM)
    await until(lambda: any(message.metadata for message in playground.dm(SAM)))  # the ticks go on
    await engine.dispose()


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
@pytest.mark.parametrize("scene", ["socket"], indirect=True)
async def test_commands_are_answered_while_postgres_hangs_and_rung_can_be_stopped(scene: Scene) -> None:
    with hanging(scene.home):
        waiting = [scene.command(words) for words in NEED_THE_DATABASE]
        told = [answer for answer in await asyncio.gather(*waiting) if "One moment…" not in answer]
        assert incidents(told) <= {record.get("incident") for record in scene.rung.records}
        assert not INCIDENT.search(await scene.command("help"))
        assert (await scene.rung.get("/healthz"), await scene.rung.get("/readyz")) == (200, 503)
    assert "criteria have evidence" in await scene.command("next")

    with hanging(scene.home):
        await scene.command("next")
        assert await scene.rung.end() == 0
    assert "Traceback" not in str(scene.rung.records[-1])
