"""What one can open: a level, a criterion, an answer; and the overviews they are opened from."""

from collections.abc import Sequence
from datetime import date
from typing import Literal

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from growth.cadence import spoken_date
from handlers.views import log
from handlers.views.log import Written
from handlers.views.message import Message, actions, button, columns, divider, header, modal, section, small
from handlers.views.standing import code, judged_by, named
from handlers.views.text import bullets, cut, escape, quote
from ladder_content.model import Answer, Criterion, Ladder, Level
from ladder_content.search import Hit

OPEN = "details.open"
LISTED = 35  # criteria of one level in one message
Kind = Literal["criterion", "level", "answer"]
KINDS = {"criterion": "Criterion", "level": "Level", "answer": "Answer"}
FACETS = (
    ("The role", "role"),
    ("Skills", "skills"),
    ("Working with others", "collaboration"),
    ("What trips people up", "pitfalls"),
    ("How it is measured", "success_measures"),
)


def key(kind: Kind, id_: str) -> str:
    """The value of a button that opens something."""
    return f"{kind}:{id_}"


def opened(ladder: Ladder, value: str, notes: Sequence[Written], today: date) -> View | None:
    """The modal of what a button names, or none if the ladder no longer has it. `notes`: the person's own, on it."""
    kind, _, id_ = value.partition(":")
    if kind == "criterion" and (criterion := ladder.criterion(id_)):
        return _criterion(criterion, ladder, notes, today)
    if kind == "level" and (level := ladder.level(id_)):
        return modal(code(level), [header(named(level)), *about(level), *leading_to(level, ladder)])
    if kind == "answer" and (answer := ladder.answer(id_)):
        return _answer(answer, ladder)
    return None


def level_card(level: Level, ladder: Ladder) -> Message:
    """`/ladder L5`."""
    return Message(escape(named(level)), (header(named(level)), *about(level), *leading_to(level, ladder)))


def about(level: Level) -> list[Block]:
    facets = (f"*{title}*\n{bullets(getattr(level, name))}" for title, name in FACETS)
    return [section(escape(level.summary)), *(section(text) for text in facets)]


def leading_to(level: Level, ladder: Ladder) -> list[Block]:
    """The criteria that lead to a level; the lowest has none."""
    found = ladder.criteria_to(level.id)
    if not found:
        return []
    more = f"And {len(found) - LISTED} more. `/ladder find …` looks through all of them."
    return [
        divider(),
        section(f"*What leads to {escape(code(level))}*"),
        *(
            section(f"•  {escape(each.sentence)}", button("Open", OPEN, key("criterion", each.id), label=each.sentence))
            for each in found[:LISTED]
        ),
        *([small(more)] if len(found) > LISTED else []),
    ]


def levels(ladder: Ladder, here: Level | None) -> Message:
    """`/ladder levels`: the whole ladder, top first, as ladders stand."""
    rows: list[Block] = []
    for level in reversed(ladder.levels):
        mark = "  ←  you are here" if here and level.id == here.id else ""
        text = f"*{escape(named(level))}*{mark}\n{escape(level.summary)}"
        rows.append(section(text, button("Open", OPEN, key("level", level.id), label=named(level))))
    title = ladder.ladder.title
    pair = " ".join(code(level) for level in ladder.levels[-2:])
    tip = small(f"`/ladder compare {escape(pair)}` puts two side by side.")
    return Message(escape(f"{title}: {len(rows)} levels"), (header(title), *rows, *([tip] if len(rows) > 1 else [])))


def compare(lower: Level, higher: Level, ladder: Ladder) -> Message:
    """`/ladder compare L4 L5`: facet by facet, then what lies between the two."""
    title = f"{named(lower)}  and  {named(higher)}"
    facets = (
        columns(
            f"*{escape(code(lower))}: {name.lower()}*\n{bullets(getattr(lower, facet), 1900)}",
            f"*{escape(code(higher))}: {name.lower()}*\n{bullets(getattr(higher, facet), 1900)}",
        )
        for name, facet in FACETS
    )
    between = [each.sentence for each in ladder.relevant(lower.id, higher.id)]
    text = f"*What lies between them: {len(between)} criteria*\n{bullets(tuple(between))}"
    return Message(escape(title), (header(title), *facets, divider(), section(text)))


def found(words: str, hits: Sequence[Hit], *, guessed: bool = False) -> Message:
    """`/ladder find …`. `guessed`: the words were no command, so they were looked for."""
    quoted = escape(cut(words, 80))
    if not hits:
        return Message.of(
            f"Nothing on the ladder matches “{quoted}”. Try other words, or `/ladder levels` for the whole of it."
        )
    lead = (
        f"“{quoted}” is no command I know, so I looked for it:"
        if guessed
        else f"What the ladder says about “{quoted}”:"
    )
    rows = [section(_hit(hit), button("Open", OPEN, key(hit.kind, hit.id), label=hit.title)) for hit in hits]
    return Message(f"{len(hits)} found on the ladder", (section(lead), *rows))


def _hit(hit: Hit) -> str:
    where = f" · {hit.level_id.upper()}" if hit.level_id and hit.kind == "criterion" else ""
    snippet = f"\n{escape(hit.snippet)}" if hit.snippet and hit.snippet != hit.title else ""
    return f"*{escape(hit.title)}*{snippet}\n_{KINDS[hit.kind]}{where}_"


def _criterion(criterion: Criterion, ladder: Ladder, notes: Sequence[Written], today: date) -> View:
    level = ladder.level(criterion.level)
    examples = "\n".join(f"•  _{flavour}_: {escape(text)}" for flavour, text in criterion.examples.items())
    questions = tuple(prompt.text for prompt in criterion.prompts if not prompt.follow_up)
    blocks: list[Block] = [
        section(f"*{escape(criterion.sentence)}*"),
        small(f"{judged_by(criterion, ladder)} · leads to {escape(named(level)) if level else criterion.level}"),
        section(f"*What good looks like*\n{escape(criterion.good)}"),
        section(f"*For example*\n{examples}"),
        section(f"*Questions to ask yourself*\n{bullets(questions)}"),
        section(f"*For a 1:1 with your mentor*\n{bullets(criterion.mentor_questions)}"),
        divider(),
        *(section(f"{spoken_date(note.happened_on, today)}\n{quote(note.gist, 600)}") for note in notes),
        *([] if notes else [small("Nothing in your log on this yet.")]),
        actions(button("Log something on this", log.OPEN, criterion.id, style="primary")),
    ]
    return modal("What it asks", blocks)


def _answer(answer: Answer, ladder: Ladder) -> View:
    related = [found.sentence for each in answer.see if (found := ladder.criterion(each))]
    more: list[Block] = [section(f"*On the ladder*\n{bullets(tuple(related))}")] if related else []
    return modal("Growing", [section(f"*{escape(answer.question)}*"), section(escape(answer.answer)), *more])
