"""What went wrong, told to the person where they are, and to the log with the same incident id."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from growth.errors import PersonError
from handlers.slack import posting
from handlers.slack.blocks import Json
from handlers.slack.message import Message, notice
from handlers.slack.patience import slacks_word as slacks_word
from handlers.slack.text import escape

log = structlog.get_logger()
ANSWERED_IN_ACK = ("command", "view_submission")
NOWHERE = ("channel_not_found", "user_not_found")
TOO_OLD = ("expired_trigger_id", "invalid_trigger_id")
TOO_LATE = "Slack gave up waiting before I could open that. Please try once more."


@contextmanager
def request() -> Iterator[None]:
    """Every line that is logged in the block, and by tasks begun in it, carries one id; so does what a person reads."""
    with structlog.contextvars.bound_contextvars(request=secrets.token_hex(4)):
        yield


def sentence(error: BaseException) -> str:
    """What the person reads. Whatever was not foreseen is logged, and they are given the id of their request."""
    if isinstance(error, PersonError):
        return error.sentence
    if came_too_late(error):
        return TOO_LATE
    incident = structlog.contextvars.get_contextvars().get("request") or secrets.token_hex(4)
    log.error("request.incident", incident=incident, exc_info=error)
    return (
        "Sorry, something went wrong on my side, and I can't tell whether this got through. Please have a look, or try"
        f" again in a minute. If it stays, tell whoever runs Rung here: incident `{incident}`."
    )


def came_too_late(error: BaseException) -> bool:
    """Whether a form could not be opened because Slack had given up on the click."""
    return isinstance(error, SlackApiError) and slacks_word(error) in TOO_OLD


def came_twice(error: BaseException) -> bool:
    """Whether a form could not be opened because the same click had opened it before: nothing went wrong."""
    return isinstance(error, SlackApiError) and slacks_word(error) == "exchanged_trigger_id"


async def tell(error: Exception, body: Json, context: AsyncBoltContext, client: AsyncWebClient) -> BoltResponse:
    """Bolt's error handler: always 200, because Socket Mode drops any other answer."""
    if came_twice(error):
        return BoltResponse(status=200, body="")
    if kind(body) == "event_callback" and isinstance(error, SlackApiError) and slacks_word(error) in NOWHERE:
        log.warning("answer.nowhere", reason=slacks_word(error))
        return BoltResponse(status=200, body="")
    words = sentence(error)
    if kind(body) not in ANSWERED_IN_ACK:
        try:
            await _send(words, body, context, client)
        except Exception as unheard:
            word = slacks_word(unheard) if isinstance(unheard, SlackApiError) else None
            if word in (*TOO_OLD, *NOWHERE):
                log.warning("answer.nowhere", reason=word)
            else:
                log.error("answer.undeliverable", exc_info=unheard)
    return in_ack(body, words, error.field if isinstance(error, PersonError) else None)


def in_ack(body: Json, words: str, field: str | None = None) -> BoltResponse:
    """The sentence as the answer to a command or a form; `field` is the input that it is about."""
    match kind(body):
        case "command":
            return BoltResponse(status=200, body={"response_type": "ephemeral", **told(words).payload()})
        case "view_submission" if field and _has_field(body, field):
            return BoltResponse(status=200, body={"response_action": "errors", "errors": {field: words}})
        case "view_submission":  # on top of the form, which keeps what was typed
            view = notice("Sorry", told(words))
            return BoltResponse(status=200, body={"response_action": "push", "view": view})
    return BoltResponse(status=200, body="")


async def _send(words: str, body: Json, context: AsyncBoltContext, client: AsyncWebClient) -> None:
    message = told(words)
    if context.response_url and context.respond:
        await context.respond(**message.payload(), replace_original=False, response_type="ephemeral")
    elif kind(body) == "block_actions" and body.get("trigger_id"):
        open_it = client.views_push if (body.get("view") or {}).get("type") == "modal" else client.views_open
        await open_it(trigger_id=body["trigger_id"], view=notice("Sorry", told(words)))
    elif context.user_id and (context.channel_id or kind(body) != "event_callback"):  # a changed profile is no talk
        channel = context.channel_id or context.user_id
        await posting.post(client, channel, message, thread_ts=context.thread_ts)


def told(words: str) -> Message:
    """The sentence as a message: what it quotes of the person does not come alive."""
    return Message.of(escape(words))


def kind(body: Json) -> str:
    """What Slack sent: `command`, or the type of the payload."""
    return "command" if "command" in body else str(body.get("type", ""))


def _has_field(body: Json, field: str) -> bool:
    return any(block.get("block_id") == field for block in body["view"]["blocks"])
