"""Where a member stands: the values that several messages show, and how they show them."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from growth.cadence import is_zone, spoken_date, zone
from growth.coverage import Coverage, Covered, Freshness
from handlers.views.text import clip, count, escape
from ladder_content.model import Criterion, Ladder, Level

HELD_UP = (
    "Slack is not taking my messages at the moment, so I can't name a day. Nothing is lost: I go on by myself as soon"
    " as it does."
)
MARKS = {Freshness.NONE: "○", Freshness.STALE: "◐", Freshness.FRESH: "●"}


@dataclass(frozen=True)
class Upcoming:
    """A member's next question, or digest, and whether that `is_on`.

    `at` is none when it is off, and while it is `held_up`: as long as Slack takes nothing that Rung sends, no date is
    promised. `paused_until` is the first local date after a pause that holds; `unknown_zone` a zone that nobody knows,
    which UTC stands in for.
    """

    is_on: bool
    at: datetime | None
    zone: ZoneInfo
    held_up: bool = False
    paused_until: date | None = None
    unknown_zone: str | None = None


@dataclass(frozen=True)
class Standing:
    """A member's place on the ladder. At the top `target` is their own level.

    `undecided`: they have said neither yes nor no to the weekly question.
    """

    level: Level
    target: Level
    coverage: Coverage
    today: date
    upcoming: Upcoming
    undecided: bool = False

    @property
    def at_top(self) -> bool:
        return self.level.id == self.target.id


def unknown_zone(name: str) -> str | None:
    """The name of a zone, if nobody knows one of that name."""
    return None if is_zone(name) else name


def upcoming_of(at: datetime | None, tz: str, paused_until: date | None, today: date, *, held_up: bool) -> Upcoming:
    """The next question, from what is stored of it; a pause may be over. `held_up`: Slack takes nothing now."""
    holds = paused_until if at and paused_until and paused_until > today else None
    return Upcoming(at is not None, None if held_up else at, zone(tz), held_up, holds, unknown_zone(tz))


def named(level: Level) -> str:
    """`L5 · Senior ML Engineer`."""
    return f"{code(level)} · {level.title}"


def where(level: Level, target: Level) -> str:
    """The way from one level to another, which may be the same at the top."""
    return f"{named(level)}: the top" if level.id == target.id else f"{named(level)}  →  {named(target)}"


def aim(ladder: Ladder, level: Level, target_id: str | None) -> Level:
    """The target above a level: the next one unless another was picked; at the top the level itself."""
    target = ladder.level(target_id)
    return target if target and target.order > level.order else ladder.next_level(level) or level


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
