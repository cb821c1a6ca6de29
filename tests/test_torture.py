"""The torture of `make torture` in small: few people, short times, one seed."""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from db.embedded import server
from db.members import UserRef
from tests.torture.plan import Outcome, Plan, Rhythm
from tests.torture.questions import Questions
from tests.torture.readers import Readers
from tests.torture.reading import Truth, added, wrong
from tests.torture.run import Run
from tests.torture.slack import Slacks
from tests.torture.storm import Storm
from tests.torture.worker import Haste

SHORT = Plan(
    seed=1,
    members=100,
    workspaces=2,
    haste=Haste(request=1.0, lease=4.0, margin=1.5, back_off=0.5),
    due_within=2.0,
    kills=Rhythm(0.5, 12),
    restarts=Rhythm(1.0, 30),
    disconnects=Rhythm(0.7, 25),
)


SHORT_READING = replace(SHORT, members=18, workspaces=1, kills=Rhythm(0.5, 8), restarts=Rhythm(1.0, 25))


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder for a Postgres of the test's own."""
    folder = Path(tempfile.mkdtemp(prefix="rung-torture-"))
    folder.chmod(0o711)
    yield folder
    server.stop(folder)
    shutil.rmtree(folder)


def watch(_done: float, _outcome: Outcome) -> None:
    pass


async def test_whatever_is_killed_everyone_gets_one_question(home: Path) -> None:
    outcome = await Run(SHORT, home, Questions).play(watch)
    assert outcome.troubles == []
    assert min(outcome.happened[what] for what in ("kills", "restarts", "disconnects", "lost done", "500 done")) > 0


async def test_whatever_is_killed_nobody_reads_what_they_may_not_or_in_old_words(home: Path) -> None:
    outcome = await Run(SHORT_READING, home, Readers).play(watch)
    assert outcome.troubles == []
    assert min(outcome.happened[what] for what in ("kills", "restarts", "lost done", "500 done")) > 0
    assert min(outcome.figures[what] for what in ("deeds", "updates")) > 0


def test_a_missing_and_a_second_question_are_seen() -> None:
    slacks = Slacks(3, 2, Storm(1, 0))
    for user, playground in zip(
        ("U0", "U1", "U1"), (*slacks.playgrounds.values(), slacks.playgrounds["T1"]), strict=True
    ):
        playground.workspace.post(playground.workspace.dm(user), "U0APP", text="What did you learn?")
    assert (slacks.questions(), slacks.asked) == ({"U0": 1, "U2": 0, "U1": 2}, 2)


def test_what_must_not_be_read_is_seen() -> None:
    [playground] = Slacks(3, 1, Storm(1, 0)).playgrounds.values()
    workspace = playground.workspace
    for user in ("U0", "U1"):
        workspace.post(workspace.dm(user), "U0APP", text="e1v1 of <@U2>")
    may_read = Truth({UserRef("T0", "U0"): {"e1v1"}}, {UserRef("T0", user) for user in ("U0", "U1")})
    found = [line.split(":")[0].split(" in ")[0] for line in wrong(playground, may_read)]
    assert found[:2] == ["U0 reads of [UserRef(workspace='T0', user='U2')], forgotten,", "U1 reads ['e1v1']"]

    posted = workspace.dm("U0").messages[0]
    at = workspace.clock.now()
    said = {"channel": posted.channel, "ts": posted.ts}
    playground.journal.record(at, "chat.postMessage", {**said, "text": "e1v1"}, {"ok": True, "ts": posted.ts})
    playground.journal.record(at, "chat.update", {**said, "text": "e1v2"}, {"ok": True})
    assert list(added(playground, {"U0"})) == []
    playground.journal.record(at, "chat.update", {**said, "text": "e1v2 e2v1"}, {"ok": True})
    assert [line.split(" came")[0] for line in added(playground, {"U0"})] == ["['e2']"]
