"""Which question comes next: the rules one by one, then what they add up to in a year."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from growth.coverage import Evidence
from growth.selection import EXCERPT_LENGTH, Asked, Choice, Remembered, choose, excerpt
from ladder_content.model import Criterion, Prompt
from tests.support.selection import LADDER, criterion

TODAY = date(2026, 11, 30)  # a Monday
WEDNESDAY = TODAY + timedelta(days=2)


def columns(asked: Sequence[tuple[str, str]]) -> Asked:
    """Criteria and prompts, given as pairs."""
    return Asked([criterion for criterion, _ in asked], [prompt for _, prompt in asked])


@dataclass(frozen=True)
class Given:
    """A state: criteria by name, questions as “k1a k2c”, newest first; each piece of evidence has an entry to quote."""

    names: str
    asked: str = ""
    evidence: Mapping[str, date] = field(default_factory=dict)
    focus: str | None = None
    today: date = TODAY

    def choice(self) -> Choice | None:
        return choose(
            [each for each in LADDER if each.id in self.names.split()],
            columns([(each[:2], each[2:]) for each in self.asked.split()]),
            {name: Evidence(1, on) for name, on in self.evidence.items()},
            {name: Remembered(on, f"Did {name}.", 1) for name, on in self.evidence.items()},
            self.focus,
            self.today,
        )

    def chosen(self) -> str | None:
        """The choice in the same short form."""
        choice = self.choice()
        return f"{choice.criterion.id}{choice.prompt.id}" if choice else None


OLD, OLDER, OLDEST = date(2026, 10, 3), date(2026, 9, 2), date(2025, 8, 1)


@pytest.mark.parametrize(
    ("expected", "state"),
    [
        pytest.param("k1a", Given("k1 k2 k3"), id="at the very start: ladder order"),
        pytest.param("k3a", Given("k1 k2 k3", "k1a k2a"), id="not one of the last two"),
        pytest.param("k2b", Given("k1 k2", "k1a k2a"), id="of two, not the last"),
        pytest.param("k1b", Given("k1", "k1a"), id="of one, that one"),
        pytest.param("k2a", Given("k1 k2", "k1a k1b k1c"), id="one asked often, the other never"),
        pytest.param("k3a", Given("k1 k2 k3", "", {"k1": OLD, "k2": OLDEST}), id="no evidence before oldest evidence"),
        pytest.param("k2f", Given("k1 k2 k3", "k9a k9b k2e", {"k1": OLD, "k2": OLDEST, "k3": OLDER}), id="oldest"),
        pytest.param("k3e", Given("k1 k2 k3", "k2a k2b", {"k1": OLD, "k2": OLDEST, "k3": OLDER}), id="oldest, rested"),
        pytest.param("k2b", Given("k1 k2", "k9a k9b k1a k2a k1b"), id="asked least"),
        pytest.param("k2e", Given("k1 k2", "k9a k9b k1a", {"k1": OLD, "k2": OLD}), id="same day: asked least"),
        pytest.param("k1b", Given("k1 k2", "k9a k9b k2a k1a"), id="asked equally: ladder order"),
        pytest.param("k3a", Given("k1 k2 k3", focus="k3"), id="focus first"),
        pytest.param(
            "k3b", Given("k1 k2 k3", "k1a k3a", focus="k3"), id="focus on every second, though one of the last two"
        ),
        pytest.param("k2a", Given("k1 k2 k3", "k3b k1a k3a", focus="k3"), id="the others between"),
        pytest.param("k3b", Given("k3", "k3a", focus="k3"), id="focus alone"),
        pytest.param("k1a", Given("k1 k2", focus="k9"), id="a focus that is not relevant any more"),
        pytest.param(None, Given(""), id="nothing relevant"),
    ],
)
def test_criterion(expected: str | None, state: Given) -> None:
    assert state.chosen() == expected


@pytest.mark.parametrize(
    ("expected", "state"),
    [
        pytest.param("k1a", Given("k1"), id="nothing to follow"),
        pytest.param("k1e", Given("k1", "", {"k1": OLD}), id="a follow-up first where there is something to follow"),
        pytest.param("k1e", Given("k1", "k1a", {"k1": OLD}), id="an unseen follow-up"),
        pytest.param("k1f", Given("k1", "k1e k1a", {"k1": OLD}), id="then the other"),
        pytest.param("k1b", Given("k1", "k1f k1e k1a", {"k1": OLD}), id="then plain ones"),
        pytest.param("k1b", Given("k1", "k1d k1c k1a k1b"), id="all seen: not for longest"),
        pytest.param("k1c", Given("k1", "k1a k1b k1d k1c k1a k1b"), id="its last time counts"),
        pytest.param(
            "k1a", Given("k1", "k1f k1e k1d k1c k1b k1a", {"k1": OLD}), id="all seen, with something to follow"
        ),
        pytest.param("k1a", Given("k1", "k2a k2b k2c"), id="another criterion's prompts are others"),
        pytest.param("k1e", Given("k1", "k1f k1e", {"k1": TODAY}), id="logged this week: a next step, though seen"),
    ],
)
def test_prompt(expected: str, state: Given) -> None:
    assert state.chosen() == expected


@pytest.mark.parametrize(
    ("expected", "state"),
    [
        ("Nothing in your log on this yet.", Given("k1")),
        ("Nothing in your log on this since 3 October.", Given("k1", "", {"k1": OLD})),
        ("Nothing in your log on this since 1 August 2025.", Given("k1", "", {"k1": OLDEST})),
        ("Nothing in your log on this since 29 November.", Given("k1", "", {"k1": TODAY - timedelta(days=1)})),
        ("You chose this as your focus.", Given("k1", "", focus="k1")),
        ("You chose this as your focus.", Given("k1", "", {"k1": OLD}, focus="k1")),
        ("Nothing in your log on this yet.", Given("k1 k2", "k1a", focus="k1")),
        (
            "You logged something on this on Monday, so here is the next step.",
            Given("k1", "", {"k1": TODAY}, today=WEDNESDAY),
        ),
        ("You logged something on this today, so here is the next step.", Given("k1", "", {"k1": TODAY})),
        ("You logged something on this today, so here is the next step.", Given("k1", "", {"k1": WEDNESDAY})),
        ("You logged something on this today, so here is the next step.", Given("k1", "", {"k1": TODAY}, focus="k1")),
    ],
)
def test_why(expected: str, state: Given) -> None:
    choice = state.choice()
    assert choice is not None
    assert choice.why == expected


YOU_WROTE = "On {date} you wrote “{excerpt}”. And then?"


@pytest.mark.parametrize(
    ("expected", "wording", "on", "text"),
    [
        ("On 3 October you wrote “Shipped it”. And then?", YOU_WROTE, OLD, "Shipped it.\n"),
        ("On 1 August 2025 you wrote “Shipped it!”. And then?", YOU_WROTE, OLDEST, "Shipped  it!"),
        ("On 3 October you wrote “{date} {excerpt} {0} %s”. And then?", YOU_WROTE, OLD, "{date} {excerpt} {0} %s"),
        ("“{date}” on 3 October?", "“{excerpt}” on {date}?", OLD, "{date}"),
        ("Something else altogether?", YOU_WROTE, OLD, " \n… "),
    ],
)
def test_follow_up_quotes_the_entry_as_it_is(expected: str, wording: str, on: date, text: str) -> None:
    prompts = (Prompt(id="a", text="Something else altogether?"), Prompt(id="e", text=wording, follow_up=True))
    only = criterion("k1", prompts)
    choice = choose([only], Asked(), {"k1": Evidence(1, on)}, {"k1": Remembered(on, text, 1)}, None, TODAY)
    assert choice is not None
    assert choice.question == expected


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("", ""),
        ("", " \n\t"),
        ("", "." * 100),
        ("one two three", "one\n two\t\r\nthree."),
        ("x" * 80, "x" * 80),
        ("x" * 79 + "…", "x" * 81),
        ("長" * 79 + "…", "長" * 200),
        ("x" * 79 + "…", "x" * 79 + " y"),
        ("x" * 70 + ", and…", "x" * 70 + ", and " + "y" * 20),
        ("x" * 70 + "…", "x" * 70 + " – " + "y" * 20),
        ("https://example.org/" + "a" * 59 + "…", "https://example.org/" + "a" * 200),
    ],
)
def test_excerpt(expected: str, text: str) -> None:
    assert excerpt(text) == expected


@given(st.text(max_size=200))
def test_excerpt_is_a_short_line_from_the_entry(text: str) -> None:
    cut = excerpt(text)
    assert len(cut) <= EXCERPT_LENGTH
    assert len(cut.splitlines()) <= 1
    assert " ".join(text.split()).startswith(cut.removesuffix("…"))


names = st.sampled_from([each.id for each in LADDER])
questions = st.lists(st.tuples(names, st.sampled_from("abcdef")), max_size=30).map(columns)
entries = st.dictionaries(names, st.builds(Remembered, st.dates(OLDEST, TODAY), st.text(min_size=1)))
ladders = st.lists(st.sampled_from(LADDER), unique_by=lambda each: each.id)


@given(ladders, questions, entries, st.none() | names)
def test_any_state_gives_one_choice_and_always_the_same(
    relevant: list[Criterion],
    asked: Asked,
    remembered: dict[str, Remembered],
    focus: str | None,
) -> None:
    evidence = {name: Evidence(1, entry.on) for name, entry in remembered.items()}
    choice = choose(relevant, asked, evidence, remembered, focus, TODAY)
    offered = [each.id for each in relevant]
    if choice is None:
        assert not offered
        return

    backwards = dict(reversed(remembered.items())), dict(reversed(evidence.items()))
    assert choose(tuple(relevant), asked, backwards[1], backwards[0], focus, TODAY) == choice

    picked, last_two = choice.criterion.id, set(asked.criteria[:2])
    assert picked in offered
    assert picked not in last_two or picked == focus or not set(offered) - last_two
    assert not choice.prompt.follow_up or picked in remembered


@given(
    st.dates(date(2000, 1, 1), date(2037, 1, 1)),
    st.lists(st.tuples(st.integers(0, 6), st.text("abc {}.\n", min_size=1)), min_size=52, max_size=52),
)
def test_a_year_of_answers_hears_no_question_twice(start: date, answers: list[tuple[int, str]]) -> None:
    asked: list[tuple[str, str]] = []
    evidence: dict[str, Evidence] = {}
    remembered: dict[str, Remembered] = {}
    heard: list[str] = []
    for week, (days_later, text) in enumerate(answers):
        today = start + timedelta(weeks=week)
        choice = choose(LADDER, columns(asked), evidence, remembered, None, today)
        assert choice is not None
        heard.append(choice.question)
        name = choice.criterion.id
        asked.insert(0, (name, choice.prompt.id))
        answered = today + timedelta(days=days_later)
        evidence[name] = replace(evidence.get(name, Evidence(0, answered)), latest=answered)
        remembered[name] = Remembered(answered, f"Answered: {text}", 1)

    assert len(set(heard)) == len(heard)
    times = Counter(name for name, _ in asked)
    assert all(4 <= times[each.id] <= 8 for each in LADDER)


def test_a_year_of_silence_goes_round_the_ladder() -> None:
    asked: list[tuple[str, str]] = []
    for _ in range(36):
        choice = choose(LADDER, columns(asked), {}, {}, None, TODAY)
        assert choice is not None
        asked.insert(0, (choice.criterion.id, choice.prompt.id))
    assert [name for name, _ in reversed(asked)] == [each.id for each in LADDER] * 4
    assert len(set(asked)) == 36
