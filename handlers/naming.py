"""What people are called, and messages as they were typed, with names in them."""

import asyncio
import re
from collections.abc import Collection

from slack_sdk.errors import SlackApiError

from handlers.people import UNKNOWN_HERE, Json, Visit
from handlers.views.text import mentioned, unescape

NO_SUCH_MESSAGE = ("thread_not_found", "channel_not_found", "not_in_channel")
NAMED = 50  # each is a call to Slack
TS = re.compile(r"[0-9]+\.[0-9]+")


async def as_typed(visit: Visit, text: str) -> str:
    """A message as its author typed it; people mentioned by id, up to fifty, get their names back."""
    users = sorted(mentioned(text))[:NAMED]
    names = await asyncio.gather(*(handle(visit, user) for user in users))
    return unescape(text, dict(zip(users, names, strict=True))).strip()


async def message_now(visit: Visit, channel: str, ts: str) -> str:
    """A message of the person's as it stands, as they typed it; empty when they deleted it, or it is not theirs.

    Unlike the history, `replies` has those of threads too.
    """
    if not TS.fullmatch(ts):
        return ""
    try:
        answer = await visit.client.conversations_replies(channel=channel, ts=ts, latest=ts, oldest=ts, inclusive=True)
    except SlackApiError as error:
        if error.response["error"] in NO_SUCH_MESSAGE:
            return ""
        raise
    theirs = (each for each in answer["messages"] if each["ts"] == ts and each.get("user") == visit.who.user)
    return await as_typed(visit, next((each.get("text") or "" for each in theirs), ""))


async def handle(visit: Visit, user: str) -> str:
    """What people call a user; the bare id where Slack shows nobody of that id."""
    return str((await _profile(visit, user))["name"])


async def full_names(visit: Visit, users: Collection[str]) -> dict[str, str]:
    """Slack id → the name that Slack shows; the bare id where it shows nobody of that id."""
    profiles = await asyncio.gather(*(_profile(visit, user) for user in users))
    return {user: str(each.get("real_name") or each["name"]) for user, each in zip(users, profiles, strict=True)}


async def _profile(visit: Visit, user: str) -> Json:
    try:
        person: Json = (await visit.client.users_info(user=user))["user"]
    except SlackApiError as error:
        if error.response["error"] in UNKNOWN_HERE:
            return {"name": user}
        raise
    return person
