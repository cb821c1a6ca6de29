"""The ladder: read from YAML, indexed, and asked once."""

import time
from collections.abc import Callable

from benchmarks.table import Row, milliseconds
from ladder_content.loader import default_folder, load
from ladder_content.model import Ladder
from ladder_content.search import Index

QUESTION = "how do I lead without being a manager"


def measure(ladder: Ladder) -> list[Row]:
    """Medians of a few runs, in ms."""
    index = Index(ladder)
    return [
        Row("ladder read and checked", _median(lambda: load(default_folder()), 3)),
        Row("ladder indexed", _median(lambda: Index(ladder), 10)),
        Row("one find", _median(lambda: index.find(QUESTION), 200)),
    ]


def _median(work: Callable[[], object], times: int) -> str:
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return f"{milliseconds(taken):.2f} ms"
