"""Slack's text: unescaped once where it comes in, escaped once where it goes out."""

import re
from collections.abc import Mapping

SPECIAL = re.compile(r"<(?P<sign>[@#!]?)(?P<body>[^<>|]*)(?:\|(?P<label>[^<>]*))?>")
ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}


def unescape(text: str, names: Mapping[str, str] | None = None) -> str:
    """What the person typed, from what Slack sent: entities, `<@U1|sam>`, `<#C1|ml>`, `<https://…|label>`.

    `names` maps user ids to handles, for mentions that come without one. Null bytes, which Postgres refuses, go.
    """
    plain = SPECIAL.sub(lambda found: _typed(found, names or {}), text.replace("\0", ""))
    return re.sub("&(?:lt|gt|amp);", lambda entity: ENTITIES[entity[0]], plain)


def mentioned(text: str) -> set[str]:
    """The ids of people mentioned without their handle."""
    return {found["body"] for found in SPECIAL.finditer(text) if found["sign"] == "@" and not found["label"]}


def _typed(found: re.Match[str], names: Mapping[str, str]) -> str:
    sign, body, label = found["sign"], found["body"], found["label"]
    if sign == "@":
        return f"@{label or names.get(body, body)}"
    if sign == "#":
        return f"#{label or body}"
    if sign == "!":
        return label or f"@{body.partition('^')[0]}"
    return body if not label or label == body.removeprefix("mailto:") or label in body else f"{label} ({body})"


def escape(text: str) -> str:
    """A person's words for a `mrkdwn` text: no mention, link or entity comes alive."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def quote(text: str, limit: int = 2500) -> str:
    """A person's words as a quotation in `mrkdwn`, cut to `limit` characters of Slack's count."""
    return "\n".join(f"> {line}" if line else ">" for line in cut(escape(text), limit).splitlines() or [""])


def cut(text: str, limit: int) -> str:
    """At most `limit` characters; what was left out is an ellipsis. An entity is never cut in two."""
    if len(text) <= limit:
        return text
    return re.sub(r"&[a-z]{0,3}$", "", text[: limit - 1]).rstrip() + "…"


def bullets(lines: tuple[str, ...], limit: int = 2900) -> str:
    """Lines as a list."""
    return cut("\n".join(f"•  {escape(line)}" for line in lines), limit)


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 entry`, `2 entries`."""
    return f"{number} {one if number == 1 else many or one + 's'}"
