"""Which workspace a request is for, and what is said to those whose workspace this Rung does not serve."""

from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any

import aiohttp
import structlog
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot import failures
from bot.http import payloads
from growth.errors import PersonError
from handlers.slack.blocks import Json

Own = Callable[[], Awaitable[str]]
log = structlog.get_logger()
REMEMBERED = 1000  # workspaces of which it was logged that they are not served
NOT_SET_UP = (
    "Rung is not set up for this workspace, so nothing was saved or changed. Whoever looks after your Slack apps can"
    " add it."
)
NOT_INSTALLED = (
    "Rung is not installed here any more. Whoever looks after your Slack apps can add it again, and everything you"
    " wrote will be there."
)


class NotServedError(PersonError):
    """The request is of a workspace, or of somebody of one, that this Rung has no token for."""


def workspace_key(context: AsyncBoltContext) -> str:
    """The workspace that has the app installed for this request; a user's own is another one in Slack Connect.

    The end of an enterprise's installation may name the enterprise alone.
    """
    of_enterprise = context.is_enterprise_install or not context.team_id
    return (context.enterprise_id if of_enterprise else context.team_id) or ""


class Tenancy(AsyncMiddleware):
    """Before any token is used, or anything read or written: only what is for a workspace that is served goes on.

    `own` is the key of the one workspace; without it, who is served is up to Bolt's authorisation.
    """

    def __init__(self, own: Own | None) -> None:
        self._own = own
        self._note = lru_cache(REMEMBERED)(_note)

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: A002 (Bolt names it)
    ) -> BoltResponse | None:
        if req.body.get("type") not in payloads.OF_BOLT:
            foreign = self._own is not None and workspace_key(req.context) != await self._own()
            if foreign or _is_visitor(req.body, req.context):
                raise NotServedError(NOT_SET_UP)
        return await next()

    async def turn_away(self, error: NotServedError, body: Json, context: AsyncBoltContext) -> BoltResponse:
        """Say it where that takes no token: in the answer, or by the response_url; there may be neither."""
        self._note(workspace_key(context))
        if context.response_url and context.respond and failures.kind(body) not in failures.ANSWERED_IN_ACK:
            message = failures.told(error.sentence).payload()
            try:
                await context.respond(**message, replace_original=False, response_type="ephemeral")
            except (aiohttp.ClientError, TimeoutError) as unheard:
                log.warning("answer.undeliverable", reason=type(unheard).__name__)
        return failures.in_ack(body, error.sentence)


def _note(workspace: str) -> None:
    log.warning("workspace.not_served", workspace=workspace)


def _is_visitor(body: Json, context: AsyncBoltContext) -> bool:
    """Whether it is somebody of another workspace who acts, or of whom Slack tells.

    Within an enterprise people belong to several workspaces: there Slack is asked who they are.
    """
    who = body.get("user") or (body.get("event") or {}).get("user")
    # `team` is where somebody clicks, which need not be where the app is installed.
    event = body.get("event") or {}
    told = event.get("user_team") or event.get("source_team")
    home = _in(who, "team_id") or _in(body.get("team"), "id") or told or context.actor_team_id
    return bool(home and context.team_id and not context.enterprise_id and home != context.team_id)


def _in(node: Any, name: str) -> str | None:  # noqa: ANN401 # Slack has an object, an id, or neither
    return node.get(name) if isinstance(node, dict) else None
