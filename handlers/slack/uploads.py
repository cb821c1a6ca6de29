"""Files for a person, brought into their DM."""

from dataclasses import dataclass
from io import BytesIO

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from db import members
from growth.errors import PersonError
from handlers.slack.people import SlackActor

SWITCHED_OFF = ("file_uploads_disabled", "file_uploads_except_images_disabled")


class NotAllowedToUpload(PersonError):
    def __init__(self) -> None:
        super().__init__(
            "I may not send files in this workspace yet. Whoever installed Rung here can allow it: the app needs"
            " the bot scope `files:write`."
        )


class UploadsSwitchedOff(PersonError):
    def __init__(self) -> None:
        super().__init__("Files are switched off in this workspace, so Slack did not take mine.")


@dataclass(frozen=True)
class Upload:
    """A file and the line that goes with it; `alt_text` says what a picture shows, in at most 1000 characters."""

    name: str
    content: bytes
    title: str
    comment: str
    alt_text: str | None = None


async def send(actor: SlackActor, upload: Upload) -> None:
    """Bring the file into the person's DM. Raises a PersonError where Slack lets nobody or not Rung."""
    try:
        channel = await dm(actor)
        place = await actor.client.files_getUploadURLExternal(
            filename=upload.name, length=len(upload.content), alt_txt=upload.alt_text
        )
        await _post(actor.client, place["upload_url"], upload.content)
        files: list[dict[str, str | None]] = [{"id": place["file_id"], "title": upload.title}]
        await actor.client.files_completeUploadExternal(files=files, channel_id=channel, initial_comment=upload.comment)
    except SlackApiError as error:
        if error.response["error"] == "missing_scope":
            raise NotAllowedToUpload from error
        if error.response["error"] in SWITCHED_OFF:
            raise UploadsSwitchedOff from error
        raise


async def _post(client: AsyncWebClient, url: str, content: bytes) -> None:
    """The step in the middle; slack_sdk's own hands over all bytes at once: aiohttp warns beyond a megabyte."""
    patience = aiohttp.ClientTimeout(total=client.timeout)
    async with (
        aiohttp.ClientSession(timeout=patience, trust_env=client.trust_env_in_session) as session,
        session.post(url, data=BytesIO(content), proxy=client.proxy, ssl=client.ssl or True) as answer,
    ):
        answer.raise_for_status()


async def dm(actor: SlackActor) -> str:
    """The conversation of the person with Rung, opened where it is not known."""
    async with actor.sessions() as session:
        member = await members.get(session, actor.who)
    if member and member.dm_channel:
        return member.dm_channel
    opened = await actor.client.conversations_open(users=actor.who.user)
    return str(opened["channel"]["id"])
