"""How much of the way to the target is backed by evidence from the growth log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from growth.cadence import WEEK, week_of
from ladder_content.model import Criterion

FRESH_FOR = 13 * WEEK


class Freshness(StrEnum):
    """How recent the evidence on a criterion is."""

    NONE = "none"
    STALE = "stale"
    FRESH = "fresh"


@dataclass(frozen=True, slots=True)
class Evidence:
    """How many entries a member has on one criterion, at least one, and when the latest happened."""

    count: int
    latest: date


@dataclass(frozen=True, slots=True)
class Covered:
    """One criterion and the evidence on it, if there is any."""

    criterion: Criterion
    evidence: Evidence | None
    freshness: Freshness


@dataclass(frozen=True, slots=True)
class Coverage:
    """The relevant criteria in ladder order, each with its evidence."""

    criteria: tuple[Covered, ...]

    @property
    def total(self) -> int:
        """How many criteria are relevant."""
        return len(self.criteria)

    @property
    def covered(self) -> int:
        """How many of them have evidence, fresh or stale."""
        return self.total - len(self.gaps)

    @property
    def gaps(self) -> tuple[Criterion, ...]:
        """The criteria that have none yet."""
        return tuple(each.criterion for each in self.criteria if each.evidence is None)


def by_need(coverage: Coverage) -> list[Covered]:
    """What has no evidence first, then from the oldest to the newest."""
    return sorted(coverage.criteria, key=lambda each: each.evidence.latest if each.evidence else date.min)


def coverage(relevant: Sequence[Criterion], evidence: Mapping[str, Evidence], today: date) -> Coverage:
    """What the log says about each relevant criterion; `evidence` is keyed by criterion id."""
    found = ((criterion, evidence.get(criterion.id)) for criterion in relevant)
    return Coverage(tuple(Covered(criterion, known, freshness(known, today)) for criterion, known in found))


def carried_over(evidence: Mapping[str, Evidence], replaced: Mapping[str, str]) -> Mapping[str, Evidence]:
    """The evidence by criterion id, that on a retired criterion added to its replacement's (`replaced`: old id → new).

    An entry with the old and the new one counts for both.
    """
    found: dict[str, Evidence] = {}
    for id_, known in evidence.items():
        current = replaced.get(id_, id_)
        there = found.get(current)
        found[current] = Evidence(there.count + known.count, max(there.latest, known.latest)) if there else known
    return found


def freshness(evidence: Evidence | None, today: date) -> Freshness:
    """Fresh for three months after the latest entry, counted in ISO weeks as the picture does, then stale."""
    if evidence is None:
        return Freshness.NONE
    return Freshness.FRESH if week_of(today) - week_of(evidence.latest) <= FRESH_FOR else Freshness.STALE
