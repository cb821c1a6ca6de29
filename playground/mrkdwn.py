"""Text as people type it, made into text as Slack stores and sends it."""

from __future__ import annotations

import re

from playground.workspace import Workspace

SPECIAL = ("here", "channel", "everyone")
WORD = re.compile(r"(?<![\w<])([@#])([\w.-]*\w)|https?://[^\s<>|]+")


def escape(text: str) -> str:
    """`&`, `<` and `>` as entities."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def typed(text: str, workspace: Workspace, *, named: bool = False) -> str:
    """Escape what was typed and bring @people, #channels and links to life; `named` as in commands: `<@U1|sam>`."""

    def alive(match: re.Match[str]) -> str:
        sign, name = match.group(1), match.group(2)
        if sign is None:
            return f"<{match.group()}>"
        if sign == "@" and name in SPECIAL:
            return f"<!{name}>"
        found = _mentioned(workspace, sign, name)
        if found is None:
            return match.group()
        return f"<{sign}{found}|{name}>" if named else f"<{sign}{found}>"

    return WORD.sub(alive, escape(text))


def _mentioned(workspace: Workspace, sign: str, name: str) -> str | None:
    try:
        return workspace.person(name).id if sign == "@" else workspace.channel(name).id
    except KeyError:
        return None
