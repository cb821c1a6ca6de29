"""Fail where the ladder shares a run of eight words with the text it was drawn from: borrowed.py SOURCES LADDER."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml

RUN = 8


def runs(text: str) -> Iterator[str]:
    """Every run of eight words, lower-cased and without punctuation."""
    words = re.findall(r"\w+", re.sub(r"['’]", "", text.lower()))
    return (" ".join(words[start : start + RUN]) for start in range(len(words) - RUN + 1))


def strings(node: object) -> Iterator[str]:
    """Every string in a YAML document."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict | list):
        for child in node.values() if isinstance(node, dict) else node:
            yield from strings(child)


def main(sources: Path, ladder: Path) -> None:
    """Exit with the borrowed runs, if there are any, or with a sentence if there is nothing to compare."""
    theirs = {run for file in sources.glob("*.txt") for run in runs(file.read_text())}
    ours = [
        (file, text) for file in sorted(ladder.rglob("*.yaml")) for text in strings(yaml.safe_load(file.read_text()))
    ]
    if not theirs or not ours:
        sys.exit(f"Nothing to compare: {len(theirs)} runs in {sources}, {len(ours)} strings in {ladder}.")
    if borrowed := [f"{file}: {run}" for file, text in ours for run in runs(text) if run in theirs]:
        sys.exit("Borrowed word for word:\n" + "\n".join(borrowed))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
