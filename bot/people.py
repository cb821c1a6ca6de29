"""Once a day: who is still there, and in which time zone. Slack tells of changes at once, unless Rung was away."""

from collections.abc import Callable
from datetime import datetime, timedelta

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from db import profiles
from db.engine import Sessions
from handlers import digesting
from handlers.people import profile
from ladder_content.model import Ladder

log = structlog.get_logger()
EVERY = timedelta(days=1)
AGAIN = timedelta(hours=1)  # after a try that failed, or died
PAGE = 200  # Slack's advice
Clients = Callable[[str], AsyncWebClient]  # workspace key → a client that waits as long as Slack asks it to


async def refresh(sessions: Sessions, clients: Clients, ladder: Ladder, now: datetime) -> int:
    """Read the people of every workspace that is due; how many were read. Of several processes one takes each."""
    done = 0
    while workspace := await _claim(sessions, now):
        try:
            changed = await _read(sessions, clients(workspace), ladder, workspace, now)
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            log.warning("people not read", workspace=workspace, reason=str(error))
        else:
            done += 1
            log.info("people read", workspace=workspace, changed=changed)
    return done


async def _claim(sessions: Sessions, now: datetime) -> str | None:
    async with sessions.begin() as session:
        return await profiles.claim_workspace(session, now, EVERY, AGAIN)


async def _read(sessions: Sessions, client: AsyncWebClient, ladder: Ladder, workspace: str, now: datetime) -> int:
    """Follow page after page; how many members changed."""
    changed, cursor = 0, ""
    while True:
        page = await client.users_list(limit=PAGE, cursor=cursor)
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        async with sessions.begin() as session:
            people = [profile(person) for person in page["members"]]
            followed = await profiles.follow(session, workspace, people, now)
            if not cursor:
                await profiles.was_read(session, workspace, now)
        changed += followed.changed
        await digesting.redraw_mentorships(client, sessions, ladder, followed.ended, now)
        if not cursor:
            return changed
