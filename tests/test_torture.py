"""The torture of `make torture` in small: few people, short times, one seed."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.embedded import server
from tests.torture.run import Outcome, Plan, Rhythm, Run
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


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder for a Postgres of the test's own."""
    folder = Path(tempfile.mkdtemp(prefix="rung-torture-"))
    folder.chmod(0o711)
    yield folder
    server.stop(folder)
    shutil.rmtree(folder)


async def test_whatever_is_killed_everyone_gets_one_question(home: Path) -> None:
    def watch(_asked: int, _outcome: Outcome) -> None:
        pass

    outcome = await Run(SHORT, home).play(watch)
    assert (outcome.troubles, outcome.doubled, outcome.lost) == ([], 0, 0)
    assert min(outcome.happened[what] for what in ("kills", "restarts", "disconnects", "lost done", "500 done")) > 0


def test_a_missing_and_a_second_question_are_seen() -> None:
    slacks = Slacks(3, 2, Storm(1, 0))
    for user, playground in zip(
        ("U0", "U1", "U1"), (*slacks.playgrounds.values(), slacks.playgrounds["T1"]), strict=True
    ):
        playground.workspace.post(playground.workspace.dm(user), "U0APP", text="What did you learn?")
    assert (slacks.questions(), slacks.asked) == ({"U0": 1, "U2": 0, "U1": 2}, 2)
