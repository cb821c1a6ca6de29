"""Web API: uploading a file in three steps (a URL, the bytes, the message)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground import messages
from playground.methods.arguments import Method, required
from playground.methods.conversations import joined
from playground.payloads import message_event
from playground.refusal import Refusal
from playground.workspace import File, Json

if TYPE_CHECKING:
    from playground.playground import Playground


def get_upload_url(slack: Playground, args: Json) -> Json:
    """files.getUploadURLExternal"""
    name, length = required(args, "filename"), int(required(args, "length"))
    file = File(id=slack.workspace.new_id("F"), name=name, title=name, length=length)
    slack.workspace.files[file.id] = file
    return {"upload_url": f"{slack.url}/upload/{file.id}", "file_id": file.id}


def complete_upload(slack: Playground, args: Json) -> Json:
    """files.completeUploadExternal; posts the files when a channel is named"""
    required(args, "files")
    files = [_uploaded(slack, each) for each in args["files"]]
    shown = [
        {"id": f.id, "name": f.name, "title": f.title, "size": f.length, "url_private": f"{slack.url}/files/{f.id}"}
        for f in files
    ]
    if args.get("channel_id"):
        channel = joined(slack, {"channel": args["channel_id"]})
        said = {"text": args.get("initial_comment") or " ", "thread_ts": args.get("thread_ts")}
        message = messages.post(slack.workspace, channel, said, files=shown)
        slack.tell(message_event(slack.workspace, message) | {"subtype": "file_share"})
    return {"files": shown}


def _uploaded(slack: Playground, wanted: Json) -> File:
    file = slack.workspace.files.get(wanted.get("id", ""))
    if file is None or file.content is None:
        raise Refusal("file_not_found")
    file.title = wanted.get("title") or file.name
    return file


METHODS: dict[str, Method] = {
    "files.getUploadURLExternal": get_upload_url,
    "files.completeUploadExternal": complete_upload,
}
