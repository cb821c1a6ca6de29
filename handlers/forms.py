"""Opening forms, and bringing what came of them to where they were opened."""

from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook.async_client import AsyncWebhookClient

from handlers import homepage, listing, posting, showing
from handlers.people import Desk, Json, Visit
from handlers.redrawing import tried
from handlers.saving import Changed
from handlers.slack.interaction import Answer, InPlace, Modal
from handlers.views import entry
from handlers.views.blocks import View
from handlers.views.entry import LogMemory
from handlers.views.forms import Memory
from handlers.views.log import Written
from handlers.views.message import Message, notice


def origin(body: Json) -> Json:
    """Where a form is opened from, as its memory keeps it."""
    surface = (body.get("view") or {}).get("type")
    return {
        "response_url": body.get("response_url"),
        "from_home": surface == "home",
        "message_ts": (body.get("container") or {}).get("message_ts"),
        "below": body["view"]["id"] if surface == "modal" else None,
    }


async def show(visit: Visit, body: Json, view: View) -> None:
    """Open a modal, or lay it on the one that is open."""
    surface = (body.get("view") or {}).get("type")
    open_it = visit.client.views_push if surface == "modal" else visit.client.views_open
    await open_it(trigger_id=body["trigger_id"], view=view)


def entry_modal(
    visit: Visit,
    desk: Desk,
    written: Written,
    memory: LogMemory | None = None,
    *,
    question: str | None = None,
    suggested: bool = False,
) -> Modal:
    """The form for an entry; the rest as `handlers.views.entry.form` has it."""
    return Modal(
        entry.form(
            visit.ladder, desk.offered, written, memory, mentors=desk.mentors, question=question, suggested=suggested
        )
    )


def is_open_already(refusal: Exception) -> bool:
    """Whether Slack refused a form because its trigger has opened one before."""
    data = refusal.response.data if isinstance(refusal, SlackApiError) else None
    return isinstance(data, dict) and data.get("error") == "exchanged_trigger_id"


async def finish(
    visit: Visit,
    ack: AsyncAck,
    memory: Memory,
    message: Message,
    *,
    replace: bool = False,
    entry: int | None = None,
) -> None:
    """Close the form and show what came of it: on Home, in the conversation, or in the modal below.

    `replace`: in the place of the message or modal that it was opened from. A list is shown again as it is now.
    `entry`: the one that is shown. What the form was for is done, so nothing here fails.
    """
    if memory.listing:
        message, replace = await listing.current(visit, listing.decode(memory.listing)), True
    below = memory.below if replace else None
    if memory.from_home or memory.response_url or below:
        await ack()
    else:
        await ack(response_action="update", view=notice(message.title, message))
    if memory.response_url and not memory.from_home:
        await _respond(visit, memory, message, replace, entry)
    elif below:
        await tried(visit.client.views_update(view_id=below, view=notice(message.title, message)))
    await tried(homepage.publish(visit))  # it may lie below


async def _respond(visit: Visit, memory: Memory, message: Message, replace: bool, entry: int | None) -> None:
    """Show it by the response_url, or in the DM where that is spent because the form was open for half an hour."""
    webhook = AsyncWebhookClient(memory.response_url or "")
    answer = await tried(webhook.send_dict({**message.payload(), "replace_original": replace}))
    if answer and answer.status_code == 200:
        return
    if memory.listing:
        message = Message.of("Saved. That list is too old to show it: `/ladder logs` has it as it is now.")
    posted = await tried(posting.post(visit.client, visit.who.user, message))
    if posted and entry and not memory.listing:
        await showing.remember(visit, entry, posted["channel"], posted["ts"])


async def finish_entry(visit: Visit, memory: Memory, changed: Changed, *, again: bool = False) -> Answer:
    """What comes of the form that wrote an entry, which is redrawn wherever else it stands.

    A list that the form was opened from is shown again as it is now. `again`: the entry was there before.
    """
    shown = await showing.everywhere(visit, changed)
    if memory.message_ts in shown:
        return None
    if memory.listing:
        return InPlace(await listing.current(visit, listing.decode(memory.listing)))
    entry = changed.entry
    if entry.check_in_id and not entry.deleted_at:
        message = await showing.question_now(visit, entry.check_in_id)
        return InPlace(replace(message, shows=entry.id))
    message = replace(await showing.entry_now(visit, entry.id, again=again), shows=entry.id)
    return InPlace(message) if entry.edited_at and not changed.is_new else message


async def refreshed(visit: Visit, body: Json, work: Coroutine[Any, Any, Message], *, changes: bool = True) -> Message:
    """The work's message; where it was begun in a modal, which takes no messages, in the place of that modal.

    `changes`: it changes what Home shows, which may lie below or have been shown before.
    """
    message = await work
    surface = body.get("view") or {}
    if surface.get("type") == "modal":
        await tried(visit.client.views_update(view_id=surface["id"], view=notice(message.title, message)))
    if changes:
        await tried(homepage.publish(visit))
    return message
