"""Ladders over time: how one begins, and what a new version must not do to the entries that refer to the old one."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from ladder_content.model import Ladder


class CannotBeginError(Exception):
    """Why no ladder can be written there, in a sentence."""


def begin(folder: Path) -> list[str]:
    """Write a small ladder into a new or empty folder; the names of its files. Raises CannotBeginError."""
    starter = Path(__file__).with_name("starter")
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise CannotBeginError(f"{folder} is there already and not empty: name a new folder. Nothing was written.")
        shutil.copytree(starter, folder, dirs_exist_ok=True, copy_function=shutil.copyfile)
    except OSError as error:
        raise CannotBeginError(f"{folder} cannot be written: {error.strerror}.") from error
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.yaml"))


def broken(old: Ladder, new: Ladder) -> Iterator[str]:
    """What the new version does to entries that refer to the old one, each with what to do instead."""
    if old.ladder.id != new.ladder.id:
        yield f"the ladder was called {old.ladder.id} and is {new.ladder.id} now: an id stays over all versions"
        return
    for criterion in old.criteria:
        now = new.criterion(criterion.id)
        if now is None:
            yield f"{criterion.id} is gone, and entries refer to it: keep it, with `status: retired` and `replaced_by`"
        elif now.level != criterion.level:
            yield (
                f"{criterion.id} led to {criterion.level} and leads to {now.level} now: give the new one an id of its"
                " own and retire the old one"
            )
    if old != new and _number(new) <= _number(old):
        yield f"version {new.ladder.version} is not above {old.ladder.version}: raise it, something has changed"


def worth_knowing(old: Ladder, new: Ladder) -> Iterator[str]:
    """What the new version means for people, and is no fault."""
    for level in old.levels:
        if new.level(level.id) is None:
            yield f"the level {level.id} is gone: whoever is there is asked for theirs again"
    for criterion in old.criteria:
        if criterion.id in new.replaced and criterion.id not in old.replaced:
            yield f"{criterion.id} is retired: evidence on it counts for {new.replaced[criterion.id]} from now on"


def _number(ladder: Ladder) -> tuple[int, ...]:
    return tuple(map(int, ladder.ladder.version.split(".")))
