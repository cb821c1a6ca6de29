"""What one can open: a level, a criterion, an answer; and the overviews they are opened from."""

from collections.abc import Sequence
from datetime import date
from typing import Literal

from growth.cadence import spoken_date
from growth.entry import Written
from handlers.slack import action_ids
from handlers.slack.blocks import Block, View, actions, columns, divider, header, modal, section, small
from handlers.slack.elements import Element, button
from handlers.slack.message import Message, fullest, less, listed
from handlers.slack.position import code, judged_by, named
from handlers.slack.text import bullets, clip, cut, escape, quote
from ladder_content.model import Answer, Criterion, Ladder, Level
from ladder_content.search import Hit

LISTED, FEW = 35, 10  # criteria of one level in one message, and before their sentences are cut short
LISTED_IN_MODAL = 85
COMPARED = 1900  # characters of a list beside another one
WORDS = 240  # characters of a sentence, twelve times as many of a list of them
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


def open_one(kind: Kind, id_: str, title: str, *, short: bool) -> Element:
    """What opens it. `short`: where there is little room, the title that screen readers say is cut."""
    return button("Open", action_ids.DETAILS_OPEN, key(kind, id_), label=clip(title, 20) if short else title)


def open_all(level_id: str) -> Element:
    """What opens a level with all that leads there, where not all of it is shown."""
    return button("Open all", action_ids.DETAILS_OPEN, key("level", level_id))


def opened(ladder: Ladder, value: str, notes: Sequence[Written], today: date) -> View | None:
    """The modal of what a button names, or none if the ladder no longer has it. `notes`: the person's own, on it."""
    kind, _, id_ = value.partition(":")
    if kind == "criterion" and (criterion := ladder.criterion(id_)):
        return _criterion(criterion, ladder, notes, today)
    if kind == "level" and (level := ladder.level(id_)):
        blocks = [header(named(level)), *_about(level, WORDS), *_leading_to(level, ladder, LISTED_IN_MODAL, WORDS)]
        return modal(code(level), blocks)
    if kind == "answer" and (answer := ladder.answer(id_)):
        return _answer(answer, ladder)
    return None


def level_card(level: Level, ladder: Ladder) -> Message:
    """`/ladder L5`."""
    return listed(lambda rows, words: _card(level, ladder, rows, words), LISTED, WORDS, FEW)


def _card(level: Level, ladder: Ladder, rows: int, words: int) -> Message:
    cut_short = [actions(open_all(level.id))] if words < WORDS and rows >= len(ladder.criteria_to(level.id)) else []
    blocks = (header(named(level)), *_about(level, words), *_leading_to(level, ladder, rows, words), *cut_short)
    return Message(escape(named(level)), blocks)


def _about(level: Level, words: int) -> list[Block]:
    facets = (f"*{title}*\n{clip(bullets(getattr(level, name)), 12 * words)}" for title, name in FACETS)
    return [section(clip(escape(level.summary), 12 * words)), *(section(text) for text in facets)]


def _leading_to(level: Level, ladder: Ladder, rows: int, words: int) -> list[Block]:
    """The criteria that lead to a level; the lowest has none."""
    found = ladder.criteria_to(level.id)
    if not found:
        return []
    more = f"And {len(found) - rows} more. `/ladder find …` looks through all of them."
    return [
        divider(),
        section(f"*What leads to {escape(code(level))}*"),
        *(
            section(
                f"•  {clip(escape(each.sentence), words)}",
                open_one("criterion", each.id, each.sentence, short=words < WORDS),
            )
            for each in found[:rows]
        ),
        *([section(more, open_all(level.id))] if len(found) > rows else []),
    ]


def levels(ladder: Ladder, here: Level | None) -> Message:
    """`/ladder levels`: the whole ladder, top first, as ladders stand."""
    all_of_them = len(ladder.levels)
    return listed(lambda rows, words: _levels(ladder, here, rows, words), all_of_them, 5 * WORDS, all_of_them)


def _levels(ladder: Ladder, here: Level | None, rows: int, words: int) -> Message:
    top_first = ladder.levels[::-1]
    blocks: list[Block] = []
    for level in top_first[:rows]:
        mark = "  ←  you are here" if here and level.id == here.id else ""
        text = f"*{clip(escape(named(level)), words)}*{mark}\n{clip(escape(level.summary), words)}"
        blocks.append(section(text, open_one("level", level.id, named(level), short=words < WORDS)))
    below = clip(", ".join(escape(code(level)) for level in top_first[rows:]), 5 * words)
    if below:
        blocks.append(small(f"Below these: {below}. `/ladder {escape(code(ladder.levels[0]))}` shows one of them."))
    pair = escape(" ".join(code(level) for level in ladder.levels[-2:]))
    tip = [small(f"`/ladder compare {pair}` puts two side by side.")] if len(ladder.levels) > 1 else []
    title = ladder.ladder.title
    return Message(escape(f"{title}: {len(ladder.levels)} levels"), (header(title), *blocks, *tip))


def compare(lower: Level, higher: Level, ladder: Ladder) -> Message:
    """`/ladder compare L4 L5`: facet by facet, then what lies between the two."""
    return fullest(lambda words: _compared(lower, higher, ladder, words), less(COMPARED, 150))


def _compared(lower: Level, higher: Level, ladder: Ladder, words: int) -> Message:
    """With so many characters in a column."""
    title = f"{named(lower)}  and  {named(higher)}"
    one, other = (clip(escape(code(level)), 120) for level in (lower, higher))
    facets = (
        columns(
            f"*{one}: {name.lower()}*\n{clip(bullets(getattr(lower, facet), COMPARED), words)}",
            f"*{other}: {name.lower()}*\n{clip(bullets(getattr(higher, facet), COMPARED), words)}",
        )
        for name, facet in FACETS
    )
    between = [each.sentence for each in ladder.relevant(lower.id, higher.id)]
    text = f"*What lies between them: {len(between)} criteria*\n{clip(bullets(between), 3 * words // 2)}"
    rest = [small(f"Not all of it has room here: `/ladder {one}` and `/ladder {other}` have more.")]
    blocks = (header(title), *facets, divider(), section(text), *(rest if words < COMPARED else []))
    return Message(escape(title), blocks)


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
    return fullest(lambda words: _found(lead, hits, words), less(5 * WORDS, 80))


def _found(lead: str, hits: Sequence[Hit], words: int) -> Message:
    rows = [
        section(_hit(hit, words), button("Open", action_ids.DETAILS_OPEN, key(hit.kind, hit.id), label=hit.title))
        for hit in hits
    ]
    return Message(f"{len(hits)} found on the ladder", (section(lead), *rows))


def _hit(hit: Hit, words: int) -> str:
    where = f" · {hit.level_id.upper()}" if hit.level_id and hit.kind == "criterion" else ""
    snippet = f"\n{clip(escape(hit.snippet), words)}" if hit.snippet and hit.snippet != hit.title else ""
    return f"*{clip(escape(hit.title), words)}*{snippet}\n_{KINDS[hit.kind]}{where}_"


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
        actions(button("Log something on this", action_ids.LOG_OPEN, criterion.id, style="primary")),
    ]
    return modal("What it asks", blocks)


def _answer(answer: Answer, ladder: Ladder) -> View:
    related = [found.sentence for each in answer.see if (found := ladder.criterion(each))]
    more: list[Block] = [section(f"*On the ladder*\n{bullets(tuple(related))}")] if related else []
    return modal("Growing", [section(f"*{escape(answer.question)}*"), section(escape(answer.answer)), *more])
