"""What Slack tells about people."""

from collections.abc import Sequence
from datetime import datetime

from db.account import profiles
from db.account.profiles import Profile
from db.engine import Sessions


async def follow(sessions: Sessions, workspace: str, people: Sequence[Profile], now: datetime) -> int:
    """Bring the members among these people up to date; how many changed."""
    async with sessions.begin() as session:
        return await profiles.follow(session, workspace, people, now)
