"""Opening forms, and bringing what came of them to where they were opened."""

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.models.views import View
from slack_sdk.webhook.async_client import AsyncWebhookClient

from handlers import homepage, saving
from handlers.people import Json, Visit
from handlers.views.forms import Memory
from handlers.views.message import Message, notice


def origin(body: Json) -> Json:
    """Where a form is opened from, as its memory keeps it."""
    surface = (body.get("view") or {}).get("type")
    return {
        "response_url": body.get("response_url"),
        "from_home": surface == "home",
        "message_ts": (body.get("container") or {}).get("message_ts"),
    }


async def show(visit: Visit, body: Json, view: View) -> None:
    """Open a modal, or lay it on the one that is open."""
    surface = (body.get("view") or {}).get("type")
    open_it = visit.client.views_push if surface == "modal" else visit.client.views_open
    await open_it(trigger_id=body["trigger_id"], view=view)


async def finish(visit: Visit, ack: AsyncAck, memory: Memory, message: Message, *, replace: bool = False) -> None:
    """Close the form and show what came of it: on Home, in the conversation, or in the modal below.

    `replace`: in the place of the message that it was opened from.
    """
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
    else:
        await ack(response_action="update", view=notice("Rung", message))
        await homepage.publish(visit)  # it may lie below


async def finish_question(visit: Visit, ack: AsyncAck, memory: Memory, check_in_id: int) -> None:
    """As `finish`, for a question: it is redrawn where it was asked, and where else the form was opened."""
    message, asked_at = await saving.redraw(visit, check_in_id)
    if memory.message_ts and memory.message_ts == asked_at:
        await ack()
    else:
        await finish(visit, ack, memory, message, replace=True)
