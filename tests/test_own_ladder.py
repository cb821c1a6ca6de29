"""A company's own ladder: begun, changed, and changed again without a loss in anybody's log."""

import re
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from typer.testing import CliRunner

from bot.__main__ import cli
from db.checkins import check_ins
from db.enums import CheckInState
from db.models import CheckIn, Delivery, EntryCriterion
from growth import selection
from growth.coverage import Evidence, carried_over
from ladder_content.loader import load
from ladder_content.model import Ladder
from ladder_content.versions import broken
from tests.support.ladder_content_files import tiny, write
from tests.support.processes import ROOT
from tests.support.questions import SLOT, planned
from tests.support.world import MAYA, SAM, World, text_of, text_of_blocks, world_of

PAGE = ROOT / "docs" / "ladders.md"
CHANGE = re.compile(r"In `([^`]+)`, change\n\n```yaml\n(.*?)```\n\nto\n\n```yaml\n(.*?)```", re.DOTALL)
ADD = re.compile(r"At the end of `([^`]+)`, add\n\n```yaml\n(.*?)```", re.DOTALL)
RUN = re.compile(r"```sh\n(.*?)\n```(?:\n\n```text\n(.*?)```)?", re.DOTALL)
OLD, NEW = "s2.calm-incidents", "s2.leads-incidents"
WORDS = "Led the outage of the queue"


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["content", *arguments])
    return done.exit_code, done.output


def follow(page: str) -> None:
    """Do what the page says, from top to bottom, in the current folder."""
    steps: list[tuple[int, Callable[[], None]]] = []
    for pattern, do in ((CHANGE, change), (ADD, add), (RUN, command)):
        steps += [(found.start(), partial(do, *found.groups())) for found in pattern.finditer(page)]
    for _, step in sorted(steps, key=lambda each: each[0]):
        step()


def change(file: str, old: str, new: str) -> None:
    text = Path(file).read_text()
    assert text.count(old.rstrip("\n")) == 1, (file, old)
    Path(file).write_text(text.replace(old.rstrip("\n"), new.rstrip("\n")))


def add(file: str, more: str) -> None:
    Path(file).write_text(f"{Path(file).read_text()}\n{more}")


def command(line: str, output: str | None) -> None:
    if line.startswith("cp -r "):
        there, copy = line.removeprefix("cp -r ").split()
        shutil.copytree(there, copy)
        return
    start, _, rest = line.partition(" content ")
    assert start == ".venv/bin/python -m bot"
    code, said = run(*rest.split())
    assert (code, said) == (0, output if output is not None else said)


@pytest.fixture
def followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which the page was followed."""
    monkeypatch.chdir(tmp_path)
    follow(PAGE.read_text())
    return tmp_path


@pytest.fixture
def ladders(followed: Path) -> tuple[Ladder, Ladder]:
    """The page's ladder and its second version."""
    return load(followed / "our-ladder-old"), load(followed / "our-ladder")


def without(ladder: Ladder, criterion_id: str) -> Ladder:
    """A version that forgot about a criterion, against all advice."""
    return Ladder(
        ladder=ladder.ladder,
        dimensions=ladder.dimensions,
        levels=ladder.levels,
        criteria=tuple(each for each in ladder.criteria if each.id != criterion_id),
    )


@asynccontextmanager
async def at_work(engine: AsyncEngine, ladder: Ladder) -> AsyncIterator[World]:
    async with world_of(engine, ladder) as world:
        yield world


async def test_the_page_s_ladder_is_what_people_see(engine: AsyncEngine, ladders: tuple[Ladder, Ladder]) -> None:
    async with at_work(engine, ladders[1]) as world:
        assert "S2 · Senior Guide" in text_of(await world.ladder_command(MAYA, "levels"))
        assert "Senior Guide" in text_of(await world.ladder_command(MAYA, "lead guide"))
        await world.ladder_command(MAYA, "next")
        await world.click(MAYA, "welcome.level.s1")
        assert "0 of 7 criteria have evidence" in text_of(world.playground.dm(MAYA)[-1])


async def log_it(world: World) -> None:
    """Maya, who has Sam as her mentor, logs something on the criterion that is going to go."""
    await world.ladder_command(MAYA, "next")
    await world.click(MAYA, "welcome.level.s1")
    await world.ladder_command(MAYA, "mentor @sam")
    await world.service.ticker.run()
    await world.click(SAM, "mentoring.accept")
    await world.playground.command(MAYA, f"/ladder log {WORDS}")
    await world.submit(MAYA, {"criteria": [OLD], "readers": ["1"]})


async def opened(world: World, criterion: str) -> str:
    await world.ladder_command(MAYA, "next")
    for message in reversed(world.playground.dm(MAYA)):
        values = [each.get("accessory", {}).get("value") for each in message.blocks]
        if f"criterion:{criterion}" in values:
            block = message.blocks[values.index(f"criterion:{criterion}")]
            answer = await world.playground.click(MAYA, message, "details.open", block_id=block["block_id"])
            assert answer.ok
            modal = world.playground.modal(MAYA)
            assert modal
            return text_of_blocks(modal.blocks)
    raise AssertionError(criterion)


async def surfaces(world: World) -> dict[str, str]:
    """All that shows entries and evidence, as words."""
    shown = {words: text_of(await world.ladder_command(MAYA, words)) for words in ("logs", "next", "progress")}
    shown["preview"] = text_of(await world.ladder_command(MAYA, "digest preview"))
    await world.playground.open_home(MAYA)
    home = world.playground.home(MAYA)
    assert home
    shown["home"] = text_of_blocks(home.blocks)
    for kind in ("md", "csv", "json"):
        await world.ladder_command(MAYA, f"export {kind}")
    files = [
        (each.content or b"").decode() for each in world.playground.workspace.files.values() if "png" not in each.name
    ]
    return shown | dict(zip(("md", "csv", "json"), files, strict=True))


async def test_entries_outlive_the_retirement_of_their_criterion(
    engine: AsyncEngine, ladders: tuple[Ladder, Ladder]
) -> None:
    before, after = ladders
    sentence = before.criterion(OLD).sentence  # type: ignore[union-attr]
    async with at_work(engine, before) as world:
        await log_it(world)
    async with at_work(engine, after) as world:
        shown = await surfaces(world)
        assert f"“{sentence}”" in shown["logs"], "it keeps the sentence that it was written for"
        assert "1 of 7 criteria have evidence" in shown["next"]
        assert "1 of 7 criteria have evidence" in shown["progress"]
        assert "1 of 7 criteria have evidence" in shown["home"]
        now = after.criterion(NEW).sentence  # type: ignore[union-attr]
        assert f"### {now}" in shown["md"]
        assert f"*Written for:* {sentence}" in shown["md"]
        assert sentence in shown["csv"]
        assert OLD in shown["json"]
        assert WORDS in await opened(world, NEW)
        # What it is evidence of stays when it is edited.
        await world.ladder_command(MAYA, "logs")
        await world.click(MAYA, "log.edit.1")
        await world.submit(MAYA, {"what": "Led it well"})
        assert await world.rows(select(EntryCriterion.criterion_id)) == [OLD]


async def test_entries_outlive_a_criterion_that_vanished(engine: AsyncEngine, ladders: tuple[Ladder, Ladder]) -> None:
    before = ladders[0]
    after = without(before, OLD)
    sentence = before.criterion(OLD).sentence  # type: ignore[union-attr]
    async with at_work(engine, before) as world:
        await log_it(world)
    async with at_work(engine, after) as world:
        shown = await surfaces(world)
        assert f"“{sentence}”" in shown["logs"]
        for words in ("next", "progress", "home"):
            assert "0 of 6 criteria have evidence" in shown[words]
            assert "Sorry" not in shown[words]
        assert "## Everything else" in shown["md"]
        assert f"*Written for:* {sentence}" in shown["md"]
        assert sentence in shown["csv"]
        assert OLD in shown["json"]
        await world.ladder_command(MAYA, "logs")
        await world.click(MAYA, "log.edit.1")
        await world.submit(MAYA, {"what": "Led it well"})
        assert await world.rows(select(EntryCriterion.criterion_id)) == [OLD]


@pytest.mark.parametrize("change", ["retired", "vanished"])
async def test_questions_on_a_criterion_that_went(
    engine: AsyncEngine, ladders: tuple[Ladder, Ladder], change: str
) -> None:
    before, after = ladders if change == "retired" else (ladders[0], without(ladders[0], OLD))
    async with at_work(engine, before) as world:
        await world.ladder_command(MAYA, "next")
        await world.click(MAYA, "welcome.level.s1")
        await ask(world, before, MAYA)
        await world.ladder_command(SAM, "next")
        await world.click(SAM, "welcome.level.s1")
        await world.service.ticker.run()
        await ask(world, before, SAM)
    async with at_work(engine, after) as world:
        await world.service.ticker.run()
        assert await world.rows(select(CheckIn.state).order_by(CheckIn.id)) == ["asked", "cancelled"]
        assert await world.rows(select(Delivery.error).where(Delivery.state == "cancelled")) == [
            "its criterion is behind them"
        ]
        await world.ladder_command(MAYA, "checkin")
        await world.click(MAYA, "checkin.write")
        await world.submit(MAYA, {"what": WORDS})
        assert await world.rows(select(CheckIn.state).order_by(CheckIn.id)) == ["answered", "cancelled"]
        await world.ladder_command(SAM, "checkin")
        await world.service.ticker.run()
        [asked] = await world.rows(select(CheckIn.criterion_id).where(CheckIn.state == CheckInState.ASKED))
        assert asked != OLD


async def ask(world: World, ladder: Ladder, user: str) -> None:
    """Plan a question on the criterion that is going to go."""
    criterion = ladder.criterion(OLD)
    assert criterion
    id_ = await planned(world.sessions, ladder, world.playground, user, level="s1")
    choice = selection.choose([criterion], selection.Asked(), {}, {}, None, SLOT.date())
    assert choice
    async with world.sessions.begin() as session:
        row = await session.get(CheckIn, id_)
        assert row
        await check_ins.exchange(session, row, choice)


async def test_a_level_that_vanished_is_asked_for_again(engine: AsyncEngine, ladders: tuple[Ladder, Ladder]) -> None:
    async with at_work(engine, ladders[0]) as world:
        await log_it(world)
    renamed = [each.model_copy(update={"id": "s0"}) if each.id == "s1" else each for each in ladders[0].levels]
    after = Ladder(
        ladder=ladders[0].ladder, dimensions=ladders[0].dimensions, levels=renamed, criteria=ladders[0].criteria
    )
    async with at_work(engine, after) as world:
        assert "no longer on this ladder" in text_of(await world.ladder_command(MAYA, "next"))
        await world.click(MAYA, "welcome.level.s0")
        assert "1 of 7 criteria have evidence" in text_of(world.playground.dm(MAYA)[-1])


def test_evidence_is_carried_over() -> None:
    early, late = SLOT.date(), SLOT.date().replace(day=20)
    known = {"old": Evidence(2, late), "new": Evidence(1, early), "other": Evidence(1, early)}
    assert carried_over(known, {"old": "new"}) == {"new": Evidence(3, late), "other": Evidence(1, early)}
    assert carried_over({"old": Evidence(2, late)}, {"old": "new"}) == {"new": Evidence(2, late)}
    assert carried_over(known, {}) == known


def test_what_is_retired_decides_which_question_comes(ladders: tuple[Ladder, Ladder]) -> None:
    assert ladders[1].current_id(OLD) == NEW
    assert ladders[1].lineage(NEW) == (NEW, OLD)
    assert ladders[0].lineage(OLD) == (OLD,)


def test_a_ladder_begins_only_where_nothing_is(tmp_path: Path) -> None:
    assert run("new", str(tmp_path))[0] == 0
    assert "All in order" in run("check", str(tmp_path))[1]
    for there in (tmp_path, tmp_path / "ladder.yaml"):
        assert run("new", str(there)) == (
            2,
            f"{there} is there already and not empty: name a new folder. Nothing was written.\n",
        )
    assert run("new", str(tmp_path / "ladder.yaml" / "below"))[0] == 2
    code, said = run("new", str(tmp_path / "a" / "b"))
    assert code == 0
    assert f"python -m bot content check {tmp_path / 'a' / 'b'}" in said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("- id: l2.k2", "- id: l2.k22", "l2.k2 is gone, and entries refer to it: keep it, with `status: retired`"),
        ("version: 1.0.0", "version: 0.9.9", "version 0.9.9 is not above 1.0.0: raise it, something has changed"),
        ("question: How long", "question: Well, how long", "version 1.0.0 is not above 1.0.0"),
        ("id: tiny", "id: other", "the ladder was called tiny and is other now: an id stays over all versions"),
    ],
)
def test_a_new_version_is_held_against_the_old_one(tmp_path: Path, old: str, new: str, said: str) -> None:
    before = write(tmp_path / "old", tiny())
    after = write(tmp_path / "new", {name: text.replace(old, new) for name, text in tiny().items()})
    code, told = run("check", str(after), "--against", str(before))
    assert (code, said in told) == (1, True), told
    assert run("check", str(before), "--against", str(before))[0] == 0


def test_what_a_new_version_means_is_told(tmp_path: Path) -> None:
    before = write(tmp_path / "old", tiny())
    texts = {name: text.replace("id: l1", "id: l0").replace("1.0.0", "2.0.0") for name, text in tiny().items()}
    code, told = run("check", str(write(tmp_path / "new", texts)), "--against", str(before))
    assert code == 0
    assert told.startswith("the level l1 is gone: whoever is there is asked for theirs again\n")
    (before / "levels.yaml").write_text("nonsense")
    assert run("check", str(tmp_path / "new"), "--against", str(before))[0] == 1


def test_a_criterion_that_means_another_step_is_another_one(tmp_path: Path) -> None:
    before = load(write(tmp_path, tiny()))
    moved = [each.model_copy(update={"level": "l1"}) if each.id == "l2.k2" else each for each in before.criteria]
    after: Any = Ladder(ladder=before.ladder, dimensions=before.dimensions, levels=before.levels, criteria=moved)
    assert next(broken(before, after)).startswith(
        "l2.k2 led to l2 and leads to l1 now: give the new one an id of its own"
    )
