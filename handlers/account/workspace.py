"""Slack tells that a workspace has taken Rung away."""

from datetime import UTC, datetime

import structlog

from handlers.slack.interaction import Interaction
from handlers.slack.router import Router
from services import workspaces

log = structlog.get_logger()


def register(router: Router) -> None:
    router.event("app_uninstalled", switch_off)
    router.event("tokens_revoked", switch_off_without_token)


async def switch_off(i: Interaction) -> None:
    """Slack tells late, or twice: what was before the latest installation is old."""
    if await workspaces.uninstall(i.sessions, i.who.workspace, _when(i)):
        log.info("workspace.uninstalled", workspace=i.who.workspace)


async def switch_off_without_token(i: Interaction) -> None:
    """Where it is Rung's own token that was revoked, not only one that a person gave."""
    if (i.event.get("tokens") or {}).get("bot"):
        await switch_off(i)


def _when(i: Interaction) -> datetime:
    """When it happened, to the second."""
    seconds = i.body.get("event_time")
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) else i.now
