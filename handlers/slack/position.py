"""Where a member stands: the values that several messages show, and how they show them."""

from datetime import date

from growth.cadence import spoken_date
from growth.coverage import Coverage, Covered, Freshness
from handlers.slack.text import clip, count, escape
from ladder_content.model import Criterion, Ladder, Level

HELD_UP = (
    "Slack is not taking my messages at the moment, so I can't name a day. Nothing is lost: I go on by myself as soon"
    " as it does."
)
MARKS = {Freshness.NONE: "○", Freshness.STALE: "◐", Freshness.FRESH: "●"}


def named(level: Level) -> str:
    """`L5 · Senior ML Engineer`."""
    return f"{code(level)} · {level.title}"


def where(level: Level, target: Level) -> str:
    """The way from one level to another, which may be the same at the top."""
    return f"{named(level)}: the top" if level.id == target.id else f"{named(level)}  →  {named(target)}"


def code(level: Level) -> str:
    """The short name people use for a level, which is its first alias."""
    return level.aliases[0]


def progress(coverage: Coverage) -> str:
    """A bar as wide as there are criteria, and what it says."""
    bar = "▰" * coverage.covered + "▱" * (coverage.total - coverage.covered)
    return (
        f"{bar if coverage.total <= 20 else ''}  {coverage.covered} of {coverage.total} criteria have evidence".strip()
    )


def evidence(covered: Covered, today: date) -> str:
    """`3 entries, the latest on 12 October`, or that there is nothing yet."""
    if covered.evidence is None:
        return "nothing in your log yet"
    entries = count(covered.evidence.count, "entry", "entries")
    return f"{entries}, the latest on {spoken_date(covered.evidence.latest, today)}"


def judged_by(criterion: Criterion, ladder: Ladder) -> str:
    """The dimension of a criterion, in words."""
    dimension = ladder.dimension(criterion.dimension)
    return escape(dimension.title) if dimension else criterion.dimension


def line(covered: Covered, ladder: Ladder, today: date, words: int = 3000) -> str:
    """A criterion, what it is judged by, and the evidence there is; of long sentences so many characters."""
    mark = MARKS[covered.freshness]
    about = f"{clip(judged_by(covered.criterion, ladder), words)} · {evidence(covered, today)}"
    return f"{mark}  *{clip(escape(covered.criterion.sentence), words)}*\n      {about}"
