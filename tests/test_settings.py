"""Settings that are missing or wrong; how `bot run` ends on them is in test_run."""

import os
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from bot.__main__ import cli
from bot.settings import Settings, SettingsError, WorkerSettings, read

RIGHT = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}
KEY = "b2xkIGtleSBvZiB0aGUgdGVzdHMgb2YgdG9rZW5zISE="
MANY = {
    "SLACK_CLIENT_ID": "1.2",
    "SLACK_CLIENT_SECRET": "s3cret",
    "SLACK_SIGNING_SECRET": "signed",
    "TOKEN_KEYS": f"{KEY}, {KEY},",
}
NEITHER = {"SLACK_BOT_TOKEN": "", "SLACK_APP_TOKEN": ""}
FAULTS = [
    ({"SLACK_BOT_TOKEN": ""}, "SLACK_BOT_TOKEN is missing: copy the Bot User OAuth Token"),
    ({"SLACK_BOT_TOKEN": "xapp-1"}, "SLACK_BOT_TOKEN does not start with xoxb-"),
    ({"SLACK_APP_TOKEN": ""}, "Set SLACK_APP_TOKEN (xapp-…) for Socket Mode or SLACK_SIGNING_SECRET for HTTP mode"),
    ({"SLACK_APP_TOKEN": "xoxb-1"}, "SLACK_APP_TOKEN does not start with xapp-"),
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
    with patch.dict(os.environ, RIGHT, clear=True):
        assert read(Settings).port == 3000


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
