"""`/ladder set`: level, target, and when the weekly question comes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from difflib import get_close_matches
from zoneinfo import ZoneInfo

from slack_sdk.models.blocks import Option, PlainTextInputElement, StaticSelectElement, TimePickerElement
from slack_sdk.models.views import View

from growth.cadence import Cadence, is_zone, spoken, zone_names
from growth.errors import NoSuchLevel, PersonError, TargetNotAbove
from handlers.views.forms import INPUT, Json, Memory, field, value
from handlers.views.message import Message, chosen, modal, option
from handlers.views.standing import code, named
from handlers.views.text import escape
from ladder_content.model import Ladder

OPEN = "schedule.open"
FORM = "schedule.form"
NEXT = "next"
OFF = "off"
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
RHYTHMS = {1: "Every week", 2: "Every two weeks", 4: "Every four weeks"}
CLOCK = re.compile(r"(?P<hour>[01]?\d|2[0-3])[:.h](?P<minute>[0-5]\d)")


@dataclass(frozen=True)
class Wishes:
    """How a member wants it. None: level unknown, the next level as target, no questions, the Slack profile's zone."""

    level: str | None
    target: str | None
    cadence: Cadence | None
    zone: str | None


class ScheduleMemory(Memory):
    """The zone of the Slack profile as it was when the form opened."""

    slack_zone: str = "UTC"


def day_and_time(weekday: int, at: time) -> str:
    """`Monday 09:00`."""
    return f"{DAYS[weekday - 1]} {at:%H:%M}"


def next_question(at: datetime | None, zone: ZoneInfo) -> str:
    """When the next question comes, as a sentence."""
    return f"Your next question comes on {spoken(at, zone)}." if at else "No weekly question is set."


def form(ladder: Ladder, wishes: Wishes, memory: ScheduleMemory) -> View:
    """Everything that can be set, filled in as it is."""
    levels = [option(named(level), level.id) for level in ladder.levels]
    targets = [option("The next level", NEXT), *levels[1:]]
    days = [option("No questions, just the ladder", OFF), *(option(name, str(day)) for day, name in enumerate(DAYS, 1))]
    rhythms = [option(words, str(weeks)) for weeks, words in RHYTHMS.items()]
    cadence = wishes.cadence or Cadence(1, time(9))
    blocks = [
        field("level", "Your level now", _menu(levels, wishes.level)),
        field(
            "target", "Your target", _menu(targets, wishes.target or NEXT), hint="I ask about everything up to there."
        ),
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


def above(ladder: Ladder, level_id: str | None, target_id: str | None) -> str | None:
    """The target, if it lies above the level; one that does not is refused with a sentence."""
    level, target = ladder.level(level_id), ladder.level(target_id)
    if level and target and target.order <= level.order:
        following = ladder.next_level(level)
        raise TargetNotAbove(code(level), code(following) if following else None)
    return target_id if target else None


def known_zone(words: str) -> str:
    """The IANA zone that the words name, whatever their case; another one is refused with the nearest names."""
    name = words.strip().replace(" ", "_")
    if is_zone(name):
        return name
    by_case = {known.casefold(): known for known in zone_names()}
    by_city = {known.rpartition("/")[2].casefold(): known for known in sorted(zone_names(), reverse=True)}
    folded = name.casefold()
    if found := by_case.get(folded) or by_city.get(folded):
        return found
    near = [by_city[city] for city in get_close_matches(folded, by_city, n=2)]
    hint = f" Did you mean {' or '.join(near)}?" if near else " Write it like Europe/Berlin or Asia/Tokyo."
    raise PersonError(f"I know no time zone “{words[:40]}”.{hint}", field="zone")


def typed(words: str, ladder: Ladder, now: Wishes) -> Wishes | None:
    """The wishes after `/ladder set …`: `L5`, `target L6`, `friday 15:00`, `zone Asia/Tokyo`, `off`; no words, none."""
    verb, _, rest = words.strip().partition(" ")
    match verb.casefold(), rest.strip():
        case "", _:
            return None
        case "target", name:
            return Wishes(now.level, above(ladder, now.level, _level(name, ladder)), now.cadence, now.zone)
        case "zone" | "timezone" | "tz", name:
            follow = name.casefold() in ("", "auto", "slack")
            return Wishes(now.level, now.target, now.cadence, None if follow else known_zone(name))
        case "off", _:
            return Wishes(now.level, now.target, None, now.zone)
        case "level", name:
            return _promoted(_level(name, ladder), ladder, now)
        case "day" | "time", when:
            return Wishes(now.level, now.target, _cadence(when, now.cadence), now.zone)
    if _looks_like_a_time(words):
        return Wishes(now.level, now.target, _cadence(words, now.cadence), now.zone)
    return _promoted(_level(words, ladder), ladder, now)


def _promoted(level_id: str, ladder: Ladder, now: Wishes) -> Wishes:
    """A new level; a target that it has reached gives way to the next one."""
    level, target = ladder.level(level_id), ladder.level(now.target)
    reached = level is None or target is None or target.order <= level.order
    return Wishes(level_id, None if reached else now.target, now.cadence, now.zone)


def _level(words: str, ladder: Ladder) -> str:
    level = ladder.find_level(words)
    if level is None:
        raise NoSuchLevel(escape(words[:40]), ", ".join(code(each) for each in ladder.levels))
    return level.id


def _looks_like_a_time(words: str) -> bool:
    return bool(CLOCK.search(words)) or _weekday(words) is not None


def _weekday(words: str) -> int | None:
    first = re.findall(r"[a-z]{3,}", words.casefold())
    return next((day for day, name in enumerate(DAYS, 1) for word in first if name.casefold().startswith(word)), None)


def _cadence(words: str, now: Cadence | None) -> Cadence:
    clock, weekday = CLOCK.search(words), _weekday(words)
    if clock is None and weekday is None:
        raise PersonError("Say when like this: `/ladder set friday 15:00`.")
    before = now or Cadence(1, time(9))
    at = time(int(clock["hour"]), int(clock["minute"])) if clock else before.at
    return Cadence(weekday or before.weekday, at, before.every)


def confirmed(ladder: Ladder, wishes: Wishes, first: datetime | None, zone: ZoneInfo) -> Message:
    """What holds now: level, target, and the date, time and zone of the next question."""
    level = ladder.level(wishes.level)
    target = ladder.level(wishes.target) or (ladder.next_level(level) if level else None)
    here = f"You are at {named(level)}" if level else "Your level is not set"
    aim = f", on your way to {named(target)}." if target else ", the top of this ladder."
    where = "pinned by you; `/ladder set zone auto` follows Slack again" if wishes.zone else "as in your Slack profile"
    text = f"*Saved.* {escape(here + aim)}\n{next_question(first, zone)}\nTime zone: {zone.key}, {where}."
    return Message("Saved: your level and schedule.", Message.of(text).blocks)
