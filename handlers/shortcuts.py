"""Slack's shortcuts: *Log growth* anywhere, and *Save to growth log* on any message."""

import asyncio

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from handlers import forms, naming, people, saving, showing
from handlers.original import Original
from handlers.people import Json, Visit
from handlers.views.entry import LogMemory
from handlers.views.log import LOG_GROWTH, SAVE_MESSAGE, Snippet, Written
from handlers.views.message import notice
from handlers.views.text import cut
from ladder_content.search import Index

SNIPPET, AUTHOR = 300, 80  # characters


def register(app: AsyncApp) -> None:
    app.global_shortcut(LOG_GROWTH)(log_growth)
    app.message_shortcut(SAVE_MESSAGE)(save_message)


async def log_growth(ack: AsyncAck, body: Json, visit: Visit) -> None:
    await ack()
    desk = await people.desk(visit)
    await forms.show_entry(visit, body, desk, Written("", desk.today))


async def save_message(ack: AsyncAck, body: Json, visit: Visit, index: Index) -> None:
    await ack()
    key = Original.of(body["channel"]["id"], body["message"]).key
    there = await saving.of_source(visit, key)
    if there and not there.deleted_at:
        message = await showing.entry_now(visit, there.id, again=True)
        await forms.show(visit, body, notice(message.title, message))
        return
    text = naming.as_typed(visit, body["message"].get("text") or "")
    desk, typed, author = await asyncio.gather(people.desk(visit), text, _author(visit, body["message"]))
    criteria = people.suggested(index, typed, desk)
    snippet = Snippet(cut(typed, SNIPPET), author, permalink(body))
    memory = LogMemory(key=key, after=there.id if there else None)
    written = Written("", desk.today, criteria, snippet=snippet)
    await forms.show_entry(visit, body, desk, written, memory, suggested=bool(criteria))


async def _author(visit: Visit, message: Json) -> str:
    if message.get("user"):
        return await naming.handle(visit, message["user"])
    profile: Json = message.get("bot_profile") or {}
    return cut(str(message.get("username") or profile.get("name") or "an app"), AUTHOR)


def permalink(body: Json) -> str | None:
    """Slack's link to the message of a shortcut; none on Enterprise Grid, whose links have another host."""
    domain = (body.get("team") or {}).get("domain")
    if not domain or body.get("enterprise"):
        return None
    channel, message = body["channel"]["id"], body["message"]
    thread = message.get("thread_ts") or message["ts"]
    within = "" if thread == message["ts"] else f"?thread_ts={thread}&cid={channel}"
    return f"https://{domain}.slack.com/archives/{channel}/p{message['ts'].replace('.', '')}{within}"
