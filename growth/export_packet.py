"""The growth log as a promotion packet in CommonMark: per criterion the dated evidence, then what is missing."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from textwrap import indent

from growth.export import Log, Record, Tagged, dimension_of
from growth.export_escape import inline, paragraphs
from ladder_content.model import Criterion, Ladder, Level


def markdown(log: Log, ladder: Ladder) -> str:
    """The packet for the step from level to target; without a level, the evidence on whatever there is."""
    return "\n\n".join(_Packet(log, ladder).blocks()) + "\n"


@dataclass(frozen=True)
class _Packet:
    log: Log
    ladder: Ladder

    @cached_property
    def relevant(self) -> tuple[Criterion, ...]:
        level, target = self.log.level, self.log.target
        return self.ladder.relevant(level.id, target.id if target else None) if level else ()

    @cached_property
    def target(self) -> Level | None:
        return self.ladder.level(self.relevant[-1].level) if self.relevant else None

    @cached_property
    def evidence(self) -> Mapping[str, Sequence[Record]]:
        """The records on each criterion that is still active, by its id."""
        found: dict[str, list[Record]] = defaultdict(list)
        for record in self.log.records:
            for criterion in {each.id for each in map(self.active, record.criteria) if each}:
                found[criterion].append(record)
        return dict(found)

    def active(self, tag: Tagged) -> Criterion | None:
        """The criterion that the record counts for."""
        criterion = self.ladder.criterion(self.ladder.current_id(tag.criterion))
        return criterion if criterion and criterion.status == "active" else None

    def blocks(self) -> Iterator[str]:
        yield from self.opening()
        for dimension in self.ladder.dimensions:
            yield from self.section(dimension.title, [each for each in self.relevant if each.dimension == dimension.id])
        yield from self.section("Other levels" if self.relevant else "Evidence", self.beside_the_step())
        yield from self.missing()
        yield from self.rest()

    def opening(self) -> Iterator[str]:
        levels = [_named(level) for level in (self.log.level, self.target) if level]
        step = " → ".join(dict.fromkeys(levels)) or "Growth log"
        yield f"# {inline(f'{self.log.name}: {step}' if self.log.name else step)}"

        days = [record.happened_on for record in self.log.records]
        period = [" to ".join(dict.fromkeys((_day(min(days)), _day(max(days)))))] if days else []
        about = f"{self.ladder.ladder.title} {self.ladder.ladder.version}"
        yield inline(" · ".join(["From my growth log", *period, f"as of {_day(self.log.as_of)}", f"ladder: {about}"]))

        entries = "1 entry" if len(days) == 1 else f"{len(days)} entries"
        covered = sum(criterion.id in self.evidence for criterion in self.relevant)
        yield f"{entries} · {covered} of {len(self.relevant)} criteria have evidence" if self.relevant else entries

    def section(self, title: str, criteria: Iterable[Criterion]) -> Iterator[str]:
        """Nothing if there is no evidence on any of the criteria."""
        shown = [criterion for criterion in criteria if criterion.id in self.evidence]
        if shown:
            yield f"## {inline(title)}"
        for criterion in shown:
            yield f"### {inline(self.sentence(criterion))}"
            yield from map(self.entry, self.evidence[criterion.id])

    def beside_the_step(self) -> Iterator[Criterion]:
        for level in self.ladder.levels:
            yield from (each for each in self.ladder.criteria_to(level.id) if each not in self.relevant)

    def missing(self) -> Iterator[str]:
        gaps = [criterion for criterion in self.relevant if criterion.id not in self.evidence]
        if gaps:
            yield "## No evidence yet"
            titled = (f"{dimension_of(each, self.ladder)} · {self.sentence(each)}" for each in gaps)
            yield "\n".join(f"- {inline(words)}" for words in titled)

    def rest(self) -> Iterator[str]:
        """The records that no section above shows."""
        left = [record for record in self.log.records if not any(map(self.active, record.criteria))]
        if left:
            yield "## Everything else"
        yield from map(self.entry, left)

    def sentence(self, criterion: Criterion) -> str:
        """With the level before it where it is not the target."""
        level = self.ladder.level(criterion.level)
        return criterion.sentence if level is None or level == self.target else f"{_code(level)} · {criterion.sentence}"

    def entry(self, record: Record) -> str:
        parts = [
            _labelled("Question", inline(record.question or "")),
            paragraphs(_words(record)),
            _labelled("Impact", paragraphs(record.impact or "")),
            _labelled("Links", "\\\n".join(map(inline, filter(None, (*record.links, record.permalink))))),
            _labelled("Shared with", inline(", ".join(record.shared_with))),
            *(_labelled("Comment", paragraphs(str(each))) for each in record.comments),
            *(_labelled("Written for", inline(tag.sentence)) for tag in record.criteria if self.reworded(tag)),
        ]
        body = "\n\n".join(part for part in parts if part)
        return f"- **{_day(record.happened_on)}**\n\n{indent(body, '  ')}".rstrip()

    def reworded(self, tag: Tagged) -> bool:
        """Whether the ladder has the sentence no longer."""
        criterion = self.active(tag)
        return criterion is None or criterion.sentence != tag.sentence


def _words(record: Record) -> str:
    """The person's own words; below them the message that the entry was made from, which may be all there is."""
    taken = f"@{record.snippet_author} wrote: “{record.snippet}”" if record.snippet else ""
    return "\n\n".join(filter(None, (record.what, taken)))


def _labelled(label: str, words: str) -> str:
    return f"*{label}:* {words}" if words else ""


def _named(level: Level) -> str:
    return f"{_code(level)} {level.title}"


def _code(level: Level) -> str:
    return level.aliases[0]


def _day(on: date) -> str:
    return f"{on.day} {on:%B %Y}"
