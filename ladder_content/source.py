"""The YAML of a ladder as pieces that know where they stand: file and line for every fault."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

KEYS = ("ladder", "dimensions", "levels", "criteria", "answers")
MAX_DEPTH = 20  # libyaml's composer recurses without a limit of its own
Loc = tuple[str | int, ...]


@dataclass(frozen=True, order=True)
class Fault:
    """One thing wrong with a ladder: where, in what (an id, or nothing), and what to do; line 0: all of it."""

    file: str
    line: int
    id: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(part for part in (where, self.id, self.message) if part)


@dataclass(frozen=True)
class Piece:
    """One level, criterion, ... as it stands in a file."""

    file: str
    node: yaml.Node

    @cached_property
    def value(self) -> Any:  # noqa: ANN401 (whatever the file says; pydantic judges it)
        return _plain(self.node)

    @property
    def id(self) -> str:
        value = self.value.get("id") if isinstance(self.value, dict) else None
        return value if isinstance(value, str) else ""

    def line(self, loc: Loc = ()) -> int:
        """The line of what `loc` leads to, or of the nearest thing around it."""
        node, line = self.node, _line(self.node)
        for step in loc:
            if isinstance(node, yaml.MappingNode):
                found = next(((key, value) for key, value in reversed(node.value) if key.value == step), None)
                if found is None:
                    break
                line, node = _line(found[0]), found[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
                node = node.value[step]
                line = _line(node)
            else:
                break
        return line

    def fault(self, message: str, loc: Loc = ()) -> Fault:
        """The fault of what `loc` leads to."""
        return Fault(self.file, self.line(loc), self.id, message)

    def oddities(self) -> Iterator[Fault]:
        """What YAML allows and a ladder does not: the same key twice, keys that are no words, tags."""
        for node, message in _oddities(self.node):
            yield Fault(self.file, _line(node), self.id, message)


class Unreadable(Exception):
    """A file that cannot be used, or not in full, and why."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(*faults)
        self.faults = faults


def files(folder: Path) -> list[Path]:
    """The YAML files below `folder`, sorted; what starts with a dot (.github, a ConfigMap's ..data) is passed over."""
    found = (path for path in folder.rglob("*") if path.suffix in {".yaml", ".yml"})
    return sorted(path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts))


def read(path: Path, name: str) -> list[tuple[str, Piece]]:
    """The pieces of one file with the key each stands under, in order; raises `Unreadable`."""
    document = _compose(_text(path, name), name)
    if document is None:
        raise Unreadable(Fault(name, 0, "", f"the file is empty: give it one of {', '.join(KEYS)}, or delete it"))
    if not isinstance(document, yaml.MappingNode):
        raise Unreadable(Fault(name, _line(document), "", f"the file must start with one of {', '.join(KEYS)}"))
    if faults := [Fault(name, _line(node), "", message) for node, message in _misplaced(document)]:
        raise Unreadable(*faults)
    return [
        (key.value, Piece(name, item))
        for key, value in document.value
        for item in (value.value if isinstance(value, yaml.SequenceNode) else [value])
    ]


def _text(path: Path, name: str) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Unreadable(Fault(name, 0, "", f"cannot be read: {error.strerror}")) from error
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable(Fault(name, line, "", "this is not UTF-8: save the file with that encoding")) from error


def _compose(text: str, name: str) -> yaml.Node | None:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        depth = 0
        for event in yaml.parse(text, Loader=loader):
            if isinstance(event, yaml.AliasEvent):
                message = f"*{event.anchor} is an alias: write out what it stands for"
                raise Unreadable(Fault(name, _line(event), "", message))
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise Unreadable(Fault(name, _line(event), "", "this is nested too deeply: a ladder needs few levels"))
        node: yaml.Node | None = yaml.compose(text, Loader=loader)
    except yaml.YAMLError as error:
        raise Unreadable(_syntax(error, name)) from error
    return node


def _syntax(error: yaml.YAMLError, name: str) -> Fault:
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        problem = " ".join(part for part in (error.problem, error.context) if part)
        return Fault(name, mark.line + 1 if mark else 0, "", f"this is not YAML: {problem}")
    return Fault(name, 0, "", f"this is not YAML: {str(error).splitlines()[0]}")


def _misplaced(document: yaml.MappingNode) -> Iterator[tuple[yaml.Node, str]]:
    """What is wrong with the top of a file: its keys, and whether lists stand under them."""
    yield from _repeated_keys(document)
    for key, value in document.value:
        if isinstance(key, yaml.ScalarNode) and key.value not in KEYS:
            yield key, f"`{key.value}` is unknown here: the keys are {', '.join(KEYS)}"
        elif key.value != "ladder" and not isinstance(value, yaml.SequenceNode):
            yield key, f"`{key.value}` must be a list: start each item with a hyphen"


def _oddities(node: yaml.Node) -> Iterator[tuple[yaml.Node, str]]:
    if node.tag not in yaml.SafeLoader.yaml_constructors:
        yield node, f"the tag {node.tag} is not understood: remove it"
    if isinstance(node, yaml.MappingNode):
        yield from _repeated_keys(node)
        for _, value in node.value:
            yield from _oddities(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _oddities(item)


def _repeated_keys(node: yaml.MappingNode) -> Iterator[tuple[yaml.Node, str]]:
    seen: dict[str, int] = {}
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            yield key, "a key must be a plain word"
        elif key.value in seen:
            yield key, f"`{key.value}` stands twice, first on line {seen[key.value]}: keep one"
        else:
            seen[key.value] = _line(key)


def _plain(node: yaml.Node) -> Any:  # noqa: ANN401 (see Piece.value)
    """Text stays text (`on`, `1.10`, `2024-05-01` are words here); pydantic reads the numbers and booleans."""
    if isinstance(node, yaml.MappingNode):
        return {key.value: _plain(value) for key, value in node.value if isinstance(key, yaml.ScalarNode)}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item) for item in node.value]
    return None if node.tag == "tag:yaml.org,2002:null" else node.value


def _line(at: yaml.Node | yaml.Event) -> int:
    return at.start_mark.line + 1 if at.start_mark else 0
