"""Who does not answer is asked less, then no more; the rhythm they chose never changes by itself.

All of it follows from how the questions ended, so an answer, however late, undoes it at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import takewhile

from growth.cadence import WEEK, Cadence, Slot, slot

SLOWER_AFTER, RESTING_AFTER, OFF_AFTER = 2, 4, 5
QUIET = timedelta(hours=4)  # at least, between two messages that Rung starts by itself


@dataclass(frozen=True, slots=True)
class Past:
    """One scheduled question, as it ended.

    It is silent if it lapsed and its member logged nothing that week. Missed and cancelled ones do not count: nobody
    was asked.
    """

    week: date
    silent: bool
    counts: bool = True


class Manner(StrEnum):
    """How often somebody is asked."""

    AS_CHOSEN = "as chosen"
    SLOWER = "slower"
    RESTING = "resting"
    OFF = "off"


class Remark(StrEnum):
    """What a question tells somebody silent besides."""

    SLOWER_NOW = "slower now"
    REST_AHEAD = "rest ahead"
    LAST = "last"


# Weeks from one question to the next.
AT_LEAST = {Manner.AS_CHOSEN: 1, Manner.SLOWER: 2, Manner.RESTING: 8}


def streak(past: Sequence[Past]) -> int:
    """How many questions in a row met silence; `past` is newest first, of the rhythm chosen last."""
    counted = (question for question in past if question.counts)
    return sum(1 for _ in takewhile(lambda question: question.silent, counted))


def manner(streak: int) -> Manner:
    """How to treat somebody after so many silent questions in a row."""
    if streak >= OFF_AFTER:
        return Manner.OFF
    if streak >= RESTING_AFTER:
        return Manner.RESTING
    return Manner.SLOWER if streak >= SLOWER_AFTER else Manner.AS_CHOSEN


def next_slot(cadence: Cadence, last_week: date, streak: int) -> Slot | None:
    """The slot after the question of `last_week`, given how it ended; None if there is none to come.

    Ask it when the chosen rhythm's slot is due: by then the streak is known.
    """
    how = manner(streak)
    return None if how is Manner.OFF else slot(cadence, last_week + max(cadence.every, AT_LEAST[how]) * WEEK)


def remark(cadence: Cadence, streak: int) -> Remark | None:
    """What the question that comes after so many silent ones has to say; a rhythm slow already gets no slower."""
    if streak == SLOWER_AFTER and cadence.every < AT_LEAST[Manner.SLOWER]:
        return Remark.SLOWER_NOW
    return {RESTING_AFTER - 1: Remark.REST_AHEAD, OFF_AFTER - 1: Remark.LAST}.get(streak)
