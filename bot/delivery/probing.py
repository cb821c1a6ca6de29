"""Whether Slack takes what it refused before, asked where no message that is due would show it."""

from collections.abc import Sequence
from datetime import timedelta

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.delivery.outcomes import Outcomes
from bot.delivery.slack_errors import MEANINGS, Meaning
from db.engine import Sessions
from db.outbox import claims

log = structlog.get_logger()
AT_ONCE = 10
SHUT_OUT = [word for word, what in MEANINGS.items() if what is Meaning.SHUT_OUT]  # which a look at the token tells


async def probes(sessions: Sessions, lease: timedelta) -> Sequence[str]:
    """Workspaces, by their keys, that this process is to ask about; nobody else does as long as the lease."""
    async with sessions.begin() as session:
        return await claims.probes(session, SHUT_OUT, AT_ONCE, lease)


async def probe(client: AsyncWebClient, outcomes: Outcomes, workspace: str) -> None:
    """Ask Slack whether it takes the token. What goes wrong is tried again once the lease is over."""
    try:
        try:
            await client.auth_test()
        except SlackApiError as error:
            await outcomes.probed(workspace, error)
        else:
            await outcomes.accepted(workspace)
    except Exception as error:
        log.warning("workspace.probe_failed", workspace=workspace, reason=type(error).__name__)
