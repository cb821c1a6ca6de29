"""A Dockerfile as its steps: what the image is made of, for those who have no Docker."""

import json
import re
import shlex
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple


class Step(NamedTuple):
    """One instruction, in capitals, and what follows it, on one line."""

    name: str
    rest: str

    @property
    def words(self) -> list[str]:
        """The words of the exec form (JSON), or of a line."""
        return list(json.loads(self.rest)) if self.rest.startswith("[") else shlex.split(self.rest)


class Dockerfile:
    """The stages of a Dockerfile, each from its FROM on; the last one is the image."""

    def __init__(self, path: Path) -> None:
        lines = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", path.read_text(), flags=re.MULTILINE)).splitlines()
        self.stages: list[list[Step]] = []
        for name, _, rest in (line.strip().partition(" ") for line in lines if line.strip()):
            if name == "FROM":
                self.stages.append([])
            self.stages[-1].append(Step(name, " ".join(rest.split())))

    def of_image(self, name: str) -> list[Step]:
        """The image's own instructions of that name, in order."""
        return [step for step in self.stages[-1] if step.name == name]

    def last(self, name: str) -> Step:
        """The one that counts."""
        return self.of_image(name)[-1]

    @property
    def environment(self) -> dict[str, str]:
        return dict(_assignment(word) for step in self.of_image("ENV") for word in step.words)

    def copied(self, stage: int) -> Iterator[tuple[str, str]]:
        """What a stage takes from the build context, and to where."""
        for step in self.stages[stage]:
            if step.name == "COPY" and not step.rest.startswith("--from"):
                *sources, target = step.words
                yield from ((source, target) for source in sources)


def _assignment(word: str) -> tuple[str, str]:
    name, _, value = word.partition("=")
    return name, value


class Context:
    """The files that a build may copy: .dockerignore leaves out what it names, and takes back what follows a `!`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._rules = (root / ".dockerignore").read_text().split()

    def has(self, path: str) -> bool:
        """Whether a build sees that path; the last rule that matches it decides."""
        seen = True
        for rule in self._rules:
            pattern = rule.removeprefix("!")
            folders = [path, *map(str, Path(path).parents)]
            if any(fnmatch(each, pattern) or fnmatch(f"/{each}", pattern.replace("**/", "*/")) for each in folders):
                seen = rule.startswith("!")
        return seen
