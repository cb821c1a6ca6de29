"""The last half-year of evidence, week by week, and what it says in words."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from growth.cadence import WEEK, spoken_date, week_of
from growth.coverage import Coverage, Covered, Evidence, Freshness, by_need
from growth.selection import excerpt

WEEKS = 26
ROWS = 18  # of the picture
A_YEAR = 52
ALT_TEXT = 1000  # what Slack takes with a file
EXCERPTS = (80, 60, 40, 24)  # characters of a criterion, shorter where there are many


@dataclass(frozen=True, slots=True)
class Timeline:
    """The coverage of the relevant criteria, and by criterion id the number of entries in each of `mondays`' weeks."""

    coverage: Coverage
    mondays: tuple[date, ...]
    weeks: Mapping[str, tuple[int, ...]]
    today: date


@dataclass(frozen=True, slots=True)
class Week:
    """How many entries that happened in one ISO week are evidence of a criterion, and the latest of their dates."""

    criterion: str
    count: int
    latest: date


def evidence(weeks: Iterable[Week]) -> dict[str, Evidence]:
    """Criterion id → all the evidence there is, however old."""
    found: dict[str, list[Week]] = defaultdict(list)
    for week in weeks:
        found[week.criterion].append(week)
    return {
        criterion: Evidence(sum(each.count for each in every), max(each.latest for each in every))
        for criterion, every in found.items()
    }


def timeline(coverage: Coverage, weeks: Iterable[Week], today: date) -> Timeline:
    """The 26 ISO weeks up to today's, oldest first.

    What is dated after today, by someone who travelled west, counts as today's.
    """
    mondays = tuple(week_of(today) - n * WEEK for n in reversed(range(WEEKS)))
    counts = Counter[tuple[str, date]]()
    for week in weeks:
        counts[week.criterion, week_of(min(week.latest, today))] += week.count
    ids = (each.criterion.id for each in coverage.criteria)
    return Timeline(coverage, mondays, {id_: tuple(counts[id_, monday] for monday in mondays) for id_ in ids}, today)


def ago(latest: date, today: date) -> str:
    """How many ISO weeks ago a date lies, as people say it."""
    weeks = (week_of(today) - week_of(latest)) // WEEK
    if weeks <= 1:
        return "last week" if weeks == 1 else "this week"
    return f"{weeks} weeks ago" if weeks <= A_YEAR else "over a year ago"


def in_words(timeline: Timeline) -> str:
    """What the picture shows, in at most 1000 characters: criteria without evidence first, then from stale to fresh.

    Of more than 18 those that need it most, as in the picture.
    """
    if not timeline.coverage.criteria:
        return "An empty picture: there are no criteria to show."
    drawn = by_need(timeline.coverage)[:ROWS]
    attempts = [(length, len(drawn)) for length in EXCERPTS]
    attempts += [(EXCERPTS[-1], shown) for shown in reversed(range(len(drawn)))]
    total = timeline.coverage.total
    texts = (_told(timeline, drawn[:shown], length, total - shown) for length, shown in attempts)
    return next(text for text in texts if len(text) <= ALT_TEXT)


def _told(timeline: Timeline, shown: Sequence[Covered], length: int, left_out: int) -> str:
    rows = (_row_in_words(each, timeline, length) for each in shown)
    return " ".join((_opening(timeline), *rows, *_and_more(left_out)))


def _opening(timeline: Timeline) -> str:
    since, until = (spoken_date(day, timeline.today) for day in (timeline.mondays[0], timeline.today))
    known = timeline.coverage
    return (
        f"Entries in the growth log by criterion and week, from {since} to {until}."
        f" {known.covered} of {known.total} criteria have evidence."
    )


def _row_in_words(covered: Covered, timeline: Timeline, length: int) -> str:
    about = f"“{excerpt(covered.criterion.sentence, length)}”"
    if covered.evidence is None:
        return f"{about}: none yet."
    entries = sum(timeline.weeks[covered.criterion.id])
    return f"{about}: {entries or 'none in these weeks'}, latest {ago(covered.evidence.latest, timeline.today)}."


def _and_more(left_out: int) -> tuple[str, ...]:
    return (f"And {left_out} more.",) if left_out else ()


def next_step(coverage: Coverage, today: date) -> str:
    """The next sensible step as one sentence: something missing, else the stalest, else a word of praise."""
    if not coverage.criteria:
        return "This step of your ladder names no criteria, so log what you are proud of."
    needy = neediest(coverage)
    about = f"“{excerpt(needy.criterion.sentence)}”"
    if coverage.covered == 0:
        return f"Every log starts with one line: what did you do lately, however small, that comes close to {about}?"
    if needy.evidence is None:
        return f"Nothing yet on {about}: one small thing you did towards it lately makes a good next entry."
    if needy.freshness is Freshness.STALE:
        since = spoken_date(needy.evidence.latest, today)
        return f"Nothing on {about} since {since}: what came of it makes a good next entry."
    return "Every criterion here has evidence from the last three months: a good time to talk it over with someone."


def neediest(coverage: Coverage) -> Covered:
    """The criterion that lacks evidence most, of at least one: what has none, else the oldest."""
    return by_need(coverage)[0]
