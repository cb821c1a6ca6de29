"""Slack's text: unescaped once where it comes in, escaped once where it goes out."""

import json
import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence

SPECIAL = re.compile(r"<(?P<sign>[@#!]?)(?P<body>[^<>|]*)(?:\|(?P<label>[^<>]*))?>")
UNWANTED = re.compile("[\0\u202d\u202e]")  # the last two are overrides: Hebrew and Arabic go without
ELLIPSIS = "…"
ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}


def unescape(text: str, names: Mapping[str, str] | None = None) -> str:
    """What the person typed, from what Slack sent: entities, `<@U1|sam>`, `<#C1|ml>`, `<https://…|label>`.

    `names` maps user ids to handles, for mentions that come without one.
    """
    plain = SPECIAL.sub(lambda found: _typed(found, names or {}), storable(text))
    return re.sub("&(?:lt|gt|amp);", lambda entity: ENTITIES[entity[0]], plain)


def storable(text: str) -> str:
    """The text without null bytes and half characters, which Postgres refuses, and without what turns it round."""
    return UNWANTED.sub("", text).encode(errors="ignore").decode()


def mentioned(text: str) -> set[str]:
    """The ids of people mentioned without their handle."""
    return {found["body"] for found in SPECIAL.finditer(text) if found["sign"] == "@" and not found["label"]}


def called(sent: str, typed: str) -> list[tuple[str, str]] | None:
    """Id and name of the people whom Slack's text mentions without their handle, as what was `typed` calls them.

    None where that is not what was sent, whatever they are called.
    """
    users = [each["body"] for each in SPECIAL.finditer(storable(sent)) if each["sign"] == "@" and not each["label"]]
    first, *others = unescape(sent, dict.fromkeys(users, "\0")).strip().split("\0")
    found, at = [], len(first)
    if not typed.startswith(first):
        return None
    for n, (user, then) in enumerate(zip(users, others, strict=True), 1):
        end = typed.find(then, at + 1) if n < len(users) else len(typed) - len(then)
        if end <= at or not typed.startswith(then, end):
            return None
        found.append((user, typed[at:end]))
        at = end + len(then)
    return found if at == len(typed) else None


def _typed(found: re.Match[str], names: Mapping[str, str]) -> str:
    sign, body, label = found["sign"], found["body"], found["label"]
    if sign == "@":
        return f"@{label or names.get(body, body)}"
    if sign == "#":
        return f"#{label or body}"
    if sign == "!":
        return label if label and "^" in body else f"@{body.partition('^')[0]}"
    if not label:
        return body
    return label if label in (body, body.partition(":")[2].lstrip("/")) else f"{label} ({body})"


def escape(text: str) -> str:
    """A person's words for a `mrkdwn` text: no mention, link or entity comes alive."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def quoted(text: str) -> str:
    """A person's words as a quotation in `mrkdwn`, whole."""
    return "\n".join(f"> {line}" if line else ">" for line in escape(text).splitlines() or [""])


def quote(text: str, limit: int) -> str:
    """A person's words as a quotation in `mrkdwn`, cut to `limit` characters of Slack's count."""
    return cut(quoted(text), limit)


def cut(text: str, limit: int) -> str:
    """At most `limit` characters; what was left out is an ellipsis. An entity is never cut in two."""
    return text if len(text) <= limit else _cut_at(text, limit - 1)


def _cut_at(text: str, length: int) -> str:
    return re.sub(r"&[a-z]{0,3}$", "", text[:length]).rstrip() + ELLIPSIS


def sent_length(text: str) -> int:
    """How many characters of JSON the text takes: quotes, line ends and what is not ASCII are sent as escapes."""
    return len(json.dumps(text)) - 2


def clip(text: str, room: int) -> str:
    """As `cut`, to so many characters of JSON: how many of an alphabet's letters that is depends on the alphabet."""
    if sent_length(text) <= room:
        return text
    beside = room - sent_length(ELLIPSIS)
    return _cut_at(text, bisect_right(range(1, len(text)), beside, key=lambda n: sent_length(text[:n])))


def pieces(text: str, limit: int) -> tuple[list[str], list[str]]:
    """A long text in pieces of at most `limit` characters, and what stood at each cut: a line's end, a space, nothing.

    At least one piece; `joined` puts them together again.
    """
    found, joints = [], []
    while len(text) > limit:
        gaps = (text.rfind(gap, limit // 2, limit + 1) for gap in "\n ")
        at = next((gap for gap in gaps if gap > 0), limit)
        joint = text[at] if text[at] in "\n " else ""
        found.append(text[:at])
        joints.append(joint)
        text = text[at + len(joint) :]
    return [*found, text], joints


def joined(pieces: Sequence[str], joints: Sequence[str]) -> str:
    """The text that was cut into pieces; one that was emptied leaves no joint behind."""
    text = pieces[0]
    for joint, piece in zip(joints, pieces[1:], strict=True):
        text += joint + piece if text and piece else piece
    return text


def bullets(lines: Sequence[str], limit: int = 2900) -> str:
    """Lines as a list."""
    return cut("\n".join(f"•  {escape(line)}" for line in lines), limit)


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 entry`, `2 entries`."""
    return f"{number} {one if number == 1 else many or one + 's'}"
