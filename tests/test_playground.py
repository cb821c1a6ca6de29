"""The playground, proved with a real Bolt app over both of Slack's transports."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from playground import modals
from playground.clock import Clock
from playground.journal import Journal
from playground.playground import Playground
from playground.server import serving
from playground.workspace import Message, View
from tests.support.playground_app import (
    ELEMENTS,
    FORM,
    OPTIONS,
    PAGE,
    Json,
    card,
    client_of,
    create_app,
    over_http,
    over_socket,
    row,
)


@pytest.fixture
async def playground(tmp_path: Path) -> AsyncIterator[Playground]:
    """A served playground with two people, and no app connected."""
    playground = Playground(journal=tmp_path / "journal.jsonl")
    playground.workspace.add_person("sam", "Sam Lee", user="U1", tz="Europe/Berlin")
    playground.workspace.add_person("ana", "Ana Ruiz", user="U2", tz="America/Lima")
    playground.outbound.retry_delays = (0, 0, 0)
    async with serving(playground):
        yield playground


@pytest.fixture
def client(playground: Playground) -> AsyncWebClient:
    return client_of(playground.url)


@pytest.fixture
def seen() -> list[Json]:
    """What the app received."""
    return []


@pytest.fixture(params=[over_socket, over_http], ids=["socket", "http"])
async def slack(request: pytest.FixtureRequest, playground: Playground, seen: list[Json]) -> AsyncIterator[Playground]:
    """The playground with the app connected, by each transport in turn."""
    async with request.param(create_app(playground.url, seen), playground):
        yield playground


@pytest.fixture
async def socketed(playground: Playground, seen: list[Json]) -> AsyncIterator[Playground]:
    async with over_socket(create_app(playground.url, seen), playground):
        yield playground


def top(slack: Playground, user: str = "sam") -> View:
    view = slack.modal(user)
    assert view is not None
    return view


def last(slack: Playground, user: str = "sam") -> Message:
    return slack.dm(user)[-1]


async def post(url: str, body: Json) -> tuple[int, str]:
    answer = await AsyncWebhookClient(url).send_dict(body)
    return answer.status_code, answer.body


# Commands


async def test_a_command_is_answered_in_the_ack(slack: Playground, seen: list[Json]) -> None:
    answer = await slack.command("sam", "/greet @ana & <you> see https://example.org/x")

    assert answer.ok
    assert seen[-1]["text"] == "<@U2|ana> &amp; &lt;you&gt; see <https://example.org/x>"
    assert {"trigger_id", "response_url", "api_app_id", "channel_id", "user_name"} <= seen[-1].keys()
    assert seen[-1]["is_enterprise_install"] == "false"
    assert last(slack).ephemeral_to == "U1"
    assert last(slack).blocks[1]["elements"][0]["action_id"] == "again"
    assert slack.dm("ana") == []
    assert slack.journal.of("command.response")[0].args["blocks"][0]["type"] == "section"


async def test_a_command_that_is_too_slow_fails_before_the_person(slack: Playground) -> None:
    slack.outbound.ack_seconds = 0.1
    answer = await slack.command("sam", "/slow")
    assert answer.error == "operation_timeout"
    assert "operation_timeout" in last(slack).text
    await asyncio.sleep(0.4)  # the app's late answer, which nobody waits for


async def test_an_unhandled_command_fails(playground: Playground, seen: list[Json]) -> None:
    async with over_http(create_app(playground.url, seen), playground):
        answer = await playground.command("sam", "/unknown")
    assert (answer.status, answer.error) == (404, "dispatch_failed")


async def test_an_answer_slack_cannot_show_is_an_error(slack: Playground) -> None:
    answer = await slack.command("sam", "/wrong")
    assert answer.error == "invalid_blocks"


async def test_replace_original_does_nothing_for_a_command(slack: Playground) -> None:
    await slack.command("sam", "/later")
    assert {m.text for m in slack.dm("sam")} == {"One moment…", "done"}


# Response URLs


async def test_a_click_redraws_an_ephemeral_by_response_url(slack: Playground, seen: list[Json]) -> None:
    await slack.command("sam", "/greet you")
    answer = await slack.click("sam", last(slack), "again")

    assert answer.ok
    assert [m.text for m in slack.dm("sam")] == ["redrawn"]
    assert last(slack).blocks == []
    assert "message" not in seen[-1]
    assert seen[-1]["container"]["is_ephemeral"]
    assert seen[-1]["actions"][0]["value"] == "v"
    assert slack.journal.of("response_url")[0].args["replace_original"]


async def test_a_response_url_has_five_uses_and_half_an_hour(socketed: Playground, seen: list[Json]) -> None:
    await socketed.command("sam", "/greet you")
    url = seen[-1]["response_url"]
    assert [(await post(url, {"text": str(n)}))[0] for n in range(5)] == [200] * 5
    assert await post(url, {"text": "again"}) == (404, '{"ok":false,"error":"used_url"}')

    await socketed.command("sam", "/greet you")
    socketed.clock.advance(timedelta(minutes=31))
    assert await post(seen[-1]["response_url"], {"text": "late"}) == (404, '{"ok":false,"error":"expired_url"}')


async def test_a_response_url_posts_for_all_or_deletes(socketed: Playground, seen: list[Json]) -> None:
    await socketed.command("sam", "/greet you")
    await socketed.click("sam", last(socketed), "again")
    url = seen[-1]["response_url"]

    assert (await post(url, {"delete_original": True}))[0] == 200
    assert socketed.dm("sam") == []
    await post(url, {"text": "for all", "response_type": "in_channel"})
    assert last(socketed).ephemeral_to is None
    assert (await post(url, {"blocks": [{"type": "nonsense"}]}))[0] == 400


# Modals


async def test_a_form_is_opened_corrected_and_submitted(slack: Playground, seen: list[Json]) -> None:
    await slack.command("sam", "/form")

    assert (await slack.submit("sam")).error == "errors"
    assert slack.errors("sam") == {"words": "Please complete this required field."}
    assert seen[-1].get("type") != "view_submission"

    assert (await slack.submit("sam", {"What happened": "bad"})).error == "errors"
    assert slack.errors("sam") == {"words": "not that word"}

    answer = await slack.submit("sam", {"words": "1 < 2 & 3", "Colour": "Blue"})
    assert answer.ok
    assert slack.modal("sam") is None
    values = seen[-1]["view"]["state"]["values"]
    assert values["words"]["in"] == {"type": "plain_text_input", "value": "1 < 2 & 3"}
    assert values["colour"]["in"]["selected_option"] == {"text": {"type": "plain_text", "text": "Blue"}, "value": "b"}
    assert values["day"]["in"] == {"type": "datepicker", "selected_date": "2026-01-05"}


async def test_what_is_not_filled_in_arrives_as_null(socketed: Playground, seen: list[Json]) -> None:
    await socketed.command("sam", "/form")
    await socketed.submit("sam", {"words": "fine", "day": None})
    values = seen[-1]["view"]["state"]["values"]
    assert values["colour"]["in"]["selected_option"] is None
    assert values["day"]["in"]["selected_date"] is None


@pytest.mark.parametrize(("word", "titles"), [("push", ["Form", "Page"]), ("update", ["Page"]), ("clear", [])])
async def test_a_submission_can_push_update_and_clear(slack: Playground, word: str, titles: list[str]) -> None:
    await slack.command("sam", "/form")
    assert (await slack.submit("sam", {"words": word})).ok
    assert [view.body["title"]["text"] for view in slack.workspace.modals["U1"]] == titles
    assert len(slack.journal.of(f"views.{word}")) == (word != "clear")


async def test_errors_for_no_input_are_trouble(socketed: Playground) -> None:
    await socketed.command("sam", "/form")
    assert (await socketed.submit("sam", {"words": "stray"})).error == "invalid_response"
    assert "" in socketed.errors("sam")


async def test_a_click_in_a_modal_pushes_and_closing_goes_back(slack: Playground, seen: list[Json]) -> None:
    await slack.command("sam", "/form")
    slack.fill(top(slack), {"words": "half"})
    await slack.click("sam", top(slack), "push")

    assert seen[-1]["view"]["state"]["values"]["words"]["in"]["value"] == "half"
    assert seen[-1]["container"]["type"] == "view"
    assert top(slack).previous_view_id == top(slack).root_view_id == slack.workspace.modals["U1"][0].id
    await slack.close("sam")
    await slack.close("sam")
    assert slack.modal("sam") is None
    assert [body["type"] for body in seen if body.get("type") == "view_closed"] == ["view_closed"]


async def test_the_stack_holds_three(playground: Playground, client: AsyncWebClient) -> None:
    trigger = playground.triggers.issue
    await client.views_open(trigger_id=trigger("U1"), view=PAGE)
    await client.views_push(trigger_id=trigger("U1"), view=PAGE)
    await client.views_push(trigger_id=trigger("U1"), view=PAGE)
    await refused("push_limit_reached", client.views_push(trigger_id=trigger("U1"), view=PAGE))


async def test_a_trigger_works_once_and_for_three_seconds(playground: Playground, client: AsyncWebClient) -> None:
    now = 0.0
    playground.triggers.seconds = lambda: now
    trigger = playground.triggers.issue("U1")
    await client.views_open(trigger_id=trigger, view=PAGE)
    await refused("exchanged_trigger_id", client.views_open(trigger_id=trigger, view=PAGE))

    trigger = playground.triggers.issue("U1")
    await refused("invalid_arguments", client.views_open(trigger_id=trigger, view={"type": "modal"}))
    now = 3.1
    await refused("expired_trigger_id", client.views_open(trigger_id=trigger, view=PAGE))
    await refused("invalid_trigger_id", client.views_open(trigger_id="1.2.3", view=PAGE))


async def test_an_update_keeps_what_is_filled_in_and_checks_the_hash(
    playground: Playground, client: AsyncWebClient
) -> None:
    opened = await client.views_open(trigger_id=playground.triggers.issue("U1"), view=FORM)
    view = opened["view"]
    playground.fill(top(playground), {"words": "kept"})

    await client.views_update(view_id=view["id"], hash=view["hash"], view=FORM)
    assert top(playground).values["words"]["in"]["value"] == "kept"
    await refused("hash_conflict", client.views_update(view_id=view["id"], hash=view["hash"], view=FORM))
    modals.close_modal(playground.workspace, "U1")
    await refused("not_found", client.views_update(view_id=view["id"], view=FORM))


# Events


async def test_a_message_is_heard_and_answered_in_its_thread(slack: Playground, seen: list[Json]) -> None:
    answer = await slack.say("sam", "hi @ana <3")

    assert answer.ok
    said, reply = slack.dm("sam")
    assert (said.text, reply.text) == ("hi <@U2> &lt;3", "heard hi <@U2> &lt;3")
    assert reply.thread_ts == said.ts
    envelope = next(body for body in seen if body["type"] == "event_callback")
    assert envelope["authorizations"][0]["user_id"] == "U0APP"
    assert envelope["event"] | {"channel_type": "im", "user": "U1", "ts": said.ts} == envelope["event"]


async def test_an_edit_and_a_deletion_are_told(slack: Playground, seen: list[Json]) -> None:
    await slack.say("sam", "one")
    ts = slack.dm("sam")[0].ts
    await slack.edit("sam", ts, "two")
    await slack.delete("sam", ts)

    changed, deleted = (
        next(b["event"] for b in seen if b["event"].get("subtype") == kind)
        for kind in ("message_changed", "message_deleted")
    )
    assert (changed["message"]["text"], changed["previous_message"]["text"]) == ("two", "one")
    assert changed["message"]["edited"]["user"] == "U1"
    assert deleted["deleted_ts"] == ts


async def test_opening_home_publishes_it(slack: Playground, seen: list[Json]) -> None:
    assert slack.home("sam") is None
    await slack.open_home("sam")
    home = slack.home("sam")
    assert home is not None
    assert home.type == "home"
    assert (await slack.click("sam", home, "noted")).ok

    await slack.open_home("sam")
    opened = [b["event"] for b in seen if b.get("event", {}).get("type") == "app_home_opened"]
    assert ["view" in event for event in opened] == [False, True]


async def test_shortcuts_travel_with_a_trigger(slack: Playground, seen: list[Json]) -> None:
    await slack.shortcut("sam", "save")
    await slack.say("sam", "remember this")
    await slack.shortcut("sam", "save", slack.dm("sam")[0])

    global_one, on_message = (b for b in seen if b.get("callback_id") == "save")
    assert global_one["type"] == "shortcut"
    assert on_message["type"] == "message_action"
    assert on_message["message"]["text"] == "remember this"
    assert {"trigger_id", "response_url", "message_ts"} <= on_message.keys()


async def test_a_changed_profile_is_told(slack: Playground, seen: list[Json]) -> None:
    await slack.change_person("sam", tz="Asia/Tokyo")
    assert seen[-1]["event"]["user"]["tz_offset"] == 9 * 3600


async def test_the_app_hears_its_own_messages(playground: Playground, client: AsyncWebClient) -> None:
    async with aiohttp.ClientSession() as session:
        connection = await dial(playground, session)
        sent = await posted(client)
        await client.chat_update(**sent, text="hello again")
        await client.chat_delete(**sent)
        events = [(await connection.receive_json())["payload"]["event"] for _ in range(3)]
        await connection.close()
    assert [event.get("subtype") for event in events] == [None, "message_changed", "message_deleted"]
    assert events[0]["bot_id"] == "B0PLAYGROUND"


async def test_only_what_the_manifest_subscribes_to_is_told(socketed: Playground, seen: list[Json]) -> None:
    socketed.manifest = {"settings": {"event_subscriptions": {"bot_events": ["message.im"]}}}
    general = socketed.workspace.add_channel("general", ["U1"])
    await socketed.open_home("sam")
    await socketed.say("sam", "in public", channel=general.name)
    await socketed.say("sam", "in private")
    assert [b["event"]["text"] for b in seen if b["event"].get("user") == "U1"] == ["in private"]


async def test_what_is_said_where_the_app_is_not_stays_there(socketed: Playground, seen: list[Json]) -> None:
    socketed.workspace.add_channel("elsewhere", ["U1"], with_app=False)
    assert (await socketed.say("sam", "hush", channel="elsewhere")).ok
    assert seen == []


# How it reaches the app


async def test_every_request_is_signed(playground: Playground) -> None:
    verifier = SignatureVerifier("signing-playground")
    verdicts = []

    async def receive(body: bytes, headers: dict[str, str]) -> tuple[int, Mapping[str, str], bytes]:
        verdicts.append(verifier.is_valid_request(body, headers))
        return 200, {}, b""

    playground.outbound.receiver = receive
    await playground.command("sam", "/greet ü")
    await playground.shortcut("sam", "save")
    await playground.say("sam", "ü")
    assert verdicts == [True, True, True]


async def test_bolt_refuses_a_stranger(playground: Playground, seen: list[Json]) -> None:
    playground.outbound._signing_secret = "another"
    async with over_http(create_app(playground.url, seen), playground):
        answer = await playground.command("sam", "/greet you")
    assert answer.status == 401
    assert seen == []


@pytest.mark.parametrize(
    ("answers", "nums"), [((500, 500, 500, 500), [None, "1", "2", "3"]), ((500, 200), [None, "1"])]
)
async def test_an_event_is_retried_three_times(
    playground: Playground, answers: tuple[int, ...], nums: list[str | None]
) -> None:
    received: list[dict[str, str]] = []

    async def receive(body: bytes, headers: dict[str, str]) -> tuple[int, Mapping[str, str], bytes]:
        received.append({**headers, "event_id": json.loads(body)["event_id"]})
        return answers[len(received) - 1], {}, b""

    playground.outbound.receiver = receive
    await playground.say("sam", "hi")
    assert [headers.get("x-slack-retry-num") for headers in received] == nums
    assert received[1]["x-slack-retry-reason"] == "http_error"
    assert len({headers["event_id"] for headers in received}) == 1


async def test_an_app_can_refuse_retries(playground: Playground) -> None:
    received = []

    async def receive(body: bytes, headers: dict[str, str]) -> tuple[int, Mapping[str, str], bytes]:
        received.append(headers)
        return 500, {"X-Slack-No-Retry": "1"}, b""

    playground.outbound.receiver = receive
    assert (await playground.say("sam", "hi")).error == "dispatch_failed"
    assert len(received) == 1


async def test_nobody_there_is_a_failed_dispatch(playground: Playground, seen: list[Json]) -> None:
    async with over_http(create_app(playground.url, seen), playground):
        pass
    assert (await playground.command("sam", "/greet you")).error == "dispatch_failed"


# Socket Mode


async def dial(playground: Playground, session: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse:
    """A bare connection that has been greeted."""
    opened = await client_of(playground.url, "xapp-playground").apps_connections_open(app_token="xapp-playground")
    connection = await session.ws_connect(opened["url"], timeout=aiohttp.ClientWSTimeout(ws_receive=5))
    assert (await connection.receive_json())["type"] == "hello"
    return connection


async def test_an_unacknowledged_envelope_goes_to_the_next_connection(playground: Playground) -> None:
    async with aiohttp.ClientSession() as session:
        first = await dial(playground, session)
        act = asyncio.create_task(playground.command("sam", "/greet you"))
        lost = await first.receive_json()
        await first.close()
        second = await dial(playground, session)
        again = await second.receive_json()
        await second.send_json({"envelope_id": again["envelope_id"], "payload": {"text": "hello"}})
        answer = await act
        await second.close()

    assert lost == again
    assert answer.body == {"text": "hello"}
    assert last(playground).text == "hello"


async def test_an_unacknowledged_event_is_sent_again(playground: Playground) -> None:
    playground.outbound.ack_seconds = 0.05
    async with aiohttp.ClientSession() as session:
        connection = await dial(playground, session)
        act = asyncio.create_task(playground.say("sam", "hi"))
        envelopes = [await connection.receive_json() for _ in range(4)]
        assert (await act).error == "operation_timeout"
        await connection.close()
    assert [e["retry_attempt"] for e in envelopes] == [0, 1, 2, 3]
    assert len({e["payload"]["event_id"] for e in envelopes}) == 1


async def test_each_envelope_goes_to_one_of_the_connections(playground: Playground) -> None:
    async with aiohttp.ClientSession() as session:
        both = [await dial(playground, session) for _ in range(2)]
        acts = [asyncio.create_task(playground.shortcut("sam", f"s{n}")) for n in range(2)]
        for connection in both:
            envelope = await connection.receive_json()
            await connection.send_json({"envelope_id": envelope["envelope_id"]})
        assert [(await act).ok for act in acts] == [True, True]
        for connection in both:
            await connection.close()


async def test_ten_connections_are_enough(playground: Playground) -> None:
    async with aiohttp.ClientSession() as session:
        ten = [await dial(playground, session) for _ in range(10)]
        opened = await client_of(playground.url, "xapp-playground").apps_connections_open(app_token="xapp-playground")
        async with session.ws_connect(opened["url"]) as eleventh:
            assert (await eleventh.receive_json())["reason"] == "too_many_websockets"
        for connection in ten:
            await connection.close()


async def test_a_ticket_opens_one_connection(playground: Playground) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(f"{playground.url}/link/?ticket=made-up")


@pytest.mark.parametrize("end", ["refresh", "drop"])
async def test_bolt_comes_back_after_a_disconnect(socketed: Playground, end: str) -> None:
    await getattr(socketed.socket_mode, end)()
    assert not socketed.socket_mode.connected
    answer = await socketed.command("sam", "/greet you")
    assert answer.ok
    assert last(socketed).text == "hello you"


# Faults


async def test_a_rate_limit_names_its_wait(playground: Playground, client: AsyncWebClient) -> None:
    playground.faults.rate_limit("chat.postMessage", retry_after=7)
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="U1", text="hello")
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "7"
    assert playground.dm("sam") == []
    assert (await client.chat_postMessage(channel="U1", text="hello"))["ok"]


async def test_a_method_can_have_a_limit(playground: Playground, client: AsyncWebClient) -> None:
    playground.faults.limit("chat.postMessage", calls=2)
    for _ in range(2):
        await posted(client)
    error = await refused("ratelimited", posted(client))
    assert 1 <= int(error.response.headers["Retry-After"]) <= 60


@pytest.mark.parametrize("accepted", [True, False])
async def test_an_answer_can_be_lost(playground: Playground, client: AsyncWebClient, accepted: bool) -> None:
    playground.faults.lose("chat.postMessage", accepted=accepted)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await client.chat_postMessage(channel="U1", text="hello")
    assert [m.text for m in playground.dm("sam")] == ["hello"] * accepted


@pytest.mark.parametrize("accepted", [True, False])
async def test_slack_can_break(playground: Playground, client: AsyncWebClient, accepted: bool) -> None:
    playground.faults.fail("*", accepted=accepted)
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="U1", text="hello")
    assert caught.value.response.status_code == 500
    assert len(playground.dm("sam")) == accepted


async def test_slack_can_be_slow_and_refuse(playground: Playground, client: AsyncWebClient) -> None:
    playground.faults.slow("chat.postMessage", seconds=0.3)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await client.chat_postMessage(channel="U1", text="hello")
    playground.faults.refuse("chat.postMessage", "account_inactive")
    await refused("account_inactive", client.chat_postMessage(channel="U1", text="hello"))


# The Web API


async def refused(error: str, call: Awaitable[Any]) -> SlackApiError:
    with pytest.raises(SlackApiError) as caught:
        await call
    assert caught.value.response["error"] == error
    return caught.value


async def posted(client: AsyncWebClient, **more: Any) -> Json:
    response = await client.chat_postMessage(channel="U1", text="hello", **more)
    assert isinstance(response.data, dict)
    return {"channel": response["channel"], "ts": response["ts"]}


REFUSALS: list[tuple[str, str, Callable[[AsyncWebClient], Awaitable[Any]]]] = [
    ("unknown method", "unknown_method", lambda c: c.api_call("chat.whisper")),
    ("wrong kind of token", "not_allowed_token_type", lambda c: c.api_call("apps.connections.open")),
    ("post nowhere", "channel_not_found", lambda c: c.chat_postMessage(channel="C404", text="x")),
    ("post nothing", "no_text", lambda c: c.api_call("chat.postMessage", params={"channel": "U1"})),
    ("post no channel", "invalid_arguments", lambda c: c.api_call("chat.postMessage", params={"text": "x"})),
    ("blocks no JSON", "invalid_blocks_format", lambda c: c.chat_postMessage(channel="U1", text="x", blocks="[")),
    ("metadata", "invalid_metadata_format", lambda c: c.chat_postMessage(channel="U1", text="x", metadata={"a": 1})),
    ("markdown", "msg_too_long", lambda c: c.chat_postMessage(channel="U1", markdown_text="x" * 12_001)),
    ("person", "user_not_found", lambda c: c.users_info(user="U404")),
    ("DM nobody", "user_not_found", lambda c: c.conversations_open(users="U404")),
    ("history nowhere", "channel_not_found", lambda c: c.conversations_history(channel="C404")),
    ("publish to nobody", "user_not_found", lambda c: c.views_publish(user_id="U404", view={"type": "home"})),
    ("publish a modal", "invalid_arguments", lambda c: c.views_publish(user_id="U1", view=PAGE)),
    ("update no view", "not_found", lambda c: c.views_update(view_id="V404", view=PAGE)),
]


@pytest.mark.parametrize(("error", "call"), [r[1:] for r in REFUSALS], ids=[r[0] for r in REFUSALS])
async def test_the_web_api_refuses(
    client: AsyncWebClient, error: str, call: Callable[[AsyncWebClient], Awaitable[Any]]
) -> None:
    await refused(error, call(client))


@pytest.mark.parametrize(("token", "error"), [("xoxb-wrong", "invalid_auth"), (None, "not_authed")])
async def test_without_the_token_nothing_goes(playground: Playground, token: str | None, error: str) -> None:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{playground.url}/api/auth.test", headers=headers) as r,
    ):
        assert await r.json() == {"ok": False, "error": error}


async def test_invalid_blocks_are_explained(client: AsyncWebClient) -> None:
    error = await refused("invalid_blocks", client.chat_postMessage(channel="U1", text="x", blocks=card("x" * 3001)))
    messages = error.response["response_metadata"]["messages"]
    assert messages == ["[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"]


LONG = [card("x" * 2900)[0]] * 4
JUST_SHORT_ENOUGH = LONG[:3] + card("x" * 1900)


async def test_blocks_too_long_in_sum_are_refused_wherever_a_message_comes_from(slack: Playground) -> None:
    """Each of them is short enough, and they are few."""
    client = client_of(slack.url)
    await refused("msg_blocks_too_long", client.chat_postMessage(channel="U1", text="x", blocks=LONG))
    posted = await client.chat_postMessage(channel="U1", text="x", blocks=JUST_SHORT_ENOUGH)
    place = {"channel": posted["channel"], "ts": posted["ts"]}
    await refused("msg_blocks_too_long", client.chat_update(**place, text="x", blocks=LONG))
    await client.chat_update(**place, text="only the text is another")
    assert len(last(slack).blocks) == 4
    assert (await slack.command("sam", "/long")).error == "msg_blocks_too_long"


@pytest.mark.parametrize("text", ["ü" * 2000, "👩" * 1000, '"' * 2900 + "\n" * 100])
async def test_what_is_sent_as_an_escape_counts_as_long_as_that(client: AsyncWebClient, text: str) -> None:
    await refused("msg_blocks_too_long", client.chat_postMessage(channel="U1", text="x", blocks=card(text) * 2))
    await client.chat_postMessage(channel="U1", text="x", blocks=card("x" * len(text)) * 2)


async def test_a_response_url_takes_no_more_than_a_post(socketed: Playground, seen: list[Json]) -> None:
    await socketed.command("sam", "/greet you")
    status, body = await post(seen[-1]["response_url"], {"blocks": LONG})
    assert (status, json.loads(body)["error"]) == (400, "msg_blocks_too_long")


async def test_arguments_come_by_query_form_and_json(playground: Playground) -> None:
    args = {"channel": "U1", "text": "hello"}
    headers = {"Authorization": "Bearer xoxb-playground"}
    url = f"{playground.url}/api/chat.postMessage"
    async with aiohttp.ClientSession(headers=headers) as session:
        for sent in (
            session.get(url, params=args),
            session.post(url, params=args),
            session.post(url, data=args),
            session.post(url, json=args | {"blocks": card("hello")}),
            session.post(url, data=args | {"blocks": json.dumps(card("hello"))}),
        ):
            async with sent as response:
                assert (await response.json())["ok"]
    assert [len(m.blocks) for m in playground.dm("sam")] == [0, 0, 0, 1, 1]
    assert playground.journal.calls[-1].args["blocks"][0]["type"] == "section"


async def test_only_own_visible_messages_can_be_changed(playground: Playground, client: AsyncWebClient) -> None:
    own = await posted(client)
    await client.chat_update(**own, text="changed")
    await refused("msg_too_long", client.chat_update(**own, text="x" * 4001))
    await client.reactions_add(channel=own["channel"], timestamp=own["ts"], name="tada")
    await refused("already_reacted", client.reactions_add(channel=own["channel"], timestamp=own["ts"], name="tada"))
    assert (
        own["ts"].replace(".", "")
        in (await client.chat_getPermalink(channel=own["channel"], message_ts=own["ts"]))["permalink"]
    )
    await client.chat_delete(**own)
    await refused("message_not_found", client.chat_update(**own, text="x"))

    dm = playground.workspace.dm("sam")
    theirs = playground.workspace.post(dm, "U1", text="mine")
    await refused("cant_update_message", client.chat_update(channel=dm.id, ts=theirs.ts, text="x"))
    await refused("cant_delete_message", client.chat_delete(channel=dm.id, ts=theirs.ts))
    hidden = await client.chat_postEphemeral(channel=dm.id, user="U1", text="psst")
    await refused("message_not_found", client.chat_update(channel=dm.id, ts=hidden["message_ts"], text="x"))
    await refused("user_not_in_channel", client.chat_postEphemeral(channel=dm.id, user="U2", text="psst"))


async def test_where_the_app_is_not_it_cannot_post(playground: Playground, client: AsyncWebClient) -> None:
    channel = playground.workspace.add_channel("elsewhere", ["U1"], with_app=False)
    await refused("not_in_channel", client.chat_postMessage(channel=channel.id, text="x"))
    await refused("not_in_channel", client.chat_postEphemeral(channel=channel.id, user="U1", text="x"))


async def test_who_has_left_gets_no_dm(playground: Playground, client: AsyncWebClient) -> None:
    playground.workspace.person("sam").deleted = True
    await refused("user_disabled", client.conversations_open(users="U1"))


async def test_history_pages_backwards_and_shows_metadata_on_request(
    playground: Playground, client: AsyncWebClient
) -> None:
    metadata = {"event_type": "delivery", "event_payload": {"id": 7}}
    sent = [await posted(client, metadata=metadata) for _ in range(3)]
    channel, stamps = sent[0]["channel"], [m["ts"] for m in sent]
    await posted(client, thread_ts=stamps[0])
    await client.chat_postEphemeral(channel=channel, user="U1", text="psst")

    first = await client.conversations_history(channel=channel, limit=2)
    rest = await client.conversations_history(
        channel=channel, cursor=first["response_metadata"]["next_cursor"], include_all_metadata=True
    )
    assert [m["ts"] for m in first["messages"] + rest["messages"]] == stamps[::-1]
    assert (first["has_more"], rest["has_more"]) == (True, False)
    assert first["messages"][0]["metadata"] == {"event_type": "delivery"}, "without its payload unless asked for"
    assert rest["messages"][0]["metadata"] == metadata
    assert rest["messages"][0]["reply_count"] == 1

    playground.faults.withhold_metadata("type")
    page = await client.conversations_history(channel=channel, include_all_metadata=True)
    assert page["messages"][0]["metadata"] == {"event_type": "delivery"}
    playground.faults.withhold_metadata("none")
    page = await client.conversations_history(channel=channel, include_all_metadata=True)
    assert "metadata" not in page["messages"][0]
    playground.faults.clear()

    since = await client.conversations_history(channel=channel, oldest=stamps[1])
    including = await client.conversations_history(channel=channel, oldest=stamps[1], inclusive=True)
    assert (len(since["messages"]), len(including["messages"])) == (1, 2)


async def test_a_thread_begins_with_its_parent_whatever_is_asked_for(client: AsyncWebClient) -> None:
    parent = await posted(client)
    channel, root = parent["channel"], parent["ts"]
    first, second = [(await posted(client, thread_ts=root))["ts"] for _ in range(2)]
    alone = (await posted(client))["ts"]

    async def replies(ts: str, **about: Any) -> list[str]:
        page = await client.conversations_replies(channel=channel, ts=ts, **about)
        return [message["ts"] for message in page["messages"]]

    assert await replies(root) == [root, first, second]
    assert await replies(second) == [root, first, second], "a reply stands for its thread"
    assert await replies(root, oldest=root) == [root, first, second]
    assert await replies(root, oldest=second, latest=second, inclusive=True) == [root, second]
    assert await replies(root, oldest=second) == [root]
    assert await replies(root, limit=1) == [root, first]
    assert await replies(root, limit=1, cursor="1") == [root, second]
    assert await replies(alone) == [alone]
    await refused("thread_not_found", client.conversations_replies(channel=channel, ts="1.000001"))


async def test_people_have_zones(client: AsyncWebClient) -> None:
    assert (await client.users_info(user="U2"))["user"]["tz_offset"] == -5 * 3600
    members = (await client.users_list())["members"]
    assert {m["name"]: m["is_bot"] for m in members} == {"app": True, "sam": False, "ana": False}


async def test_a_file_is_uploaded_in_three_steps(playground: Playground, client: AsyncWebClient) -> None:
    channel = (await client.conversations_open(users="U1"))["channel"]["id"]
    await client.files_upload_v2(channel=channel, filename="log.csv", content="a,b", initial_comment="your log")
    message = last(playground)
    assert (message.text, message.files[0]["name"]) == ("your log", "log.csv")
    async with aiohttp.ClientSession() as session, session.get(message.files[0]["url_private"]) as response:
        assert await response.text() == "a,b"
    await refused("file_not_found", client.files_completeUploadExternal(files=[{"id": "F404"}]))


async def test_the_journal_is_a_line_per_call(client: AsyncWebClient, tmp_path: Path) -> None:
    await posted(client, blocks=card("hello"))
    await refused("user_not_found", client.users_info(user="U404"))
    lines = [json.loads(line) for line in (tmp_path / "journal.jsonl").read_text().splitlines()]
    assert [(line["method"], line["response"]["ok"]) for line in lines] == [
        ("chat.postMessage", True),
        ("users.info", False),
    ]
    assert lines[0]["args"]["blocks"] == card("hello")
    assert "xoxb" not in json.dumps(lines)


def test_several_may_write_one_journal_at_once(tmp_path: Path) -> None:
    path, now = tmp_path / "journal.jsonl", datetime.now(UTC)

    def write(word: str) -> None:
        for _ in range(500):
            Journal(path).record(now, "chat.postMessage", {"text": word * 20_000}, {"ok": True})

    with ThreadPoolExecutor() as threads:
        list(threads.map(write, "äb"))
    assert len([json.loads(line) for line in path.read_text().splitlines()]) == 1000


# What people choose


async def test_choices_have_the_shape_slack_gives_them(playground: Playground, client: AsyncWebClient) -> None:
    """Every kind of element, chosen in a message: what the app would read in `actions` and `state`."""
    received: list[Json] = []

    async def receive(body: bytes, headers: dict[str, str]) -> tuple[int, Mapping[str, str], bytes]:
        received.append(json.loads(dict(parse_qsl(body.decode()))["payload"]))
        return 200, {}, b""

    await client.chat_postMessage(channel="U1", text="choose", blocks=[row(*ELEMENTS)])
    playground.outbound.receiver = receive
    choices = ["r", "b", ["r", "b"], "Blue", ["b"], "U2", "C1", "2026-02-03", "10:30"]
    for n, value in enumerate(choices):
        await playground.click("sam", last(playground), f"a{n}", value)
    with pytest.raises(ValueError, match="not on offer"):
        await playground.click("sam", last(playground), "a3", "Green")

    red, blue = OPTIONS
    keys = {"type", "action_id", "block_id", "action_ts"}
    assert [{k: v for k, v in p["actions"][0].items() if k not in keys} for p in received] == [
        {"selected_option": red},
        {"selected_option": blue},
        {"selected_options": [red, blue]},
        {"selected_option": blue},
        {"selected_options": [blue]},
        {"selected_user": "U2"},
        {"selected_conversation": "C1"},
        {"selected_date": "2026-02-03"},
        {"selected_time": "10:30"},
    ]
    (state,) = received[-1]["state"]["values"].values()
    assert state.keys() == {f"a{n}" for n in range(1, 9)}
    assert state["a5"] == {"type": "users_select", "selected_user": "U2"}


# The clock and the workspace


def test_the_clock_goes_forward_only() -> None:
    clock = Clock()
    jumps: list[datetime] = []
    end = clock.subscribe(lambda: jumps.append(clock.now()))
    target = datetime(2100, 1, 1, tzinfo=UTC)
    clock.set_to(target)
    assert jumps
    assert jumps[0] >= target
    with pytest.raises(ValueError, match="forward"):
        clock.set_to(datetime(2000, 1, 1, tzinfo=UTC))
    end()
    clock.advance(timedelta(days=1))
    assert len(jumps) == 1


def test_every_ts_is_new_and_later(playground: Playground) -> None:
    stamps = [playground.workspace.new_ts() for _ in range(1000)]
    assert stamps == sorted(set(stamps))


async def test_whoever_subscribes_hears_of_changes(socketed: Playground) -> None:
    changes: list[int] = []
    socketed.workspace.subscribe(lambda: changes.append(1))
    await socketed.command("sam", "/form")
    assert len(changes) == 1
