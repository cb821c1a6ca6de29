"""Who may read an entry, and from when."""

from datetime import datetime, timedelta

REGRET = timedelta(hours=1)


def readable_at(shared_at: datetime) -> datetime:
    """When what was shared at that instant can be read: the time between is for second thoughts."""
    return shared_at + REGRET
