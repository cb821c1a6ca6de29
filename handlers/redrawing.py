"""Messages that stay, shown as they are now."""

from collections.abc import Awaitable
from typing import TypeVar

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError

Place = tuple[str, str]  # channel and ts
Result = TypeVar("Result")
REFUSALS = (SlackApiError, aiohttp.ClientError, TimeoutError)
log = structlog.get_logger()


async def tried(showing: Awaitable[Result], **about: object) -> Result | None:
    """What only shows a change, which stays made and must not look otherwise where Slack does not show it."""
    try:
        return await showing
    except REFUSALS as error:
        log.warning("not shown", reason=type(error).__name__, **about)
        return None
