"""Reads a ladder from its folder, and says everything that is wrong with it at once."""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ladder_content.model import About, Answer, Criterion, Dimension, Ladder, Level, Part, Prompt, level_key
from ladder_content.rules import RULES, Draft, Finding, did_you_mean
from ladder_content.source import KEYS, Fault, Loc, Piece, Unreadable, files, read

T = TypeVar("T", bound=Part)
Pieces = dict[str, list[Piece]]

PATTERNS = {
    "id": "write lower-case letters and digits, joined by single dots or hyphens",
    "version": "write three numbers, such as 1.0.0",
    "locale": "write a language, such as en or en-GB",
}
TYPES = {
    "string_type": "text",
    "tuple_type": "a list: start each item with a hyphen",
    "mapping_type": "made of `key: value` lines",
    "model_type": "made of `key: value` lines",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
}


class ContentErrors(Exception):
    """The ladder cannot be used; `faults` says why, sorted by file and line."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


def default_folder() -> Path:
    """The folder of the shipped ladder."""
    return Path(__file__).with_name("ml_engineer")


def load(folder: Path, reserved: Collection[str] = ()) -> Ladder:
    """The ladder whose YAML stands below `folder`; raises `ContentErrors` with every fault found.

    `reserved`: words that mean something else where people type names of levels, so that no level is called that.
    """
    ladder, faults = _read(folder, reserved)
    if ladder is None:
        raise ContentErrors(faults)
    return ladder


def check(folder: Path, reserved: Collection[str] = ()) -> list[Fault]:
    """What is wrong with the ladder below `folder`; empty when it can be used. `reserved`: as in `load`."""
    return _read(folder, reserved)[1]


def _read(folder: Path, reserved: Collection[str]) -> tuple[Ladder | None, list[Fault]]:
    if not folder.is_dir():
        return None, [Fault(str(folder), 0, "", "there is no such folder")]
    found, faults = _gather(folder)
    # What an unreadable file holds is missed by everything that refers to it: only its own faults are worth reading.
    rules = () if faults else RULES
    faults += [fault for key in KEYS for piece in found[key] for fault in piece.oddities()]
    draft = Draft(
        ladder=_sound(found, "ladder", About, faults),
        dimensions=_sound(found, "dimensions", Dimension, faults),
        levels=_sound(found, "levels", Level, faults),
        criteria=_sound(found, "criteria", Criterion, faults),
        answers=_sound(found, "answers", Answer, faults),
        ids={key: tuple(piece.id for piece in found[key]) for key in KEYS},
        reserved=frozenset(map(level_key, reserved)),
    )
    faults += [_fault(finding, found, folder) for rule in rules for finding in rule(draft)]
    return (None if faults else _ladder(draft)), sorted(set(faults))


def _gather(folder: Path) -> tuple[Pieces, list[Fault]]:
    """The pieces of all files by key, in the order of the files, and the faults of files that cannot be used."""
    found: Pieces = {key: [] for key in KEYS}
    faults: list[Fault] = []
    paths = files(folder)
    if not paths:
        faults.append(Fault(str(folder), 0, "", "there is no YAML file in this folder: a ladder is one or more *.yaml"))
    for path in paths:
        try:
            for key, piece in read(path, path.relative_to(folder).as_posix()):
                found[key].append(piece)
        except Unreadable as error:
            faults += error.faults
    return found, faults


def _sound(found: Pieces, key: str, kind: type[T], faults: list[Fault]) -> dict[int, T]:
    """The pieces that have the shape of `kind`, by place; what is wrong with the others goes to `faults`."""
    sound: dict[int, T] = {}
    for n, piece in enumerate(found[key]):
        try:
            sound[n] = kind.model_validate(piece.value)
        except ValidationError as error:
            faults += [piece.fault(_shape(details, kind), details["loc"]) for details in _causes(error)]
    return sound


def _causes(error: ValidationError) -> Iterator[ErrorDetails]:
    """The errors but those that only follow: a list is "too short" for pydantic when one of its items is wrong."""
    errors = error.errors()
    for details in errors:
        loc = details["loc"]
        if details["type"] != "too_short" or not any(
            loc == other["loc"][: len(loc)] != other["loc"] for other in errors
        ):
            yield details


def _shape(error: ErrorDetails, kind: type[Part]) -> str:
    """A pydantic error as a sentence for the person who writes the YAML."""
    words = [step for step in error["loc"] if isinstance(step, str) and step != "[key]"]
    field = words[-1] if words else kind.__name__.lower()
    context = error.get("ctx", {})
    match error["type"]:
        case "missing":
            return f"`{field}` is missing: add it"
        case "extra_forbidden":
            part = Prompt if "prompts" in words[:-1] else kind
            return f"`{field}` is unknown here: remove it{did_you_mean(field, part.model_fields)}"
        case "string_too_long":
            return f"`{field}` has {len(error['input'])} characters: at most {context['max_length']} fit"
        case "string_too_short":
            return f"`{field}` is too short: write at least {context['min_length']} characters"
        case "string_pattern_mismatch":
            return f"`{field}` cannot be “{error['input']}”: {PATTERNS.get(field, PATTERNS['id'])}"
        case "too_short":
            return f"`{field}` has {context['actual_length']} of at least {context['min_length']} items: write more"
        case "literal_error":
            return f"`{field}` must be {context['expected']}"
        case other:
            return f"`{field}` must be {TYPES[other]}" if other in TYPES else f"`{field}`: {error['msg']}"


def _fault(finding: Finding, found: Pieces, folder: Path) -> Fault:
    if not finding.loc:
        return Fault(str(folder), 0, "", finding.message)
    piece, loc = _place(finding.loc, found)
    if finding.first is None:
        return piece.fault(finding.message, loc)
    first, first_loc = _place(finding.first, found)
    return piece.fault(f"{finding.message} (first at {first.file}:{first.line(first_loc)})", loc)


def _place(loc: Loc, found: Pieces) -> tuple[Piece, Loc]:
    key, n, *rest = loc
    return found[str(key)][int(n)], tuple(rest)


def _ladder(draft: Draft) -> Ladder:
    return Ladder(
        ladder=draft.ladder[0],
        dimensions=tuple(draft.dimensions.values()),
        levels=tuple(draft.levels.values()),
        criteria=tuple(draft.criteria.values()),
        answers=tuple(draft.answers.values()),
    )
