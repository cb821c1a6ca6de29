"""Posting to Slack: the one place where a message of Rung's own accord, or an answer that stays, begins."""

from collections.abc import Mapping

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from handlers.slack.message import Message

# It tells an answer from a delivery where Slack's history is searched for one; what has no mark may be either.
ANSWER = {"event_type": "rung_answer", "event_payload": {"kind": "answer"}}


async def post(
    client: AsyncWebClient,
    channel: str,
    message: Message,
    *,
    thread_ts: str | None = None,
    metadata: Mapping[str, object] = ANSWER,
) -> AsyncSlackResponse:
    """Post to a conversation, or a person's DM by their id. The metadata is what Rung knows the message by."""
    return await client.chat_postMessage(
        channel=channel, thread_ts=thread_ts, metadata=dict(metadata), **message.payload()
    )
