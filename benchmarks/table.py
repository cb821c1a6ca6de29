"""Figures, and how they are printed."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of the table: what was measured, Rung's figure, the baseline's and what came of both."""

    what: str
    rung: str
    baseline: str = ""
    ratio: float | None = None


def milliseconds(seconds: Sequence[float], percentile: int = 50) -> float:
    """A percentile of some durations, in ms."""
    return 1000 * statistics.quantiles(seconds, n=100)[percentile - 1]


def lines(rows: Sequence[Row]) -> list[str]:
    """The table as text."""
    cells = [("", "Rung", "baseline", "")]
    cells += [(row.what, row.rung, row.baseline, f"× {row.ratio:.1f}" if row.ratio else "") for row in rows]
    width = max(len(what) for what, *_ in cells)
    return [f"{what:{width}}  {rung:>10}  {baseline:>10}  {ratio:>6}".rstrip() for what, rung, baseline, ratio in cells]
