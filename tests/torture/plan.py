"""What a run is like, what it came to, and what it needs of the work that goes on in it."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from sqlalchemy.ext.asyncio import AsyncEngine

from tests.torture.worker import Haste


class Rhythm(NamedTuple):
    """How far two blows of a kind lie apart: about so many seconds, and about so many messages posted or changed.

    Rung gets on between them, however slow the machine is.
    """

    seconds: float
    posts: int


HASTE = Haste(request=1.0, lease=6.0, margin=2.0)
KILLS, RESTARTS, DISCONNECTS = Rhythm(1.0, 40), Rhythm(5.0, 400), Rhythm(2.0, 100)


@dataclass(frozen=True)
class Plan:
    """What a run is like, as far as a seed can tell processes what to do. Times are in seconds."""

    seed: int
    members: int = 5000
    workspaces: int = 3
    haste: Haste = HASTE
    due_within: float = 20.0
    kills: Rhythm = KILLS
    restarts: Rhythm = RESTARTS
    disconnects: Rhythm = DISCONNECTS

    @property
    def patience(self) -> float:
        """Seconds after which a run is not waited for any more."""
        return 120 + self.members / 20

    @property
    def slowness(self) -> float:
        """Longer than a worker waits, shorter than it waits before it looks for the message."""
        return self.haste.request + self.haste.margin / 2


@dataclass
class Outcome:
    """What a run did to Rung (`happened`: by kind), and what Rung did: figures by name, and what is wrong."""

    plan: Plan
    happened: Counter[str]
    figures: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    troubles: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.troubles


Watch = Callable[[float, Outcome], None]  # hears what part of the work is done


class Work(Protocol):
    """What goes on while everything fails, and what the people in Slack have to see of it in the end."""

    @property
    def crew(self) -> Sequence[str]:
        """The roles of the processes that are killed."""

    async def fill(self, engine: AsyncEngine) -> None:
        """What the empty database begins with."""

    async def go_on(self, engine: AsyncEngine) -> None:
        """What people do meanwhile; cancelled when the storm is over."""

    @property
    def done(self) -> float:
        """What part of it is done; near 1 the storm is over."""

    async def unfinished(self, engine: AsyncEngine) -> int:
        """How much is left to do, in the calm after the storm."""

    async def judge(self, engine: AsyncEngine, outcome: Outcome) -> None:
        """Count, and note what is wrong."""
