"""The Bolt app: what every listener is given, the features, and the one error handler."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot import failures
from bot.delivery.refusals import heed_shut_out
from bot.dispatch import Dispatcher
from bot.features import publish_home
from bot.http import payloads
from bot.http.metrics import Metrics
from bot.install.oauth import Installs
from bot.late import HomeTabs, LateReplies, Running
from bot.tenancy import NOT_INSTALLED, NotServedError, Own, Tenancy, workspace_key
from db.engine import Sessions
from db.members import UserRef
from handlers.slack.blocks import Json
from handlers.slack.interaction import Interaction
from handlers.slack.people import Wake
from handlers.slack.router import Router
from ladder_content.model import Ladder
from ladder_content.search import Index

Clock = Callable[[], datetime]
logger = structlog.get_logger()
DEADLINE = 2.7  # seconds; Slack waits three, the way there and back included


class RungApp(AsyncApp):
    """A Bolt app that answers in time, whatever its listeners wait for."""

    def __init__(self, metrics: Metrics, router: Router, **about: Any) -> None:
        super().__init__(**about)
        self.router = router
        self._metrics = metrics
        self._running: set[asyncio.Task[BoltResponse]] = set()

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        try:
            req.body = payloads.checked(req.body, req.context)
        except payloads.NotSlacks as error:
            logger.warning("request.malformed", at=str(error))
            self._metrics.refused()
            return BoltResponse(status=200 if req.mode == "socket_mode" else 400)
        started = time.perf_counter()
        with failures.request():
            response = await self._in_time(req)
        self._metrics.answered(req.body, response.status, time.perf_counter() - started)
        return response

    async def _in_time(self, req: AsyncBoltRequest) -> BoltResponse:
        work = asyncio.create_task(super().async_dispatch(req))
        self._running.add(work)
        work.add_done_callback(self._running.discard)
        done, _ = await asyncio.wait({work}, timeout=DEADLINE)
        if done:
            return work.result()
        late = TimeoutError(f"no answer within {DEADLINE} s")
        self._metrics.failed(late)
        return failures.in_ack(req.body, failures.sentence(late))

    async def idle(self) -> None:
        """Wait until no request is being worked on."""
        while self._running:
            await asyncio.wait(self._running)


def create_app(
    *,
    client: AsyncWebClient,
    signing_secret: str | None,
    sessions: Sessions,
    ladder: Ladder,
    clock: Clock,
    router: Router,
    running: Running,
    wake: Wake,
    metrics: Metrics,
    own: Own | None = None,
    installs: Installs | None = None,
) -> RungApp:
    """The app, for the one workspace whose key `own` tells, or for those of `installs`; then `client` has no token.

    Without a signing secret it serves Socket Mode only. `wake`: there is work to send.
    """
    tenancy = Tenancy(own)
    app = RungApp(
        metrics,
        router,
        name="rung",  # else Bolt asks every module imported so far whose line of code this is
        client=client,
        signing_secret=signing_secret,
        process_before_response=True,
        attaching_conversation_kwargs_enabled=False,  # in threads of the DM it puts an assistant's `say` for ours
        request_verification_enabled=signing_secret is not None,
        oauth_flow=installs and installs.flow,
        before_authorize=tenancy,
        authorize=installs and installs.authorize,
        user_facing_authorize_error_message=NOT_INSTALLED,
    )
    index = Index(ladder)

    @app.middleware
    async def give(
        context: AsyncBoltContext, client: AsyncWebClient, body: Json, next_: Callable[[], Awaitable[Any]]
    ) -> None:
        who = UserRef(workspace_key(context), context.user_id or "")
        about = (who, clock(), sessions.of_one_interaction(), ladder, client)
        replies = LateReplies(context.respond or AsyncRespond(response_url=None), running)
        context["interaction"] = Interaction(*about, body, index, wake, replies)
        await next_()

    Dispatcher(router, running, HomeTabs(publish_home, running)).attach(app)

    @app.error
    async def tell(error: Exception, body: Json, context: AsyncBoltContext, client: AsyncWebClient) -> BoltResponse:
        if isinstance(error, NotServedError):
            return await tenancy.turn_away(error, body, context)
        await heed_shut_out(sessions, workspace_key(context), error)
        if not failures.came_twice(error):
            metrics.failed(error)
        return await failures.tell(error, body, context, client)

    return app
