"""What a refusal of Slack's tells about its workspace, whoever made the call: written down, so that all heed it."""

from datetime import datetime, timedelta

import structlog
from slack_sdk.errors import SlackApiError
from sqlalchemy.exc import SQLAlchemyError

from bot.delivery.slack_errors import Meaning, meaning, retry_after, word
from db.engine import AsyncSession, Sessions
from db.workspaces import workspaces

log = structlog.get_logger()

REFUSED_FOR = timedelta(minutes=1)  # at first
LONGEST_CALL = timedelta(seconds=10)


async def heed(session: AsyncSession, workspace: str, error: SlackApiError, now: datetime) -> Meaning:
    """Let the whole workspace wait where Slack asks for that, refuses its token, or has none any more."""
    what = meaning(error)
    if what is Meaning.SLOW_DOWN:
        await workspaces.pause(session, workspace, retry_after(error))
    elif what is Meaning.SHUT_OUT:
        await refuse(session, workspace, error)
    elif what is Meaning.WORKSPACE_GONE:  # of the token that the call began with
        await workspaces.uninstalled(session, workspace, now - LONGEST_CALL)
    return what


async def refuse(session: AsyncSession, workspace: str, error: SlackApiError) -> None:
    """Slack takes nothing that Rung sends in that workspace: it is tried again ever more rarely."""
    reason = word(error)
    if await workspaces.refuse(session, workspace, reason, REFUSED_FOR):
        log.error("workspace.refused", workspace=workspace, reason=reason)


async def heed_shut_out(sessions: Sessions, workspace: str, error: Exception) -> None:
    """As `refuse`, where another call of Rung's shows it first; what is known already keeps its next try.

    Whoever calls has something else to do: nothing here fails.
    """
    if not (isinstance(error, SlackApiError) and meaning(error) is Meaning.SHUT_OUT):
        return
    try:
        async with sessions.begin() as session:
            if not await workspaces.silent(session, workspace):
                await refuse(session, workspace, error)
    except SQLAlchemyError as away:
        log.warning("workspace.refusal_lost", workspace=workspace, reason=type(away).__name__)
