"""What tests of views share."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from growth.entry import Snippet, Written
from ladder_content.model import About, Answer, Criterion, Dimension, Ladder, Level, Prompt

NASTY = "<!channel> & <@U1|sam> <https://evil.example|x> "

SECRET = "zebra"

TODAY = date(2027, 1, 18)

SENTENCE, PARAGRAPH, NAME = 240, 1200, 60


def nasty(length: int, tail: str = "") -> str:
    """As long as it may be, nothing but trouble, and its own by its tail."""
    return (NASTY * (length // len(NASTY) + 1))[: length - len(tail) - 1].rstrip().ljust(length - len(tail), "&") + tail


def lines(count: int = 12) -> tuple[str, ...]:
    return tuple(nasty(SENTENCE, str(n)) for n in range(count))


def level(n: int, top: int) -> Level:
    return Level(
        id=f"level-{n}",
        order=n,
        title=nasty(NAME, f" {n}"),
        aliases=(nasty(NAME, f"L{n}"),),
        summary=nasty(PARAGRAPH),
        role=lines(),
        skills=lines(),
        collaboration=lines(),
        pitfalls=lines(),
        success_measures=lines(),
        top=n == top,
    )


def criterion(level_id: str, n: int) -> Criterion:
    return Criterion(
        id=f"{level_id}.{n}",
        level=level_id,
        dimension="d",
        sentence=nasty(SENTENCE, f"{level_id}-{n}"),
        good=nasty(PARAGRAPH),
        examples={"research": nasty(SENTENCE), "platform": nasty(SENTENCE), "product": nasty(SENTENCE)},
        prompts=tuple(Prompt(id=f"p{p}", text=nasty(SENTENCE)) for p in range(20)),
        mentor_questions=lines(20),
        keywords=("k",),
    )


def ladder_of(levels: int, per_level: int, to_the_second: int) -> Ladder:
    rungs = [level(n, levels) for n in range(1, levels + 1)]
    counts = {rung.id: per_level for rung in rungs[1:]} | {rung.id: to_the_second for rung in rungs[1:2]}
    return Ladder(
        ladder=About(id="x", title=nasty(NAME), version="1.0.0", locale="en", sources=()),
        dimensions=(Dimension(id="d", title=nasty(NAME), summary=nasty(PARAGRAPH)),),
        levels=tuple(rungs),
        criteria=tuple(criterion(id_, n) for id_, count in counts.items() for n in range(count)),
        answers=(Answer(id="a", question=nasty(SENTENCE), answer=nasty(PARAGRAPH), see=("level-2.1", "level-2.2")),),
    )


HUGE = ladder_of(25, 11, 47)

LINKS = ("https://example.org/" + "&" * 1900, *(f"https://example.org/{n}?a=1&b=&lt;!channel&gt;" for n in range(9)))

SNIPPET = Snippet(nasty(290) + SECRET, nasty(200), "https://northwind.slack.com/archives/C0GENERAL/p1800000000000001")

LOG = [
    Written(f"{SECRET} {NASTY * 60}".strip(), TODAY, ("level-2.1",), f"{SECRET} {NASTY * 60}".strip(), LINKS),
    Written(f"{SECRET}{'&' * 2994}", date(2020, 2, 29)),
    Written("\n" * 1500 + SECRET + "\n" * 1490, TODAY, ("no-longer-there",), "x"),
    Written(SECRET + "&<>" * 4000, TODAY, tuple(f"level-2.{n}" for n in range(10)), links=LINKS[1:], snippet=SNIPPET),
    Written("👩‍🔬 שלום " + SECRET, TODAY, impact="👩‍🔬"),
    Written("", TODAY, ("level-25.9",), "x" * 3000, snippet=SNIPPET),
    Written("", TODAY, snippet=Snippet("\x01" * 300, "sam")),
]


def texts(node: Any, kind: str) -> Iterator[str]:
    """The strings of all text objects of a kind."""
    if isinstance(node, dict):
        if node.get("type") == kind and isinstance(node.get("text"), str):
            yield node["text"]
        for value in node.values():
            yield from texts(value, kind)
    elif isinstance(node, list):
        for value in node:
            yield from texts(value, kind)
