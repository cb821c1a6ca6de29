"""Which criterion and which prompt to ask next, and why: the same state in gives the same choice out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import compress
from typing import NamedTuple

from growth.cadence import spoken_date, week_of
from growth.coverage import Evidence
from ladder_content.model import Criterion, Prompt

EXCERPT_LENGTH = 80
LOOSE_ENDS = " .,;:–—-…"
TAKEN_OUT = "(taken out)"


class Asked(NamedTuple):
    """The questions that a member was asked, newest first: the ids of their criteria and prompts, side by side."""

    criteria: Sequence[str] = ()
    prompts: Sequence[str] = ()


class Remembered(NamedTuple):
    """The latest entry on a criterion, for a follow-up to quote: its date, its text and its id."""

    on: date
    text: str
    entry: int


class Pick(NamedTuple):
    """The criterion to ask about. `focused`: because it is the focus, and its turn."""

    criterion: Criterion
    focused: bool = False


class Choice(NamedTuple):
    """What to ask: the prompt as `question`, ready to read, and why in one sentence.

    `quotes` is the id of the entry that it quotes.
    """

    criterion: Criterion
    prompt: Prompt
    question: str
    why: str
    quotes: int | None = None


def choose(
    relevant: Sequence[Criterion],
    asked: Asked,
    evidence: Mapping[str, Evidence],
    remembered: Mapping[str, Remembered],
    focus: str | None,
    today: date,
) -> Choice | None:
    """The next question, or None if no criterion is left.

    `relevant` is in ladder order; the mappings are keyed by criterion id, as is `focus`. `today`
    is the member's own.
    """
    picked = pick(relevant, asked, evidence, focus)
    if picked is None:
        return None
    about = picked.criterion.id
    return ask(picked, asked, evidence.get(about), remembered.get(about), today)


def pick(
    relevant: Sequence[Criterion], asked: Asked, evidence: Mapping[str, Evidence], focus: str | None
) -> Pick | None:
    """The first half of `choose`: the criterion."""
    if not relevant:
        return None
    if focused := focus_in_turn(relevant, asked, focus):
        return Pick(focused, focused=True)
    return Pick(neediest(rested(relevant, asked), asked, evidence))


def ask(picked: Pick, asked: Asked, known: Evidence | None, entry: Remembered | None, today: date) -> Choice:
    """The second half of `choose`: the prompt, given the evidence and the latest entry on the criterion."""
    next_step = known is not None and is_this_week(known.latest, today)
    prompt = next_prompt(picked.criterion, asked, entry, next_step)
    quotes = entry.entry if entry and prompt.follow_up else None
    return Choice(picked.criterion, prompt, render(prompt, entry, today), why(known, picked.focused, today), quotes)


def successor(relevant: Sequence[Criterion], current: str) -> Criterion:
    """The criterion after the current one, from the last on to the first: who asks for another gets round them all."""
    ids = [criterion.id for criterion in relevant]
    return relevant[(ids.index(current) + 1) % len(ids) if current in ids else 0]


def focus_in_turn(offered: Sequence[Criterion], asked: Asked, focus: str | None) -> Criterion | None:
    """The focus on every second check-in, that is unless it was asked last."""
    asked_last = asked.criteria[0] if asked.criteria else None
    return next((criterion for criterion in offered if criterion.id == focus != asked_last), None)


def rested(offered: Sequence[Criterion], asked: Asked) -> Sequence[Criterion]:
    """Those that are not one of the last two asked; if there are none, those not asked last; else all."""
    for length in (2, 1):
        recent = set(asked.criteria[:length])
        if others := [criterion for criterion in offered if criterion.id not in recent]:
            return others
    return offered


def neediest(offered: Sequence[Criterion], asked: Asked, evidence: Mapping[str, Evidence]) -> Criterion:
    """One without evidence first, then the oldest evidence, then the one asked least, then ladder order."""
    times_asked = Counter(asked.criteria)

    def need(criterion: Criterion) -> tuple[date, int]:
        known = evidence.get(criterion.id)
        return (known.latest if known else date.min, times_asked[criterion.id])

    return min(offered, key=need)


def next_prompt(criterion: Criterion, asked: Asked, entry: Remembered | None, next_step: bool) -> Prompt:
    """The prompt not seen for longest, of equals a follow-up first; for a next step a follow-up before all others.

    Follow-ups count only where there is something to follow. Every criterion has prompts that are none.
    """
    something_to_follow = entry is not None and quotable(entry.text)

    seen = list(compress(asked.prompts, map(criterion.id.__eq__, asked.criteria)))

    def urgency(prompt: Prompt) -> tuple[bool, int, bool]:
        unseen_for = seen.index(prompt.id) if prompt.id in seen else len(seen)
        return (next_step and prompt.follow_up, unseen_for, prompt.follow_up)

    return max((each for each in criterion.prompts if something_to_follow or not each.follow_up), key=urgency)


def is_this_week(on: date, today: date) -> bool:
    """Whether a date lies in today's ISO week, or later where the log ran ahead."""
    return on >= week_of(today)


def why(known: Evidence | None, is_focus: bool, today: date) -> str:
    """The rule that decided, as a sentence for the member."""
    if known and is_this_week(known.latest, today):
        day = "today" if known.latest >= today else f"on {known.latest:%A}"
        return f"You logged something on this {day}, so here is the next step."
    if is_focus:
        return "You chose this as your focus."
    if known is None:
        return "Nothing in your log on this yet."
    return f"Nothing in your log on this since {spoken_date(known.latest, today)}."


def render(prompt: Prompt, entry: Remembered | None, today: date) -> str:
    """The prompt's text; a follow-up names the date of the entry and quotes it."""
    if entry is None or not prompt.follow_up:
        return prompt.text
    # Not str.format, and the excerpt last: braces in what a person wrote stay what they are.
    dated = prompt.text.replace("{date}", spoken_date(entry.on, today))
    return dated.replace("{excerpt}", excerpt(entry.text))


def quotable(text: str) -> bool:
    """Whether there are words in it to quote."""
    return excerpt(text) != ""


def excerpt(text: str, length: int = EXCERPT_LENGTH) -> str:
    """The start of an entry on one line, at most `length` characters, cut at a word; empty if there are no words."""
    line = " ".join(text.split()).rstrip(LOOSE_ENDS)
    if len(line) <= length:
        return line
    head = line[:length]
    at_word = head.rpartition(" ")[0].rstrip(LOOSE_ENDS)
    return (at_word or head[:-1]) + "…"
