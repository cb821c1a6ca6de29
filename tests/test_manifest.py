"""The manifest asks for what the code uses: its listeners, and the methods it calls; nothing is missing or extra."""

import ast
import inspect
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.features import routes
from bot.install.manifest import SCOPES, Form, manifest, written
from bot.startup import CannotStartError
from growth.errors import OutOfDate
from handlers.conversation import listeners
from handlers.slack.router import Router
from ladder_content.model import Ladder
from playground import scopes
from playground.playground import Playground
from playground.server import serving
from playground.webapi import METHODS
from tests.support.processes import output

ROOT = Path(__file__).parents[1]
HOST = "https://rung.example.com"
CALLS = {name for name, member in vars(AsyncWebClient).items() if inspect.iscoroutinefunction(member)}
TALK = ("im", "channel", "group", "mpim")  # the kinds of conversation; an event for each
Json = dict[str, Any]


@pytest.fixture(scope="module")
def router() -> Router:
    return routes()


def registered(router: Router, kind: str) -> set[str]:
    return {key for of, key in router._listeners if of == kind}


def events(router: Router) -> set[str]:
    """The events as a manifest names them: messages by the kinds of conversation that are not ignored."""
    said = {"type": "message", "user": "U1", "text": "words", "ts": "1.0"}
    heard = [talk for talk in TALK if listeners.is_from_a_person({**said, "channel_type": talk})]
    named = {f"message.{talk}{'s' if talk in ('channel', 'group') else ''}" for talk in heard}
    return registered(router, "event") - {"message"} | named


def called() -> set[str]:
    """The methods of the Web API that the code names, called or passed on; `say` is Bolt's chat.postMessage."""
    found = set()
    for path in (path for package in ("bot", "handlers") for path in (ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".api_call"):
                [name, *_] = node.args
                if ast.unparse(node.func) == "super().api_call":
                    continue
                assert isinstance(name, ast.Constant), f"{path}: call a method by its name"
                found.add(str(name.value))
            if isinstance(node, ast.Attribute) and node.attr in CALLS:
                found.add(node.attr.replace("_", "."))
            if isinstance(node, ast.arg) and node.arg == "say":
                found.add("chat.postMessage")
    return found


def needed(methods: set[str], events: set[str]) -> set[str]:
    """The scopes for these. KeyError for what the table does not know."""
    wanted = {scopes.METHODS[method] for method in methods} | {scopes.EVENTS[event] for event in events}
    return {"commands"} | {scope for scope in wanted if scope}


def test_the_scopes_are_those_of_the_methods_called_and_the_events_heard(router: Router) -> None:
    methods = called()
    assert {"chat.postMessage", "views.open", "files.completeUploadExternal", "users.list"} <= methods
    assert needed(methods, events(router)) == set(SCOPES)
    assert manifest()["oauth_config"]["scopes"] == {"bot": list(SCOPES)}


def test_a_method_that_the_table_does_not_know_is_told() -> None:
    with pytest.raises(KeyError, match=r"reminders\.add"):
        needed({"reminders.add"}, set())


def test_the_playground_knows_the_scope_of_every_method_it_has() -> None:
    assert set(METHODS) <= set(scopes.METHODS)


def test_the_events_are_those_listened_to(router: Router) -> None:
    assert set(manifest()["settings"]["event_subscriptions"]["bot_events"]) == events(router)


def test_the_command_is_the_one_listened_to(router: Router, ladder: Ladder) -> None:
    [command] = manifest()["features"]["slash_commands"]
    router.for_command(command["command"], "help", "help", ladder)
    with pytest.raises(OutOfDate):
        router.for_command("/remind", "help", "help", ladder)
    assert command["should_escape"]
    assert command["usage_hint"]


def test_the_shortcuts_are_those_listened_to(router: Router) -> None:
    offered = [each["callback_id"] for each in manifest()["features"]["shortcuts"]]
    assert sorted(offered) == sorted(registered(router, "shortcut"))


def test_people_can_open_home_and_write_to_rung() -> None:
    assert manifest()["features"]["app_home"] == {
        "home_tab_enabled": True,
        "messages_tab_enabled": True,
        "messages_tab_read_only_enabled": False,
    }


def test_slack_takes_its_lengths() -> None:
    about = manifest("R" * 35, HOST, oauth=True)
    assert len(about["display_information"]["description"]) <= 140
    for shortcut in about["features"]["shortcuts"]:
        assert len(shortcut["name"]) <= 24
        assert len(shortcut["description"]) <= 150
    [command] = about["features"]["slash_commands"]
    assert len(command["description"]) <= 2000
    assert len(command["usage_hint"]) <= 1000


def urls(about: Json) -> list[str]:
    return re.findall(r"https?://[^\"]+", json.dumps(about))


def test_socket_mode_has_no_address_and_http_mode_one_everywhere() -> None:
    socket, http = manifest(), manifest(url=f"{HOST}/")
    assert (socket["settings"]["socket_mode_enabled"], urls(socket)) == (True, [])
    assert (http["settings"]["socket_mode_enabled"], urls(http)) == (False, [f"{HOST}/slack/events"] * 3)
    assert manifest(url=HOST, oauth=True)["oauth_config"]["redirect_urls"] == [f"{HOST}/slack/oauth_redirect"]
    assert urls(manifest(url="https://[::1]:8443"))[0] == "https://[::1]:8443/slack/events"


@pytest.mark.parametrize("oauth", [False, True])
def test_a_whole_enterprise_may_install_what_workspaces_may(oauth: bool) -> None:
    assert manifest(url=HOST, oauth=oauth)["settings"]["org_deploy_enabled"] == oauth


WRONG = [
    ({"url": "http://rung.example.com"}, "does not start with https://"),
    ({"url": "rung.example.com"}, "does not start with https://"),
    ({"url": ""}, "does not start with https://"),
    ({"url": "https://"}, "names no host"),
    ({"url": "https://:3000"}, "names no host"),
    ({"url": "https://rung example.com"}, "names no host"),
    ({"url": "https://me:secret@rung.example.com"}, "names no host"),
    ({"url": "https://[x"}, "is no address"),
    ({"url": "https://rung.example.com:port"}, "is no address"),
    ({"url": f"{HOST}/slack/events"}, "goes on after the host"),
    ({"url": f"{HOST}?x=1"}, "goes on after the host"),
    ({"oauth": True}, "--oauth needs HTTP mode"),
    ({"name": " "}, "--name needs 1 to 35"),
    ({"name": "R" * 36}, "--name needs 1 to 35"),
    ({"name": "two\nlines"}, "--name needs 1 to 35"),
]


@pytest.mark.parametrize(("options", "complaint"), WRONG, ids=str)
def test_what_slack_would_refuse_is_told_in_a_sentence(options: Json, complaint: str) -> None:
    with pytest.raises(CannotStartError, match=re.escape(complaint)):
        manifest(**options)


def test_it_is_printed_as_yaml_with_the_reason_of_each_scope_or_as_json() -> None:
    about = manifest(url=HOST)
    for form in Form:
        assert yaml.safe_load(written(about, form)) == about
    for scope, reason in SCOPES.items():
        assert f"- {scope}  # {reason}\n" in written(about, Form.YAML)


async def test_the_command_prints_it(tmp_path: Path) -> None:
    printed = await output("manifest", "--name", "Growth", "--format", "json", folder=tmp_path)
    assert (printed.code, printed.stderr) == (0, "")
    assert json.loads(printed.stdout) == manifest("Growth")
    refused = await output("manifest", "--url", "http://x", folder=tmp_path)
    assert (refused.code, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)


async def test_the_playground_refuses_what_the_manifest_did_not_ask_for() -> None:
    about = manifest()
    about["oauth_config"]["scopes"]["bot"] = ["chat:write"]
    playground = Playground(manifest=about)
    async with serving(playground) as url:
        client = AsyncWebClient(playground.bot_token, base_url=f"{url}/api/")
        allowed = await client.auth_test()
        assert allowed.headers["x-oauth-scopes"] == "chat:write"
        with pytest.raises(SlackApiError, match="missing_scope") as refused:
            await client.users_list()
    assert refused.value.response.data == {
        "ok": False,
        "error": "missing_scope",
        "needed": "users:read",
        "provided": "chat:write",
    }
