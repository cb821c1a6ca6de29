"""Evidence per criterion: how much, how fresh, and what is missing."""

from datetime import date, timedelta

import pytest

from growth.coverage import Coverage, Evidence, Freshness, coverage, freshness
from tests.support.selection import LADDER

TODAY = date(2026, 3, 2)
A, B, C = LADDER[:3]


@pytest.mark.parametrize(
    ("days_ago", "expected"),
    [
        (0, Freshness.FRESH),
        (91, Freshness.FRESH),  # a Monday, 13 weeks ago
        (92, Freshness.STALE),
        (400, Freshness.STALE),
        (-1, Freshness.FRESH),  # logged where it is tomorrow already
    ],
)
def test_evidence_is_fresh_for_three_months(days_ago: int, expected: Freshness) -> None:
    assert freshness(Evidence(1, TODAY - timedelta(days=days_ago)), TODAY) is expected


def test_each_relevant_criterion_stands_in_ladder_order_with_its_evidence() -> None:
    recent, old = Evidence(3, TODAY), Evidence(1, date(2025, 1, 7))
    found = coverage([B, A, C], {"k1": old, "k2": recent, "k9": recent}, TODAY)

    assert [(each.criterion.id, each.evidence, each.freshness) for each in found.criteria] == [
        ("k2", recent, Freshness.FRESH),
        ("k1", old, Freshness.STALE),
        ("k3", None, Freshness.NONE),
    ]
    assert (found.covered, found.total) == (2, 3)
    assert found.gaps == (C,)


def test_nothing_relevant_is_nothing_to_cover() -> None:
    assert coverage([], {"k1": Evidence(1, TODAY)}, TODAY) == Coverage(())
    assert (Coverage(()).covered, Coverage(()).total) == (0, 0)
