"""Answers that may take longer than Slack waits."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import structlog
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from bot.failures import sentence, told
from handlers.views.message import PLEASE_WAIT as PLEASE_WAIT
from handlers.views.message import Message

log = structlog.get_logger()
Work = Coroutine[Any, Any, Message | None]
PATIENCE = 2.5  # seconds, of the three that Slack waits


class Answer:
    """Brings the result of some work to the person: with the ack if it is quick, by response_url if not.

    Holds what still runs, so that nothing is lost or goes unheard; `drain` waits for it.
    """

    def __init__(self, failed: Callable[[BaseException], None], patience: float = PATIENCE) -> None:
        """`failed` hears of every error of which a person is told late."""
        self._failed = failed
        self._patience = patience
        self._running: set[asyncio.Task[None]] = set()

    async def __call__(self, ack: AsyncAck, respond: AsyncRespond, work: Work) -> None:
        """Answer a command; with nothing where a form has opened, which says enough."""
        task = asyncio.create_task(work)
        if await self._in_time(task):
            message = task.result()
            await ack(**message.payload() if message else {})
        else:
            await ack(PLEASE_WAIT)
            self._hold(self._follow_up(task, respond, replace=False))

    async def redraw(self, ack: AsyncAck, respond: AsyncRespond, work: Work, *, replace: bool = True) -> None:
        """Answer a click: redraw the message it was made in, or say something beside it."""
        await ack()
        task = asyncio.create_task(work)
        if await self._in_time(task):
            await _respond(respond, task.result(), replace=replace)
        else:
            self._hold(self._follow_up(task, respond, replace=replace))

    def follow_up(self, respond: AsyncRespond, work: Coroutine[Any, Any, None]) -> None:
        """Do some work after the answer; only what goes wrong with it is said."""
        self._hold(self._follow_up(asyncio.create_task(work), respond, replace=False))

    async def drain(self) -> None:
        """Wait for everything that still runs."""
        while self._running:
            await asyncio.wait(self._running)

    async def _follow_up(self, task: asyncio.Task[Message | None], respond: AsyncRespond, *, replace: bool) -> None:
        try:
            message = await task
        except Exception as error:
            self._failed(error)
            await _respond(respond, told(sentence(error)), replace=False)
        else:
            await _respond(respond, message, replace=replace)

    async def _in_time(self, task: asyncio.Task[Message | None]) -> bool:
        done, _ = await asyncio.wait({task}, timeout=self._patience)
        return bool(done)

    def _hold(self, late: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(late)
        self._running.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("a late answer was lost", exc_info=error)


async def _respond(respond: AsyncRespond, message: Message | None, *, replace: bool) -> None:
    if message and respond.response_url:  # a click on the Home tab has none
        await respond(**message.payload(), replace_original=replace)
