"""Frozen types of a career ladder, as its YAML says it."""

import unicodedata
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([.-][a-z0-9]+)*$", max_length=60)]
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=240)]
Paragraph = Annotated[str, StringConstraints(strip_whitespace=True, min_length=20, max_length=1200)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Flavour = Literal["research", "platform", "product"]
GLUE, GLUE_WORK = "glue", "Other work that keeps things running"  # what an entry can be evidence of on any ladder


class Part(BaseModel):
    """A piece of the ladder: immutable, and without keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class About(Part):
    """The ladder itself."""

    id: Id
    title: Name
    version: Annotated[str, StringConstraints(pattern=r"^\d+\.\d+\.\d+$")]
    locale: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")]
    sources: tuple[Annotated[str, StringConstraints(min_length=3, max_length=300)], ...]


class Dimension(Part):
    """One of the things that promotions are judged by."""

    id: Id
    title: Name
    summary: Paragraph


class Level(Part):
    """A rung: who one is there, and what goes well or wrong."""

    id: Id
    order: int
    title: Name
    aliases: Annotated[tuple[Name, ...], Field(min_length=1)]
    summary: Paragraph
    role: Annotated[tuple[Sentence, ...], Field(min_length=1)]
    skills: Annotated[tuple[Sentence, ...], Field(min_length=1)]
    collaboration: Annotated[tuple[Sentence, ...], Field(min_length=1)]
    pitfalls: Annotated[tuple[Sentence, ...], Field(min_length=1)]
    success_measures: Annotated[tuple[Sentence, ...], Field(min_length=1)]
    top: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Everything a person may call it."""
        return (self.id, self.title, *self.aliases)


class Prompt(Part):
    """A question for a weekly check-in. A follow-up quotes an earlier entry: `{date}` and `{excerpt}`."""

    id: Id
    text: Sentence
    follow_up: bool = False


class Criterion(Part):
    """One observable thing that leads to `level`; its id is never used again."""

    id: Id
    level: Id
    dimension: Id
    sentence: Sentence
    good: Paragraph
    examples: Annotated[Mapping[Flavour, Sentence], Field(min_length=2)]
    prompts: tuple[Prompt, ...]
    mentor_questions: tuple[Sentence, ...]
    keywords: Annotated[tuple[Name, ...], Field(min_length=1)]
    status: Literal["active", "retired"] = "active"
    replaced_by: Id | None = None


class Answer(Part):
    """An answer to a question people ask about growing."""

    id: Id
    question: Sentence
    answer: Paragraph
    keywords: tuple[Name, ...] = ()
    see: tuple[Id, ...] = ()


def level_key(name: str) -> str:
    """What two names of a level have in common when a person means the same: "L 5", "l-5" and "L5"."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(c for c in folded if not c.isspace() and c not in "-_")


class Ladder(Part):
    """A whole ladder, lowest level first; `load` proves that everything in it refers to something that exists."""

    ladder: About
    dimensions: tuple[Dimension, ...]
    levels: tuple[Level, ...]
    criteria: tuple[Criterion, ...]
    answers: tuple[Answer, ...] = ()

    @field_validator("levels")
    @classmethod
    def _lowest_first(cls, levels: tuple[Level, ...]) -> tuple[Level, ...]:
        return tuple(sorted(levels, key=lambda level: level.order))

    def level(self, level_id: str | None) -> Level | None:
        """The level of that id; None for a level that is not, or no longer, on this ladder."""
        return self._levels.get(level_id or "")

    def criterion(self, criterion_id: str) -> Criterion | None:
        """The criterion of that id, retired ones included."""
        return self._criteria.get(criterion_id)

    def current_id(self, criterion_id: str) -> str:
        """The id under which evidence counts: that of the replacement where the criterion is retired."""
        return self.replaced.get(criterion_id, criterion_id)

    def lineage(self, criterion_id: str) -> tuple[str, ...]:
        """The criterion, and the retired ones that it replaces."""
        return (criterion_id, *(old for old, new in self.replaced.items() if new == criterion_id))

    def sentences(self, ids: Iterable[str]) -> dict[str, str]:
        """What an entry can be evidence of, id → sentence as it is now; glue work too, and not what has left."""
        found = ((id_, self.criterion(id_)) for id_ in ids)
        return {id_: known.sentence if known else GLUE_WORK for id_, known in found if known or id_ == GLUE}

    def dimension(self, dimension_id: str) -> Dimension | None:
        """The dimension of that id."""
        return self._dimensions.get(dimension_id)

    def answer(self, answer_id: str) -> Answer | None:
        """The answer of that id."""
        return self._answers.get(answer_id)

    def find_level(self, words: str) -> Level | None:
        """The level a person means by an id, title or alias, whatever its case, spaces and hyphens."""
        return self._named.get(level_key(words))

    def next_level(self, level: Level) -> Level | None:
        """The level above; None at the top."""
        return next((above for above in self.levels if above.order > level.order), None)

    def criteria_to(self, level_id: str) -> tuple[Criterion, ...]:
        """The criteria that lead to a level, in ladder order, without the retired ones."""
        return self._criteria_to.get(level_id, ())

    def relevant(self, current_id: str, target_id: str | None = None) -> tuple[Criterion, ...]:
        """The active criteria of the levels in (current, target], lowest first; at the top, those of the top itself.

        Without a target above the current level the target is the next one; an unknown current level has none.
        """
        current = self.level(current_id)
        if current is None:
            return ()
        target = self.level(target_id)
        if target is None or target.order <= current.order:
            target = self.next_level(current)
        if target is None:
            return self.criteria_to(current.id)
        steps = [level for level in self.levels if current.order < level.order <= target.order]
        return tuple(criterion for level in steps for criterion in self.criteria_to(level.id))

    @cached_property
    def replaced(self) -> Mapping[str, str]:
        """Id of each retired criterion → id of its replacement."""
        return {each.id: each.replaced_by for each in self.criteria if each.status == "retired" and each.replaced_by}

    @cached_property
    def _levels(self) -> dict[str, Level]:
        return {level.id: level for level in self.levels}

    @cached_property
    def _criteria(self) -> dict[str, Criterion]:
        return {criterion.id: criterion for criterion in self.criteria}

    @cached_property
    def _dimensions(self) -> dict[str, Dimension]:
        return {dimension.id: dimension for dimension in self.dimensions}

    @cached_property
    def _answers(self) -> dict[str, Answer]:
        return {answer.id: answer for answer in self.answers}

    @cached_property
    def _named(self) -> dict[str, Level]:
        return {level_key(name): level for level in self.levels for name in level.names}

    @cached_property
    def _criteria_to(self) -> dict[str, tuple[Criterion, ...]]:
        return {
            level.id: tuple(c for c in self.criteria if c.level == level.id and c.status == "active")
            for level in self.levels
        }
