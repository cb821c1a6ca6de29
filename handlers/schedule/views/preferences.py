"""What is wished after `/ladder set …`, read from a person's own words."""

import re
from dataclasses import replace
from difflib import get_close_matches

from growth.cadence import Cadence, is_zone, zone_names
from growth.errors import NoSuchLevel, PersonError, TargetNotAbove
from growth.preferences import Preferences
from growth.time_words import CLOCK, clock, weekday
from handlers.slack.position import code
from ladder_content.model import Ladder

RHYTHM = re.compile(r"\b(?:weekly|biweekly|every (?:(?P<weeks>other|one|two|four|[124]) )?weeks?)\b")
HALF = re.compile(r"(\d)\s+([ap]m)\b")
WEEKS = {"biweekly": 2, "other": 2, "one": 1, "two": 2, "four": 4, "1": 1, "2": 2, "4": 4}
FILLERS = ("at", "on", "every", "each", "and")
NEXT_WORDS = ("next", "auto", "none")
FOLLOW_WORDS = ("", "auto", "slack")
OFFSET = re.compile(r"(?:utc|gmt|etc/gmt)[+-]?\d+", re.IGNORECASE)
WHEN = "Say when like this: `/ladder set friday 15:00`, or `/ladder set every two weeks`."


def typed(words: str, ladder: Ladder, now: Preferences, usual: Cadence) -> Preferences:
    """The wishes after `/ladder set`: `L5`, `target L6`, `friday 15:00`, `zone Asia/Tokyo`, `off`.

    `usual` is the rhythm that `on` starts again.
    """
    verb, *more = words.split(maxsplit=1)
    rest = "".join(more)
    match verb.casefold():
        case "target":
            target = None if rest.casefold() in NEXT_WORDS else _level(rest, ladder)
            return replace(now, target=above(ladder, now.level, target))
        case "zone" | "timezone" | "tz":
            return replace(now, zone=None if rest.casefold() in FOLLOW_WORDS else known_zone(rest))
        case "off" | "on" as switch if not rest:
            return replace(now, cadence=(now.cadence or usual) if switch == "on" else None)
        case "level":
            return _promoted(_level(rest, ladder), ladder, now)
        case "day" | "time":
            return replace(now, cadence=cadence(rest, now.cadence or usual))
    if level := ladder.find_level(words):
        return _promoted(level.id, ladder, now)
    if _names_a_time(words):
        return replace(now, cadence=cadence(words, now.cadence or usual))
    raise PersonError(
        f"I don't know how to set “{words[:40]}”. You can set a level, a day and time (`friday 15:00`),"
        " `target`, `zone`, `on` or `off`; `/ladder set` alone opens a form."
    )


def _promoted(level_id: str, ladder: Ladder, now: Preferences) -> Preferences:
    """A new level; a target that it has reached gives way to the next one."""
    level, target = ladder.level(level_id), ladder.level(now.target)
    reached = level is None or target is None or target.order <= level.order
    return replace(now, level=level_id, target=None if reached else now.target)


def _level(words: str, ladder: Ladder) -> str:
    known = ", ".join(code(each) for each in ladder.levels)
    if not words:
        raise PersonError(f"Which one? The levels are {known}.")
    level = ladder.find_level(words)
    if level is None:
        raise NoSuchLevel(words[:40], known)
    return level.id


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
    if OFFSET.fullmatch(name):  # in Etc/GMT+2 the sign is turned round, and nobody means that
        raise PersonError("An offset changes with summer time. Name a city instead: Europe/Berlin.", field="zone")
    if is_zone(name):
        return name
    by_case = {known.casefold(): known for known in zone_names()}
    by_city = {known.rpartition("/")[2].casefold(): known for known in sorted(zone_names(), reverse=True)}
    folded = name.casefold()
    if found := by_case.get(folded) or by_city.get(folded):
        return found
    near = [by_city[city] for city in get_close_matches(folded.rpartition("/")[2], by_city, n=2)]
    hint = f" Did you mean {' or '.join(near)}?" if near else " Write it like Europe/Berlin or Asia/Tokyo."
    raise PersonError(f"I know no time zone “{words[:40]}”.{hint}", field="zone")


def cadence(words: str, before: Cadence, when: str = WHEN) -> Cadence:
    """The rhythm that the words name (`fri 15:00`, `every two weeks`), as before where they are silent.

    `when` says how to say it, to who said it otherwise.
    """
    if not words:
        raise PersonError(when)
    folded, found = words.casefold(), before
    if rhythm := RHYTHM.search(folded):
        found = found._replace(every=WEEKS.get(rhythm["weeks"] or rhythm[0], 1))
    for word in HALF.sub(r"\1\2", RHYTHM.sub(" ", folded)).replace(",", " ").split():
        if day := weekday(word):
            found = found._replace(weekday=day)
        elif at := clock(word):
            found = found._replace(at=at)
        elif word not in FILLERS:
            raise PersonError(f"I don't understand “{word[:40]}” as a day or a time. {when}")
    return found


def _names_a_time(words: str) -> bool:
    """Whether the words are about a day or a time: a bare number may be anything."""
    folded = HALF.sub(r"\1\2", words.casefold()).replace(",", " ")
    return bool(RHYTHM.search(folded)) or any(
        word in FILLERS or weekday(word) or (CLOCK.fullmatch(word) and not word.isdigit()) for word in folded.split()
    )
