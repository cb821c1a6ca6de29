"""The words of an entry suggest the criteria it is evidence of, and small talk suggests none."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ladder_content.loader import default_folder, load
from ladder_content.model import Criterion, Ladder
from ladder_content.search import Index
from tests.support.entries_for_suggest import HELD_OUT, NONE, TUNED
from tests.support.ladder_content_files import tiny, write

PROFILED = "Profiled the ranker and cut p99 latency from 300 to 120 ms with batching, GPU bill down a third."


@pytest.fixture(scope="module")
def shipped() -> Ladder:
    return load(default_folder())


@pytest.fixture(scope="module")
def index(shipped: Ladder) -> Index:
    return Index(shipped)


def step(ladder: Ladder, criterion_id: str) -> tuple[Criterion, ...]:
    criterion = ladder.criterion(criterion_id)
    assert criterion, criterion_id
    return ladder.criteria_to(criterion.level)


def shares(ladder: Ladder, index: Index, table: Sequence[tuple[str, str]]) -> tuple[float, float]:
    """Of the entries, how many have their criterion suggested first, and how many among the three suggested."""
    ranks = []
    for wanted, words in table:
        suggested = [each.id for each in index.suggest(words, step(ladder, wanted))]
        ranks.append(suggested.index(wanted) + 1 if wanted in suggested else 0)
    return ranks.count(1) / len(ranks), sum(rank > 0 for rank in ranks) / len(ranks)


def test_the_tables_are_as_they_claim(shipped: Ladder) -> None:
    everything = {each.id for level in shipped.levels for each in shipped.criteria_to(level.id)}
    assert {wanted for wanted, _ in TUNED} == {wanted for wanted, _ in HELD_OUT} == everything
    entries = [words for _, words in (*TUNED, *HELD_OUT)] + list(NONE)
    assert len(set(entries)) == len(entries)


@pytest.mark.parametrize(
    ("name", "table", "first", "three"), [("tuned", TUNED, 0.88, 0.93), ("held out", HELD_OUT, 0.75, 0.84)]
)
def test_entries_suggest_what_they_are_evidence_of(
    shipped: Ladder, index: Index, name: str, table: Sequence[tuple[str, str]], first: float, three: float
) -> None:
    top_1, top_3 = shares(shipped, index, table)
    print(f"\n{name}: {len(table)} entries, top-1 {top_1:.0%}, top-3 {top_3:.0%}")  # noqa: T201 (read with -s)
    assert top_1 >= first
    assert top_3 >= three


def test_small_talk_suggests_next_to_nothing(shipped: Ladder, index: Index) -> None:
    asked = [(words, shipped.criteria_to(level.id)) for words in NONE for level in shipped.levels[1:]]
    wrong = [(words, found[0].id) for words, relevant in asked if (found := index.suggest(words, relevant))]
    print(f"\nsmall talk: {len(wrong)} of {len(asked)} suggest something:", *wrong, sep="\n")  # noqa: T201 (read with -s)
    assert len(wrong) <= len(asked) / 10


@pytest.mark.parametrize(
    "words",
    [
        "had lunch with the team",
        "",
        " ",
        "?!",
        "\0",
        "\ud800",
        "🏖️🎉",
        "שלום",
        "مرحبا بالعالم",
        "the and of",
        "11, 26, 41, 000, 140, 310, 22",
        '"',
        "AND",
    ],
)
def test_what_is_no_evidence_suggests_nothing(shipped: Ladder, index: Index, words: str) -> None:
    assert index.suggest(words, shipped.criteria) == []


@pytest.mark.parametrize(
    "noise",
    [
        "🚀" * 50,
        "\0",
        " مودل שלום ",
        '" OR {title} : NEAR(* ^-',
        "'; DROP TABLE part; --",
        "x" * 10_000,
        "e\u0301\ud800",
        " " * 9_000,
    ],
    ids=["emoji", "null", "right to left", "syntax", "quotes", "one long word", "odd letters", "spaces"],
)
def test_noise_does_not_hide_the_evidence(shipped: Ladder, index: Index, noise: str) -> None:
    relevant = shipped.criteria_to("l5")
    for words in (f"{noise} {PROFILED}", f"{PROFILED} {noise}"):
        assert index.suggest(words, relevant)[0].id == "l5.lean-serving"


def test_ten_thousand_characters_of_different_words(shipped: Ladder, index: Index) -> None:
    words = PROFILED + " ".join(f"{number:x}word" for number in range(1_500))
    assert len(words) > 10_000
    assert index.suggest(words, shipped.criteria_to("l5"))[0].id == "l5.lean-serving"


def test_a_clear_case_is_suggested_alone(shipped: Ladder, index: Index) -> None:
    words = "Our ML design review has five teams bringing docs now. Ines and Marco chair it, I coached both."
    assert [each.id for each in index.suggest(words, shipped.criteria_to("l6"))] == ["l6.review-bar"]


def test_only_what_is_relevant_is_suggested(shipped: Ladder, index: Index) -> None:
    assert index.suggest(PROFILED, ()) == []
    for level in shipped.levels[1:]:
        assert {each.level for each in index.suggest(PROFILED, shipped.criteria_to(level.id))} <= {level.id}
    wide = index.suggest(PROFILED, shipped.relevant("l3", "l8"), limit=45)
    narrow = [each for each in wide if each.level == "l5"]
    assert narrow == index.suggest(PROFILED, shipped.criteria_to("l5"), limit=45)[: len(narrow)]


def test_limit(shipped: Ladder, index: Index) -> None:
    words = " ".join(keyword for each in shipped.criteria_to("l6") for keyword in each.keywords)
    most = index.suggest(words, shipped.criteria_to("l6"), limit=9)
    assert len(most) > 3
    assert index.suggest(words, shipped.criteria_to("l6")) == most[:3]
    assert index.suggest(words, shipped.criteria_to("l6"), limit=0) == []
    assert index.suggest(words, shipped.criteria_to("l6"), limit=-1) == []


def test_every_criterion_is_suggested_by_its_own_words(shipped: Ladder, index: Index) -> None:
    for each in shipped.criteria:
        for words in (each.sentence, *each.examples.values()):
            assert each in index.suggest(words, step(shipped, each.id)), (each.id, words)


@pytest.mark.parametrize(
    ("keyword", "wanted"),
    [
        ("schema change", "l4.lifecycle"),
        ("product manager", "l4.direct-collaboration"),
        ("code review", "l5.teaching-reviews"),
        ("feature store", "l6.shared-framework"),
    ],
)
def test_two_words_of_a_keyword_say_more_together(shipped: Ladder, index: Index, keyword: str, wanted: str) -> None:
    first, second = keyword.split()
    assert index.suggest(f"the {first} {second}", step(shipped, wanted))[0].id == wanted
    assert index.suggest(f"the {second} and a {first}", step(shipped, wanted)) == []


def test_ties_keep_the_order_of_the_ladder_and_the_retired_are_left_out(tmp_path: Path) -> None:
    ladder = load(write(tmp_path, tiny()))
    index = Index(ladder)
    words = "Wrote what k7 and k3 asks for, and the old way."
    assert [each.id for each in index.suggest(words, ladder.criteria, limit=9)] == ["l2.k3", "l2.k7"]
    assert index.suggest(words, ladder.criteria_to("l2")[::-1], limit=9)[0].id == "l2.k3"


@given(words=st.text(max_size=200), limit=st.integers(-1, 9))
def test_any_text_will_do_and_says_the_same_twice(shipped: Ladder, index: Index, words: str, limit: int) -> None:
    suggested = index.suggest(words, shipped.criteria, limit)
    assert suggested == Index(shipped).suggest(words, shipped.criteria, limit)
    assert len(suggested) <= max(limit, 0)
