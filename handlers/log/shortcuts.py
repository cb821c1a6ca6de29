"""Slack's shortcuts: *Log growth* anywhere, and *Save to growth log* on any message."""

import asyncio

from growth.entry import Snippet, Written
from growth.errors import OutOfDate
from handlers.conversation.original import Original
from handlers.entries import presenter
from handlers.log import entry_form
from handlers.log.views.entry_form import LogMemory
from handlers.slack import action_ids, display_names, people
from handlers.slack.blocks import Json
from handlers.slack.interaction import Interaction, Modal
from handlers.slack.message import notice
from handlers.slack.people import SlackActor
from handlers.slack.router import Router
from handlers.slack.text import cut
from services import growth_log

SNIPPET, AUTHOR = 300, 80  # characters


def register(router: Router) -> None:
    router.shortcut(action_ids.LOG_GROWTH, log_growth)
    router.shortcut(action_ids.SAVE_MESSAGE, save_message)


async def log_growth(i: Interaction) -> Modal:
    desk = await people.entry_form_context(i)
    return entry_form.entry_modal(i, desk, Written("", desk.today))


async def save_message(i: Interaction) -> Modal:
    if "message" not in i.body:  # a global shortcut of that name is none of ours
        raise OutOfDate
    said: Json = i.body["message"]
    key = Original.of(i.body["channel"]["id"], said).key
    there = await growth_log.of_source(i, key)
    if there and not there.deleted_at:
        message = await presenter.entry_now(i, there.id, again=True)
        return Modal(notice(message.title, message))
    text = display_names.as_typed(i, said.get("text") or "")
    desk, typed, author = await asyncio.gather(people.entry_form_context(i), text, _author(i, said))
    criteria = people.suggested(i.index, typed, desk)
    snippet = Snippet(cut(typed, SNIPPET), author, permalink(i.body))
    memory = LogMemory(key=key, after=there.id if there else None)
    written = Written("", desk.today, criteria, snippet=snippet)
    return entry_form.entry_modal(i, desk, written, memory, suggested=bool(criteria))


async def _author(actor: SlackActor, message: Json) -> str:
    if message.get("user"):
        return await display_names.handle(actor, message["user"])
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
