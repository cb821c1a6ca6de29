"""Rules of the house that neither the linter nor the import contracts can hold."""

import ast
import inspect
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from slack_bolt.kwargs_injection.async_args import AsyncArgs
from slack_bolt.listener.async_listener import AsyncCustomListener
from slack_bolt.listener_matcher.async_listener_matcher import AsyncCustomListenerMatcher
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import create_engine
from ladder_content.model import Ladder
from tests.world import GUEST, MAYA, SAM, World, world_of

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "handlers", "db", "growth", "ladder_content", "playground")
INJECTED = {"visit", "answer", "ladder", "index", "wake"}
Json = dict[str, Any]


def sources(*packages: str) -> Iterator[tuple[Path, ast.Module]]:
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path.relative_to(ROOT), ast.parse(path.read_text())


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_views_take_only_models_of_the_sdk() -> None:
    taken = {name for _, tree in sources("handlers/views") for name in imported(tree) if name.startswith("slack_sdk")}
    assert taken
    assert {name for name in taken if not name.startswith("slack_sdk.models.")} == set()


def test_messages_are_posted_in_one_place_where_they_are_marked() -> None:
    named = {
        str(path)
        for path, tree in sources("bot", "handlers")
        for node in ast.walk(tree)
        if getattr(node, "attr", getattr(node, "arg", None)) in ("chat_postMessage", "say")
    }
    assert named == {"handlers/posting.py"}


def test_only_bot_reads_the_environment() -> None:
    readers = {
        str(path)
        for path, tree in sources(*PACKAGES[1:])
        for node in ast.walk(tree)
        if getattr(node, "attr", None) in ("environ", "environb", "getenv")
        or (isinstance(node, ast.alias) and node.name in ("environ", "environb", "getenv"))
    }
    assert readers == set()


CREATED = """
import gc, importlib, pkgutil, sys, threading
from pathlib import Path
from apscheduler.schedulers.base import BaseScheduler
from pydantic_settings import BaseSettings
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Engine
from starlette.applications import Starlette
for package in ("bot", "handlers", "db"):
    for module in pkgutil.walk_packages([package], f"{package}."):
        if module.name != "db.migrations.env":  # the script that Alembic runs
            importlib.import_module(module.name)
assert "handlers.views.log" in sys.modules
kinds = (AsyncApp, AsyncWebClient, BaseScheduler, BaseSettings, Engine, Starlette)
print([thing for thing in gc.get_objects() if isinstance(thing, kinds)], threading.active_count())
"""


def test_nothing_is_created_by_an_import() -> None:
    made = subprocess.run([sys.executable, "-c", CREATED], cwd=ROOT, capture_output=True, text=True, check=True)
    assert made.stdout == "[] 1\n"


def listeners(world: World) -> list[AsyncCustomListener]:
    found = world.service.app._async_listeners
    assert all(isinstance(listener, AsyncCustomListener) for listener in found)
    return found  # type: ignore[return-value]


def injectable(function: Callable[..., Any]) -> set[str]:
    """The parameters that nobody injects, or not by name and position alike."""
    return {
        name
        for name, parameter in inspect.signature(function).parameters.items()
        if name not in INJECTED | set(inspect.signature(AsyncArgs).parameters)
        or parameter.kind is not inspect.Parameter.POSITIONAL_OR_KEYWORD
    }


async def test_bolt_or_our_middleware_knows_every_parameter(world: World) -> None:
    functions: list[Callable[..., Any]] = [listener.ack_function for listener in listeners(world)]
    functions += [
        matcher.func
        for listener in listeners(world)
        for matcher in listener.matchers
        if isinstance(matcher, AsyncCustomListenerMatcher)
    ]
    assert len(functions) > 40
    assert {
        f"{function.__module__}.{function.__name__}": injectable(function)
        for function in functions
        if injectable(function)
    } == {}


WHO = {"team_id": "T0PLAYGROUND", "user_id": MAYA, "channel_id": "D1", "trigger_id": "1.2.3"}
STALE = "999999"


def command(text: str) -> Json:
    return {"command": "/ladder", "text": text, **WHO}


def action(id: str, value: str = STALE, **more: Any) -> Json:
    return {
        "type": "block_actions",
        "team": {"id": WHO["team_id"]},
        "user": {"id": MAYA, "team_id": WHO["team_id"]},
        "channel": {"id": "D1"},
        "container": {"type": "message"},
        "trigger_id": WHO["trigger_id"],
        "actions": [{"action_id": id, "block_id": "b", "type": "button", "value": value, "action_ts": "1.0", **more}],
    }


def chosen(id: str, value: str) -> Json:
    """A choice in a menu."""
    return action(id, selected_option={"value": value})


def submission(id: str, **memory: Any) -> Json:
    """A form with nothing filled in."""
    view = {"id": "V1", "callback_id": id, "blocks": [], "state": {"values": {}}}
    return {
        "type": "view_submission",
        "team": {"id": WHO["team_id"]},
        "user": {"id": MAYA, "team_id": WHO["team_id"]},
        "view": {**view, "type": "modal", "private_metadata": json.dumps(memory)},
    }


def shortcut(kind: str, id: str, **about: Any) -> Json:
    person = {"team": {"id": WHO["team_id"]}, "user": {"id": MAYA, "team_id": WHO["team_id"]}}
    return {"type": kind, "callback_id": id, "trigger_id": WHO["trigger_id"], **person, **about}


def event(kind: str, **about: Any) -> Json:
    inner = {"type": kind, "user": MAYA, "channel": "D1", "channel_type": "im", "ts": "1.0", **about}
    return {"type": "event_callback", "team_id": WHO["team_id"], "event_id": "E1", "event": inner}


# For every listener at least one request, most of them for what is not there.
REQUESTS: dict[str, Json] = {
    "next.show_next": command("next"),
    "next.pick_level": action("welcome.level.l4", "l4"),
    "next.pick_level of a level that is gone": action("welcome.level.l4", "l99"),
    "next.pick_time": action("welcome.time.1", "1 09:00"),
    "next.decline_questions": action("welcome.no_questions"),
    "ladder.show_levels": command("levels"),
    "ladder.compare": command("compare L4 L5"),
    "ladder.compare without levels": command("compare"),
    "ladder.find": command("find"),
    "ladder.show_level": command("L5"),
    "ladder.open_details": action("details.open", "criterion:gone"),
    "ladder.open_details of a level": action("details.open", "level:l5"),
    "log.log": command("log words"),
    "log.log without words": command("log"),
    "log.open_form": action("log.open", "-"),
    "log.open_edit": action("log.edit"),
    "log.add_details": action("log.details"),
    "log.tag": action("log.tag.999999", selected_option={"value": "gone"}),
    "log.undo": action("log.undo"),
    "log.bring_back": action("log.restore"),
    "log.bring_back of an older version": action("log.restore", "?"),
    "log.keep_private": action("share.private"),
    "log.save_form": submission("log.form"),
    "log.save_edit": submission("log.edit_form", entry=999999),
    "progress.show": command("progress"),
    "export.by_command": command("export"),
    "export.by_command of a format": command("export md"),
    "export.by_command of an unknown format": command("export pdf"),
    "export.by_click": action("export.send.md", "md"),
    "export.choose": action("export.open"),
    "logs.show": command("logs"),
    "logs.show with words": command("logs drift"),
    "logs.open_list": action("logs.open", "{}"),
    "logs.open_list with garbage": action("logs.open"),
    "logs.turn": action("logs.older", "{}"),
    "logs.turn with garbage": action("logs.newer"),
    "logs.clear": action("logs.clear"),
    "logs.delete": action(f"logs.delete.{STALE}", f"{STALE} {{}}"),
    "logs.restore": action(f"logs.restore.{STALE}", f"{STALE} {{}}"),
    "logs.open_filter": action("logs.filter", "{}"),
    "logs.open_filter with garbage": action("logs.filter"),
    "logs.save_filter": submission("logs.filter_form"),
    "checkin.ask_by_command": command("checkin"),
    "checkin.ask_by_click": action("checkin.now"),
    "checkin.write": action("checkin.write"),
    "checkin.skip": action("checkin.skip"),
    "checkin.another": chosen("checkin.more", f"another {STALE}"),
    "checkin.another without a question": chosen("checkin.more", "another"),
    "checkin.later": chosen("checkin.later", f"tomorrow {STALE}"),
    "checkin.later of another time": chosen("checkin.later", f"in_a_year {STALE}"),
    "checkin.next_week": chosen("checkin.later", f"next_week {STALE}"),
    "checkin.save_answer": submission("checkin.form", check_in=999999),
    "checkin.save_answer of an older form": submission("checkin.form", check_in="?"),
    "schedule.set_by_command": command("set"),
    "schedule.set_by_command with words": command("set day never"),
    "schedule.open_form": action("schedule.open"),
    "schedule.open_form from a question": chosen("checkin.more", "change 1"),
    "pause.pause_by_command": command("pause"),
    "pause.pause_by_command with words": command("pause two weeks"),
    "pause.pause_by_command with other words": command("pause banana"),
    "pause.resume_by_command": command("resume"),
    "pause.resume_by_click": action("pause.resume"),
    "pause.open_form": action("pause.open"),
    "pause.open_form from a question": chosen("checkin.more", "pause 1"),
    "pause.save_form": submission("pause.form"),
    "admin.show": command("admin"),
    "privacy.ask_by_command": command("forget me"),
    "privacy.ask_by_command with other words": command("forget that"),
    "privacy.ask_by_click": action("privacy.forget"),
    "privacy.forget": submission("privacy.forget_form", member=999999),
    "privacy.forget of an older form": submission("privacy.forget_form"),
    "profile.follow": event("user_change", user={"id": MAYA, "tz": "Asia/Tokyo"}),
    "schedule.save_form": submission("schedule.form"),
    "mentoring.ask_by_command": command(f"mentor <@{SAM}|sam> because"),
    "mentoring.ask_by_command of nobody": command("mentor"),
    "mentoring.ask_by_command of a stranger": command("mentor <@U404|gone>"),
    "mentoring.ask_by_command of two": command(f"mentor <@{SAM}|sam> and <@{GUEST}|gil>"),
    "mentoring.open_ask": action("mentoring.ask"),
    "mentoring.ask_by_form": submission("mentoring.ask_form"),
    "mentoring.take_back": action("mentoring.take_back"),
    "mentoring.take_back in a list": action(f"mentoring.take_back.{STALE}"),
    "mentoring.accept": action("mentoring.accept"),
    "mentoring.tick": action("mentoring.ticked", selected_options=[{"value": STALE}]),
    "handover.open_form": action("handover.open"),
    "handover.share": submission("handover.form", mentorship=999999),
    "handover.share of an older form": submission("handover.form"),
    "handover.take_back": action("handover.take_back"),
    "mentoring.open_decline": action("mentoring.decline"),
    "mentoring.decline": submission("mentoring.decline_form", mentorship=999999),
    "mentoring.decline of an older form": submission("mentoring.decline_form"),
    "mentoring.end": action(f"mentoring.end.{STALE}"),
    "mentoring.show_mentors": command("mentors"),
    "mentoring.show_mentees": command("mentees"),
    "mentoring.show_mentees with a number": command("mentees 3"),
    "mentoring.show_mentees with a number too high": command("mentees 999"),
    "mentoring.open_mentors": action("mentoring.mentors"),
    "mentoring.open_mentees": action("mentoring.mentees"),
    "mentoring.want": action("mentoring.wanted", selected_option={"value": "3"}),
    "mentoring.want garbage": action("mentoring.wanted", selected_option={"value": "?"}),
    "invitation.accept": action("invitation.accept"),
    "invitation.accept garbage": action("invitation.accept", "?"),
    "invitation.open_form": action("invitation.change"),
    "invitation.decline": action("invitation.decline"),
    "invitation.save_form": submission("invitation.form", invitation=999999),
    "invitation.save_form of an older form": submission("invitation.form"),
    "digest.by_command": command("digest"),
    "digest.by_command preview": command("digest preview"),
    "digest.by_command off": command("digest off"),
    "digest.by_command with a day": command("digest friday 10:00"),
    "digest.by_command with other words": command("digest banana"),
    "digest.open_form": action("digest.change"),
    "digest.pause": action("digest.pause"),
    "digest.stop": action("digest.stop"),
    "digest.save_form": submission("digest.form"),
    "reading.open_list": action(f"reading.list.{STALE}", f"{STALE} 0"),
    "reading.open_list with garbage": action("reading.list.1"),
    "reading.show_seen": command("seen"),
    "reading.older_seen": action("reading.seen", "7"),
    "reading.older_seen with garbage": action("reading.seen", "?"),
    "comments.write": action(f"comments.write.{STALE}", STALE),
    "comments.give_kudos": action(f"comments.kudos.{STALE}", STALE),
    "comments.pick": chosen("comments.pick", f"{STALE} 1.0"),
    "comments.pick garbage": chosen("comments.pick", "?"),
    "comments.save": submission("comments.form", entry=999999),
    "comments.save of an older form": submission("comments.form"),
    "shortcuts.log_growth": shortcut("shortcut", "log_growth"),
    "shortcuts.save_message": shortcut(
        "message_action", "save_message", channel={"id": "D1"}, message={"ts": "1.0", "text": "<@U9>"}
    ),
    "messages.take_correction": event(
        "message", subtype="message_changed", message={"user": MAYA, "text": "b", "ts": "1.0"}
    ),
    "messages.take_correction of nothing": event(
        "message",
        subtype="message_changed",
        message={"user": MAYA, "text": "b", "ts": "1.0"},
        previous_message={"text": "b"},
    ),
    "messages.take_message": event("message", text="words"),
    "messages.take_message in a thread": event("message", text="words", thread_ts="0.1"),
    "messages.take_message without words": event("message", text=""),
    "messages.ignore": event("message", subtype="channel_join"),
    "messages.save_as_answer": action("log.save_answer", f"1.0 {STALE}"),
    "messages.save_as_entry": action("log.save_message", "1.0"),
    "home.show_home": event("app_home_opened", tab="home"),
    "home.ignore": event("app_home_opened", tab="messages"),
    "help.show_help": command("help"),
    "help.did_you_mean": command("nxt"),
    "help.refuse_unknown": action("of.old"),
    "help.refuse_unknown form": submission("of.old"),
    "help.refuse_unknown command": {**command("me"), "command": "/remind"},
    "workspace.switch_off": event("app_uninstalled"),
    "workspace.switch_off of a token": event("tokens_revoked", tokens={"bot": ["U0APP"]}),
    "workspace.ignore": event("tokens_revoked", tokens={"oauth": [MAYA]}),
    "help.ignore": event("team_join"),
}
SITUATIONS = ("nobody is known", "Maya is known", "a guest came", "Slack refuses", "Postgres is away")


@pytest.fixture(params=SITUATIONS)
async def trouble(request: pytest.FixtureRequest, engine: AsyncEngine, ladder: Ladder) -> Any:
    """Rung in one of the situations in which listeners raise, or return early."""
    away = create_engine("postgresql://rung@127.0.0.1:1/nowhere")
    async with world_of(away if request.param == "Postgres is away" else engine, ladder) as world:
        if request.param == "Slack refuses":
            await world.playground.command(MAYA, "/ladder help")  # Bolt asks Slack once who the app is
            world.playground.faults.refuse("*", "not_allowed", times=1000)
        if request.param == "Maya is known":
            await world.ladder_command(MAYA, "next")
            await world.click(MAYA, "welcome.level.l4")
        yield request.param, world
        world.playground.faults.clear()
    await away.dispose()


@pytest.mark.parametrize("page", ["delivery", "privacy", "database"])
def test_every_claim_of_a_page_names_a_test_that_there_is(page: str) -> None:
    functions = {
        node.name
        for _, tree in sources("tests")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    files = {path.stem for path in (ROOT / "tests").iterdir()}
    named = set(re.findall(r"test_\w+", (ROOT / f"docs/{page}.md").read_text()))
    assert named <= functions | files, f"named in docs/{page}.md"
    assert named & functions


def seen(world: World) -> list[str]:
    """The listeners that ran, in order, from now on."""
    ran: list[str] = []

    def counted(function: Callable[..., Any]) -> Callable[..., Any]:
        async def run(**given: Any) -> Any:
            ran.append(f"{function.__module__.removeprefix('handlers.')}.{function.__name__}")
            return await function(**given)

        return run

    for listener in listeners(world):
        listener.ack_function = counted(listener.ack_function)
    return ran


async def test_every_listener_acks_whatever_happens(trouble: tuple[str, World]) -> None:
    situation, world = trouble
    ran = seen(world)
    for name, body in REQUESTS.items():
        ran.clear()
        as_sent = json.dumps(body).replace(MAYA, GUEST if situation == "a guest came" else MAYA)
        request = AsyncBoltRequest(mode="socket_mode", body=json.loads(as_sent))
        answer: BoltResponse = await world.service.app.async_dispatch(request)
        assert (answer.status, ran) == (200, [name.partition(" ")[0]]), name


async def test_the_requests_reach_every_listener(world: World) -> None:
    functions = {listener.ack_function for listener in listeners(world)}
    names = {f"{each.__module__.removeprefix('handlers.')}.{each.__name__}" for each in functions}
    assert names == {name.partition(" ")[0] for name in REQUESTS}
