"""The one table of commands, buttons, menus, forms, shortcuts and events, each with its listener."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from growth.errors import OutOfDate
from handlers.slack.blocks import Json
from handlers.slack.interaction import Listener, value_of
from ladder_content.model import Ladder

COMMAND = "/ladder"


class Group(Enum):
    """The parts of the help, in their order, each by its title."""

    LADDER = "Your next level"
    LOG = "Your growth log"
    CHECK_INS = "The weekly question"
    MENTORING = "Mentoring"
    ACCOUNT = "You and your data"


@dataclass(frozen=True)
class Command:
    """A word after `/ladder`, and its aliases.

    `examples`: what one can type, and what comes of it, as the help and the README list it; `{lower}` and `{higher}`
    stand for two neighbouring levels. `also`: words that reach it, and are no command where they are said in a message.
    """

    name: str
    listener: Listener
    group: Group
    examples: Mapping[str, str]
    aliases: Sequence[str] = ()
    also: Sequence[str] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """What one may call it."""
        return (self.name, *self.aliases)


class Usage(NamedTuple):
    """A line of the help: the title of its part, what one can type after `/ladder`, and what comes of it."""

    title: str
    example: str
    about: str


@dataclass
class Router:
    """Listeners, looked up by key and never tried one after the other. What is registered twice raises ValueError."""

    _commands: dict[str, Command] = field(default_factory=dict)
    _by_word: dict[str, Command] = field(default_factory=dict)
    _by_level: Command | None = None
    _otherwise: Listener | None = None
    _listeners: dict[tuple[str, str], Listener] = field(default_factory=dict)

    def command(
        self,
        name: str,
        listener: Listener,
        group: Group,
        examples: Mapping[str, str],
        *,
        aliases: Sequence[str] = (),
        also: Sequence[str] = (),
    ) -> None:
        """`/ladder name`; the rest as in Command."""
        command = Command(name, listener, group, examples, aliases, also)
        for word in (*command.words, *also):
            if word in self._by_word:
                raise ValueError(f"two commands are called {word}")
            self._by_word[word] = command
        self._commands[name] = command

    def level(self, listener: Listener, group: Group, examples: Mapping[str, str]) -> None:
        """`/ladder` with the name of a level, which no command has."""
        if self._by_level:
            raise ValueError("two listeners for the name of a level")
        self._by_level = Command("", listener, group, examples)

    def otherwise(self, listener: Listener) -> None:
        """`/ladder` with anything else."""
        if self._otherwise:
            raise ValueError("two listeners for anything else")
        self._otherwise = listener

    def action(self, action_id: str, listener: Listener, verb: str = "") -> None:
        """A button or menu of that id, or of that id, a dot and more. `verb`: the first word of the value chosen."""
        self._register("action", f"{action_id} {verb}".strip(), listener)

    def view(self, callback_id: str, listener: Listener) -> None:
        """The form of that id is submitted."""
        self._register("view", callback_id, listener)

    def shortcut(self, callback_id: str, listener: Listener) -> None:
        """A shortcut, global or of a message."""
        self._register("shortcut", callback_id, listener)

    def event(self, event_type: str, listener: Listener) -> None:
        """An event that Slack tells of."""
        self._register("event", event_type, listener)

    def _register(self, kind: str, key: str, listener: Listener) -> None:
        if (kind, key) in self._listeners:
            raise ValueError(f"two listeners for the {kind} {key}")
        self._listeners[kind, key] = listener

    def named(self, word: str) -> Command | None:
        """The command of that word."""
        return self._by_word.get(word.casefold())

    def for_command(self, command: str, word: str, typed: str, ladder: Ladder) -> Listener:
        """Of a slash command, its first word and all that was typed. Raises OutOfDate for one that is not ours."""
        found = self.named(word) or (self._by_level if ladder.find_level(typed) else None)
        listener = found.listener if found else self._otherwise
        if listener is None or command != COMMAND:
            raise OutOfDate
        return listener

    def for_action(self, action: Json) -> Listener:
        """The listener to the longest registered beginning of the action's id, one for its verb before one without.

        As of the rest: buttons and forms outlive the version of Rung that drew them. Raises OutOfDate.
        """
        verb = value_of(action).partition(" ")[0]
        for id_ in _beginnings(str(action["action_id"])):
            if found := self._listeners.get(("action", f"{id_} {verb}")) or self._listeners.get(("action", id_)):
                return found
        raise OutOfDate

    def for_view(self, callback_id: str) -> Listener:
        return self._found("view", callback_id)

    def for_shortcut(self, callback_id: str) -> Listener:
        return self._found("shortcut", callback_id)

    def for_event(self, event_type: str) -> Listener | None:
        """None for what does not concern Rung."""
        return self._listeners.get(("event", event_type))

    def _found(self, kind: str, key: str) -> Listener:
        found = self._listeners.get((kind, key))
        if found is None:
            raise OutOfDate
        return found

    def __iter__(self) -> Iterator[Listener]:
        """Every listener, once."""
        commands = [*self._commands.values(), *([self._by_level] if self._by_level else [])]
        found = [each.listener for each in commands] + list(self._listeners.values())
        return iter(dict.fromkeys([*found, *([self._otherwise] if self._otherwise else [])]))

    @property
    def words(self) -> frozenset[str]:
        """Every word that is a command, aliases included."""
        return frozenset(word for command in self._commands.values() for word in command.words)

    @property
    def reserved(self) -> frozenset[str]:
        """Every word that reaches a command: a level of such a name could not be asked for."""
        return frozenset(filter(None, self._by_word))

    def typed_as_message(self, text: str, ladder: Ladder) -> str | None:
        """The command that a message is, its slash lost: `/ladder …`, a command or an example alone, or a level."""
        first, *rest = text.split(maxsplit=1)
        if first.casefold() in (COMMAND, COMMAND.removeprefix("/")) and rest:
            return rest[0]
        examples = {example for command in self._commands.values() for example in command.examples}
        known = text.casefold() in self.words | examples
        return text if known or ladder.find_level(text) else None

    def usage(self, ladder: Ladder) -> Iterator[Usage]:
        """What one can type, in the order of the groups and of registering."""
        codes = [level.aliases[0] if level.aliases else level.id for level in ladder.levels]
        middle = len(codes) // 2
        named = {"lower": codes[middle - 1], "higher": codes[middle]}
        commands = [*self._commands.values(), *([self._by_level] if self._by_level else [])]
        for group in Group:
            for command in commands:
                if command.group is group:
                    for example, about in command.examples.items():
                        yield Usage(group.value, example.format(**named), about.format(**named))


def _beginnings(action_id: str) -> Iterator[str]:
    """The id, and what is left of it each time that its last dot and what follows is cut off."""
    while action_id:
        yield action_id
        action_id = action_id.rpartition(".")[0]
