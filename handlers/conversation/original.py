"""What somebody wrote in the DM, as Slack has it: told of in an event, looked up again, or carried by a button."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from growth.errors import NoLongerThere, NotReadable
from handlers.slack import patience
from handlers.slack.blocks import Json
from handlers.slack.interaction import Interaction
from handlers.slack.people import SlackActor
from handlers.slack.text import mentioned, unescape

GONE = ("thread_not_found", "message_not_found", "channel_not_found", "not_in_channel")
TS = re.compile(r"[0-9]+\.[0-9]+")
log = structlog.get_logger()


@dataclass(frozen=True)
class Original:
    """A message of a person's. `sent`: its text as Slack sends it; `thread`: the ts of what it is a reply to.

    `carried`: its text is what a button had of it, as Slack did not show the message.
    """

    channel: str
    ts: str
    sent: str
    thread: str | None = None
    carried: bool = False

    @classmethod
    def of(cls, channel: str, message: Json) -> "Original":
        return cls(channel, message["ts"], message.get("text") or "", message.get("thread_ts"))

    @property
    def key(self) -> str:
        """The source key of what is made from it, whichever way."""
        return f"message:{self.channel}:{self.ts}"

    @property
    def text(self) -> str:
        """As it was typed, people by their ids."""
        return self.with_names({})

    def with_names(self, names: Mapping[str, str]) -> str:
        """As it was typed; people who are not among the names by their ids."""
        return unescape(self.sent, names).strip()

    @property
    def mentioned(self) -> set[str]:
        return mentioned(self.sent)


async def clicked(i: Interaction, ts: str, carried: str = "") -> Original:
    """The message that a button was pressed about, as it stands.

    Where Slack does not show it, it is as the button `carried` it; without that Slack is waited for, and the person is
    told to wait. Raises NoLongerThere when they deleted it, or it is not theirs; NotReadable.
    """
    channel, thread = i.body["channel"]["id"], i.body["container"].get("thread_ts")
    sent = await patience.soon(_read(i.client, i.who.user, channel, thread or ts, ts))
    if sent is None and not carried:
        await patience.soon(i.replies.wait())
        sent = await _patiently(i, channel, thread or ts, ts)
    found = Original(channel, ts, carried if sent is None else sent, thread, carried=sent is None)
    if not found.text:
        raise NoLongerThere("message")
    return found


async def later(actor: SlackActor, said: Original) -> Original:
    """The message as Slack shows it to whoever waits; without text where it is gone. Raises NotReadable."""
    sent = await _patiently(actor, said.channel, said.thread or said.ts, said.ts)
    return replace(said, sent=sent, carried=False)


async def _patiently(actor: SlackActor, channel: str, root: str, ts: str) -> str:
    try:
        async with asyncio.timeout(patience.LONG):
            return await _read(patience.patient(actor.client), actor.who.user, channel, root, ts)
    except patience.UNANSWERED as error:
        log.warning("slack.not_read", reason=patience.why(error))
        raise NotReadable from None


async def _read(client: AsyncWebClient, user: str, channel: str, root: str, ts: str) -> str:
    """The text of the user's message in the thread of that root; empty where there is none.

    Unlike the history, `replies` has those of threads too.
    """
    if not TS.fullmatch(ts):
        return ""
    try:
        answer = await client.conversations_replies(channel=channel, ts=root, latest=ts, oldest=ts, inclusive=True)
    except SlackApiError as error:
        if patience.slacks_word(error) in GONE:
            return ""
        raise
    theirs = (each for each in answer["messages"] if each["ts"] == ts and each.get("user") == user)
    return next((each.get("text") or "" for each in theirs), "")
