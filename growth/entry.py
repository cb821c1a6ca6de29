"""An entry of the growth log, as it is filled in and shown."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Snippet:
    """The beginning of a message, its author's handle, and Slack's link to it if there is one."""

    text: str
    author: str
    permalink: str | None = None


@dataclass(frozen=True)
class Written:
    """`criteria` are ids, none for work that is evidence of none.

    `what` may be empty only if there is a `snippet` of the message that it was made from. `readers` are the ids of
    the mentorships that it is shared by.
    """

    what: str
    happened_on: date
    criteria: tuple[str, ...] = ()
    impact: str | None = None
    links: tuple[str, ...] = ()
    snippet: Snippet | None = None
    readers: tuple[int, ...] = ()

    @property
    def gist(self) -> str:
        """The person's own words, else the message's."""
        return self.what or (self.snippet.text if self.snippet else "")
