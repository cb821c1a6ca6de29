"""`/ladder export`: the choice of a format, and what is said about the file."""

from dataclasses import dataclass
from typing import Literal

from handlers.slack import action_ids
from handlers.slack.blocks import actions, section, small
from handlers.slack.elements import button
from handlers.slack.message import Message
from handlers.slack.text import count, cut, escape

Kind = Literal["md", "csv", "json"]


@dataclass(frozen=True)
class Format:
    """A format as people choose it; `names` are what they may type."""

    label: str
    about: str
    names: tuple[str, ...]


FORMATS: dict[Kind, Format] = {
    "md": Format(
        "Markdown", "a promotion packet, with dated evidence by criterion and what is missing", ("md", "markdown")
    ),
    "csv": Format("CSV", "a row an entry, for a spreadsheet", ("csv", "excel", "spreadsheet")),
    "json": Format("JSON", "everything, for a program", ("json",)),
}


def kind_named(words: str) -> Kind | None:
    """The format that the words name: `md`, `.CSV`, `as JSON`."""
    name = words.casefold().removeprefix("as ").strip(" .`")
    return next((kind for kind, each in FORMATS.items() if name in each.names), None)


def choose() -> Message:
    """Three formats, a button each."""
    about = "\n".join(f"*{each.label}*: {each.about}" for each in FORMATS.values())
    return Message(
        "Take your log along: in which format?",
        (
            section(f"*Take your log along.* In which format?\n{about}"),
            actions(*(button(each.label, f"{action_ids.EXPORT_SEND}.{kind}", kind) for kind, each in FORMATS.items())),
            small("The file comes into our conversation, where only you and I see it."),
        ),
    )


def unknown(words: str) -> Message:
    """To a format that there is not."""
    return Message.of(
        f"I can't write “{escape(cut(words, 40))}”. There are three: `/ladder export md`, `/ladder export csv` and"
        " `/ladder export json`."
    )


def nothing_yet() -> Message:
    return Message.of("There is nothing to take along yet: your log is empty. `/ladder log …` writes the first line.")


def sent(kind: Kind, name: str, entries: int) -> Message:
    """Where the file is."""
    others = " or ".join(f"`/ladder export {each}`" for each in FORMATS if each != kind)
    text = f"`{name}` is in our conversation, under *Messages*: {count(entries, 'entry', 'entries')}."
    return Message("Your log is in our conversation.", (section(text), small(f"Another format: {others}.")))


def title(kind: Kind) -> str:
    """The name of the file in Slack."""
    return f"Growth log, {FORMATS[kind].label}"


def comment(kind: Kind, entries: int) -> str:
    """The line that goes with the file."""
    return (
        f"Your growth log, {count(entries, 'entry', 'entries')}, in {FORMATS[kind].label}: {FORMATS[kind].about}."
        " It holds your private words; only you and I see this conversation."
    )
