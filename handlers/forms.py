"""Opening forms, and bringing what came of them to where they were opened."""

from collections.abc import Coroutine
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.errors import SlackApiError
from slack_sdk.models.views import View
from slack_sdk.webhook.async_client import AsyncWebhookClient

from handlers import homepage, listing, saving
from handlers.people import Desk, Json, Visit
from handlers.views import entry
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


async def show_entry(
    visit: Visit,
    body: Json,
    desk: Desk,
    written: Written,
    memory: LogMemory | None = None,
    *,
    question: str | None = None,
    suggested: bool = False,
) -> None:
    """Open the form for an entry; the rest as `handlers.views.entry.form` has it."""
    await show(
        visit,
        body,
        entry.form(
            visit.ladder, desk.offered, written, memory, mentors=desk.mentors, question=question, suggested=suggested
        ),
    )


def is_open_already(refusal: Exception) -> bool:
    """Whether Slack refused a form because its trigger has opened one before."""
    data = refusal.response.data if isinstance(refusal, SlackApiError) else None
    return isinstance(data, dict) and data.get("error") == "exchanged_trigger_id"


async def finish(visit: Visit, ack: AsyncAck, memory: Memory, message: Message, *, replace: bool = False) -> None:
    """Close the form and show what came of it: on Home, in the conversation, or in the modal below.

    `replace`: in the place of the message or modal that it was opened from. A list is shown again as it is now.
    """
    if memory.listing:
        message, replace = await listing.current(visit, listing.decode(memory.listing)), True
    if memory.from_home:
        await ack()
        await homepage.publish(visit)
    elif memory.response_url:
        await ack()
        answer = await AsyncWebhookClient(memory.response_url).send_dict(
            {**message.payload(), "replace_original": replace}
        )
        if answer.status_code != 200:  # the form was open for more than half an hour
            await visit.client.chat_postMessage(channel=visit.who.user, **message.payload())
    elif replace and memory.below:
        await ack()
        await visit.client.views_update(view_id=memory.below, view=notice("Rung", message))
        await homepage.publish(visit)
    else:
        await ack(response_action="update", view=notice("Rung", message))
        await homepage.publish(visit)  # it may lie below


async def refreshed(visit: Visit, body: Json, work: Coroutine[Any, Any, Message]) -> Message:
    """The work's message; where it was begun in a modal, which takes no messages, in the place of that modal."""
    message = await work
    surface = body.get("view") or {}
    if surface.get("type") == "modal":
        await visit.client.views_update(view_id=surface["id"], view=notice("Rung", message))
        await homepage.publish(visit)  # it may lie below
    return message


async def finish_question(visit: Visit, ack: AsyncAck, memory: Memory, check_in_id: int) -> None:
    """As `finish`, for a question: it is redrawn where it was asked, and where else the form was opened."""
    message, asked_at = await saving.redraw(visit, check_in_id)
    if memory.message_ts in asked_at:
        await ack()
    else:
        await finish(visit, ack, memory, message, replace=True)
