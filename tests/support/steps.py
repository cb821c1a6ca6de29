"""What tests of steps share."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from bot.http.server import serving
from tests.support.world import World

PREFIX = "rung_deliveries_"


def figures(exposition: str) -> dict[str, float]:
    """The samples that are not nothing, under short names."""
    samples = [
        each
        for family in text_string_to_metric_families(exposition)
        for each in family.samples
        if each.name.startswith(PREFIX)
    ]
    return {_short(each): each.value for each in samples if each.value and not each.name.endswith("_created")}


def _short(sample: Sample) -> str:
    return ":".join((sample.name.removeprefix(PREFIX).removesuffix("_total"), *sample.labels.values()))


async def scrape(world: World) -> tuple[int, str, str]:
    """Status, type and body of /metrics."""
    async with addressed(world) as url, aiohttp.ClientSession() as http, http.get(f"{url}/metrics") as answer:
        return answer.status, answer.headers["Content-Type"], await answer.text()


async def look(world: World, path: str) -> tuple[int, str]:
    """Status and body at one of the addresses for whoever runs Rung."""
    async with addressed(world) as url, aiohttp.ClientSession() as http, http.get(f"{url}{path}") as answer:
        return answer.status, await answer.text()


@asynccontextmanager
async def addressed(world: World) -> AsyncIterator[str]:
    """Where the endpoints are served while the block runs."""
    listener = socket.create_server(("127.0.0.1", 0))
    async with serving(world.service.web(), listener):
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
