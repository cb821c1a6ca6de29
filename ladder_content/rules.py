"""What must hold in a ladder beyond its shape: each rule is a function that yields what breaks it."""

import difflib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ladder_content.model import About, Answer, Criterion, Dimension, Level, level_key
from ladder_content.source import Loc

ACTIVE_CRITERIA = 7
PROMPTS = 6
FOLLOW_UPS = 2
MENTOR_QUESTIONS = 2
PLACEHOLDERS = ("{date}", "{excerpt}")


@dataclass(frozen=True)
class Draft:
    """The parts that have the right shape, by their place in the ladder, and the ids of all parts, the others' too.

    `reserved`: the words that are commands, as `level_key` has them.
    """

    ladder: Mapping[int, About]
    dimensions: Mapping[int, Dimension]
    levels: Mapping[int, Level]
    criteria: Mapping[int, Criterion]
    answers: Mapping[int, Answer]
    ids: Mapping[str, tuple[str, ...]]
    reserved: frozenset[str] = frozenset()

    def has_all(self, *keys: str) -> bool:
        """Whether every part under these keys has the right shape, so that they can be counted."""
        return all(len(getattr(self, key)) == len(self.ids[key]) for key in keys)

    @property
    def active(self) -> dict[int, Criterion]:
        return {n: criterion for n, criterion in self.criteria.items() if criterion.status == "active"}


class Finding(NamedTuple):
    """What breaks a rule: where (nowhere: the ladder as a whole), and where the part stands that it collides with."""

    loc: Loc
    message: str
    first: Loc | None = None


Rule = Callable[[Draft], Iterator[Finding]]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint to append to a message: the known word that looks most alike, or nothing."""
    close = difflib.get_close_matches(word, sorted(known), n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def ids_are_unique(draft: Draft) -> Iterator[Finding]:
    for key, ids in draft.ids.items():
        if key != "ladder":
            yield from _repeated(((key, n, "id"), id_) for n, id_ in enumerate(ids) if id_)
    for n, criterion in draft.criteria.items():
        yield from _repeated((("criteria", n, "prompts", i, "id"), p.id) for i, p in enumerate(criterion.prompts))


def prompts_differ(draft: Draft) -> Iterator[Finding]:
    first: dict[str, Loc] = {}
    for n, criterion in draft.criteria.items():
        for i, prompt in enumerate(criterion.prompts):
            loc: Loc = ("criteria", n, "prompts", i, "text")
            same = first.setdefault(" ".join(prompt.text.casefold().split()), loc)
            if same is not loc:
                yield Finding(loc, "the same question stands elsewhere: reword one of them", same)


def prompts_suffice(draft: Draft) -> Iterator[Finding]:
    for n, criterion in draft.active.items():
        follow_ups = sum(prompt.follow_up for prompt in criterion.prompts)
        for key, count, least, what in (
            ("prompts", len(criterion.prompts), PROMPTS, "prompts"),
            ("prompts", follow_ups, FOLLOW_UPS, "prompts with `follow_up: true`"),
            ("mentor_questions", len(criterion.mentor_questions), MENTOR_QUESTIONS, "mentor questions"),
        ):
            if count < least:
                yield Finding(("criteria", n, key), f"{count} of at least {least} {what}: write more")


def placeholders_fit(draft: Draft) -> Iterator[Finding]:
    for n, criterion in draft.criteria.items():
        for i, prompt in enumerate(criterion.prompts):
            loc: Loc = ("criteria", n, "prompts", i, "text")
            rest = prompt.text
            for placeholder in PLACEHOLDERS if prompt.follow_up else ():
                if placeholder not in rest:
                    yield Finding(loc, f"prompt {prompt.id} is a follow-up: its text must say {placeholder}")
                rest = rest.replace(placeholder, "")
            if strange := re.search(r"\{[^{}]*\}|[{}]", rest):
                allowed = f"only {' and '.join(PLACEHOLDERS)}" if prompt.follow_up else "none, as it is no follow-up"
                yield Finding(loc, f"{strange.group()} cannot stand in prompt {prompt.id}: {allowed}")


def references_exist(draft: Draft) -> Iterator[Finding]:
    levels, dimensions, criteria = (set(draft.ids[key]) for key in ("levels", "dimensions", "criteria"))
    for n, criterion in draft.criteria.items():
        yield from _refers(("criteria", n, "level"), criterion.level, levels, "level")
        yield from _refers(("criteria", n, "dimension"), criterion.dimension, dimensions, "dimension")
    for n, answer in draft.answers.items():
        for i, id_ in enumerate(answer.see):
            yield from _refers(("answers", n, "see", i), id_, levels | criteria, "criterion or level")


def retired_are_replaced(draft: Draft) -> Iterator[Finding]:
    status = {criterion.id: criterion.status for criterion in draft.criteria.values()}
    for n, criterion in draft.criteria.items():
        loc: Loc = ("criteria", n, "replaced_by")
        new = criterion.replaced_by
        if criterion.status == "active":
            if new is not None:
                yield Finding(loc, "only a retired criterion has `replaced_by`: remove it, or add `status: retired`")
        elif new is None:
            yield Finding(("criteria", n, "status"), "a retired criterion needs `replaced_by`: name the one to use now")
        elif status.get(new) == "retired":
            yield Finding(loc, f"{new} is retired itself: name a criterion that is active")
        else:
            yield from _refers(loc, new, draft.ids["criteria"], "criterion")


def level_names_are_unique(draft: Draft) -> Iterator[Finding]:
    first: dict[str, tuple[int, Loc]] = {}
    for n, level in draft.levels.items():
        named: list[tuple[Loc, str]] = [(("levels", n, "id"), level.id), (("levels", n, "title"), level.title)]
        named += [(("levels", n, "aliases", i), alias) for i, alias in enumerate(level.aliases)]
        for loc, name in named:
            key = level_key(name)
            if key in draft.reserved:
                yield Finding(loc, f"“{name}” is a command: a level cannot be called that")
            other, where = first.setdefault(key, (n, loc))
            if other != n and level.id != draft.levels[other].id:
                yield Finding(loc, f"“{name}” already means {draft.levels[other].id}: each name needs one level", where)


def one_ladder(draft: Draft) -> Iterator[Finding]:
    if not draft.ids["ladder"]:
        yield Finding((), "no file has the key `ladder`: add it, with id, title, version, locale and sources")
    for n in range(1, len(draft.ids["ladder"])):
        yield Finding(("ladder", n), "`ladder` stands twice: keep one", ("ladder", 0))


def levels_form_a_ladder(draft: Draft) -> Iterator[Finding]:
    if not draft.has_all("levels"):
        return
    if len(draft.levels) < 2:
        yield Finding((), f"a ladder needs at least two levels, and this one has {len(draft.levels)}: add to `levels`")
        return
    if repeated := list(_repeated((("levels", n, "order"), str(level.order)) for n, level in draft.levels.items())):
        yield from repeated
        return
    highest = max(draft.levels, key=lambda n: draft.levels[n].order)
    if not draft.levels[highest].top:
        yield Finding(("levels", highest), "this is the highest level: add `top: true`")
    for n, level in draft.levels.items():
        if level.top and n != highest:
            yield Finding(("levels", n, "top"), f"only the highest level, {draft.levels[highest].id}, is the top")


def steps_are_complete(draft: Draft) -> Iterator[Finding]:
    if not draft.levels or not draft.has_all("dimensions", "levels", "criteria"):
        return
    lowest, *steps = sorted(draft.levels, key=lambda n: draft.levels[n].order)
    for n, criterion in draft.criteria.items():
        if criterion.level == draft.levels[lowest].id:
            message = f"{criterion.level} is the lowest level, and nothing leads there: name the level above"
            yield Finding(("criteria", n, "level"), message)
    for n in steps:
        level = draft.levels[n]
        counts = Counter(c.dimension for c in draft.active.values() if c.level == level.id)
        if counts.total() < ACTIVE_CRITERIA:
            message = f"{counts.total()} of at least {ACTIVE_CRITERIA} active criteria lead to this level: write more"
            yield Finding(("levels", n), message)
        for dimension in draft.dimensions.values():
            if not counts[dimension.id]:
                yield Finding(("levels", n), f"no active criterion of dimension {dimension.id} leads here: write one")


RULES: tuple[Rule, ...] = (
    one_ladder,
    ids_are_unique,
    level_names_are_unique,
    levels_form_a_ladder,
    references_exist,
    retired_are_replaced,
    prompts_suffice,
    prompts_differ,
    placeholders_fit,
    steps_are_complete,
)


def _repeated(values: Iterable[tuple[Loc, str]]) -> Iterator[Finding]:
    first: dict[str, Loc] = {}
    for loc, value in values:
        if value in first:
            yield Finding(loc, f"`{loc[-1]}` {value} is taken: choose another", first[value])
        else:
            first[value] = loc


def _refers(loc: Loc, id_: str, known: Iterable[str], what: str) -> Iterator[Finding]:
    if id_ not in known:
        yield Finding(loc, f"there is no {what} {id_}{did_you_mean(id_, known)}")
