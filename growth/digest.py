"""What a mentor reads of their mentees once a week: what is in it, in which order, and where it is cut."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from growth.cadence import Cadence
from growth.sharing import Mentee
from ladder_content.model import Criterion

TUESDAY, WEDNESDAY = 2, 3
MOST = 3  # entries of one mentee
ROOM = 44  # blocks for the mentees who have news: one each, and two for each of their entries
QUIET_WEEKS = 2
REST = timedelta(weeks=8)  # before a question may come again


@dataclass(frozen=True)
class Item:
    """An entry as its mentor reads it: the member's own words and links, nothing of a message that it was made from.

    `kudos`: this mentor gave some.
    """

    id: int
    mentorship_id: int
    user: str
    what: str
    impact: str | None
    links: Sequence[str]
    happened_on: date
    criteria: Sequence[str] = ()
    kudos: bool = False


@dataclass(frozen=True)
class Chapter:
    """One mentee's part of a digest. `more` entries, not seen yet, wait behind a count."""

    mentee: Mentee
    items: Sequence[Item]
    more: int = 0
    moved: Sequence[Criterion] = ()
    question: str | None = None


@dataclass(frozen=True)
class Digest:
    """Mentees with news, and the rest of them. `gone`: something that was in it is no longer shared."""

    chapters: Sequence[Chapter]
    rest: Sequence[Mentee] = ()
    gone: bool = False


def usual_cadence(check_in_weekday: int | None) -> Cadence:
    """When a digest comes unless the mentor says otherwise: not on the day of their own question."""
    return Cadence(WEDNESDAY if check_in_weekday == TUESDAY else TUESDAY, time(9))


def entries_each(mentees: int) -> int:
    """How many entries of each there is room for, if so many mentees have news."""
    return next((n for n in range(MOST, 0, -1) if mentees * (1 + 2 * n) <= ROOM), 0)


def picked(news: Mapping[int, Sequence[int]]) -> dict[int, Sequence[int]]:
    """Of each mentorship's news, what is shown; the rest waits behind a count."""
    return {mentorship: ids[: entries_each(len(news))] for mentorship, ids in news.items()}


def worth_a_line(quiet_before: int) -> bool:
    """Whether another week without news, after so many, is the one to say so: the second is, and no other."""
    return quiet_before + 1 == QUIET_WEEKS


def question(
    moved: Sequence[Criterion], relevant: Sequence[Criterion], asked: Collection[str], beside: Collection[str]
) -> str | None:
    """What to ask one mentee, or none: about what moved, else about what leads to their target, in ladder order.

    Never what was `asked` lately; what is asked of others `beside` them only if there is nothing else.
    """
    offered = dict.fromkeys(each for criterion in (*moved, *relevant) for each in criterion.mentor_questions)
    left = [each for each in offered if each not in asked]
    return next((each for each in left if each not in beside), left[0] if left else None)
