"""A ladder as small as the rules allow, as the text of its files: tests break it in one place."""

from pathlib import Path

LADDER = """\
ladder:
  id: tiny
  title: Tiny ladder
  version: 1.0.0
  locale: en
  sources: [Our own experience]
dimensions:
  - id: impact
    title: Impact
    summary: What changes for the business.
  - id: design
    title: Design
    summary: What is built, and how well.
"""

LEVELS = """\
levels:
  - id: l1
    order: 1
    title: Apprentice
    aliases: [L1, beginner]
    summary: Learns the trade by doing it.
    role: [Learns by doing.]
    skills: [Reads code well.]
    collaboration: [Asks good questions.]
    pitfalls: [Asks too late.]
    success_measures: [Finishes small tasks.]
  - id: l2
    order: 2
    title: Journeyman
    aliases: [L2, second-level]
    summary: Does the work without help.
    role: [Works unaided.]
    skills: [Writes code well.]
    collaboration: [Answers good questions.]
    pitfalls: [Answers too soon.]
    success_measures: [Finishes whole projects.]
    top: true
"""

ANSWERS = """\
answers:
  - id: how-long
    question: How long does it take to become a Journeyman?
    answer: About three years, if one is given real work.
    keywords: [years, timeline]
    see: [l2, l2.k1]
"""


def criterion(name: str, dimension: str) -> str:
    """One criterion that leads to l2, as an item of a list."""
    return f"""\
  - id: l2.{name}
    level: l2
    dimension: {dimension}
    sentence: Does what {name} asks for.
    good: One sees in a review that {name} is done well.
    examples:
      research: Wrote the paper about {name}.
      product: Shipped the feature {name}.
    prompts:
      - id: a
        text: What was hard about {name}?
      - id: b
        text: What was easy about {name}?
      - id: c
        text: Who helped you with {name}?
      - id: d
        text: When was {name} last seen?
      - id: e
        text: On {{date}} you wrote “{{excerpt}}”. What came of {name}?
        follow_up: true
      - id: f
        text: You wrote “{{excerpt}}” on {{date}}. Is {name} done?
        follow_up: true
    mentor_questions:
      - Where do you see them do {name}?
      - Where do they avoid {name}?
    keywords: [{name}]
"""


def tiny() -> dict[str, str]:
    """The text of each file, by its path below the folder."""
    criteria = [criterion(f"k{n}", "design" if n == 1 else "impact") for n in range(1, 8)]
    retired = criterion("old", "impact") + "    status: retired\n    replaced_by: l2.k1\n"
    return {
        "answers.yaml": ANSWERS,
        "criteria/l2.yaml": "criteria:\n" + "".join(criteria) + retired,
        "ladder.yaml": LADDER,
        "levels.yaml": LEVELS,
    }


def write(folder: Path, texts: dict[str, str]) -> Path:
    """Writes the files below `folder`, and returns it."""
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder
