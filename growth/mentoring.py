"""Mentoring: what two people agree on, how many of them, and how often one may ask."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import takewhile


class MentorshipState(StrEnum):
    """A request, what became of it, and its end."""

    REQUESTED = "requested"
    ACTIVE = "active"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    ENDED = "ended"


OPEN_REQUESTS = 5  # of one member at a time
MENTEES = 5  # of one mentor, who may say otherwise
MOST_MENTEES = 20
AGAIN = timedelta(days=30)
LONGEST = 300  # characters of a reason, or of a kind word


@dataclass(frozen=True)
class Bond:
    """A mentorship as one of the two sees it.

    `user` is the other one's Slack id, `since` the reader's date on which it became what it is, `words` what the other
    one wrote; level and target are the mentee's. `shared` counts entries that are shared now, `seen` those ever shown;
    `share_by_default` is as `growth.sharing.Mentor` has it.
    """

    id: int
    state: MentorshipState
    user: str
    since: date
    level: str | None
    target: str | None
    words: str | None = None
    shared: int = 0
    seen: int = 0
    share_by_default: bool = False


@dataclass(frozen=True)
class Request:
    """An earlier request to the same person."""

    requested_at: datetime
    state: MentorshipState

    @property
    def was_accepted(self) -> bool:
        return self.state in (MentorshipState.ACTIVE, MentorshipState.ENDED)


def may_ask_from(past: Sequence[Request]) -> datetime | None:
    """From when the same person may be asked again, none for any time. The newest request comes first.

    After a decline there is one new request in 30 days; an acceptance makes good what was before it.
    """
    recent = list(takewhile(lambda each: not each.was_accepted, past))
    for index, request in enumerate(recent):
        if any(older.state == MentorshipState.DECLINED for older in recent[index + 1 :]):
            return request.requested_at + AGAIN
    return None
