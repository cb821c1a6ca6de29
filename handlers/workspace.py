"""Slack tells that a workspace has taken Rung away."""

from datetime import UTC, datetime

import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from db.workspaces import installations, workspaces
from handlers.people import Json, Visit

log = structlog.get_logger()


def register(app: AsyncApp) -> None:
    app.event("app_uninstalled")(switch_off)
    app.event("tokens_revoked", matchers=[is_of_the_bot])(switch_off)
    app.event("tokens_revoked")(ignore)


async def is_of_the_bot(event: Json) -> bool:
    """Rung's own token, not only one that a person gave."""
    return bool((event.get("tokens") or {}).get("bot"))


async def switch_off(ack: AsyncAck, body: Json, visit: Visit) -> None:
    """Nothing is planned or sent from here on, and the token is gone; what people wrote waits for a reinstall.

    Slack tells late, or twice: what was before the latest installation is old.
    """
    await ack()
    key, at = visit.who.workspace, _when(body, visit.now)
    async with visit.sessions.begin() as session:
        gone = await installations.forget(session, key, at)
        if await workspaces.uninstalled(session, key, at) or gone:
            log.info("uninstalled", workspace=key)


async def ignore(ack: AsyncAck) -> None:
    await ack()


def _when(body: Json, now: datetime) -> datetime:
    """When it happened, to the second."""
    seconds = body.get("event_time")
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) else now
