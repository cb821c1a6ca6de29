"""`/ladder help`, and what is said to a word that is no command."""

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter

from handlers.slack import action_ids
from handlers.slack.blocks import actions, divider, header, section, small
from handlers.slack.elements import button
from handlers.slack.message import Message
from handlers.slack.text import cut, escape


def overview(commands: Sequence[tuple[str, str, str]]) -> Message:
    """Everything one can type, in groups (title, example, what comes of it), and who reads what."""
    groups = [
        section("\n".join([f"*{title}*", *map(_line, lines)])) for title, lines in groupby(commands, key=itemgetter(0))
    ]
    return Message(
        "What Rung can do",
        (
            header("What you can ask me"),
            *groups,
            divider(),
            section(
                "Once a week, at a time you choose, I send you one question about one thing the next level asks."
                " Your answer goes into your growth log. *Only you can read it, unless you share it.*"
            ),
            actions(
                button("Log something", action_ids.LOG_OPEN, style="primary"),
                button("Ask me a question", action_ids.CHECKIN_NOW),
                button("Level and schedule", action_ids.SCHEDULE_OPEN),
            ),
        ),
    )


def _line(usage: tuple[str, str, str]) -> str:
    _, example, about = usage
    return f"`/ladder {escape(example)}`  {escape(about)}"


def did_you_mean(words: str, near: Sequence[str]) -> Message:
    """To a word that is no command."""
    typed = escape(cut(words, 60))
    guess = " or ".join(f"`/ladder {escape(each)}`" for each in near)
    ask = f"Did you mean {guess}?" if near else "`/ladder help` lists what I know."
    return Message(
        ask, (section(f"I don't know “{typed}”. {ask}"), *([small("`/ladder help` lists everything.")] if near else []))
    )


def mute(words: str) -> Message:
    """To a command typed as a message."""
    told = f"That is a command: type `/ladder {escape(cut(words, 60))}`, with the slash, and I'll answer."
    return Message("That is a command: type it with the slash, and I'll answer.", (section(told),))
