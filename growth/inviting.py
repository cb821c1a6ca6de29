"""An invitation: what whoever runs Rung proposes to somebody, of which nothing holds before they say yes."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from growth.cadence import Cadence


class InvitationState(StrEnum):
    """Waiting for an answer, and the two answers."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"


@dataclass(frozen=True)
class Proposal:
    """What was filled in for `user`, who lives in the zone `tz`; users are Slack ids.

    `began`: they picked a level by themselves meanwhile, and so set what they want.
    """

    id: int
    user: str
    tz: str
    level: str
    cadence: Cadence
    mentor: str | None
    state: InvitationState = InvitationState.OPEN
    answered_at: datetime | None = None
    began: bool = False
