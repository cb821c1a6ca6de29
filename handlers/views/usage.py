"""`/ladder help`, and what is said to a word that is no command."""

from collections.abc import Sequence

from handlers.views import log, schedule
from handlers.views.checkin import ASK_NOW
from handlers.views.message import Message, actions, button, divider, header, section, small
from handlers.views.standing import code
from handlers.views.text import cut, escape
from ladder_content.model import Ladder

WORDS = (
    "next",
    "progress",
    "export",
    "log",
    "logs",
    "checkin",
    "set",
    "pause",
    "resume",
    "mentor",
    "mentors",
    "mentees",
    "digest",
    "seen",
    "levels",
    "compare",
    "find",
    "forget",
    "admin",
    "help",
)


def commands(ladder: Ladder) -> dict[str, str]:
    """What one can type, and what comes of it."""
    known = [code(level) for level in ladder.levels]
    lower, higher = known[len(known) // 2 - 1], known[len(known) // 2]
    return {
        "next": "what the next level asks of you, and the evidence you have",
        "log shipped the drift monitor": "keep something you did, in your own words",
        "logs": "all you kept, newest first; `/ladder logs drift` looks for words",
        "progress": "how much evidence there is, how fresh, and what is missing, with a picture",
        "export": "take your log along, as Markdown, CSV or JSON",
        "checkin": "get a question now",
        "set": "your level, your target, and when I ask",
        "pause until 2 Jan": "nothing from me before that day; `/ladder resume` ends it",
        "mentor @sam": "ask somebody to be your mentor; a line about why may follow",
        "mentors": "your mentors, what each can read, and the way out",
        "mentees": "whom you mentor, who asks you, and how many you take",
        "digest": "what is new from your mentees; `on`, `off` or `tue 9:00` says when it comes by itself",
        "digest preview": "what your mentors would read of you",
        "seen": "what was shown to whom, and when",
        "levels": "the whole ladder",
        higher: "one level, by any of its names",
        f"compare {lower} {higher}": "two levels side by side",
        "find ambiguity": "search criteria, levels and answers",
        "forget me": "everything I know about you, gone for good; I ask once more first",
        "admin": "for workspace admins: how many people take part, in broad bands",
    }


def overview(ladder: Ladder) -> Message:
    """Everything one can type, and who reads what."""
    lines = "\n".join(f"`/ladder {escape(command)}`  {about}" for command, about in commands(ladder).items())
    return Message(
        "What Rung can do",
        (
            header("What you can ask me"),
            section(lines),
            divider(),
            section(
                "Once a week, at a time you choose, I send you one question about one thing the next level asks."
                " Your answer goes into your growth log. *Only you can read it, unless you share it.*"
            ),
            actions(
                button("Log something", log.OPEN, style="primary"),
                button("Ask me a question", ASK_NOW),
                button("Level and schedule", schedule.OPEN),
            ),
        ),
    )


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
