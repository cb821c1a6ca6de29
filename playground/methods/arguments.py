"""Reading a method's arguments, which arrive as strings in forms and as values in JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from playground.refusal import Refusal
from playground.workspace import Json

if TYPE_CHECKING:
    from playground.playground import Playground

Method = Callable[["Playground", Json], Json]
Item = TypeVar("Item")

# Arguments that are JSON, and what Slack answers when they are not.
STRUCTURED = {
    "blocks": "invalid_blocks_format",
    "attachments": "invalid_attachments",
    "metadata": "invalid_metadata_format",
    "view": "invalid_arguments",
    "files": "invalid_arguments",
}


def structured(args: Json) -> Json:
    """The arguments with JSON strings parsed; Refusal where one is broken."""
    parsed = dict(args)
    for name, error in STRUCTURED.items():
        if isinstance(args.get(name), str) and args[name]:
            try:
                parsed[name] = json.loads(args[name])
            except ValueError:
                raise Refusal(error) from None
    return parsed


def required(args: Json, name: str) -> str:
    """This argument; Refusal without it."""
    if args.get(name) in (None, ""):
        raise Refusal("invalid_arguments", [f"[ERROR] missing required field: {name}"])
    return str(args[name])


def flag(args: Json, name: str) -> bool:
    """A yes or no, however it was written."""
    return str(args.get(name, "")).lower() in ("1", "true")


def page(items: list[Item], args: Json, default: int = 100) -> tuple[list[Item], Json]:
    """One page by `cursor` and `limit`, and what the answer says of the next."""
    try:
        start, limit = int(args.get("cursor") or 0), int(args.get("limit") or default)
    except ValueError:
        raise Refusal("invalid_cursor") from None
    end = start + limit
    more = end < len(items)
    return items[start:end], {"has_more": more, "response_metadata": {"next_cursor": str(end) if more else ""}}
