"""The weekly question: the message in the DM, and what it becomes."""

from collections.abc import Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import Block, ButtonElement

from handlers.views import log, schedule
from handlers.views.message import Message, actions, button, section, small
from handlers.views.text import escape
from ladder_content.model import Criterion

WRITE = "checkin.write"
SKIP = "checkin.skip"
ASK_NOW = "checkin.now"
ANOTHER = "checkin.another"


@dataclass(frozen=True)
class Question:
    """A check-in as it is shown. `criterion` is none when the ladder has it no longer."""

    id: int
    question: str
    why: str
    criterion: Criterion | None


def question(asked: Question) -> Message:
    """The question, why this one, and what one can do with it."""
    value = str(asked.id)
    return Message(
        "Your question of the week is here.",
        (
            small(_about(asked)),
            section(f"*{escape(asked.question)}*"),
            actions(
                button("Write reflection", WRITE, value, style="primary"),
                button("Nothing this week", SKIP, value),
                button("Another question", ANOTHER, value),
                button("Change day or time", schedule.OPEN),
            ),
            small("Or just reply in a thread here. Your answer goes into your own log; only you can read it."),
        ),
    )


def answered(
    asked: Question, entry_id: int, shown: Sequence[Block], meaning: str, take_back: Sequence[ButtonElement] = ()
) -> Message:
    """What was saved, with a way to change it and a way back; `take_back` makes it private again."""
    return Message(
        "Saved to your growth log.",
        (
            section(escape(asked.question)),
            *shown,
            small(f"✓ Saved to your growth log · {meaning}"),
            actions(*take_back, button("Edit", log.EDIT, str(entry_id)), button("Undo", log.UNDO, str(entry_id))),
        ),
    )


def skipped(asked: Question) -> Message:
    """After “nothing this week”, which is a fine answer."""
    text = "Nothing this week: fine. I'll ask again next time."
    return Message(
        text,
        (
            section(escape(asked.question)),
            small(text),
            actions(button("Write something after all", WRITE, str(asked.id))),
        ),
    )


def on_its_way() -> Message:
    return Message.of("Your question is on its way: look in our conversation, under *Messages*.")


def nothing_to_ask() -> Message:
    return Message.of("This ladder has no criteria to ask you about yet.")


def already_open(asked: Question) -> Message:
    """To `/ladder checkin` while this week's question waits."""
    again = question(asked)
    return Message(again.text, (section("This one is still open:"), *again.blocks))


def _about(asked: Question) -> str:
    """The criterion, and why this one."""
    criterion = f"*{escape(asked.criterion.sentence)}*  " if asked.criterion else ""
    return f"{criterion}{escape(asked.why)}"
