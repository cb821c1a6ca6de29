"""How a member wants it."""

from dataclasses import dataclass
from datetime import time

from growth.cadence import Cadence

MONDAY_AT_NINE = Cadence(1, time(9))


@dataclass(frozen=True)
class Preferences:
    """None: level unknown, the next level as target, no questions, the Slack profile's zone."""

    level: str | None
    target: str | None
    cadence: Cadence | None
    zone: str | None
