"""Messages: what may stand in one, and the shape Slack gives it."""

from __future__ import annotations

from typing import Any, Literal

from playground.blockkit import MARKDOWN_SUM, block_faults, too_long
from playground.elements import state, with_ids
from playground.refusal import Refusal
from playground.workspace import Channel, Json, Message, Workspace

TEXT_CUT = 40_000
Shown = Literal["all", "type", "none"]  # of a message's metadata
TEXT_IN_UPDATE = 4_000


def content(workspace: Workspace, args: Json) -> Json:
    """The fields of Message that these arguments fill in; Refusal for what Slack does not take."""
    blocks = args.get("blocks") or []
    if faults := list(block_faults(blocks, "message")):
        raise Refusal("invalid_blocks", faults)
    if len(args.get("markdown_text") or "") > MARKDOWN_SUM:
        raise Refusal("msg_too_long")
    metadata = args.get("metadata") or None
    if metadata and not (isinstance(metadata, dict) and {"event_type", "event_payload"} <= metadata.keys()):
        raise Refusal("invalid_metadata_format")
    text = args.get("text") or args.get("markdown_text") or ""
    if not (text or blocks or args.get("attachments")):
        raise Refusal("no_text")
    filled = with_ids(blocks, workspace.new_id)
    return {
        "text": text[:TEXT_CUT],
        "blocks": filled,
        "values": state(filled),
        "attachments": args.get("attachments") or [],
        "metadata": metadata,
    }


def post(workspace: Workspace, channel: Channel, args: Json, **more: Any) -> Message:
    """Post as the app."""
    _within_the_limit(args)
    return workspace.post(
        channel,
        workspace.bot.id,
        bot_id=workspace.bot_id,
        thread_ts=args.get("thread_ts") or None,
        **content(workspace, args),
        **more,
    )


def rewrite(workspace: Workspace, message: Message, args: Json) -> None:
    """Put new content in place; what `args` do not name stays as it was."""
    _within_the_limit(args)
    names = ("text", "blocks", "attachments", "metadata")
    kept = {name: getattr(message, name) for name in names if name not in args}
    for name, value in content(workspace, kept | args).items():
        setattr(message, name, value)
    workspace.changed()


def _within_the_limit(args: Json) -> None:
    """Blocks as they were sent: those of a message that stands have ids that Slack gave them."""
    if too_long(args.get("blocks") or []):
        raise Refusal("msg_blocks_too_long")


def as_json(workspace: Workspace, message: Message, *, metadata: Shown = "all") -> Json:
    """A message as in conversations.history, events and block_actions."""
    body: Json = {
        "type": "message",
        "user": message.user,
        "ts": message.ts,
        "text": message.text,
        "team": workspace.team_id,
    }
    if message.bot_id:
        body |= {"bot_id": message.bot_id, "app_id": workspace.app_id}
    if message.edited:
        body["edited"] = {"user": message.user, "ts": message.edited}
    if message.reactions:
        body["reactions"] = [
            {"name": name, "users": users, "count": len(users)} for name, users in message.reactions.items()
        ]
    if message.metadata and metadata != "none":
        whole = message.metadata
        body["metadata"] = whole if metadata == "all" else {"event_type": whole["event_type"]}
    for name in ("blocks", "attachments", "files", "thread_ts"):
        if value := getattr(message, name):
            body[name] = value
    return body | _thread(workspace, message)


def _thread(workspace: Workspace, message: Message) -> Json:
    channel = workspace.channel(message.channel)
    if message.thread_ts and message.thread_ts != message.ts:
        parent = next((m for m in channel.messages if m.ts == message.thread_ts), None)
        return {"parent_user_id": parent.user} if parent else {}
    replies = [m for m in channel.messages if m.thread_ts == message.ts and not m.ephemeral_to]
    if not replies:
        return {}
    return {"thread_ts": message.ts, "reply_count": len(replies), "latest_reply": replies[-1].ts}
