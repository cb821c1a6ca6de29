"""The Bolt app: what every listener is given, the features, and the one error handler."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot import failures
from bot.answer import Answer
from db.engine import Sessions
from db.members import Who
from handlers import (
    checkin,
    comments,
    digest,
    export,
    handover,
    help,
    home,
    ladder,
    log,
    logs,
    mentoring,
    messages,
    next,
    pause,
    privacy,
    profile,
    progress,
    reading,
    schedule,
    shortcuts,
)
from handlers.people import Visit, Wake
from ladder_content.model import Ladder
from ladder_content.search import Index

Clock = Callable[[], datetime]
# help takes what the others leave
FEATURES = (
    next,
    progress,
    ladder,
    log,
    logs,
    export,
    checkin,
    schedule,
    pause,
    mentoring,
    handover,
    digest,
    reading,
    comments,
    shortcuts,
    messages,
    home,
    privacy,
    profile,
    help,
)
DEADLINE = 2.7  # seconds; Slack waits three, the way there and back included


class RungApp(AsyncApp):
    """A Bolt app that answers in time, whatever its listeners wait for."""

    def __init__(self, **about: Any) -> None:
        super().__init__(**about)
        self._running: set[asyncio.Task[BoltResponse]] = set()

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        work = asyncio.create_task(super().async_dispatch(req))
        self._running.add(work)
        work.add_done_callback(self._running.discard)
        done, _ = await asyncio.wait({work}, timeout=DEADLINE)
        if done:
            return work.result()
        return failures.in_ack(req.body, failures.sentence(TimeoutError(f"no answer within {DEADLINE} s")))

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
    answer: Answer,
    wake: Wake,
) -> RungApp:
    """The app for one workspace. Without a signing secret it serves Socket Mode only. `wake`: there is work to send."""
    app = RungApp(
        client=client,
        signing_secret=signing_secret,
        process_before_response=True,
        request_verification_enabled=signing_secret is not None,
    )
    index = Index(ladder)

    @app.middleware
    async def give(context: AsyncBoltContext, client: AsyncWebClient, next: Callable[[], Awaitable[Any]]) -> None:
        who = Who(workspace_key(context), context.user_id or "")
        context["visit"] = Visit(who, clock(), client, sessions, ladder)
        context.update(answer=answer, ladder=ladder, index=index, wake=wake)
        await next()

    for feature in FEATURES:
        feature.register(app)
    app.error(failures.tell)
    return app


def workspace_key(context: AsyncBoltContext) -> str:
    """The workspace as Bolt's authorisation has it; a user's own team is another one in Slack Connect."""
    authorized = context.authorize_result
    key = authorized and (authorized.enterprise_id if context.is_enterprise_install else authorized.team_id)
    return key or ""
