"""What begins with a slash: Slack runs it or refuses it, and it is never a message; an app hears only its own."""

from collections.abc import AsyncIterator

import pytest

from playground.playground import Playground
from playground.server import serving
from playground.workspace import Message
from tests.support.playground_app import Json, create_app, over_socket

MANIFEST = {"features": {"slash_commands": [{"command": "/greet"}]}}


@pytest.fixture
def seen() -> list[Json]:
    """What the app received."""
    return []


@pytest.fixture
async def slack(seen: list[Json]) -> AsyncIterator[Playground]:
    """A playground whose app has one command, and is connected."""
    playground = Playground(manifest=MANIFEST)
    playground.workspace.add_person("sam", "Sam Lee", user="U1", tz="Europe/Berlin")
    async with serving(playground), over_socket(create_app(playground.url, seen), playground):
        yield playground


def said(slack: Playground) -> list[tuple[str, str | None]]:
    """Who wrote what stands in the conversation, and to whom alone."""
    return [(message.user, message.ephemeral_to) for message in slack.dm("sam")]


def newest(slack: Playground) -> Message:
    return slack.dm("sam")[-1]


def written(slack: Playground) -> list[Message]:
    """What Sam wrote."""
    return [message for message in slack.dm("sam") if message.user == "U1"]


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("/laddr", "/laddr"),
        ("/laddr next", "/laddr"),
        ("/Greet you", "/Greet"),
        ("/greetings", "/greetings"),
        ("/", "/"),
        ("/ greet", "/"),
        ("/etc/hosts is gone", "/etc/hosts"),
        ("/x`<@U1>*b*", "/x`&lt;@U1&gt;*b*"),
    ],
)
async def test_what_is_no_command_here_is_refused_by_slack(
    slack: Playground, seen: list[Json], typed: str, name: str
) -> None:
    for answer in (await slack.command("sam", typed), await slack.enter("sam", typed)):
        assert answer.error == "invalid_command"
    assert said(slack) == [("USLACKBOT", "U1")] * 2
    assert newest(slack).text.startswith(f"{name} is not a valid command.")
    assert seen == []


@pytest.mark.parametrize("typed", ["/greet you", "/greet   you ", "/greet\nyou"])
async def test_a_command_that_the_manifest_has_reaches_the_app(slack: Playground, seen: list[Json], typed: str) -> None:
    assert (await slack.enter("sam", typed)).ok
    assert [(each["command"], each["text"]) for each in seen] == [("/greet", "you")]


async def test_in_a_thread_no_command_is_run(slack: Playground, seen: list[Json]) -> None:
    await slack.say("sam", "hello")
    start, heard = newest(slack), len(seen)
    for answer in (
        await slack.enter("sam", "/greet you", thread_ts=start.ts),
        await slack.command("sam", "/greet you", thread_ts=start.ts),
    ):
        assert answer.error == "not_in_thread"
    assert (newest(slack).thread_ts, newest(slack).ephemeral_to) == (start.ts, "U1")
    assert newest(slack).text.startswith("/greet cannot be used in a thread.")
    assert len(seen) == heard
    assert (await slack.enter("sam", "/laddr", thread_ts=start.ts)).error == "invalid_command"
    assert newest(slack).thread_ts == start.ts


async def test_behind_a_space_it_is_a_message(slack: Playground, seen: list[Json]) -> None:
    assert (await slack.enter("sam", " /laddr next")).ok
    [message] = written(slack)
    assert (await slack.enter("sam", " /greet you", thread_ts=message.ts)).ok
    assert [each.text for each in written(slack)] == ["/laddr next", "/greet you"]
    assert [each["event"]["text"] for each in seen if each["event"].get("user") == "U1"] == [
        "/laddr next",
        "/greet you",
    ]


async def test_anything_else_is_a_message(slack: Playground) -> None:
    assert (await slack.enter("sam", "hello / there ")).ok
    assert [each.text for each in written(slack)] == ["hello / there"]
