"""What a mentor reads of their mentees once a week: what is in it, in which order, and where it is cut."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from growth.cadence import Cadence
from growth.sharing import Mentee
from ladder_content.model import Criterion, Dimension, Ladder

TUESDAY, WEDNESDAY = 2, 3
MOST = 3  # entries of one mentee
MOST_IN_ALL = 15  # entries of all mentees
QUIET_WEEKS = 2
LATELY = timedelta(weeks=8)
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
class Part:
    """What was chosen for one mentee when the digest was composed, and stays chosen: entries, and a question."""

    mentorship: int
    entries: Sequence[int]
    question: str | None


@dataclass(frozen=True)
class Chapter:
    """One mentee's part of a digest, as it is read now. `more` entries, not seen yet, wait behind a count.

    `silent`: the dimensions on the mentee's way of which nothing was shared with this mentor lately.
    """

    mentee: Mentee
    items: Sequence[Item]
    more: int = 0
    moved: Sequence[Criterion] = ()
    question: str | None = None
    silent: Sequence[Dimension] = ()


@dataclass(frozen=True)
class Digest:
    """Mentees with news, and the rest of them. `waiting`: they have news too, for which there was no room.

    `gone`: something that was in it is no longer shared.
    """

    chapters: Sequence[Chapter] = ()
    rest: Sequence[Mentee] = ()
    waiting: Sequence[Mentee] = ()
    gone: bool = False


def usual_cadence(check_in_weekday: int | None) -> Cadence:
    """When a digest comes unless the mentor says otherwise: not on the day of their own question."""
    return Cadence(WEDNESDAY if check_in_weekday == TUESDAY else TUESDAY, time(9))


def choices(news: Mapping[int, Sequence[int]]) -> list[dict[int, Sequence[int]]]:
    """Of each mentorship's news what might be shown, ever less of it: the first that there is room for is to be.

    Entries are dealt out in turn, and those with most news come first: most of theirs is left out. Without any entry a
    mentee is still named; when there is no room for all their names, again those with most news come first.
    """
    turn = sorted(news, key=lambda mentorship: -len(news[mentorship]))
    dealt = [each for nth in range(MOST) for each in turn if nth < len(news[each])][:MOST_IN_ALL]
    counts = [Counter(dealt[:entries]) for entries in range(len(dealt), -1, -1)]
    of_all: list[dict[int, Sequence[int]]] = [
        {mentorship: ids[: count[mentorship]] for mentorship, ids in news.items()} for count in counts
    ]
    for most in range(len(turn) - 1, 0, -1):
        of_all.append({mentorship: () for mentorship in news if mentorship in turn[:most]})
    return of_all


def worth_a_line(quiet_before: int) -> bool:
    """Whether another week without news, after so many, is the one to say so: the second is, and no other."""
    return quiet_before + 1 == QUIET_WEEKS


def choose(
    mentees: Sequence[Mentee],
    shown: Mapping[int, Sequence[int]],
    items: Sequence[Item],
    asked: Mapping[str, Collection[str]],
    ladder: Ladder,
) -> list[Part]:
    """What each mentee's part is made of. `shown` is keyed by mentorship, `asked` lately by Slack id."""
    parts: list[Part] = []
    for mentee in mentees:
        if (id_ := mentee.mentorship_id) in shown:
            criteria = (*moved(_of(mentee, items), ladder), *ladder.relevant(mentee.level or "", mentee.target))
            beside = {part.question for part in parts}
            parts.append(Part(id_, shown[id_], question(criteria, asked.get(mentee.user, ()), beside)))
    return parts


def read(
    parts: Sequence[Part],
    mentees: Sequence[Mentee],
    news: Mapping[int, Sequence[int]],
    items: Sequence[Item],
    lately: Mapping[int, Collection[str]],
    ladder: Ladder,
) -> Digest:
    """What is left of the parts for a mentor who may read these items now.

    `news`, and the criteria of what was shared `lately`, are keyed by mentorship.

    Where something of a mentee's is gone the question goes too: it may have come from that.
    """
    known = {mentee.mentorship_id: mentee for mentee in mentees}
    chapters, whole = [], True
    for part in parts:
        mentee = known.get(part.mentorship)
        left = [item for item in items if item.id in part.entries and item.mentorship_id == part.mentorship]
        complete = mentee is not None and len(left) == len(part.entries)
        whole &= complete
        if mentee and (left or complete):
            more = len(set(news.get(part.mentorship, ())) - set(part.entries))
            question_ = part.question if complete else None
            here = [id_ for item in left for id_ in item.criteria]
            dimensions = silent(mentee, {*lately.get(part.mentorship, ()), *here}, ladder)
            chapters.append(Chapter(mentee, left, more, moved(left, ladder), question_, dimensions))
    there = {part.mentorship for part in parts}
    others = [each for each in mentees if each.mentorship_id not in there]
    waiting = [each for each in others if news.get(each.mentorship_id)]
    return Digest(chapters, [each for each in others if each not in waiting], waiting, gone=not whole)


def silent(mentee: Mentee, lately: Collection[str], ladder: Ladder) -> list[Dimension]:
    """The dimensions on the mentee's way that nothing shared `lately` is evidence of; none if nothing has criteria."""
    shared = {criterion.dimension for id_ in lately if (criterion := ladder.criterion(id_))}
    ahead = dict.fromkeys(each.dimension for each in ladder.relevant(mentee.level or "", mentee.target))
    left = [dimension for id_ in ahead if id_ not in shared and (dimension := ladder.dimension(id_))]
    return left if shared else []


def moved(items: Sequence[Item], ladder: Ladder) -> list[Criterion]:
    """The criteria that the entries are evidence of; for retired ones those that replace them."""
    ids = dict.fromkeys(ladder.current_id(id_) for item in items for id_ in item.criteria)
    return [criterion for id_ in ids if (criterion := ladder.criterion(id_))]


def question(criteria: Sequence[Criterion], asked: Collection[str], beside: Collection[str | None]) -> str | None:
    """The first question of the criteria's that was not `asked` lately, or none.

    What is asked about others `beside` this mentee only if nothing else is left.
    """
    offered = dict.fromkeys(each for criterion in criteria for each in criterion.mentor_questions)
    left = [each for each in offered if each not in asked]
    return next((each for each in left if each not in beside), left[0] if left else None)


def _of(mentee: Mentee, items: Sequence[Item]) -> list[Item]:
    return [item for item in items if item.mentorship_id == mentee.mentorship_id]
