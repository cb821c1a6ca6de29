"""What Slack has to know about the app: its manifest, with what the code uses and nothing more."""

import json
from enum import StrEnum
from urllib.parse import urlsplit

import yaml

from bot.startup import CannotStartError
from handlers.slack import action_ids
from handlers.slack.blocks import Json
from handlers.slack.router import COMMAND

LONGEST_NAME = 35  # Slack's limit

# Each scope that the bot token needs, and why.
SCOPES = {
    "chat:write": "send questions and digests, answer, and redraw or take back its own messages",
    "commands": "the command /ladder and the two shortcuts",
    "files:write": "put the export and the picture of your progress into your conversation with Rung",
    "im:history": "read replies in that conversation, and see whether a message arrived before sending it again",
    "im:write": "open that conversation",
    "users:read": "names, time zones, who is a guest, who is an admin, and who has left",
    "users:read.email": "find the people of an invitation file by their addresses",
}
EVENTS = ("app_home_opened", "app_uninstalled", "message.im", "tokens_revoked", "user_change")
SHORTCUTS: tuple[Json, ...] = (
    {
        "name": "Log growth",
        "type": "global",
        "callback_id": action_ids.LOG_GROWTH,
        "description": "Write something into your growth log",
    },
    {
        "name": "Save to growth log",
        "type": "message",
        "callback_id": action_ids.SAVE_MESSAGE,
        "description": "Keep this message in your growth log",
    },
)


class Form(StrEnum):
    """How a manifest is written."""

    YAML = "yaml"
    JSON = "json"


def manifest(name: str = "Rung", url: str | None = None, *, oauth: bool = False) -> Json:
    """The manifest for Socket Mode, or for HTTP mode where `url` is the address that Slack calls.

    `oauth`: other workspaces, and whole enterprises, may install the app. Raises CannotStartError with a sentence.
    """
    if oauth and url is None:
        raise CannotStartError("--oauth needs HTTP mode, where Slack calls Rung: give --url, too.")
    host = address(url) if url is not None else None
    requests = {"request_url": f"{host}/slack/events"} if host else {}
    command = {
        "command": COMMAND,
        "description": "Your next level: what it asks of you, and your growth log",
        "usage_hint": "next | log what you did | progress | help",
        "should_escape": True,
    }
    return {
        "display_information": {
            "name": shown(name),
            "description": "What your next level asks of you, and one good question a week",
            "background_color": "#0f766e",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": shown(name), "always_online": True},
            "shortcuts": [dict(shortcut) for shortcut in SHORTCUTS],
            "slash_commands": [command | ({"url": f"{host}/slack/events"} if host else {})],
        },
        "oauth_config": {
            **({"redirect_urls": [f"{host}/slack/oauth_redirect"]} if oauth else {}),
            "scopes": {"bot": list(SCOPES)},
        },
        "settings": {
            "event_subscriptions": {**requests, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **requests},
            "org_deploy_enabled": oauth,
            "socket_mode_enabled": host is None,
            "token_rotation_enabled": False,
        },
    }


def written(about: Json, form: Form) -> str:
    """The manifest as text; YAML has the reason beside each scope."""
    if form == Form.JSON:
        return json.dumps(about, indent=2)
    lines = yaml.safe_dump(about, sort_keys=False, allow_unicode=True, width=120).splitlines()
    return "\n".join(map(_with_reason, lines))


def _with_reason(line: str) -> str:
    reason = SCOPES.get(line.strip().removeprefix("- "))
    return f"{line}  # {reason}" if reason else line


def shown(name: str) -> str:
    """The app's name, if Slack takes it."""
    if not name.strip() or not name.isprintable() or len(name.strip()) > LONGEST_NAME:
        raise CannotStartError(f"--name needs 1 to {LONGEST_NAME} characters on one line, which is what Slack takes.")
    return name.strip()


def address(url: str) -> str:
    """The https address of a host, without a path."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise CannotStartError(f"--url {url} is no address: write it like https://rung.example.com.") from None
    if parts.scheme != "https":
        raise CannotStartError(f"--url {url} does not start with https://, and Slack calls nothing else.")
    if not host or parts.username is not None or any(letter.isspace() or letter in "\\<>" for letter in url):
        raise CannotStartError(f"--url {url} names no host: write it like https://rung.example.com.")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise CannotStartError(f"--url {url} goes on after the host: Rung adds /slack/events by itself.")
    return f"https://{parts.netloc}"
