"""The offer to save what somebody wrote in the DM; its buttons carry the words, for when Slack cannot show them."""

import json
from typing import NamedTuple
from urllib.parse import unquote

from handlers.slack import action_ids
from handlers.slack.blocks import actions, section, small
from handlers.slack.elements import button
from handlers.slack.message import Message
from handlers.slack.text import cut, escape, storable

VALUE = 2000  # characters that a button may carry, counted as JSON: all of a message has to be sent, too
SEALED = {ord(each): f"%{ord(each):02X}" for each in "%&<>\n\r\t"}


class Offered(NamedTuple):
    """What a button is to save: the message of that ts, and its text as Slack sent it, if that fitted in.

    `check_in`, `asked`: the question that it answers, and what that asked.
    """

    ts: str
    sent: str = ""
    check_in: str = ""
    asked: str | None = None

    @classmethod
    def entry(cls, value: str) -> "Offered":
        ts, _, sealed = value.partition(" ")
        return cls(ts, unquote(sealed))

    @classmethod
    def answer(cls, value: str) -> "Offered":
        ts, check_in, asked, sealed = [*value.split(" ", 3), "", "", ""][:4]
        return cls(ts, unquote(sealed), check_in, asked or None)


def to_save(
    ts: str, sent: str, answers: str | None = None, meant: str | None = None, *, unread: bool = False
) -> Message:
    """To a message that came out of the blue; `sent` is its text as Slack sends it.

    `answers`: the open question that it may be the answer to, and what it asks. `meant`: the words, if they may be a
    command. `unread`: they are a reply to somebody's comment.
    """
    if answers:
        text = "Shall I save this as your answer to the open question, or as an entry of its own?"
        reply = [
            button("Save as my answer", action_ids.LOG_SAVE_ANSWER, _value(f"{ts} {answers}", sent), style="primary")
        ]
    else:
        text = "Shall I keep that in your growth log?"
        reply = []
    if unread:
        text = f"They don't read replies here: write to them yourself. {text}"
    keep = button("Save to my log", action_ids.LOG_SAVE_MESSAGE, _value(ts, sent), style=None if answers else "primary")
    command = f"Or was it a command? Those start with a slash: `/ladder {escape(cut(meant, 60))}`." if meant else ""
    hint = small("Only you can read what you save here. " + (command or "`/ladder help` shows what else I can do."))
    return Message(text, (section(text), actions(*reply, keep), hint))


def _value(about: str, sent: str) -> str:
    """With the words, where there is room for them. Slack may escape what is markup to it, so there is none in them."""
    whole = f"{about} {storable(sent.strip()).translate(SEALED)}"
    return whole if len(json.dumps(whole)) <= VALUE else about
