"""Files in the playground: what Slack says of one, and what it refuses."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from playground.playground import Playground
from playground.server import serving
from tests.support.playground_app import client_of


@pytest.fixture
async def playground() -> AsyncIterator[Playground]:
    playground = Playground()
    playground.workspace.add_person("sam", "Sam Lee", user="U1")
    async with serving(playground):
        yield playground


@pytest.fixture
def client(playground: Playground) -> AsyncWebClient:
    return client_of(playground.url)


async def test_a_picture_keeps_its_bytes_its_kind_and_its_description(
    playground: Playground, client: AsyncWebClient
) -> None:
    channel = (await client.conversations_open(users="U1"))["channel"]["id"]
    content = b"\x89PNG\r\n\x1a\n\x00\xff"
    await client.files_upload_v2(channel=channel, filename="a.png", content=content, alt_txt="Two bars", title="Bars")
    [message] = playground.dm("sam")
    [file] = message.files
    assert (file["title"], file["mimetype"], file["alt_txt"]) == ("Bars", "image/png", "Two bars")
    async with aiohttp.ClientSession() as session, session.get(file["url_private"]) as response:
        assert await response.read() == content


async def test_a_file_without_a_description_has_none(playground: Playground, client: AsyncWebClient) -> None:
    answer = await client.files_upload_v2(filename="log.csv", content="a,b")
    assert answer["file"]["mimetype"] == "text/csv"
    assert "alt_txt" not in answer["file"]


async def test_a_description_of_over_a_thousand_characters_is_refused(client: AsyncWebClient) -> None:
    await client.files_getUploadURLExternal(filename="a.png", length=1, alt_txt="x" * 1000)
    with pytest.raises(SlackApiError, match="alt_txt_too_large"):
        await client.files_getUploadURLExternal(filename="a.png", length=1, alt_txt="x" * 1001)
