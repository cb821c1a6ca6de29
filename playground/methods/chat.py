"""Web API: posting, changing and deleting messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground import messages
from playground.methods.arguments import Method, required
from playground.methods.conversations import joined
from playground.methods.people import person
from playground.payloads import changed_event, deleted_event, message_event
from playground.refusal import Refusal
from playground.workspace import Channel, Json, Message

if TYPE_CHECKING:
    from playground.playground import Playground


def post_message(slack: Playground, args: Json) -> Json:
    """chat.postMessage; a user id stands for the DM with them"""
    channel = _addressed(slack, args)
    message = messages.post(slack.workspace, channel, args)
    slack.tell(message_event(slack.workspace, message))
    return _sent(slack, message)


def post_ephemeral(slack: Playground, args: Json) -> Json:
    """chat.postEphemeral"""
    channel, user = joined(slack, args), person(slack, required(args, "user"))
    if user.id not in channel.members:
        raise Refusal("user_not_in_channel")
    message = messages.post(slack.workspace, channel, args, ephemeral_to=user.id)
    return {"message_ts": message.ts}


def update(slack: Playground, args: Json) -> Json:
    """chat.update, of the app's own visible messages"""
    message = _own(slack, args, "cant_update_message")
    if len(args.get("text") or "") > messages.TEXT_IN_UPDATE:
        raise Refusal("msg_too_long")
    if not any(args.get(name) for name in ("text", "blocks", "attachments", "markdown_text", "metadata")):
        raise Refusal("no_text")
    before = messages.as_json(slack.workspace, message)
    messages.rewrite(slack.workspace, message, args)
    slack.tell(changed_event(slack.workspace, message, before))
    return _sent(slack, message) | {"text": message.text}


def delete(slack: Playground, args: Json) -> Json:
    """chat.delete, of the app's own visible messages"""
    message = _own(slack, args, "cant_delete_message")
    event = deleted_event(slack.workspace, message)
    slack.workspace.remove(message)
    slack.tell(event)
    return {"channel": message.channel, "ts": message.ts}


def get_permalink(slack: Playground, args: Json) -> Json:
    """chat.getPermalink"""
    message = find(slack, joined(slack, args), required(args, "message_ts"))
    link = f"https://{slack.workspace.domain}.slack.com/archives/{message.channel}/p{message.ts.replace('.', '')}"
    return {"channel": message.channel, "permalink": link}


def add_reaction(slack: Playground, args: Json) -> Json:
    """reactions.add"""
    message = find(slack, joined(slack, args), required(args, "timestamp"))
    users = message.reactions.setdefault(required(args, "name"), [])
    if slack.workspace.bot.id in users:
        raise Refusal("already_reacted")
    users.append(slack.workspace.bot.id)
    slack.workspace.changed()
    return {}


def find(slack: Playground, channel: Channel, ts: str) -> Message:
    """A visible message; Refusal for ephemerals and what is not there."""
    for message in channel.messages:
        if message.ts == ts and message.ephemeral_to is None:
            return message
    raise Refusal("message_not_found")


def _addressed(slack: Playground, args: Json) -> Channel:
    user = slack.workspace.people.get(required(args, "channel"))
    channel = slack.workspace.dm(user.id) if user else joined(slack, args)
    if channel.im_of and slack.workspace.person(channel.im_of).deleted:
        raise Refusal("user_disabled")
    return channel


def _own(slack: Playground, args: Json, error: str) -> Message:
    message = find(slack, joined(slack, args), required(args, "ts"))
    if message.bot_id != slack.workspace.bot_id:
        raise Refusal(error)
    return message


def _sent(slack: Playground, message: Message) -> Json:
    shown = messages.as_json(slack.workspace, message)
    return {"channel": message.channel, "ts": message.ts, "message": shown}


METHODS: dict[str, Method] = {
    "chat.postMessage": post_message,
    "chat.postEphemeral": post_ephemeral,
    "chat.update": update,
    "chat.delete": delete,
    "chat.getPermalink": get_permalink,
    "reactions.add": add_reaction,
}
