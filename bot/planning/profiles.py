"""Once a day: who is still there, and in which time zone. Slack tells of changes at once, unless Rung was away."""

from collections.abc import Callable
from datetime import datetime, timedelta

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

import services.profiles
from bot.delivery.refusals import heed_shut_out
from db.account import profiles
from db.engine import Sessions
from handlers.slack.people import profile

log = structlog.get_logger()
EVERY = timedelta(days=1)
AGAIN = timedelta(hours=1)  # after a try that failed, or died
PAGE = 200  # Slack's advice
Clients = Callable[[str], AsyncWebClient]  # workspace key → a client that waits as long as Slack asks it to


async def refresh(sessions: Sessions, clients: Clients, now: datetime) -> int:
    """Read the people of every workspace that is due; how many were read. Of several processes one takes each."""
    done = 0
    while workspace := await _claim(sessions, now):
        try:
            changed = await _read(sessions, clients(workspace), workspace, now)
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            log.warning("people.read_failed", workspace=workspace, reason=str(error))
            await heed_shut_out(sessions, workspace, error)
        else:
            done += 1
            log.info("people.read", workspace=workspace, changed=changed)
    return done


async def _claim(sessions: Sessions, now: datetime) -> str | None:
    async with sessions.begin() as session:
        return await profiles.claim_workspace(session, now, EVERY, AGAIN)


async def _read(sessions: Sessions, client: AsyncWebClient, workspace: str, now: datetime) -> int:
    """Follow page after page; how many members changed."""
    changed = 0
    for team in await _teams(client, workspace):
        cursor: str | None = ""
        while cursor is not None:
            page = await client.users_list(limit=PAGE, cursor=cursor, team_id=team)
            cursor = _next(page)
            people = [profile(person, workspace) for person in page["members"]]
            changed += await services.profiles.follow(sessions, workspace, people, now)
    async with sessions.begin() as session:
        await profiles.was_read(session, workspace, now)
    return changed


async def _teams(client: AsyncWebClient, workspace: str) -> list[str | None]:
    """Whose people to ask for: an enterprise's are those of its teams, which are named one by one."""
    if not workspace.startswith("E"):
        return [None]
    teams: list[str | None] = []
    cursor: str | None = ""
    while cursor is not None:
        page = await client.auth_teams_list(limit=PAGE, cursor=cursor)
        cursor = _next(page)
        teams += [team["id"] for team in page["teams"]]
    return teams


def _next(page: AsyncSlackResponse) -> str | None:
    """Where the next page begins; none at the end."""
    return (page.get("response_metadata") or {}).get("next_cursor") or None
