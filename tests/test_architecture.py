"""Rules of the house that neither the linter nor the import contracts can hold."""

import ast
import inspect
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from slack_bolt.kwargs_injection.async_args import AsyncArgs
from slack_bolt.listener.async_listener import AsyncCustomListener
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import create_engine
from ladder_content.model import Ladder
from tests.support.architecture import REQUESTS, ROOT, name_of, seen
from tests.support.world import GUEST, MAYA, World, world_of

PACKAGES = ("bot", "handlers", "services", "db", "growth", "ladder_content", "playground")


@cache
def parsed(package: str) -> tuple[tuple[Path, ast.Module], ...]:
    return tuple(
        (path.relative_to(ROOT), ast.parse(path.read_text())) for path in sorted((ROOT / package).rglob("*.py"))
    )


def sources(*packages: str) -> Iterator[tuple[Path, ast.Module]]:
    for package in packages:
        yield from parsed(package)


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_block_kit_is_built_without_the_models_of_the_sdk() -> None:
    """They check and copy all of a message each time it is sent."""
    taken = {f"{path} imports {name}" for path, tree in sources("bot", "handlers") for name in imported(tree)}
    assert taken
    assert {each for each in taken if "slack_sdk.models" in each} == set()


def test_messages_are_posted_in_one_place_where_they_are_marked() -> None:
    named = {
        str(path)
        for path, tree in sources("bot", "handlers")
        for node in ast.walk(tree)
        if getattr(node, "attr", getattr(node, "arg", None)) in ("chat_postMessage", "say")
    }
    assert named == {"handlers/slack/posting.py"}


def test_no_module_of_tests_imports_another() -> None:
    """What tests share is in `tests/support/`."""
    shared = {
        f"{path} imports {name}"
        for path, tree in sources("tests")
        for name in imported(tree)
        if re.match(r"tests\.test_", name)
    }
    assert shared == set()


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
for package in ("bot", "handlers", "services", "db"):
    for module in pkgutil.walk_packages([package], f"{package}."):
        if module.name != "db.migrations.env":  # the script that Alembic runs
            importlib.import_module(module.name)
assert "handlers.entries.views.entry" in sys.modules
kinds = (AsyncApp, AsyncWebClient, BaseScheduler, BaseSettings, Engine, Starlette)
print([thing for thing in gc.get_objects() if isinstance(thing, kinds)], threading.active_count())
"""


def test_nothing_is_created_by_an_import() -> None:
    made = subprocess.run([sys.executable, "-c", CREATED], cwd=ROOT, capture_output=True, text=True, check=True)
    assert made.stdout == "[] 1\n"


def unknown(function: Callable[..., Any]) -> set[str]:
    """The parameters that nobody injects, or not by name and position alike."""
    return {
        name
        for name, parameter in inspect.signature(function).parameters.items()
        if name not in {"interaction", *inspect.signature(AsyncArgs).parameters}
        or parameter.kind is not inspect.Parameter.POSITIONAL_OR_KEYWORD
    }


async def test_bolt_or_our_middleware_knows_every_parameter(world: World) -> None:
    known = [each for each in world.service.app._async_listeners if isinstance(each, AsyncCustomListener)]
    functions = {each.ack_function.__name__: unknown(each.ack_function) for each in known}
    assert functions == {name: set() for name in ("command", "click", "form", "shortcut", "event")}


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


def test_every_claim_of_a_page_names_a_test_that_there_is() -> None:
    functions = {
        node.name
        for _, tree in sources("tests")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    files = {path.stem for path in (ROOT / "tests").iterdir()}
    for page in ("delivery", "privacy", "database"):
        named = set(re.findall(r"test_\w+", (ROOT / f"docs/{page}.md").read_text()))
        assert named <= functions | files, f"named in docs/{page}.md"
        assert named & functions


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
    names = {name_of(listener) for listener in world.service.app.router}
    assert names == {name.partition(" ")[0] for name in REQUESTS}
