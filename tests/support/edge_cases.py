"""Rung's HTTP side in one process with the test: what Slack sends it in a busy week, and whatever else is sent."""

import contextlib
import json
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from unittest.mock import patch
from urllib.parse import parse_qsl, urlencode

from slack_sdk.signature import SignatureVerifier
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.types import ASGIApp, Message

from db.models import Base
from ladder_content.model import Ladder
from playground import blockkit, elements
from playground.journal import Call
from playground.workspace import Message as PlaygroundMessage
from playground.workspace import View
from tests.support.checkin import MONDAY
from tests.support.digest import TUESDAY
from tests.support.world import MAYA, SAM, World, world_of

Json = dict[str, Any]
EVE = "U0EVE"
PATH = "/slack/events"
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
ALIVE = re.compile(r"<(?!@U0(?:MAYA|SAM|EVE|GUEST)>)")  # all that Rung itself brings to life is mentions of people
OURS = ("invalid_blocks", "invalid_arguments", "invalid_json", "view_too_large", "msg_too_long", "no_text")
# When, not what: the clocks go on between two requests, and a message may be refreshed to what it says.
CLOCKED = {
    "workspaces": ("bucket_full_at",),
    "schedules": ("configured_at",),
    "entries": ("edited_at",),
    "deliveries": ("token", "run_at"),
}


class Reply(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Json:
        found: Json = json.loads(self.body) if self.body.startswith(b"{") else {}
        return found


async def request(
    app: ASGIApp, chunks: Sequence[bytes | Message], headers: Mapping[str, str], taken: list[Message] | None = None
) -> Reply:
    """One POST, its body in these chunks; other messages of ASGI's come as they are. `taken`: what was read of them."""
    waiting: list[Message] = [
        {"type": "http.request", "body": each, "more_body": n < len(chunks)} if isinstance(each, bytes) else each
        for n, each in enumerate(chunks, 1)
    ]
    sent: list[Message] = []

    async def receive() -> Message:
        message = waiting.pop(0)
        if taken is not None:
            taken.append(message)
        return message

    async def send(message: Message) -> None:
        sent.append(message)

    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    about = {"method": "POST", "path": PATH, "raw_path": PATH.encode(), "query_string": b"", "headers": raw}
    await app({"type": "http", "http_version": "1.1", "scheme": "http", "root_path": "", **about}, receive, send)
    if not sent:
        return Reply(0, {}, b"")
    told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Reply(sent[0]["status"], told, b"".join(each.get("body", b"") for each in sent[1:]))


def signed(world: World, body: bytes, kind: str = FORM, *, at: float | None = None) -> dict[str, str]:
    """The headers that Slack sends with that body."""
    stamp = str(int(at or time.time()))
    basis = body.decode(errors="replace")
    signature = SignatureVerifier(world.playground.signing_secret).generate_signature(timestamp=stamp, body=basis)
    assert signature
    return {"content-type": kind, "x-slack-request-timestamp": stamp, "x-slack-signature": signature}


def encoded(payload: Any) -> tuple[bytes, str]:
    """A payload as Slack sends it: events as JSON, all else as a form."""
    if isinstance(payload, dict) and "command" in payload:
        fields = {name: value for name, value in payload.items() if isinstance(value, str)}
        return urlencode(fields, errors="ignore").encode(), FORM
    if isinstance(payload, dict) and "event" in payload:
        return json.dumps(payload).encode(), JSON
    return urlencode({"payload": json.dumps(payload)}).encode(), FORM


@dataclass
class Sent:
    """A request of the playground's, as it was."""

    body: bytes
    headers: Mapping[str, str]

    @property
    def payload(self) -> Json:
        if self.headers["content-type"] == JSON:
            return json.loads(self.body)  # type: ignore[no-any-return]
        fields = dict(parse_qsl(self.body.decode(), keep_blank_values=True))
        return json.loads(fields["payload"]) if "payload" in fields else fields


class Edge:
    """What the playground posts to, instead of an address; it keeps what was sent."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.app = world.service.web()
        self.sent: list[Sent] = []

    async def receive(self, body: bytes, headers: dict[str, str]) -> tuple[int, Mapping[str, str], bytes]:
        self.sent.append(Sent(body, headers))
        return await request(self.app, [body], headers)

    async def send(self, payload: Any, user: str = MAYA) -> Reply:
        """Sign and send a payload, with tickets that are new."""
        slack = self.world.playground
        if "trigger_id" in payload:
            payload["trigger_id"] = slack.triggers.issue(user)
        if "response_url" in payload:
            ticket = slack.response_urls.issue(user, slack.workspace.dm(user).id)
            payload["response_url"] = f"{slack.url}/actions/{ticket.token}"
        return await self.post(payload)

    async def post(self, payload: Any) -> Reply:
        """Sign and send a payload as it is."""
        body, kind = encoded(payload)
        return await request(self.app, [body], signed(self.world, body, kind))

    async def settle(self) -> None:
        """Let all that the requests began come to its end, and out."""
        await self.world.service._answered()
        await self.world.service.ticker.run()


@contextlib.asynccontextmanager
async def edge_of(engine: AsyncEngine, ladder: Ladder) -> AsyncIterator[Edge]:
    """Rung and its Slack, whose people are not in a hurry, as the machine may be busy; Eve is there too."""
    with patch("bot.app.DEADLINE", 60):
        async with world_of(engine, ladder, transport="http") as world:
            edge, playground = Edge(world), world.playground
            playground.outbound.receiver, playground.outbound.ack_seconds = edge.receive, 60
            playground.triggers.seconds = lambda: 0
            playground.workspace.add_person("eve", "Eve Adversary", user=EVE, tz="Europe/Berlin")
            yield edge


class Person:
    """Somebody who uses Rung through the playground."""

    def __init__(self, world: World, user: str) -> None:
        self._world, self._slack, self._id = world, world.playground, user

    async def type(self, words: str, **values: Any) -> None:
        """A command; with values, the form that it opens, filled in and sent."""
        assert (await self._slack.command(self._id, f"/ladder {words}")).ok
        if values:
            await self.submit(**values)

    async def submit(self, **values: Any) -> None:
        answer = await self._slack.submit(self._id, values)
        assert answer.ok, (answer, self._slack.errors(self._id))

    async def click(self, action: str, value: Any = None, **values: Any) -> None:
        """A button of the newest message or form that has it, or in a menu the choice that begins with that word."""
        shown, element = self._newest(action)
        offered = [option["value"] for option in element.get("options", ())]
        value = next((each for each in offered if each.startswith(f"{value} ")), value)
        await self._world.click(self._id, element["action_id"], on=shown, value=value)
        if values:
            await self.submit(**values)

    async def reply(self, action: str, words: str) -> None:
        """In the thread of the newest message that has such a button."""
        question, _ = self._newest(action)
        assert isinstance(question, PlaygroundMessage)
        await self._slack.say(self._id, words, thread_ts=question.ts)

    async def miss_the_form(self) -> None:
        """The next form does not open."""
        self._slack.faults.refuse("views.open", "expired_trigger_id")

    def _newest(self, action: str) -> tuple[PlaygroundMessage | View, Json]:
        modal = self._slack.modal(self._id)
        shown: list[PlaygroundMessage | View] = [*([modal] if modal else []), *reversed(self._slack.dm(self._id))]
        for each in shown:
            for _, element in elements.pairs(each.blocks):
                if str(element.get("action_id")).startswith(action):
                    return each, element
        raise LookupError(action)


async def week(edge: Edge) -> AsyncIterator[str]:
    """What people do in a busy week, step by step: every kind of write is in it. Nothing that Eve wrote is shared."""
    world, slack = edge.world, edge.world.playground
    maya, sam, eve = (Person(world, user) for user in (MAYA, SAM, EVE))
    steps: list[tuple[str, Callable[[], Awaitable[Any]]]] = [
        ("begins", lambda: maya.type("next")),
        ("has a level", lambda: maya.click("welcome.level.l4")),
        ("has a time", lambda: maya.click("welcome.time.1")),
        ("sets a level", lambda: eve.type("set L4")),
        ("sets a time", lambda: eve.type("set monday 9:00")),
        ("logs", lambda: eve.type("log MARK1X", impact="MARK2X", links="https://example.org/MARK3X")),
        ("asks for a mentor", lambda: maya.type("mentor @sam because")),
        ("accepts", lambda: sam.click("mentoring.accept")),
        ("shares", lambda: maya.type("log MARK4X", impact="MARK5X", readers=["1"])),
        ("logs for later", lambda: maya.type("log MARK6X", happened_on="2027-01-13")),
        ("edits", lambda: maya.click("log.edit", what="MARK7X")),
        ("takes out", lambda: maya.click("log.undo")),
        ("brings back", lambda: maya.click("log.restore")),
        ("is slow", maya.miss_the_form),
        ("logs without a form", lambda: maya.type("log MARK8X")),
        ("adds details", lambda: maya.click("log.details", what="MARK8X with details")),
        ("lists", lambda: maya.type("logs")),
        ("deletes in the list", lambda: maya.click("logs.delete.")),
        ("restores in the list", lambda: maya.click("logs.restore.")),
        ("filters", lambda: maya.click("logs.filter", words="MARK")),
        ("looks at her mentors", lambda: maya.type("mentors")),
        ("shares earlier ones", lambda: maya.click("handover.open", entries=["3"])),
        ("waits", lambda: world.travel(MONDAY)),
        ("puts off", lambda: maya.click("checkin.later", "tomorrow")),
        ("asks for it again", lambda: maya.type("checkin")),
        ("answers", lambda: maya.click("checkin.write", what="MARK9X")),
        ("undoes the answer", lambda: maya.click("log.undo")),
        ("answers in the thread", lambda: maya.reply("checkin.write", "MARK10X")),
        ("corrects it", lambda: slack.edit(MAYA, slack.dm(MAYA)[-1].ts, "MARK11X")),
        ("writes out of the blue", lambda: slack.say(MAYA, "MARK12X for my log")),
        ("saves that", lambda: maya.click("log.save_message")),
        ("skips", lambda: eve.click("checkin.skip")),
        ("uses a message's shortcut", lambda: slack.shortcut(MAYA, "save_message", slack.dm(MAYA)[0])),
        ("and saves", lambda: maya.submit(what="MARK13X")),
        ("uses the shortcut", lambda: slack.shortcut(MAYA, "log_growth")),
        ("and saves", lambda: maya.submit(what="MARK14X")),
        ("waits", lambda: world.travel(TUESDAY)),
        ("gives kudos", lambda: sam.click("comments.kudos")),
        ("comments", lambda: sam.click("comments.write", words="MARK15X")),
        ("reads more", lambda: sam.click("reading.list")),
        ("moves the digest", lambda: sam.type("digest friday 10:00")),
        ("pauses it", lambda: sam.type("digest pause")),
        ("ends it", lambda: sam.type("digest off")),
        ("wants it again", lambda: sam.type("digest on")),
        ("wants three", lambda: sam.type("mentees 3")),
        ("pauses", lambda: maya.type("pause two weeks")),
        ("is back", lambda: maya.type("resume")),
        ("is promoted", lambda: maya.type("set", level="l5")),
        ("pauses by the form", lambda: maya.type("pause", until="2027-02-01")),
        ("asks by the form", lambda: maya.type("mentor", person=EVE, why="MARK16X")),
        ("declines", lambda: eve.click("mentoring.decline", decline_note="MARK17X")),
        ("asks, too", lambda: eve.type("mentor @sam")),
        ("and takes it back", lambda: eve.click("mentoring.take_back")),
        ("exports", lambda: maya.type("export md")),
        ("looks at Home", lambda: slack.open_home(MAYA)),
        ("travels", lambda: slack.change_person(MAYA, tz="Asia/Tokyo")),
    ]
    for name, step in steps:
        await step()
        await edge.settle()
        yield name


async def emptied(engine: AsyncEngine) -> None:
    """Start from empty tables, whose ids begin at 1."""
    async with engine.begin() as connection:
        names = ", ".join(table.name for table in Base.metadata.sorted_tables)
        await connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY"))


async def rows(world: World, where: Mapping[str, str] | None = None) -> dict[str, list[Any]]:
    """Every row of every table but when, as CLOCKED has it."""
    found = {}
    async with world.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            columns = [column for column in table.columns if column.name not in CLOCKED.get(table.name, ())]
            chosen = select(*columns).order_by(*table.primary_key.columns)
            condition = (where or {}).get(table.name)
            found[table.name] = [
                tuple(row) for row in await connection.execute(chosen.where(text(condition)) if condition else chosen)
            ]
    return found


def owned_by(members: str) -> dict[str, str]:
    """Which rows are of the members whose ids that query finds, by table."""
    entries = f"entry_id IN (SELECT id FROM entries WHERE member_id IN ({members}))"
    owned = ("level_changes", "schedules", "check_ins", "entries", "entry_criteria", "deliveries")
    return {
        "members": f"id IN ({members})",
        **dict.fromkeys(owned, f"member_id IN ({members})"),
        **dict.fromkeys(("shares", "disclosures", "comments"), entries),
        "mentorships": f"mentor_id IN ({members}) AND mentee_id IN ({members})",
        "digests": f"mentor_id IN ({members})",
        "workspaces": "false",
    }


def complaints(reply: Reply, payload: Any) -> list[str]:
    """What Slack has against an answer, and what it would bring to life that it should not."""
    body = reply.json
    found = [f"status {reply.status}"] if not 200 <= reply.status < 500 else []
    if body.get("response_action") in ("push", "update"):
        found += map(str, blockkit.view_faults(body["view"], "modal"))
    if errors := body.get("errors"):
        inputs = {each.get("block_id") for each in payload["view"]["blocks"]}
        found += [f"errors on {name}" for name in errors if name not in inputs]
    if "blocks" in body:
        found += map(str, blockkit.block_faults(body["blocks"], "message"))
    return found + [f"alive: {each}" for each in alive(body)]


def complaints_of(call: Call) -> list[str]:
    """The same of a call to Slack."""
    refused = call.response.get("error") in OURS
    return [f"{call.method}: {call.response}"] * refused + [f"{call.method} alive: {each}" for each in alive(call.args)]


def alive(node: Any) -> Iterator[str]:
    """The texts in which Slack would find a mention or a link that is none of ours; plain text has none."""
    if isinstance(node, dict):
        if node.get("type") != "plain_text" and any(
            ALIVE.search(str(node.get(name) or "")) for name in ("text", "initial_comment")
        ):
            yield str(node.get("text"))
        for name, value in node.items():
            if name not in ("private_metadata", "state", "values"):
                yield from alive(value)
    elif isinstance(node, list):
        for each in node:
            yield from alive(each)
