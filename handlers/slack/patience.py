"""How long Slack is waited for: briefly for a nicety, patiently for what nothing can be done without."""

import asyncio
import copy
from collections.abc import Awaitable
from typing import TypeVar

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

SOON = 1.0  # seconds: a form has to be open within three of the click
LONG = 75.0  # seconds: whoever calls too often is asked to wait for up to sixty
TRIES = 2  # again, after the first
REFUSALS = (SlackApiError, aiohttp.ClientError, TimeoutError)
UNANSWERED = (SlackClientError, aiohttp.ClientError, TimeoutError)
T = TypeVar("T")
log = structlog.get_logger()


async def soon(nicety: Awaitable[T]) -> T | None:
    """A nicety, if Slack gives it within a second; none where anything at all goes wrong with it."""
    try:
        async with asyncio.timeout(SOON):
            return await nicety
    except UNANSWERED as error:
        log.warning("slack.done_without", reason=why(error))
    except Exception as error:  # a fault of ours, and what a person said is worth more
        log.error("slack.unforeseen", exc_info=error)
    return None


async def tried(showing: Awaitable[T]) -> T | None:
    """What only shows a change, which stays made and must not look otherwise where Slack does not show it."""
    try:
        return await showing
    except REFUSALS as error:
        log.warning("slack.not_shown", reason=type(error).__name__)
        return None


def patient(client: AsyncWebClient, *, reads: bool = True) -> AsyncWebClient:
    """The client, but one that waits as long as Slack asks it to; and where it only `reads` tries again what failed."""
    waiting = copy.copy(client)
    waiting.retry_handlers = [AsyncRateLimitErrorRetryHandler(max_retry_count=TRIES)]
    if reads:
        waiting.retry_handlers.append(AsyncConnectionErrorRetryHandler(max_retry_count=TRIES))
        waiting.retry_handlers.append(AsyncServerErrorRetryHandler(max_retry_count=TRIES))
    return waiting


def why(error: Exception) -> str:
    """What went wrong, for the log: in Slack's own word where it said one."""
    word = slacks_word(error) if isinstance(error, SlackApiError) else None
    return word or type(error).__name__


def slacks_word(error: SlackApiError) -> str | None:
    """Slack's own word for what went wrong; none when a proxy or another server answered instead."""
    data = getattr(error.response, "data", None)
    return data.get("error") if isinstance(data, dict) else None
