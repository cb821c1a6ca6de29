"""What health and Prometheus hear of one process, beside its deliveries."""

import asyncio
import json
import re
import socket

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families
from slack_bolt.request.async_request import AsyncBoltRequest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.delivery.delivery_events import Step, Steps
from bot.features import routes
from bot.http.metrics import Metrics, SocketMetrics, labels
from bot.http.server import serving
from db.engine import create_engine
from ladder_content.model import Ladder
from tests.support.architecture import REQUESTS, ROOT
from tests.support.steps import look, scrape
from tests.support.world import MAYA, World, world_of

PARTS = ("database", "slack", "content")


async def figures(world: World) -> dict[str, float]:
    """The samples of /metrics under short names, without buckets and deliveries."""
    families = text_string_to_metric_families((await scrape(world))[2])
    return {
        " ".join((each.name.removeprefix("rung_"), *filter(None, each.labels.values()))): each.value
        for family in families
        for each in family.samples
        if "deliveries" not in each.name and not each.name.endswith(("_bucket", "_created"))
    }


async def ended(world: World) -> dict[str, float]:
    """How many requests of each kind there were, and how many went wrong."""
    return {
        name.replace("request_seconds_count ", ""): count
        for name, count in (await figures(world)).items()
        if count and ("_count" in name or "errors" in name)
    }


@pytest.mark.parametrize("world", ["socket", "http"], indirect=True)
async def test_requests_are_counted_by_kind_and_by_our_words_only(world: World) -> None:
    await world.ladder_command(MAYA, "NEXT")
    await world.click(MAYA, "welcome.level.l4")
    await world.playground.command(MAYA, "/ladder log a private thought")
    await world.ladder_command(MAYA, "secret words")
    await world.ladder_command(MAYA, "L5")
    await world.playground.shortcut(MAYA, "log_growth")
    await world.submit(MAYA, {"what": "a private thought"})
    await world.playground.open_home(MAYA)
    events = (found := await ended(world)).pop("event")
    assert events >= 1, "Slack tells an app of its own messages, too"
    assert found == {"command next": 1, "command log": 1, "command other": 2, "action": 1, "shortcut": 1, "view": 1}
    assert "private" not in (text := (await scrape(world))[2])
    assert "secret" not in text


def test_whatever_slack_sends_has_a_kind() -> None:
    router = routes()
    found = [labels(body, router) for body in REQUESTS.values()]
    assert {kind for kind, _ in found} == {"command", "action", "view", "event", "shortcut"}
    assert labels({"command": "/ladder"}, router) == ("command", "other")
    assert labels({"command": "/ladder", "text": ["next"]}, router) == ("command", "other")
    assert labels({"type": "<!channel>"}, router) == ("other", "")


async def test_what_went_wrong_is_counted_by_whose_doing_it_was(engine: AsyncEngine, ladder: Ladder) -> None:
    away = create_engine("postgresql://rung@127.0.0.1:1/nowhere")
    async with world_of(away, ladder) as world:
        assert {name: n for name, n in (await figures(world)).items() if "errors" in name} == {
            "errors_total person": 0,
            "errors_total late": 0,
            "errors_total incident": 0,
        }
        await world.ladder_command(MAYA, "compare")
        await world.ladder_command(MAYA, "next")
        world.playground.faults.refuse("views.open", "expired_trigger_id")
        await world.playground.shortcut(MAYA, "log_growth")
        found = await ended(world)
    await away.dispose()
    assert {name: n for name, n in found.items() if "errors" in name} == {
        "errors_total person": 1,
        "errors_total incident": 2,
    }


@pytest.mark.parametrize("world", ["http"], indirect=True)
async def test_what_is_none_of_slacks_is_counted_apart(world: World) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/slack/events"
    async with (
        serving(world.service.web(), listener),
        aiohttp.ClientSession() as http,
        http.post(url, json={"command": "/ladder", "text": "next"}) as answer,
    ):
        assert answer.status == 401
    bent = AsyncBoltRequest(body=json.dumps({"type": "event_callback", "event": []}))
    assert (await world.service.app.async_dispatch(bent)).status == 400
    assert (await figures(world))["requests_refused_total"] == 2
    assert await ended(world) == {}


async def test_connections_ticks_and_parts_are_told_as_they_are_now(world: World) -> None:
    await world.service.ticker.run()
    found = await figures(world)
    assert {name: found[f"database_connections requests {name}"] for name in ("size", "checked_out", "overflow")} == {
        "size": 5,
        "checked_out": 0,
        "overflow": 0,
    }
    assert {name for name in found if "tick" in name} == {
        f"tick_age_seconds {tick}" for tick in ("plan", "send", "clear", "people")
    }
    assert [found[f"ready {part}"] for part in PARTS] == [1, 1, 1]
    async with world.engine.connect() as connection:
        await connection.exec_driver_sql("SELECT 1")
        assert (await figures(world))["database_connections requests checked_out"] == 1


async def socket_figures(world: World) -> tuple[float, float]:
    """Whether it is connected, and how often anew."""
    found = await figures(world)
    return found["socket_mode_connected"], found["socket_mode_reconnects_total"]


async def test_socket_mode_tells_of_its_connections(world: World) -> None:
    assert await socket_figures(world) == (1, 0)
    await world.playground.socket_mode.refresh()
    async with asyncio.timeout(10):
        while await socket_figures(world) != (1, 1):  # noqa: ASYNC110 - seen from outside, as Prometheus does
            await asyncio.sleep(0.05)
    await world.service._socket.client.disconnect()  # type: ignore[union-attr]
    assert await socket_figures(world) == (0, 1)
    assert await look(world, "/readyz") == (503, "database: ready\nslack: NOT ready\ncontent: ready\n")


@pytest.mark.parametrize("world", ["http"], indirect=True)
async def test_http_mode_has_no_socket_to_tell_of(world: World) -> None:
    assert not [name for name in await figures(world) if "socket" in name]
    assert await look(world, "/readyz") == (200, "database: ready\nslack: ready\ncontent: ready\n")
    world.service._accepted = False  # as before Slack took the token
    assert await look(world, "/readyz") == (503, "database: ready\nslack: NOT ready\ncontent: ready\n")


def test_the_operators_page_names_every_metric_and_no_other() -> None:
    metrics = Metrics(routes())
    SocketMetrics(metrics.registry)
    families = text_string_to_metric_families(Steps(metrics.registry).exposition(None).decode())
    ours = {family.name for family in families if not family.name.endswith("_created")}
    page = "".join((ROOT / "docs" / name).read_text() for name in ("operating.md", "delivery.md"))
    named = set(re.findall(r"rung_[a-z_]+[a-z]", page)) - {"rung_restored", "rung_newer"}  # databases
    steps = {f"rung_deliveries_{step}" for step in Step}
    assert {re.sub("_(total|bucket)$", "", name) for name in named} | steps == ours
