"""Who does something, and when."""

from dataclasses import dataclass
from datetime import datetime

from db.engine import Sessions
from db.members import UserRef
from ladder_content.model import Ladder


@dataclass(frozen=True)
class Actor:
    """A person who does something now, in the database, and on the ladder that they climb."""

    who: UserRef
    now: datetime
    sessions: Sessions
    ladder: Ladder
