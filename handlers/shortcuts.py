"""Slack's shortcuts: *Log growth* anywhere, and *Save to growth log* on any message."""

import asyncio

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.errors import SlackApiError

from handlers import forms, people, saving
from handlers.people import Json, Visit
from handlers.views.entry import LogMemory
from handlers.views.log import LOG_GROWTH, SAVE_MESSAGE, Snippet, Written
from handlers.views.message import notice
from handlers.views.text import cut

SNIPPET = 300  # characters
UNSEEN = ("channel_not_found", "message_not_found", "not_in_channel")


def register(app: AsyncApp) -> None:
    app.shortcut(LOG_GROWTH)(log_growth)
    app.shortcut(SAVE_MESSAGE)(save_message)


async def log_growth(ack: AsyncAck, body: Json, visit: Visit) -> None:
    await ack()
    desk = await people.desk(visit)
    await forms.show_entry(visit, body, desk, Written("", desk.today))


async def save_message(ack: AsyncAck, body: Json, visit: Visit) -> None:
    await ack()
    key = saving.message_key(body["channel"]["id"], body["message"]["ts"])
    there = await saving.of_source(visit, key)
    if there and not there.deleted_at:
        await forms.show(visit, body, notice("Rung", await saving.entry_now(visit, there.id, again=True)))
        return
    desk = await people.desk(visit)
    written = Written("", desk.today, snippet=await _snippet(visit, body["channel"]["id"], body["message"]))
    memory = LogMemory(key=key, after=there.id if there else None)
    await forms.show_entry(visit, body, desk, written, memory)


async def _snippet(visit: Visit, channel: str, message: Json) -> Snippet:
    text, author, permalink = await asyncio.gather(
        people.as_typed(visit, message.get("text") or ""),
        _author(visit, message),
        _permalink(visit, channel, message["ts"]),
    )
    return Snippet(cut(text, SNIPPET), author, permalink)


async def _author(visit: Visit, message: Json) -> str:
    if message.get("user"):
        return await people.handle(visit, message["user"])
    profile: Json = message.get("bot_profile") or {}
    return str(message.get("username") or profile.get("name") or "an app")


async def _permalink(visit: Visit, channel: str, ts: str) -> str | None:
    """Slack's link to a message; none in a conversation that Rung cannot see."""
    try:
        answer = await visit.client.chat_getPermalink(channel=channel, message_ts=ts)
    except SlackApiError as error:
        if error.response["error"] in UNSEEN:
            return None
        raise
    return str(answer["permalink"])
