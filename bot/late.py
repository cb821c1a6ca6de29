"""What goes on after a request was answered: late answers, and Home as it is after a change."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from slack_bolt.context.respond.async_respond import AsyncRespond

from bot.failures import sentence, told
from db.members import UserRef
from handlers.slack.interaction import Interaction
from handlers.slack.message import PLEASE_WAIT, Message
from handlers.slack.patience import tried

log = structlog.get_logger()
Publish = Callable[[Interaction], Awaitable[None]]


@dataclass(frozen=True)
class Reply:
    """What is left to be said once a listener is done; `replace`: in the place of what was clicked in."""

    message: Message | None
    replace: bool = False


class Running:
    """Work that goes on after its request was answered. Nothing of it goes unheard; `drain` waits for it."""

    def __init__(self, failed: Callable[[BaseException], None]) -> None:
        """`failed` hears of every error of which a person is told late."""
        self._failed = failed
        self._tasks: set[asyncio.Task[None]] = set()

    def hold(self, work: Coroutine[Any, Any, None]) -> None:
        """Let it go on."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    async def drain(self) -> None:
        """Wait for everything that still runs."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def late(self, work: Awaitable[Reply | None], tell: Callable[[Reply | None], Awaitable[None]]) -> None:
        """Tell what comes of the work, or what goes wrong with it."""
        try:
            reply = await work
        except Exception as error:
            self._failed(error)
            reply = Reply(told(sentence(error)))
        await tell(reply)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("answer.lost", exc_info=error)


@dataclass(frozen=True)
class LateReplies:
    """What can be told beside the answer of one interaction."""

    respond: AsyncRespond
    running: Running

    async def wait(self) -> None:
        await self.respond(PLEASE_WAIT, replace_original=False)

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        self.running.hold(self.running.late(work, partial(respond_with, self.respond)))


class HomeTabs:
    """Publishes the Home tabs of people who changed something: one after the other each, the last as it is by then."""

    def __init__(self, publish: Publish, running: Running) -> None:
        self._publish, self._running = publish, running
        self._waiting: dict[UserRef, Interaction] = {}
        self._busy: set[UserRef] = set()

    def changed(self, interaction: Interaction) -> None:
        """The person changed what theirs may show."""
        self._waiting[interaction.who] = interaction
        if interaction.who not in self._busy:
            self._busy.add(interaction.who)
            self._running.hold(self._bring_up_to_date(interaction.who))

    async def _bring_up_to_date(self, who: UserRef) -> None:
        try:
            while latest := self._waiting.pop(who, None):
                await tried(self._publish(latest))
        finally:
            self._busy.discard(who)


async def respond_with(respond: AsyncRespond, reply: Reply | None) -> None:
    """Tell it by the response_url; a click on the Home tab has none."""
    if reply and reply.message and respond.response_url:
        await respond(**reply.message.payload(), replace_original=reply.replace)
