"""The weekly question: the message in the DM, and what it becomes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from growth.backoff import Remark
from growth.cadence import spoken
from growth.standing import Upcoming
from handlers.entries.views import entry
from handlers.entries.views.entry import TakenOut
from handlers.schedule.views import schedule
from handlers.slack import action_ids
from handlers.slack.blocks import Block, actions, section, small
from handlers.slack.elements import Element, button, option, overflow, select
from handlers.slack.message import Message, fullest, less
from handlers.slack.position import HELD_UP
from handlers.slack.text import clip, escape
from ladder_content.model import Criterion

TOMORROW, IN_TWO_DAYS = "tomorrow", "in_two_days"
QUESTION_ROOM = 3000  # as it is sent
DAYS_OFF = {TOMORROW: 1, IN_TWO_DAYS: 2}
REMARKS = {
    Remark.SLOWER_NOW: (
        "I'll ask every two weeks from here on, to leave you room; `/ladder resume` brings back your own rhythm."
    ),
    Remark.REST_AHEAD: "If this one goes by too, I'll leave you eight quiet weeks.",
    Remark.LAST: (
        "Unless you answer, this is the last one I send by myself; `/ladder resume` starts them again any time."
    ),
}


@dataclass(frozen=True)
class Question:
    """A check-in as it is shown. `criterion` is none when the ladder has it no longer."""

    id: int
    question: str
    why: str
    criterion: Criterion | None


def question(
    asked: Question,
    *,
    remark: Remark | None = None,
    unknown_zone: str | None = None,
    taken_out: TakenOut | None = None,
) -> Message:
    """The question, why this one, and what one can do with it.

    `remark`: what somebody silent is told besides. `unknown_zone`: a zone that UTC stands in for. `taken_out`: the
    answer that was there.
    """
    notes = [REMARKS[remark]] if remark else []
    if unknown_zone:
        notes.append(schedule.zone_in_doubt(unknown_zone))
    return Message(
        "Your question of the week is here.",
        (
            small(_about(asked)),
            section(f"*{clip(escape(asked.question), QUESTION_ROOM)}*"),
            actions(
                button("Write reflection", action_ids.CHECKIN_WRITE, str(asked.id), style="primary"),
                button("Nothing this week", action_ids.CHECKIN_SKIP, str(asked.id)),
                _later(asked.id),
                _more(asked.id),
            ),
            small("Or just reply in a thread here. Your answer goes into your own log; only you can read it."),
            *([small(*notes)] if notes else []),
            *([entry.way_back("Your answer is out of your log again", taken_out)] if taken_out else []),
        ),
    )


def _later(id_: int) -> Element:
    choices = {TOMORROW: "Tomorrow", IN_TWO_DAYS: "In two days", action_ids.VERB_NEXT_WEEK: "Next week"}
    return select(
        action_ids.CHECKIN_LATER, [option(text, f"{name} {id_}") for name, text in choices.items()], placeholder="Later"
    )


def _more(id_: int) -> Element:
    choices = {
        action_ids.VERB_ANOTHER: "Another question",
        action_ids.VERB_CHANGE: "Change day or time",
        action_ids.VERB_PAUSE: "Pause",
    }
    return overflow(action_ids.CHECKIN_MORE, [option(text, f"{name} {id_}") for name, text in choices.items()])


def answered(
    asked: Question, entry_id: int, shown: Sequence[Block], meaning: str, take_back: Sequence[Element] = ()
) -> Message:
    """What was saved, with a way to change it and a way back; `take_back` makes it private again."""
    edit = (button("Edit", action_ids.LOG_EDIT, str(entry_id)), button("Undo", action_ids.LOG_UNDO, str(entry_id)))

    def with_question(words: int) -> Message:
        return Message(
            "Saved to your growth log.",
            (
                section(clip(escape(asked.question), words)),
                *shown,
                small(f"✓ Saved to your growth log · {meaning}"),
                actions(*take_back, *edit),
            ),
            "Your reflection",
        )

    return fullest(with_question, less(QUESTION_ROOM, 100))


def skipped(asked: Question, upcoming: Upcoming, today: date) -> Message:
    """After “nothing this week”, which is a fine answer."""
    text = f"Nothing this week: fine. {schedule.next_question(upcoming, today)}"
    return Message(
        text,
        (
            section(clip(escape(asked.question), QUESTION_ROOM)),
            small(text),
            actions(button("Write something after all", action_ids.CHECKIN_WRITE, str(asked.id))),
        ),
    )


def snoozed(asked: Question, again: datetime, zone: ZoneInfo, *, held_up: bool) -> Message:
    """After *Later*. `held_up`: Slack takes nothing now."""
    text = f"Later, then. {HELD_UP}" if held_up else f"I'll ask again on {spoken(again, zone)}."
    return Message(
        text,
        (
            section(clip(escape(asked.question), QUESTION_ROOM)),
            small(text),
            actions(button("Answer now", action_ids.CHECKIN_WRITE, str(asked.id)), _later(asked.id)),
        ),
    )


def on_its_way(*, held_up: bool) -> Message:
    """After it was asked for. `held_up`: Slack takes nothing now."""
    if held_up:
        return Message.of(f"Your question waits. {HELD_UP}")
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
    return clip(f"{criterion}{escape(asked.why)}", QUESTION_ROOM)
