"""`/ladder set`: level, target, and when the weekly question comes."""

from collections.abc import Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo

from slack_sdk.models.blocks import Option, PlainTextInputElement, StaticSelectElement, TimePickerElement
from slack_sdk.models.views import View

from growth.cadence import Cadence, spoken
from handlers.views.forms import INPUT, Json, Memory, field, value
from handlers.views.message import Message, chosen, modal, option
from handlers.views.standing import named
from handlers.views.text import escape
from handlers.views.wishes import DAYS, Wishes, above, known_zone
from ladder_content.model import Ladder

OPEN = "schedule.open"
FORM = "schedule.form"
NEXT = "next"
OFF = "off"
RHYTHMS = {1: "Every week", 2: "Every two weeks", 4: "Every four weeks"}
MONDAY_AT_NINE = Cadence(1, time(9))


class ScheduleMemory(Memory):
    """The zone of the Slack profile as it was when the form opened."""

    slack_zone: str = "UTC"


def day_and_time(weekday: int, at: time) -> str:
    """`Monday 09:00`."""
    return f"{DAYS[weekday - 1]} {at:%H:%M}"


def next_question(at: datetime | None, zone: ZoneInfo) -> str:
    """When the next question comes, as a sentence."""
    if at is None:
        return "No weekly question is set; `/ladder set on` starts it."
    return f"Your next question comes on {spoken(at, zone)}."


def form(ladder: Ladder, wishes: Wishes, memory: ScheduleMemory, usual: Cadence = MONDAY_AT_NINE) -> View:
    """Everything that can be set, filled in as it is; `usual` is what a rhythm that is off would be."""
    levels = [option(named(level), level.id) for level in ladder.levels]
    targets = [option("The next level", NEXT), *levels[1:]]
    days = [option("No questions, just the ladder", OFF), *(option(name, str(day)) for day, name in enumerate(DAYS, 1))]
    rhythms = [option(words, str(weeks)) for weeks, words in RHYTHMS.items()]
    cadence = wishes.cadence or usual
    target = wishes.target if ladder.level(wishes.target) else NEXT
    blocks = [
        field("level", "Your level now", _menu(levels, wishes.level)),
        field("target", "Your target", _menu(targets, target), hint="I ask about everything up to there."),
        field("day", "Day of your question", _menu(days, str(cadence.weekday) if wishes.cadence else OFF)),
        field("time", "Time", TimePickerElement(action_id=INPUT, initial_time=f"{cadence.at:%H:%M}")),
        field("rhythm", "How often", _menu(rhythms, str(cadence.every))),
        field(
            "zone",
            "Time zone",
            PlainTextInputElement(
                action_id=INPUT, initial_value=wishes.zone, placeholder=memory.slack_zone, max_length=60
            ),
            hint=f"Leave it empty to follow your Slack profile, now {memory.slack_zone}.",
            optional=True,
        ),
    ]
    return modal(
        "Level and schedule",
        blocks,
        submit="Save",
        callback_id=FORM,
        private_metadata=memory.model_dump_json(),
    )


def _menu(options: Sequence[Option], current: str | None) -> StaticSelectElement:
    return StaticSelectElement(action_id=INPUT, options=list(options), initial_option=chosen(options, current))


def read(view: Json, ladder: Ladder) -> Wishes:
    """What was wished; a target not above the level or an unknown zone is refused on its field."""
    level, target, day = value(view, "level"), value(view, "target"), value(view, "day")
    cadence = None
    if day != OFF:
        cadence = Cadence(int(day), time.fromisoformat(value(view, "time")), int(value(view, "rhythm")))
    zone = value(view, "zone")
    return Wishes(
        level, above(ladder, level, None if target == NEXT else target), cadence, known_zone(zone) if zone else None
    )


def confirmed(ladder: Ladder, wishes: Wishes, first: datetime | None, zone: ZoneInfo) -> Message:
    """What holds now: level, target, and the date, time and zone of the next question."""
    level = ladder.level(wishes.level)
    target = ladder.level(wishes.target) or (ladder.next_level(level) if level else None)
    here = f"You are at {named(level)}" if level else "Your level is not set"
    aim = f", on your way to {named(target)}." if target else ", the top of this ladder."
    after = f" After that: {RHYTHMS[wishes.cadence.every].lower()}." if wishes.cadence else ""
    where = "pinned by you; `/ladder set zone auto` follows Slack again" if wishes.zone else "as in your Slack profile"
    text = f"*Saved.* {escape(here + aim)}\n{next_question(first, zone)}{after}\nTime zone: {zone.key}, {where}."
    return Message("Saved: your level and schedule.", Message.of(text).blocks)
