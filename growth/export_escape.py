"""What a person wrote, made safe for the file it goes into: it reads as typed, and nothing in it comes alive."""

import re
from urllib.parse import quote

CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")
MARKUP = re.compile(
    r"""
    (?P<url>\b(?i:https?)://(?:[^\s<>()&]|&(?!\#?\w+;)|\([^\s<>()&]*\))+(?<![.,;:!?'"*_~`|\]}’”»…]))
    | ^(?P<number>\d{1,9})(?=[.)](?:\s|$))  # a numbered list
    | ^>  # a quotation
    | ^[-+=\#](?=[-+=\#]*(?:\s|$))  # a heading, a list or a rule
    | ^[:-](?=-*:?\s*$)  # what makes a table of the line above
    | \#(?=\#*$)  # the end of a heading
    | [\\`*\[~|]
    | _(?![A-Za-z0-9])  # the end of an emphasis, unlike the one in snake_case
    | &(?=\#?\w+;)  # an entity
    | <(?=[A-Za-z/!?])  # HTML
    """,
    re.VERBOSE,
)
# Where a cell begins, also where another list separator than ours cuts one in two, as Excel's does in Germany; then
# what a spreadsheet may pass over before it sees a formula: spaces, quotes, invisible characters.
FORMULA = re.compile(
    r"""
    \A(?=[\t\n])
    | (?:\A|(?<=[\n\t,;]))(?=(?:[^\S\n\t]|["'‘’“”\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff])*[=+\-@＝＋－＠])
    """,
    re.VERBOSE,
)


def lines(text: str) -> list[str]:
    """The lines of a text, whatever ends them, without control characters; tabs stay."""
    return [CONTROL.sub("", line) for line in text.splitlines()]


def address(link: str) -> str:
    """A link with what would end it in a text percent-encoded."""
    return re.sub(r'[\s<>"]', lambda found: quote(found[0]), link)


def inline(text: str) -> str:
    """A text as one line of CommonMark; addresses of the web in it become links."""
    return MARKUP.sub(_escaped, " ".join(" ".join(lines(text)).split()))


def paragraphs(text: str) -> str:
    """A text as paragraphs of CommonMark, with its line breaks and indentation."""
    written = "\n".join(_line(line) for line in lines(text)).strip("\n")
    return re.sub(r"\n+", lambda breaks: "\\\n" if breaks[0] == "\n" else "\n\n", written)


def cell(text: str) -> str:
    """A text as a cell of a spreadsheet; an apostrophe goes before what could be read as a formula."""
    return FORMULA.sub("'", "\n".join(lines(text)))


def _line(line: str) -> str:
    words = line.strip()
    indent = line[: len(line) - len(line.lstrip())] if words else ""
    return "&nbsp;" * len(indent.expandtabs(4)) + MARKUP.sub(_escaped, words)


def _escaped(found: re.Match[str]) -> str:
    if found["url"]:
        return f"<{found[0]}>"
    return f"{found[0]}\\" if found["number"] else f"\\{found[0]}"
