"""`/ladder set`: level, target, and when the weekly question comes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from growth.cadence import Cadence, spoken
from growth.preferences import MONDAY_AT_NINE, Preferences
from growth.standing import Upcoming
from growth.time_words import DAYS
from handlers.schedule.views.days import rhythm, spoken_day
from handlers.schedule.views.preferences import above, known_zone
from handlers.slack import action_ids
from handlers.slack.blocks import Block, Json, View, field, modal, small
from handlers.slack.elements import option, select, text_input, timepicker
from handlers.slack.inputs import INPUT, Memory, value
from handlers.slack.message import Message
from handlers.slack.position import HELD_UP, named
from handlers.slack.text import cut, escape
from ladder_content.model import Ladder

NEXT = "next"
OFF = "off"
RHYTHMS = {1: "Every week", 2: "Every two weeks", 4: "Every four weeks"}


class ScheduleMemory(Memory):
    """The zone of the Slack profile as it was when the form opened."""

    slack_zone: str = "UTC"


def next_question(upcoming: Upcoming, today: date) -> str:
    """When the next question comes, in a sentence or two; and that a zone nobody knows is taken for UTC."""
    if not upcoming.is_on:
        return "No weekly question is set; `/ladder set on` starts it."
    said = f"Your next question comes on {spoken(upcoming.at, upcoming.zone)}." if upcoming.at else HELD_UP
    if upcoming.paused_until:
        said = f"Paused until {spoken_day(upcoming.paused_until, today)}. {said}"
    return f"{said} {zone_in_doubt(upcoming.unknown_zone)}".rstrip()


def zone_in_doubt(unknown: str | None) -> str:
    """What is said where UTC stands in for a zone that nobody knows; nothing where it does not."""
    if unknown is None:
        return ""
    return (
        f"I don't know the time zone of your Slack profile, “{escape(cut(unknown, 60))}”, so I reckon in UTC;"
        " `/ladder set zone Europe/Berlin` names yours."
    )


def form(
    ladder: Ladder,
    wanted: Preferences,
    memory: ScheduleMemory,
    usual: Cadence = MONDAY_AT_NINE,
    paused: str | None = None,
    *,
    callback_id: str = action_ids.SCHEDULE_FORM,
    submit: str = "Save",
    below: Sequence[Block] = (),
) -> View:
    """Everything that can be set, filled in as it is; `usual` is what a rhythm that is off would be.

    `paused` is the day up to which nothing comes; `below` stands at the end.
    """
    levels = [option(named(level), level.id) for level in ladder.levels]
    targets = [option("The next level", NEXT), *levels[1:]]
    days = [option("No questions, just the ladder", OFF), *(option(name, str(day)) for day, name in enumerate(DAYS, 1))]
    rhythms = [option(words, str(weeks)) for weeks, words in RHYTHMS.items()]
    cadence = wanted.cadence or usual
    target = wanted.target if ladder.level(wanted.target) else NEXT
    blocks = [
        *_pause(paused),
        field("level", "Your level now", select(INPUT, levels, initial=wanted.level)),
        field(
            "target", "Your target", select(INPUT, targets, initial=target), hint="I ask about everything up to there."
        ),
        field(
            "day",
            "Day of your question",
            select(INPUT, days, initial=str(cadence.weekday) if wanted.cadence else OFF),
        ),
        field("time", "Time", timepicker(INPUT, cadence.at)),
        field("rhythm", "How often", select(INPUT, rhythms, initial=str(cadence.every))),
        field(
            "zone",
            "Time zone",
            text_input(INPUT, 60, initial=wanted.zone, placeholder=memory.slack_zone),
            hint=f"Leave it empty to follow your Slack profile, now {memory.slack_zone}.",
            optional=True,
        ),
        *below,
    ]
    return modal(
        "Level and schedule",
        blocks,
        submit=submit,
        callback_id=callback_id,
        private_metadata=memory.model_dump_json(),
    )


def _pause(until: str | None) -> list[Block]:
    return (
        [small(f"Paused until {until}: what you set here holds from then. `/ladder resume` ends it.")] if until else []
    )


def read(view: Json, ladder: Ladder) -> Preferences:
    """What was wished; a target not above the level or an unknown zone is refused on its field."""
    level, target, day = value(view, "level"), value(view, "target"), value(view, "day")
    cadence = None
    if day != OFF:
        cadence = rhythm(day, value(view, "time"), value(view, "rhythm"))
    zone = value(view, "zone")
    return Preferences(
        level, above(ladder, level, None if target == NEXT else target), cadence, known_zone(zone) if zone else None
    )


def confirmed(ladder: Ladder, wanted: Preferences, upcoming: Upcoming, today: date) -> Message:
    """What holds now: level, target, and the date, time and zone of the next question."""
    level = ladder.level(wanted.level)
    target = ladder.level(wanted.target) or (ladder.next_level(level) if level else None)
    here = f"You are at {named(level)}" if level else "Your level is not set"
    aim = f", on your way to {named(target)}." if target else ", the top of this ladder."
    after = f" After that: {RHYTHMS[wanted.cadence.every].lower()}." if wanted.cadence else ""
    next_one = next_question(replace(upcoming, unknown_zone=None), today)
    zone = f"Time zone: {upcoming.zone.key}, {_origin(wanted, upcoming)}"
    text = f"*Saved.* {escape(here + aim)}\n{next_one}{after}\n{zone}"
    return Message("Saved: your level and schedule.", Message.of(text).blocks)


def _origin(wanted: Preferences, upcoming: Upcoming) -> str:
    """Where the zone comes from."""
    if wanted.zone:
        return "pinned by you; `/ladder set zone auto` follows Slack again."
    return f"for now. {zone_in_doubt(upcoming.unknown_zone)}" if upcoming.unknown_zone else "as in your Slack profile."


def next_digest(upcoming: Upcoming, today: date) -> str:
    """When the next digest comes, if there is something new, in a sentence or two."""
    if not upcoming.is_on:
        return "No more digests. `/ladder digest` still brings you one now, `/ladder digest on` all of them."
    paused = f"Paused until {spoken_day(upcoming.paused_until, today)}. " if upcoming.paused_until else ""
    if upcoming.at is None:
        return f"{paused}{HELD_UP}"
    return f"{paused}Your next digest comes on {spoken(upcoming.at, upcoming.zone)}, if there is something new."
