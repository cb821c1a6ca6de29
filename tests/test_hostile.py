"""What is wrong, old, oversized, forged or meant to harm is refused or defused at the edge."""

import asyncio
import copy
import json
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote_plus

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.types import Message, Receive, Scope, Send

from bot.http.request_guard import LARGEST, Guard
from db.models import Comment, Entry, Schedule
from ladder_content.model import Ladder
from tests.support.architecture import action, chosen, command, event, shortcut, submission
from tests.support.digest import TUESDAY, mentoring, newest, shared
from tests.support.edge_cases import (
    FORM,
    JSON,
    Edge,
    complaints,
    complaints_of,
    edge_of,
    encoded,
    request,
    rows,
    signed,
    week,
)
from tests.support.world import MAYA, SAM, text_of

Json = dict[str, Any]
HOSTILE = (
    "<!channel> <@U0SAM> <#C1|x> <javascript:alert(1)|x> <https://evil.example|https://good.example> &lt;!here&gt;"
)
DEEP = 50_000


@pytest.fixture
async def edge(engine: AsyncEngine, ladder: Ladder, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Edge]:
    async with edge_of(engine, ladder) as edge:
        yield edge
        assert not [line for call in edge.world.playground.journal.calls for line in complaints_of(call)]
    assert "ERROR" not in [each.levelname for each in caplog.get_records("call")]


async def test_what_is_sent_again_within_five_minutes_changes_nothing(edge: Edge) -> None:
    """Signature and all: every request of a busy week, whatever it writes."""
    sure = {"disclosures": "confirmed"}  # whoever asks to look may have looked
    async for step in week(edge):
        before, posts = await rows(edge.world, sure), posted(edge)
        for each in copy.copy(edge.sent):
            assert (await request(edge.app, [each.body], each.headers)).status == 200, step
        await edge.settle()
        assert await rows(edge.world, sure) == before, step
        assert posted(edge) == posts, step
        edge.sent.clear()


def posted(edge: Edge) -> list[str]:
    """The messages that stay, as many as there are."""
    channels = edge.world.playground.workspace.channels.values()
    return [each.ts for channel in channels for each in channel.messages if each.ephemeral_to is None]


VALID = encoded(command("levels"))[0]


@pytest.mark.parametrize(
    "change",
    [
        {"x-slack-signature": "v0=" + "0" * 64},
        {"x-slack-signature": ""},
        {"x-slack-signature": "ü"},
        {"x-slack-request-timestamp": ""},
        {"x-slack-request-timestamp": "soon"},
        {"x-slack-request-timestamp": "²"},
        {"x-slack-request-timestamp": "9" * 5000},
    ],
)
async def test_what_slack_did_not_sign_is_refused(edge: Edge, change: dict[str, str]) -> None:
    signature = signed(edge.world, VALID)
    assert (await request(edge.app, [VALID], signature)).status == 200
    reply = await request(edge.app, [VALID], signature | change)
    assert (reply.status, reply.body) == (401, b"This address is for Slack, which signs what it sends.\n")
    missing = {name: value for name, value in signature.items() if name not in change}
    assert (await request(edge.app, [VALID], missing)).status == 401
    assert (await request(edge.app, [VALID + b"&x=1"], signature)).status == 401


@pytest.mark.parametrize("age", [301, 3600, -301])
async def test_what_is_older_than_five_minutes_is_refused(edge: Edge, age: int) -> None:
    old = signed(edge.world, VALID, at=time.time() - age)
    assert (await request(edge.app, [VALID], old)).status == 401


async def test_five_megabytes_are_refused_unread(edge: Edge) -> None:
    said = signed(edge.world, VALID) | {"content-length": str(5_000_000)}
    reply = await request(edge.app, [], said)
    assert (reply.status, reply.body) == (413, b"That is more than 1,000,000 bytes.\n")
    assert reply.headers["connection"] == "close"


async def test_five_megabytes_in_chunks_are_read_up_to_the_limit(edge: Edge) -> None:
    chunks: list[bytes | Message] = [b"x" * 65_536] * 80
    taken: list[Message] = []
    assert (await request(edge.app, chunks, signed(edge.world, VALID), taken=taken)).status == 413
    assert len(taken) == LARGEST // 65_536 + 1


async def test_the_largest_view_that_there_can_be_is_read(edge: Edge) -> None:
    payload = submission("log.filter_form")
    payload["view"]["blocks"] = [{"type": "section", "text": "ü" * 1000}] * 120
    body = f"payload={quote_plus(json.dumps(payload, ensure_ascii=False))}".encode()
    assert 700_000 < len(body) < LARGEST
    assert (await request(edge.app, [body], signed(edge.world, body))).status == 200


async def test_a_request_that_ends_early_has_no_answer(edge: Edge) -> None:
    cut: list[bytes | Message] = [
        {"type": "http.request", "body": VALID[:9], "more_body": True},
        {"type": "http.disconnect"},
    ]
    assert (await request(edge.app, cut, signed(edge.world, VALID))).status == 0


async def test_a_request_that_dawdles_is_refused() -> None:
    sent: list[Message] = []

    async def never(*_: object) -> Message:
        return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]

    async def send(message: Message) -> None:
        sent.append(message)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError

    await Guard(app, "secret", lambda: None, arrives_within=0)({"type": "http", "headers": []}, never, send)
    assert sent[0]["status"] == 408


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "multipart/form-data; boundary=x", "application/json; charset=utf-8", "\xff"]
)
@pytest.mark.parametrize(
    "payload", [command("levels"), submission("of.old"), event("message", text="words", subtype="bot_message")]
)
async def test_a_wrong_content_type_is_no_trouble(edge: Edge, kind: str, payload: Json) -> None:
    body, _ = encoded(payload)
    assert (await request(edge.app, [body], signed(edge.world, body, kind))).status in (200, 400)


BOMBS = {
    "deep lists": b"[" * DEEP,
    "deep objects": b'{"type":' * DEEP,
    "as deep as it can be read": b'{"type":' * 200 + b"1" + b"}" * 200,
    "a number of many digits": b'{"type":"shortcut","n":' + b"9" * 5000 + b"}",
    "a number too large": b'{"type":"shortcut","n":' + b"9" * 400 + b"}",
    "not a number": b'{"type":"shortcut","n":NaN}',
    "endless": b'{"type":"shortcut","n":1e999}',
    "a list": b"[]",
    "nothing": b"null",
    "not JSON": b"{",
    "a string": b'"type"',
}


@pytest.mark.parametrize("bomb", BOMBS)
async def test_json_that_is_a_trap_is_refused(edge: Edge, bomb: str) -> None:
    for body, kind in ((BOMBS[bomb], JSON), (b"payload=" + BOMBS[bomb], FORM)):
        assert (await request(edge.app, [body], signed(edge.world, body, kind))).status == 400


async def test_of_a_key_that_is_there_twice_the_last_one_counts(edge: Edge) -> None:
    body = encoded(submission("of.old"))[0].replace(
        b"%22callback_id%22", b"%22callback_id%22%3A+1%2C+%22callback_id%22"
    )
    assert (await request(edge.app, [body], signed(edge.world, body))).status == 200


MISSHAPEN = {
    "too deep": submission("of.old") | {"n": json.loads("[" * 200 + "]" * 200)},
    "too large a number": submission("of.old") | {"n": 10**30},
    "not a number": submission("of.old") | {"n": float("nan")},
    "no action": action("log.undo") | {"actions": []},
    "an action of numbers": action("log.undo") | {"actions": [{"action_id": 1, "block_id": 2}]},
    "a value that is no text": action("log.undo") | {"actions": [action("x")["actions"][0] | {"value": {}}]},
    "a person who is a number": action("log.undo") | {"user": {"id": 1}},
    "no state": submission("log.form")
    | {"view": {k: v for k, v in submission("log.form")["view"].items() if k != "state"}},
    "a state of numbers": submission("log.form")
    | {"view": submission("log.form")["view"] | {"state": {"values": {"what": 1}}}},
    "a memory that is a list": submission("log.form")
    | {"view": submission("log.form")["view"] | {"private_metadata": []}},
    "an unknown kind": {"type": "interactive_message", "callback_id": "log.undo", **action("x", "1")}
    | {"type": "of_tomorrow"},
    "an old kind": {**action("log.undo"), "callback_id": "log.undo", "type": "interactive_message"},
    "two kinds": {**action("log.undo"), **command("log")},
    "an event that is a list": {"type": "event_callback", "event": []},
    "a message without a time": event("message", text="x")
    | {"event": {"type": "message", "channel_type": "im", "user": MAYA}},
    "a profile without a person": event("user_change", user={}),
    "a shortcut on no message": shortcut("message_action", "save_message"),
    "a channel that is a path": action("log.save_message", "1.0") | {"channel": {"id": "../C1"}},
    "an address that is none": action("checkin.now") | {"response_url": "file:///etc/passwd"},
}


@pytest.mark.parametrize("name", MISSHAPEN)
async def test_what_is_not_as_slack_sends_it_is_refused(edge: Edge, name: str) -> None:
    assert (await edge.post(MISSHAPEN[name])).status == 400


async def test_a_form_without_anything_filled_in_is_none_the_worse(edge: Edge) -> None:
    """Slack may send a list there."""
    payload = submission("log.filter_form")
    payload["view"]["state"]["values"] = []
    reply = await edge.send(payload)
    assert (reply.status, complaints(reply, payload)) == (200, [])


def filled(form: str, memory: Json | None = None, **values: Json | str) -> Json:
    """A form with these inputs filled in: a text, or what Slack says of another element."""
    body = submission(form, **(memory or {}))
    body["view"]["state"]["values"] = {
        name: {"value": {"value": value} if isinstance(value, str) else value} for name, value in values.items()
    }
    return body


def option(value: str) -> Json:
    return {"selected_option": {"value": value}}


FOREIGN: dict[str, Json] = {
    "a time that is none": action("welcome.time.1", "soon"),
    "an eighth day": action("welcome.time.1", "8 09:00"),
    "a time of another zone": action("welcome.time.1", "1 09:00+02:00"),
    "a day of another version": filled(
        "schedule.form", level=option("l4"), day=option("first"), time={"selected_time": "09:00"}
    ),
    "a rhythm of another version": filled(
        "schedule.form", level=option("l4"), day=option("1"), time={"selected_time": "09:00"}, rhythm=option("3")
    ),
    "a digest's rhythm of another version": filled(
        "digest.form", day=option("1"), time={"selected_time": "x"}, rhythm=option("1")
    ),
    "a period of another version": filled("logs.filter_form", period=option("decade")),
    "a button where a menu was": action("log.tag.1"),
    "a menu where a button was": action("log.undo")
    | {"actions": [action("log.undo", selected_option=None)["actions"][0]]},
    "a message that is none": action("log.save_message", "?") | {"channel": {"id": "D1"}},
    "a message nowhere": action("log.save_message", "1.0"),
    "a global shortcut of a message's name": shortcut("shortcut", "save_message"),
    "a menu without a choice": chosen("comments.pick", ""),
}


@pytest.mark.parametrize("name", FOREIGN)
async def test_values_that_no_version_of_ours_sent_are_answered_with_a_sentence(edge: Edge, name: str) -> None:
    before = await rows(edge.world)
    reply = await edge.send(FOREIGN[name])
    await edge.settle()
    assert (reply.status, complaints(reply, FOREIGN[name])) == (200, [])
    assert (await edge.world.rows(select(Schedule)), await rows(edge.world)) == ([], before)


@pytest.mark.parametrize(
    "payload", [command("log words"), command("set"), action("log.open"), shortcut("shortcut", "log_growth")]
)
async def test_a_trigger_that_is_none_opens_nothing(edge: Edge, payload: Json) -> None:
    assert (await edge.post(payload)).status == 200


async def test_there_is_no_answer_where_nobody_is(edge: Edge) -> None:
    assert (await edge.post(event("message", text="words", channel="D404"))).status == 200


async def test_somebody_whom_slack_does_not_show_is_a_guest(edge: Edge) -> None:
    reply = await edge.send(command("logs") | {"user_id": "U404"})
    assert "Rung is for the full members" in reply.json["text"]


async def test_nobody_saves_the_words_of_somebody_else(edge: Edge) -> None:
    slack = edge.world.playground
    await slack.say(SAM, "MARK1X is for nobody else")
    said = slack.dm(SAM)[-2]
    assert "MARK1X" in said.text
    await edge.send(action("log.save_message", said.ts) | {"channel": {"id": said.channel}})
    await edge.settle()
    assert await edge.world.rows(select(Entry)) == []


async def test_a_message_of_mentions_that_nobody_saves_asks_for_no_names(edge: Edge) -> None:
    there = edge.world.playground.workspace.dm(MAYA).id
    await edge.send(event("message", channel=there, text=" ".join(f"<@U{n}>" for n in range(1000))))
    assert edge.world.playground.journal.of("users.info") == []


@pytest.mark.parametrize("words", [HOSTILE, "\0a\ud800", "\u202egnp.exe", "x" * 100_000, "👩‍🔬" * 5000, "&<>" * 1000])
async def test_words_that_harm_come_to_nobody_alive(edge: Edge, words: str) -> None:
    """By way of an entry, a digest, a comment and a reason; the fixture looks at all that Slack was sent."""
    world, slack = edge.world, edge.world.playground
    await mentoring(world)
    await shared(world, "For Sam")
    await edge.settle()
    wholly = filled("log.edit_form", {"entry": 1, "readers": [1]}, what=words, impact=words)
    wholly["view"]["state"]["values"] |= {
        "readers": {"value": {"selected_options": [{"value": "1"}]}},
        "happened_on": {"value": {"selected_date": "2027-01-14"}},
    }
    for payload in (
        wholly,
        command(f"log {words}") | {"trigger_id": slack.triggers.issue(MAYA)},
        command(f"find {words}"),
        command(f"logs {words}"),
        command(words),
        event("message", text=words, channel=slack.workspace.dm(MAYA).id),
        shortcut(
            "message_action",
            "save_message",
            channel={"id": "D1"},
            message={"ts": "1.0", "text": words, "username": words},
        ),
    ):
        reply = await edge.send(payload)
        assert (reply.status, complaints(reply, payload)) == (200, [])
    await world.travel(TUESDAY)
    [entry] = await world.rows(select(Entry.what).where(Entry.id == 1))
    assert not set(entry) & set("\0\u202e")
    digest = newest(world)
    assert text_of(digest)
    comment = filled("comments.form", {"entry": 1}, words=words[:900])
    comment["user"]["id"] = SAM
    assert (await edge.send(comment)).status == 200
    await edge.settle()
    assert len(await world.rows(select(Comment))) == 1


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "<https://evil.example|https://good.example>", "https://", "data:text/html,x"]
)
async def test_a_link_that_is_none_is_refused_on_its_field(edge: Edge, link: str) -> None:
    payload = filled("log.form", what="Shipped it", links=link, happened_on={"selected_date": "2027-01-14"})
    payload["view"]["blocks"] = [{"type": "input", "block_id": "links"}]
    reply = await edge.send(payload)
    assert "is no link" in reply.json["errors"]["links"]
    assert await edge.world.rows(select(Entry)) == []


@pytest.mark.parametrize("day", ["2027-02-30", "0000-00-00", "9999-12-31", "x", "１"])
async def test_a_day_that_is_none_is_refused_on_its_field(edge: Edge, day: str) -> None:
    payload = filled("log.form", what="Shipped it", happened_on={"selected_date": day})
    payload["view"]["blocks"] = [{"type": "input", "block_id": "happened_on"}]
    assert "happened_on" in (await edge.send(payload)).json["errors"]
    assert await edge.world.rows(select(Entry)) == []
