"""Settings that are missing or wrong; how `bot run` ends on them is in test_run."""

import os
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from bot.__main__ import cli
from bot.cli.common import host_of
from bot.cli.run import settings_for
from bot.roles import Role
from bot.settings import Forgiving, Home, Settings, SettingsError, WorkerSettings, read
from tests.support.settings import KEY, MANY

RIGHT = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}
NEITHER = {"SLACK_BOT_TOKEN": "", "SLACK_APP_TOKEN": ""}
# One for each setting there is, none of them its default.
VALUES = {
    "DATABASE_URL": "postgresql://rung:s3cret@localhost/rung",
    "DELIVERY_PAUSED": "true",
    "HOST": "::1",
    "KEEP_LEFT_MEMBERS_DAYS": "90",
    "LADDER_DIR": "/",
    "LOG_FORMAT": "json",
    "MESSAGES_PER_MINUTE": "60",
    "PLAYGROUND_JOURNAL": "/tmp/a journal",
    "PORT": "3100",
    "RUNG_HOME": "/tmp/a home",
    "SLACK_API_URL": "http://127.0.0.1:1/api/",
    "SLACK_APP_TOKEN": "xapp-2",
    "SLACK_BOT_TOKEN": "xoxb-2",
    "SLACK_CLIENT_ID": "3.4",
    "SLACK_CLIENT_SECRET": "s3cret-2",
    "SLACK_REDIRECT_URI": "https://rung.test/slack/oauth_redirect",
    "SLACK_SIGNING_SECRET": "signed-2",
    "TOKEN_KEYS": KEY,
    "XDG_DATA_HOME": "/tmp/data",
}
BLANKS = ["\n", "\r\n", " \t\xa0", "\ufeff", "\u200b\u2060\u2028\x0b"]
NAMES = [name.upper() for name in Settings.model_fields]
SECRETS = ["DATABASE_URL", "SLACK_APP_TOKEN", "SLACK_BOT_TOKEN", "SLACK_CLIENT_SECRET", "SLACK_SIGNING_SECRET"]
FAULTS = [
    ({"SLACK_BOT_TOKEN": ""}, "SLACK_BOT_TOKEN is missing: copy the Bot User OAuth Token"),
    ({"SLACK_BOT_TOKEN": "xapp-1"}, "SLACK_BOT_TOKEN does not start with xoxb-"),
    ({"SLACK_APP_TOKEN": ""}, "Set SLACK_APP_TOKEN (xapp-…) for Socket Mode or SLACK_SIGNING_SECRET for HTTP mode"),
    ({"SLACK_APP_TOKEN": "xoxb-1"}, "SLACK_APP_TOKEN does not start with xapp-"),
    ({"SLACK_BOT_TOKEN": "xoxb-"}, "SLACK_BOT_TOKEN has nothing behind xoxb- that is of a token: copy the Bot User"),
    ({"SLACK_BOT_TOKEN": "xoxb-…"}, "SLACK_BOT_TOKEN has nothing behind xoxb- that is of a token: copy the Bot User"),
    ({"SLACK_APP_TOKEN": "xapp-\n"}, "SLACK_APP_TOKEN has nothing behind xapp- that is of a token: create an app-"),
    ({"SLACK_API_URL": "slack.test/api"}, "SLACK_API_URL is not an http or https address"),
    ({"PORT": "http"}, "PORT is http, which is no port"),
    ({"PORT": "65536"}, "PORT is 65536, which is no port"),
    ({"KEEP_LEFT_MEMBERS_DAYS": "0"}, "KEEP_LEFT_MEMBERS_DAYS is 0: write for how many days, 1 or more"),
    ({"KEEP_LEFT_MEMBERS_DAYS": "ever"}, "KEEP_LEFT_MEMBERS_DAYS is ever: write for how many days, 1 or more"),
    ({"LOG_FORMAT": "xml"}, "LOG_FORMAT is wrong: write console or json."),
    ({"DELIVERY_PAUSED": "maybe"}, "DELIVERY_PAUSED is wrong: write true or false."),
    ({"MESSAGES_PER_MINUTE": "5"}, "MESSAGES_PER_MINUTE is wrong: write a number from 10 to 60000."),
    ({"MESSAGES_PER_MINUTE": "many"}, "MESSAGES_PER_MINUTE is wrong: write a number from 10 to 60000."),
    ({"DATABASE_URL": "mysql://rung:s3cret@localhost/rung"}, "DATABASE_URL is not a Postgres address"),
    ({"DATABASE_URL": "postgresql://rung:s@s3cret@localhost/rung"}, "DATABASE_URL has an @ within its user name or"),
    ({"SLACK_CLIENT_ID": "1.2"}, "SLACK_BOT_TOKEN serves one workspace, and SLACK_CLIENT_ID with SLACK_CLIENT_SECRET"),
    (MANY | {"SLACK_BOT_TOKEN": ""}, "SLACK_APP_TOKEN is for Socket Mode, and many workspaces are served over HTTP"),
    (MANY | NEITHER | {"SLACK_CLIENT_ID": ""}, "SLACK_CLIENT_ID is missing, and many workspaces need it: copy it"),
    (MANY | NEITHER | {"SLACK_CLIENT_SECRET": ""}, "SLACK_CLIENT_SECRET is missing"),
    (MANY | NEITHER | {"SLACK_SIGNING_SECRET": ""}, "SLACK_SIGNING_SECRET is missing"),
    (MANY | NEITHER | {"TOKEN_KEYS": " , "}, "TOKEN_KEYS is missing, and many workspaces need it: make a key with"),
    (MANY | NEITHER | {"TOKEN_KEYS": f"{KEY},s3cret"}, "TOKEN_KEYS has no key at place 2: it is a list of keys"),
    (MANY | NEITHER | {"SLACK_REDIRECT_URI": "https://rung.test/"}, "SLACK_REDIRECT_URI is not where Slack sends"),
    ({"LADDER_DIR": "/nowhere"}, "LADDER_DIR names a folder that is not there (/nowhere)"),
]


@pytest.fixture(autouse=True)
def no_dotenv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(("wrong", "sentence"), FAULTS)
def test_a_wrong_one_is_told_in_one_sentence(wrong: dict[str, str], sentence: str) -> None:
    with patch.dict(os.environ, RIGHT | wrong, clear=True), pytest.raises(SettingsError) as told:
        read(Settings)
    words = str(told.value)
    assert words.startswith(sentence)
    assert words.endswith(".")
    assert "\n" not in words
    assert "s3cret" not in words


def test_the_right_ones_are_taken() -> None:
    with patch.dict(os.environ, RIGHT | {"HOST": "[::1]"}, clear=True):
        settings = read(Settings)
    assert (settings.host, settings.port) == ("::1", 3000)


IN_SOCKET_MODE = RIGHT
OVER_HTTP = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "signed"}


@pytest.mark.parametrize(
    ("said", "role", "host"),
    [
        (IN_SOCKET_MODE, Role.ALL, "127.0.0.1"),
        (IN_SOCKET_MODE, Role.WEB, "127.0.0.1"),
        (OVER_HTTP, Role.ALL, "::"),
        (OVER_HTTP, Role.WEB, "::"),
        (MANY, Role.WEB, "::"),
        (MANY, Role.WORKER, "127.0.0.1"),
        (OVER_HTTP, Role.WORKER, "127.0.0.1"),
        (OVER_HTTP | {"HOST": "192.0.2.1"}, Role.ALL, "192.0.2.1"),
        (IN_SOCKET_MODE | {"HOST": "0.0.0.0"}, Role.ALL, "0.0.0.0"),
        (OVER_HTTP | {"HOST": "0.0.0.0"}, Role.WORKER, "0.0.0.0"),
    ],
)
def test_none_listens_more_widely_than_its_role_needs(said: dict[str, str], role: Role, host: str) -> None:
    with patch.dict(os.environ, said | {"DATABASE_URL": VALUES["DATABASE_URL"]}, clear=True):
        assert host_of(settings_for(role), role) == host
        assert host_of(read(Forgiving), role) == host


def test_a_worker_needs_no_transport_and_a_web_does() -> None:
    with patch.dict(os.environ, {"SLACK_BOT_TOKEN": "xoxb-1"}, clear=True):
        assert read(WorkerSettings).port == 3000
        with pytest.raises(SettingsError, match=r"^Set SLACK_APP_TOKEN .* or SLACK_SIGNING_SECRET"):
            read(Settings)


def test_all_that_many_workspaces_lack_is_told_at_once() -> None:
    with patch.dict(os.environ, {"SLACK_CLIENT_ID": "1.2"}, clear=True), pytest.raises(SettingsError) as told:
        read(Settings)
    for name in ("SLACK_CLIENT_SECRET", "TOKEN_KEYS", "SLACK_SIGNING_SECRET"):
        assert f"{name} is missing, and many workspaces need it: " in str(told.value)


@pytest.mark.parametrize("role", ["web", "worker"])
def test_who_shares_a_database_with_others_has_to_name_it(role: str, capsys: pytest.CaptureFixture[str]) -> None:
    with patch.dict(os.environ, RIGHT, clear=True), pytest.raises(SystemExit) as ended:
        cli(["run", "--role", role])
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith(f"DATABASE_URL is missing: a {role} works with others on one Postgres")


def test_the_right_ones_for_many_are_taken() -> None:
    with patch.dict(os.environ, MANY, clear=True):
        settings = read(Settings)
    assert settings.many
    assert settings.keys == [KEY, KEY]
    assert settings.slack_bot_token is None
    assert "s3cret" not in repr(settings)
    assert KEY not in repr(settings)


@pytest.mark.parametrize(
    ("said", "days"), [({}, 365), ({"KEEP_LEFT_MEMBERS_DAYS": "90"}, 90), ({"KEEP_LEFT_MEMBERS_DAYS": ""}, 365)]
)
def test_how_long_those_who_left_are_kept(said: dict[str, str], days: int) -> None:
    with patch.dict(os.environ, RIGHT | said, clear=True):
        assert read(Settings).keep_left == timedelta(days=days)
    with patch.dict(os.environ, RIGHT | {"KEEP_LEFT_MEMBERS_DAYS": "forever"}, clear=True):
        assert read(Settings).keep_left is None


def with_right(name: str, value: str | None) -> dict[str, str]:
    """Settings that are in order, with that one among them."""
    right = MANY if name in ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET") else RIGHT
    return {other: said for other, said in right.items() if other != name} | ({} if value is None else {name: value})


def kinds(name: str) -> list[type[Home]]:
    return [kind for kind in (Home, WorkerSettings, Settings, Forgiving) if name.lower() in kind.model_fields]


# Blanks are stripped in one place for all: every name meets all of them at once, and one name each by itself.
each_name_and_each_blank = pytest.mark.parametrize(
    ("name", "blank"),
    [(name, "".join(BLANKS)) for name in NAMES] + [("PORT", blank) for blank in ("", *BLANKS)],
    ids=ascii,
)


@each_name_and_each_blank
def test_what_stands_around_a_value_is_none_of_it(name: str, blank: str, tmp_path: Path) -> None:
    for kind in kinds(name):
        with patch.dict(os.environ, with_right(name, VALUES[name]), clear=True):
            plain = read(kind)
        assert getattr(plain, name.lower()) != kind.model_fields[name.lower()].default
        with patch.dict(os.environ, with_right(name, f"{blank}{VALUES[name]}{blank}"), clear=True):
            assert read(kind) == plain
        (tmp_path / ".env").write_text(f'{name}="{blank}{VALUES[name]}{blank}"\n')
        with patch.dict(os.environ, with_right(name, None), clear=True):
            assert read(kind) == plain
        (tmp_path / ".env").unlink()


@each_name_and_each_blank
def test_what_is_blank_is_not_there(name: str, blank: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"{name}={VALUES[name]}\n")
    for kind in kinds(name):
        with patch.dict(os.environ, with_right(name, None), clear=True):
            plain = read(kind)
        with patch.dict(os.environ, with_right(name, blank), clear=True):
            assert read(kind) == plain


@pytest.mark.parametrize("inside", ["\n", " ", "\xa0", "\u200b", "\ufeff", "\x00"], ids=ascii)
@pytest.mark.parametrize("name", SECRETS)
def test_what_stands_inside_a_secret_is_told_without_the_secret(name: str, inside: str, tmp_path: Path) -> None:
    value = VALUES[name].removesuffix("rung") + f"sec{inside}ret"
    (tmp_path / ".env").write_text(f'{name}="{value}"\n')
    with patch.dict(os.environ, with_right(name, None), clear=True), pytest.raises(SettingsError) as told:
        read(Settings)
    [(which, sentence)] = told.value.faults
    assert which == name
    assert sentence.startswith(f"{name} has a space, a line break or a character that cannot be seen inside")
    assert "ret" not in sentence.partition("inside")[2]


def test_keys_may_stand_on_lines_of_their_own() -> None:
    with patch.dict(os.environ, MANY | {"TOKEN_KEYS": f"\ufeff{KEY} ,\r\n{KEY}\n"}, clear=True):
        assert read(Settings).keys == [KEY, KEY]
    broken = f"{KEY},{KEY[:9]}\n{KEY[9:]}"
    with patch.dict(os.environ, MANY | {"TOKEN_KEYS": broken}, clear=True), pytest.raises(SettingsError) as told:
        read(Settings)
    assert "TOKEN_KEYS has a space, a line break" in str(told.value)


@pytest.mark.parametrize(
    ("name", "said", "meant"),
    [
        ("LOG_FORMAT", "JSON ", "json"),
        ("LOG_FORMAT", "Console", "console"),
        ("DELIVERY_PAUSED", " True\n", True),
        ("DELIVERY_PAUSED", "OFF", False),
        ("KEEP_LEFT_MEMBERS_DAYS", "Forever", "forever"),
    ],
)
def test_words_to_choose_from_are_taken_in_any_case(name: str, said: str, meant: object) -> None:
    with patch.dict(os.environ, RIGHT | {name: said}, clear=True):
        assert getattr(read(Settings), name.lower()) == meant


def test_a_file_of_settings_may_begin_with_a_mark_of_its_encoding(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SLACK_BOT_TOKEN=xoxb-2\r\nSLACK_APP_TOKEN=xapp-2\r\n", encoding="utf-8-sig")
    with patch.dict(os.environ, {}, clear=True):
        token = read(Settings).slack_bot_token
    assert token
    assert token.get_secret_value() == "xoxb-2"


def test_every_wrong_one_is_told_on_one_line() -> None:
    with patch.dict(os.environ, RIGHT | {"PORT": "30\n00"}, clear=True), pytest.raises(SettingsError) as told:
        read(Settings)
    assert str(told.value) == "PORT is 30 00, which is no port: use a number from 1 to 65535, for example 3000."
