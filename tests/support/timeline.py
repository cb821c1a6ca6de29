"""What tests of timeline share."""

from collections.abc import Iterable, Sequence
from datetime import date

from growth.coverage import coverage
from growth.timeline import Timeline, Week, evidence
from growth.timeline import timeline as drawn
from ladder_content.model import Criterion


def timeline(relevant: Sequence[Criterion], dated: Iterable[tuple[str, date]], today: date) -> Timeline:
    """From one (criterion id, date) for each tag of each entry."""
    weeks = [Week(criterion_id, 1, on) for criterion_id, on in dated]
    return drawn(coverage(relevant, evidence(weeks), today), weeks, today)
