"""What Docker is told, held against what Rung is: its settings, its image, its end."""

import asyncio
import os
import re
import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import pytest
import yaml
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.service import GRACE
from bot.settings import Settings, read
from playground.server import running
from tests.support.dockerfile import Context, Dockerfile, Step

ROOT = Path(__file__).parents[1]
SECRETS = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s3cret", "POSTGRES_PASSWORD": "s3cret"}
VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?P<kind>:[?-])(?P<text>[^}]*)\}")


def filled(value: str, env: dict[str, str]) -> str:
    """A value as Compose reads it: with what `.env` says, else with what follows `:-`."""
    return VARIABLE.sub(lambda it: env.get(it["name"]) or (it["text"] if it["kind"] == ":-" else ""), value)


@pytest.fixture
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    return found


@pytest.fixture
def image() -> Dockerfile:
    return Dockerfile(ROOT / "Dockerfile")


def test_the_settings_are_ours_and_enough(
    services: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where there is no .env
    assert services["rung"]["env_file"] == ".env"
    given = services["rung"]["environment"]
    assert set(given) <= {name.upper() for name in Settings.model_fields}
    ours = (
        SECRETS
        | {"HOST": "127.0.0.1", "PORT": "8080"}
        | {name: filled(value, SECRETS) for name, value in given.items()}
    )
    with patch.dict(os.environ, ours, clear=True):
        settings = read(Settings)
    assert (settings.host, settings.port) == ("::", 3000), "what is published, whatever .env says of the host's"
    assert settings.database_url
    url = urlsplit(settings.database_url.get_secret_value())
    theirs = {name: filled(value, SECRETS) for name, value in services["postgres"]["environment"].items()}
    assert url.hostname in services
    assert {"POSTGRES_USER": url.username, "POSTGRES_PASSWORD": url.password, "POSTGRES_DB": url.path[1:]} == theirs


def test_no_secret_stands_in_it(services: dict[str, Any]) -> None:
    given = {**services["rung"]["environment"], **services["postgres"]["environment"]}
    for name in set(given) - {"HOST", "PORT", "POSTGRES_USER", "POSTGRES_DB"}:
        assert VARIABLE.search(given[name]), name
        assert not re.search("xoxb-|xapp-|password", VARIABLE.sub("", given[name])), name


def test_it_runs_our_image_as_it_is(services: dict[str, Any], image: Dockerfile) -> None:
    rung = services["rung"]
    assert (rung["build"], rung["image"]) == (".", "rung")
    assert not {"command", "entrypoint", "user", "healthcheck"} & set(rung), "the image knows"
    assert image.last("CMD").words == ["python", "-m", "bot", "run"]
    [published] = rung["ports"]
    assert published.endswith(f":{image.environment['PORT']}")
    assert image.environment["HOST"] == "::", "else nothing outside of the container reaches it in Socket Mode"
    assert image.last("EXPOSE").words == [image.environment["PORT"]]
    assert rung["read_only"]
    assert image.environment["MPLCONFIGDIR"].startswith(rung["tmpfs"])


async def test_the_image_looks_at_health_where_rung_serves_it(image: Dockerfile) -> None:
    """With a line break behind the port, too, which Rung strips."""

    async def healthz(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("alive\n")

    _, *command = Step("CMD", image.last("HEALTHCHECK").rest.partition("CMD ")[2]).words
    async with running(Starlette(routes=[Route("/healthz", healthz)])) as url:
        port = url.rpartition(":")[2]
        process = await asyncio.create_subprocess_exec(sys.executable, *command, env={"PORT": f"{port}\n"})
        assert await process.wait() == 0


def test_it_has_the_time_to_end_and_a_database_to_begin_with(services: dict[str, Any]) -> None:
    assert int(services["rung"]["stop_grace_period"].removesuffix("s")) > max(10, GRACE)
    assert services["rung"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert services["postgres"]["healthcheck"]["test"][:2] == ["CMD", "pg_isready"]
    major = int(services["postgres"]["image"].removeprefix("postgres:"))
    assert 14 <= major <= 17, "from 18 on the volume belongs elsewhere"
    assert services["postgres"]["volumes"] == ["postgres:/var/lib/postgresql/data"]
    assert {each["restart"] for each in services.values()} == {"unless-stopped"}


def test_the_image_copies_what_its_build_can_see_and_all_that_runs(image: Dockerfile) -> None:
    context = Context(ROOT)
    copied = [source for stage in range(len(image.stages)) for source, _ in image.copied(stage)]
    assert [source for source in copied if not context.has(source)] == []
    assert [
        path for path in (".env", ".git/config", "tests/conftest.py", "bot/__pycache__/a.pyc") if context.has(path)
    ] == []
    assert {"bot", "handlers", "db", "growth", "ladder_content"} <= set(copied)
    assert image.last("USER").rest not in ("root", "0")
