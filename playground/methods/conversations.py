"""Web API: channels and what was said in them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from playground import messages
from playground.methods.arguments import Method, flag, page, required
from playground.refusal import Refusal
from playground.workspace import Channel, Json, Message

if TYPE_CHECKING:
    from playground.playground import Playground


def info(slack: Playground, args: Json) -> Json:
    """conversations.info"""
    channel = slack.workspace.channels.get(required(args, "channel"))
    if channel is None:
        raise Refusal("channel_not_found")
    if channel.im_of:
        return {"channel": {"id": channel.id, "is_im": True, "is_channel": False, "user": channel.im_of}}
    member = slack.workspace.bot.id in channel.members
    return {
        "channel": {"id": channel.id, "name": channel.name, "is_im": False, "is_channel": True, "is_member": member}
    }


def members(slack: Playground, args: Json) -> Json:
    """conversations.members"""
    found, more = page(sorted(joined(slack, args).members), args)
    return {"members": found, **more}


def history(slack: Playground, args: Json) -> Json:
    """conversations.history, newest first, without replies in threads"""
    channel = joined(slack, args)
    top = [m for m in channel.messages if m.thread_ts in (None, m.ts)]
    return _excerpt(slack, top[::-1], args)


def replies(slack: Playground, args: Json) -> Json:
    """conversations.replies of the thread that `ts` is in: on every page the parent first, whatever the bounds"""
    channel, ts = joined(slack, args), required(args, "ts")
    visible = [m for m in channel.messages if m.ephemeral_to is None]
    named = next((m for m in visible if ts in (m.ts, m.thread_ts)), None)
    if named is None:
        raise Refusal("thread_not_found")
    root = named.thread_ts or named.ts
    answers = [m for m in visible if m.thread_ts == root != m.ts]
    return _excerpt(slack, answers, args, first=[m for m in visible if m.ts == root])


def joined(slack: Playground, args: Json) -> Channel:
    """The channel of these arguments, which the app is in; Refusal otherwise."""
    channel = slack.workspace.channels.get(required(args, "channel"))
    if channel is None:
        raise Refusal("channel_not_found")
    if slack.workspace.bot.id not in channel.members:
        raise Refusal("not_in_channel")
    return channel


def _excerpt(slack: Playground, found: list[Message], args: Json, first: Sequence[Message] = ()) -> Json:
    visible = [m for m in found if m.ephemeral_to is None and _within(m.ts, args)]
    some, more = page(visible, args)
    metadata = slack.faults.metadata or ("all" if flag(args, "include_all_metadata") else "type")
    shown = [messages.as_json(slack.workspace, m, metadata=metadata) for m in (*first, *some)]
    return {"messages": shown, **more}


def _within(ts: str, args: Json) -> bool:
    """Whether a ts lies between `oldest` and `latest`; the bounds themselves count when `inclusive`."""
    try:
        at, oldest = Decimal(ts), Decimal(args.get("oldest") or 0)
        latest = Decimal(args.get("latest") or "Infinity")
    except InvalidOperation:
        raise Refusal("invalid_ts_oldest") from None
    return oldest < at < latest or (flag(args, "inclusive") and at in (oldest, latest))


METHODS: dict[str, Method] = {
    "conversations.info": info,
    "conversations.members": members,
    "conversations.history": history,
    "conversations.replies": replies,
}
