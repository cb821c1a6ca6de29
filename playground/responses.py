"""Answers to commands and posts to a response_url, put where they belong."""

from __future__ import annotations

from playground.messages import post, rewrite
from playground.refusal import Refusal
from playground.tickets import ResponseUrl
from playground.workspace import Json, Workspace


def respond(workspace: Workspace, ticket: ResponseUrl, body: Json) -> None:
    """Redraw or delete the message that was clicked if the answer says so, else post a new one, ephemeral by default.

    A command has no original: its `replace_original` posts a new message too.
    """
    original = ticket.message
    channel = workspace.channel(ticket.channel)
    if body.get("delete_original"):
        if original in channel.messages:
            workspace.remove(original)
        return
    if body.get("replace_original") and original is not None:
        if original.bot_id is None:
            raise Refusal("cant_update_message")
        rewrite(workspace, original, {"blocks": [], "attachments": [], "text": "", **body})
        return
    visible = body.get("response_type") == "in_channel"
    post(workspace, channel, body, ephemeral_to=None if visible else ticket.user)
