"""Where a member stands on the ladder, and what comes next."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from growth.cadence import is_zone, zone
from growth.coverage import Coverage
from ladder_content.model import Ladder, Level


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
class LadderPosition:
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


def aim(ladder: Ladder, level: Level, target_id: str | None) -> Level:
    """The target above a level: the next one unless another was picked; at the top the level itself."""
    target = ladder.level(target_id)
    return target if target and target.order > level.order else ladder.next_level(level) or level
