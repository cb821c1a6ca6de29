"""What Slack makes of what begins with a slash, before any app hears of it."""

from __future__ import annotations

import re

from playground.mrkdwn import escape
from playground.workspace import Json

UNKNOWN, IN_THREAD = "invalid_command", "not_in_thread"
WORDS = {
    UNKNOWN: (
        "{command} is not a valid command. What begins with a slash is a command to Slack, and this workspace has none"
        " of that name, so nothing was sent. To send it as a message, type a space before the slash."
    ),
    IN_THREAD: "{command} cannot be used in a thread. Type it into the conversation itself; nothing was sent.",
}


def is_command(text: str) -> bool:
    """Whether what was typed is a command to Slack, whatever command; behind a space it is a message."""
    return text.startswith("/")


def parted(text: str) -> tuple[str, str]:
    """A command and what stands behind it."""
    command, *rest = re.split(r"\s+", text.strip(), maxsplit=1)
    return command, "".join(rest)


def refusal(manifest: Json, command: str, thread_ts: str | None) -> str | None:
    """Slack's word for why no app is asked, if so; where there is no manifest the app is asked about all."""
    known = manifest.get("features", {}).get("slash_commands")
    if known is not None and command not in [each["command"] for each in known]:
        return UNKNOWN
    return IN_THREAD if thread_ts else None


def told(error: str, command: str) -> str:
    """What Slack tells whoever typed it, as mrkdwn."""
    words = WORDS.get(error, f"{{command}} failed with the error “{error}”")
    return words.format(command=escape(command))
