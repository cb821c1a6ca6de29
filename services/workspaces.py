"""Where Rung is installed."""

from datetime import datetime

from db.engine import Sessions
from db.workspaces import installations, workspaces


async def uninstall(sessions: Sessions, workspace: str, at: datetime) -> bool:
    """Nothing is planned or sent there from here on, and the token is gone; whether that is news.

    What people wrote waits for a reinstall. What is older than the latest installation changes nothing.
    """
    async with sessions.begin() as session:
        gone = await installations.forget(session, workspace, at)
        return await workspaces.uninstalled(session, workspace, at) or bool(gone)
