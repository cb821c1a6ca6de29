"""Who may read an entry, and from when."""

from collections.abc import Collection
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta

REGRET = timedelta(hours=1)


@dataclass(frozen=True)
class Mentor:
    """Somebody's active mentor, by the mentorship and their Slack id. `share_by_default`: ticked for a new entry."""

    mentorship_id: int
    user: str
    share_by_default: bool = False


@dataclass(frozen=True)
class Mentee:
    """A mentee and where they stand, which is all that a mentor sees of them beside what is shared."""

    mentorship_id: int
    user: str
    level: str | None
    target: str | None


@dataclass(frozen=True)
class Shared:
    """An entry is shared by a mentorship with its mentor, since an instant."""

    mentorship_id: int
    user: str
    shared_at: datetime

    @property
    def readable_at(self) -> datetime:
        """When the mentor can read it: the time between is for second thoughts."""
        return self.shared_at + REGRET


@dataclass(frozen=True)
class Seen:
    """Somebody was shown an entry, first and last at these instants; the Slack id is none for one who has left Rung.

    `confirmed`: Slack has said so at least once.
    """

    user: str | None
    first: datetime
    last: datetime
    confirmed: bool


@dataclass(frozen=True)
class Said:
    """What a mentor said to an entry: words, none for kudos alone. The Slack id is none for one who has left Rung."""

    user: str | None
    words: str | None
    at: datetime


def after_form(live: AbstractSet[int], shown: Collection[int], ticked: Collection[int]) -> AbstractSet[int]:
    """The mentorships that an entry is shared by after a form.

    What it showed when it opened and was not touched stays as it is now: another form may have changed it meanwhile.
    """
    return (live - (set(shown) - set(ticked))) | (set(ticked) - set(shown))
