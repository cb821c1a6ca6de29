"""Messages that nobody is to read any more are removed from Slack, and all that Rung wrote to who was forgotten.

What is to be done is rows, and doing it twice does no harm: whoever dies in the middle is followed by the next.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.delivery.slack_errors import NO_ANSWER, Meaning, meaning, retry_after
from bot.delivery.slack_messages import delivery_of, take_back
from bot.failures import slacks_word
from db.account import slack_cleanup
from db.account.erasure import IN_FLIGHT
from db.account.slack_cleanup import Task
from db.engine import Sessions
from db.enums import RemovalKind
from handlers.slack import posting
from handlers.slack.blocks import Json
from handlers.slack.message import Message
from handlers.slack.patience import tried
from services import erasure as forgetting

log = structlog.get_logger()

LEASE = timedelta(minutes=2)
AGAIN = timedelta(minutes=1)
MUCH_LATER = timedelta(hours=1)
GIVE_UP = timedelta(days=7)
PAGE = 200  # messages, as many as Slack advises
CLOCKS_DIFFER = timedelta(seconds=5)  # by so much Slack's clock may be ahead of ours
EARLIER = timedelta(days=2)  # longer than anything is on its way


@dataclass(frozen=True)
class Clearer:
    """Removes what is due. Any number of them may run side by side, in any number of processes."""

    sessions: Sessions
    clients: Callable[[str], AsyncWebClient]  # workspace key → a client without retries of its own
    last_word: Message  # to somebody whose conversation is gone
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Until nothing is due, or it is to stop."""
        async with self.sessions() as session:
            if not await slack_cleanup.anything(session):
                return
        async with self.sessions.begin() as session:
            if dropped := await slack_cleanup.give_up(session, GIVE_UP):
                log.warning("removal.abandoned", removals=dropped, reason="given up after a week")
        while not self.stopping.is_set():
            async with self.sessions.begin() as session:
                task = await slack_cleanup.claim(session, LEASE)
            if task is None:
                break
            await self._turn(task)

    def stop(self) -> None:
        """Begin nothing more: `run` returns after the message at hand."""
        self.stopping.set()

    async def _turn(self, task: Task) -> None:
        try:
            finished = await self._do(task, self.clients(task.workspace))
        except (SlackApiError, *NO_ANSWER) as error:
            await self._refused(task, error)
            return
        async with self.sessions.begin() as session:
            if not finished:
                await slack_cleanup.defer(session, task, timedelta() if self.stopping.is_set() else AGAIN)
            elif task.kind != RemovalKind.CONVERSATION:
                await slack_cleanup.done(session, task)
        if finished and task.kind == RemovalKind.CONVERSATION:
            await self._last_word(task)

    async def _do(self, task: Task, client: AsyncWebClient) -> bool:
        """Whether there is nothing left of it."""
        if task.kind == RemovalKind.MESSAGE:
            await take_back(client, task.channel, str(task.ts))
            return True
        return await self._conversation(task, client, task.channel)

    async def _conversation(self, task: Task, client: AsyncWebClient, channel: str) -> bool:
        """Go back through it, page by page: what was removed meanwhile does not shift the next one."""
        own = str((await client.auth_test())["user_id"])
        whole = task.kind == RemovalKind.CONVERSATION
        latest = task.ts or (_ts(task.forgotten_at + CLOCKS_DIFFER) if whole else None)
        oldest = None if whole else _ts(task.forgotten_at - EARLIER)
        while True:
            page = await client.conversations_history(
                channel=channel, latest=latest, oldest=oldest, limit=PAGE, include_all_metadata=True
            )
            found: list[Json] = page["messages"]
            async for message in self._ours(client, channel, found, own, whole=whole):
                if self.stopping.is_set():
                    return False
                await _remove(client, channel, message)
            if not found or not page.get("has_more"):
                return True
            latest = str(found[-1]["ts"])
            async with self.sessions.begin() as session:
                await slack_cleanup.back_to(session, task, latest)

    async def _ours(
        self, client: AsyncWebClient, channel: str, found: list[Json], own: str, *, whole: bool
    ) -> AsyncIterator[Json]:
        """Rung's messages among these and in their threads, answers first, but those of deliveries that there are.

        Unless it is the `whole` conversation, only those that were a delivery.
        """
        for message in found:
            thread = await _answers(client, channel, message) if message.get("reply_count") else []
            mine = {each["ts"]: each for each in (*thread, message) if each.get("user") == own}
            ids = {ts: UUID(id_) for ts, each in mine.items() if (id_ := delivery_of(each))}
            async with self.sessions() as session:
                known = await slack_cleanup.expected(session, ids.values())
            for ts, each in mine.items():
                if ids[ts] not in known if ts in ids else whole:
                    yield each

    async def _last_word(self, task: Task) -> None:
        """Said once, or not at all: it is not worth a second message."""
        async with self.sessions.begin() as session:
            first = await slack_cleanup.look_again(session, task, IN_FLIGHT)
        if first and task.last_word:
            await tried(posting.post(self.clients(task.workspace), task.channel, self.last_word))

    async def _refused(self, task: Task, error: Exception) -> None:
        what = meaning(error) if isinstance(error, SlackApiError) else Meaning.LOST
        reason = slacks_word(error) if isinstance(error, SlackApiError) else type(error).__name__
        log.warning("removal.retried", removal=task.id, kind=task.kind, reason=reason)
        async with self.sessions.begin() as session:
            if what is Meaning.SLOW_DOWN and isinstance(error, SlackApiError):
                await slack_cleanup.pause(session, task, retry_after(error))
            elif what is Meaning.LOST:
                await slack_cleanup.defer(session, task, AGAIN)
            elif what in (Meaning.CLOSED, Meaning.SHUT_OUT, Meaning.WORKSPACE_GONE):
                await slack_cleanup.defer(session, task, MUCH_LATER)
            else:
                await slack_cleanup.done(session, task)


async def forget_those_who_left(sessions: Sessions, now: datetime, keep: timedelta | None) -> int:
    """Forget whoever left longer ago than that, one after the other; how many that were. None keeps everybody."""
    forgotten = 0
    while keep is not None and await forgetting.forget_one_who_left(sessions, now, keep):
        forgotten += 1
        log.info("member.forgotten", reason=f"left over {keep.days} days ago")
    return forgotten


async def _answers(client: AsyncWebClient, channel: str, parent: Json) -> list[Json]:
    """What was answered in the thread."""
    found: list[Json] = []
    cursor = ""
    while True:
        page = await client.conversations_replies(
            channel=channel, ts=parent["ts"], limit=PAGE, cursor=cursor, include_all_metadata=True
        )
        found += [each for each in page["messages"] if each["ts"] != parent["ts"]]
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return found


async def _remove(client: AsyncWebClient, channel: str, message: Json) -> None:
    """The files first: without their message nobody would find them."""
    for file in message.get("files") or ():
        try:
            await client.files_delete(file=file["id"])
        except SlackApiError as error:
            if meaning(error) is not Meaning.REFUSED:
                raise
            log.warning("file.delete_refused", reason=slacks_word(error))
    await take_back(client, channel, message["ts"])


def _ts(instant: datetime) -> str:
    return f"{instant.timestamp():.6f}"
