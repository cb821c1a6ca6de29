"""The first meeting: which level, who reads what, and when to ask."""

from datetime import time

from growth.cadence import Cadence, spoken
from growth.standing import Upcoming
from growth.time_words import day_and_time
from handlers.schedule.views import schedule
from handlers.slack import action_ids
from handlers.slack.blocks import Block, actions, divider, section, small
from handlers.slack.elements import button
from handlers.slack.message import Message, listed
from handlers.slack.position import HELD_UP, code, named
from handlers.slack.text import clip, escape
from ladder_content.model import Ladder, Level

LEVEL_GONE = "The level you had is no longer on this ladder. Your log is untouched; just tell me where you stand now."
WORDS = 1200  # characters about a level
OFFERED = ((1, time(9)), (3, time(12, 30)), (5, time(15)))


def pick_level(ladder: Ladder, *, gone: bool = False) -> Message:
    """Ask for the level right there. `gone`: the level that was set is no longer on the ladder."""
    hello = (
        LEVEL_GONE
        if gone
        else "I'm Rung. I show you what the next level of your career asks, and the evidence you already have for it."
    )
    return listed(
        lambda rows, words: Message(
            "Which level are you at now?", (section(hello), *level_buttons(ladder, rows, words))
        ),
        len(ladder.levels),
        WORDS,
        len(ladder.levels),
    )


def level_buttons(ladder: Ladder, rows: int | None = None, words: int = WORDS) -> list[Block]:
    """One button a level, all of them unless there is room for so many rows only, and what each is about."""
    shown = ladder.levels[:rows]
    above = clip(", ".join(escape(code(each)) for each in ladder.levels[len(shown) :]), 5 * words)
    more = f"Above these: {above}. `/ladder set {escape(code(ladder.levels[-1]))}` picks one of them."
    return [
        section("*Which level are you at now?* Your own guess is fine; you can change it any time."),
        *(_level(each, words) for each in shown),
        *([small(more)] if above else []),
        small("Picking one starts your own page here. Nobody else is told."),
    ]


def _level(level: Level, words: int) -> Block:
    name, sentence = escape(named(level)), escape(_first_sentence(level.summary))
    about = f"*{clip(name, words)}*: {clip(sentence, words)}"
    return section(about, button(code(level), f"{action_ids.WELCOME_LEVEL}.{level.id}", level.id, label=named(level)))


def offer_times(upcoming: Upcoming) -> list[Block]:
    """Who can read what, and three times for the weekly question."""
    return [
        section(
            "*May I ask you one question a week?* It takes five minutes, it is about one thing the next level asks,"
            " and your answer goes into your growth log."
        ),
        actions(
            *(
                button(day_and_time(weekday, at), f"{action_ids.WELCOME_TIME}.{weekday}", f"{weekday} {at:%H:%M}")
                for weekday, at in OFFERED
            ),
            button("Another time", action_ids.SCHEDULE_OPEN),
            button("No questions, just the ladder", action_ids.WELCOME_NO_QUESTIONS),
        ),
        small(
            f"Times are yours, in {upcoming.zone.key}. {schedule.zone_in_doubt(upcoming.unknown_zone)}".rstrip(),
            "What you write is for you alone: no manager or admin can read it, and a mentor only what you share.",
        ),
    ]


def placed(upcoming: Upcoming, rest: Message) -> Message:
    """After the level was picked: what was asked for, and below it, where the eye is, the offer of times."""
    return Message(rest.text, (*rest.blocks, divider(), *offer_times(upcoming)))


def started(upcoming: Upcoming, cadence: Cadence, rest: Message) -> Message:
    """After a time was picked."""
    text = f"Good: I'll ask you on {spoken(upcoming.at, upcoming.zone)}." if upcoming.at else f"Good. {HELD_UP}"
    done = f"*{text}* After that, every {day_and_time(cadence.weekday, cadence.at)}. `/ladder set` changes it."
    return Message(text, (*rest.blocks, divider(), section(done)))


def quiet(rest: Message) -> Message:
    """After “no questions”."""
    text = "No questions, then. The ladder is here whenever you want it; `/ladder set` turns questions on."
    return Message(text, (*rest.blocks, divider(), section(text)))


def _first_sentence(paragraph: str) -> str:
    return paragraph.partition(". ")[0].rstrip(".") + "."
