"""Who acts on a message of Rung's has it, even where Slack's answer to the sender was lost."""

import structlog

from db.enums import DeliveryKind
from handlers.slack.blocks import Json
from handlers.slack.interaction import Interaction
from handlers.slack.patience import soon
from services import messages

log = structlog.get_logger()


async def of_question(i: Interaction, check_in_id: int) -> None:
    """A button of the question was pressed."""
    if message := i.body.get("message"):
        channel, ts = i.body["channel"]["id"], message["ts"]
        if (DeliveryKind.CHECK_IN, check_in_id) in (await messages.in_doubt(i, channel, ts)).values():
            await _proven(i, DeliveryKind.CHECK_IN, check_in_id, channel, ts)


async def of_clicked(i: Interaction) -> None:
    """As `of_message`, for the one that a button was pressed in."""
    if message := i.body.get("message"):
        await of_message(i, i.body["channel"]["id"], message["ts"])


async def of_message(i: Interaction, channel: str, ts: str) -> None:
    """Of a message that may be of any delivery: its metadata has the id of that.

    Where Slack does not show it within a second, that is left to those who look for what may have been sent.
    """
    in_doubt = await messages.in_doubt(i, channel, ts)
    if not in_doubt:
        return
    asked = i.client.conversations_replies(channel=channel, ts=ts, limit=1, include_all_metadata=True)
    answer = await soon(asked)
    found: list[Json] = (answer and answer.get("messages")) or []
    message = next((each for each in found if each["ts"] == ts), Json())
    payload = (message.get("metadata") or {}).get("event_payload") or {}
    if about := in_doubt.get(payload.get("delivery_id", "")):
        await _proven(i, *about, channel, ts)


async def _proven(i: Interaction, kind: DeliveryKind, subject_id: int, channel: str, ts: str) -> None:
    if delivery := await messages.proven(i, kind, subject_id, channel, ts):
        log.info("delivery.sent", delivery=str(delivery), kind=kind.value, proof="the person acted on it")
