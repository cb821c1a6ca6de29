"""Web API: uploading a file in three steps (a URL, the bytes, the message), and deleting it."""

from __future__ import annotations

import mimetypes
from typing import TYPE_CHECKING

from playground import messages
from playground.methods.arguments import Method, required
from playground.methods.conversations import joined
from playground.payloads import message_event
from playground.refusal import Refusal
from playground.workspace import File, Json

if TYPE_CHECKING:
    from playground.playground import Playground

ALT_TXT = 1000


def get_upload_url(slack: Playground, args: Json) -> Json:
    """files.getUploadURLExternal"""
    name, length = required(args, "filename"), int(required(args, "length"))
    alt_txt = args.get("alt_txt") or ""
    if len(alt_txt) > ALT_TXT:
        raise Refusal("alt_txt_too_large")
    file = File(id=slack.workspace.new_id("F"), name=name, title=name, length=length, alt_txt=alt_txt)
    slack.workspace.files[file.id] = file
    return {"upload_url": f"{slack.url}/upload/{file.id}", "file_id": file.id}


def complete_upload(slack: Playground, args: Json) -> Json:
    """files.completeUploadExternal; posts the files when a channel is named"""
    required(args, "files")
    files = [_uploaded(slack, each) for each in args["files"]]
    shown = [_as_json(slack, file) for file in files]
    if args.get("channel_id"):
        channel = joined(slack, {"channel": args["channel_id"]})
        said = {"text": args.get("initial_comment") or " ", "thread_ts": args.get("thread_ts")}
        message = messages.post(slack.workspace, channel, said, files=shown)
        slack.tell(message_event(slack.workspace, message) | {"subtype": "file_share"})
    return {"files": shown}


def delete(slack: Playground, args: Json) -> Json:
    """files.delete; a message of the app's that was nothing but the file stays, without it"""
    file_id = required(args, "file")
    if slack.workspace.files.pop(file_id, None) is None:
        raise Refusal("file_not_found")
    for channel in slack.workspace.channels.values():
        for message in channel.messages:
            message.files = [each for each in message.files if each["id"] != file_id]
    slack.workspace.changed()
    return {}


def _uploaded(slack: Playground, wanted: Json) -> File:
    file = slack.workspace.files.get(wanted.get("id", ""))
    if file is None or file.content is None:
        raise Refusal("file_not_found")
    file.title = wanted.get("title") or file.name
    return file


def _as_json(slack: Playground, file: File) -> Json:
    """A file as in messages."""
    described = {"alt_txt": file.alt_txt} if file.alt_txt else {}
    return {
        "id": file.id,
        "name": file.name,
        "title": file.title,
        "mimetype": mimetypes.guess_type(file.name)[0] or "application/octet-stream",
        "size": file.length,
        "url_private": f"{slack.url}/files/{file.id}",
        **described,
    }


METHODS: dict[str, Method] = {
    "files.getUploadURLExternal": get_upload_url,
    "files.completeUploadExternal": complete_upload,
    "files.delete": delete,
}
