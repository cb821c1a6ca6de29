"""A small Bolt app of our own, and the two ways to connect it to the playground."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_bolt.context.say.async_say import AsyncSay
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.routing import Route

from playground.outbound import posting_to
from playground.playground import Playground
from playground.server import running

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def button(action_id: str, value: str = "v") -> Json:
    return {"type": "button", "text": plain(action_id), "action_id": action_id, "value": value}


def card(text: str, *elements: Json) -> list[Json]:
    section = {"type": "section", "text": {"type": "mrkdwn", "text": text}}
    return [section, {"type": "actions", "block_id": "row", "elements": list(elements)}] if elements else [section]


def row(*elements: Json) -> Json:
    return {"type": "actions", "elements": [{"action_id": f"a{n}", **e} for n, e in enumerate(elements)]}


def field(block_id: str, label: str, element: Json, **more: Any) -> Json:
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": element, **more}


OPTIONS = [{"text": plain("Red"), "value": "r"}, {"text": plain("Blue"), "value": "b"}]
ELEMENTS: list[Json] = [
    {"type": "overflow", "options": OPTIONS},
    {"type": "static_select", "option_groups": [{"label": plain("All"), "options": OPTIONS}]},
    {"type": "multi_static_select", "options": OPTIONS, "initial_options": OPTIONS[:1], "max_selected_items": 2},
    {"type": "radio_buttons", "options": OPTIONS, "initial_option": OPTIONS[0]},
    {"type": "checkboxes", "options": OPTIONS},
    {"type": "users_select", "placeholder": plain("Who")},
    {"type": "conversations_select", "filter": {"include": ["im"]}},
    {"type": "datepicker", "initial_date": "2026-01-01"},
    {"type": "timepicker", "initial_time": "09:00", "timezone": "Europe/Berlin"},
]
FORM: Json = {
    "type": "modal",
    "callback_id": "form",
    "notify_on_close": True,
    "title": plain("Form"),
    "submit": plain("Save"),
    "blocks": [
        field("words", "What happened", {"type": "plain_text_input", "action_id": "in"}),
        field("colour", "Colour", {"type": "static_select", "action_id": "in", "options": OPTIONS}, optional=True),
        field("day", "Day", {"type": "datepicker", "action_id": "in", "initial_date": "2026-01-05"}, optional=True),
        {"type": "actions", "block_id": "row", "elements": [button("push")]},
    ],
}
PAGE: Json = {"type": "modal", "callback_id": "page", "title": plain("Page"), "blocks": card("a page")}


def client_of(url: str, token: str = "xoxb-playground") -> AsyncWebClient:
    return AsyncWebClient(token=token, base_url=f"{url}/api/", retry_handlers=[])


def create_app(url: str, seen: list[Json]) -> AsyncApp:
    """The app; every request's payload and headers go into `seen`."""
    app = AsyncApp(
        name="playground", client=client_of(url), signing_secret="signing-playground", process_before_response=True
    )

    @app.middleware
    async def note(req: AsyncBoltRequest, next_: Callable[[], Awaitable[None]]) -> None:
        seen.append({**req.body, "headers": req.headers})
        await next_()

    @app.command("/greet")
    async def greet(ack: AsyncAck, command: Json) -> None:
        await ack(text=f"hello {command['text']}", blocks=card(f"hello {command['text']}", button("again")))

    @app.command("/slow")
    async def slow(ack: AsyncAck) -> None:
        await asyncio.sleep(0.3)
        await ack("too late")

    @app.command("/later")
    async def later(ack: AsyncAck, respond: AsyncRespond) -> None:
        await ack("One moment…")
        await respond(text="done", replace_original=True)

    @app.command("/wrong")
    async def wrong(ack: AsyncAck) -> None:
        await ack(text="wrong", blocks=[{"type": "nonsense"}])

    @app.command("/long")
    async def long(ack: AsyncAck) -> None:
        await ack(text="long", blocks=card("x" * 2900) * 4)

    @app.command("/form")
    async def form(ack: AsyncAck, client: AsyncWebClient, command: Json) -> None:
        await client.views_open(trigger_id=command["trigger_id"], view=FORM)
        await ack()

    @app.action("again")
    async def again(ack: AsyncAck, respond: AsyncRespond) -> None:
        await ack()
        await respond(text="redrawn", replace_original=True)

    @app.action("push")
    async def push(ack: AsyncAck, client: AsyncWebClient, body: Json) -> None:
        await client.views_push(trigger_id=body["trigger_id"], view=PAGE)
        await ack()

    @app.action("noted")
    async def noted(ack: AsyncAck) -> None:
        await ack()

    @app.view("form")
    async def submitted(ack: AsyncAck, view: Json) -> None:
        words = view["state"]["values"]["words"]["in"]["value"]
        answers: dict[str, Json] = {
            "bad": {"response_action": "errors", "errors": {"words": "not that word"}},
            "stray": {"response_action": "errors", "errors": {"elsewhere": "no such block"}},
            "push": {"response_action": "push", "view": PAGE},
            "update": {"response_action": "update", "view": PAGE},
            "clear": {"response_action": "clear"},
        }
        await ack(**answers.get(words, {}))

    @app.view_closed("form")
    async def closed(ack: AsyncAck) -> None:
        await ack()

    @app.event("message")
    async def heard(event: Json, say: AsyncSay) -> None:
        if event.get("subtype") is None:
            await say(text=f"heard {event['text']}", thread_ts=event["ts"])

    @app.event("app_home_opened")
    async def home(event: Json, client: AsyncWebClient) -> None:
        await client.views_publish(
            user_id=event["user"], view={"type": "home", "blocks": card("at home", button("noted"))}
        )

    @app.event("user_change")
    async def changed(event: Json) -> None:
        pass

    @app.shortcut("save")
    async def save(ack: AsyncAck) -> None:
        await ack()

    return app


@contextlib.asynccontextmanager
async def over_socket(app: AsyncApp, playground: Playground) -> AsyncIterator[AsyncSocketModeHandler]:
    """Connect by Socket Mode."""
    web_client = client_of(playground.url, token="xapp-playground")
    handler = AsyncSocketModeHandler(app, app_token="xapp-playground", web_client=web_client, ping_interval=0.2)
    await handler.connect_async()
    await until(lambda: playground.socket_mode.connected)
    try:
        yield handler
    finally:
        await handler.close_async()


@contextlib.asynccontextmanager
async def over_http(app: AsyncApp, playground: Playground) -> AsyncIterator[None]:
    """Serve the app over HTTP."""
    handler = AsyncSlackRequestHandler(app)
    web = Starlette(routes=[Route("/slack/events", handler.handle, methods=["POST"])])
    async with running(web) as url:
        playground.outbound.receiver = posting_to(f"{url}/slack/events")
        yield


async def until(condition: Callable[[], object]) -> None:
    """Wait for something that happens by itself."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - what is waited for knows nothing of us
            await asyncio.sleep(0.01)
