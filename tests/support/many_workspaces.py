"""Rung for many workspaces: each a playground, all of one app."""

import contextlib
import re
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from typing import Any

import aiohttp
from sqlalchemy.ext.asyncio import AsyncEngine
from yarl import URL

from bot.service import Service, running
from bot.slack import OAuth, Slack
from db.engine import Sessions
from db.outbox.claims import Pace
from ladder_content.model import Ladder
from playground.clock import Clock
from playground.oauth import Distribution
from playground.outbound import posting_to
from playground.playground import Playground
from playground.workspace import Workspace
from tests.support.world import MAYA, SAM, START, World

SECOND = timedelta(seconds=1.1)
OLD_KEY, NEW_KEY = "b2xkIGtleSBvZiB0aGUgdGVzdHMgb2YgdG9rZW5zISE=", "bmV3IGtleSBvZiB0aGUgdGVzdHMgb2YgdG9rZW5zISE="


@dataclass(frozen=True)
class Page:
    """What the browser shows in the end, and the cookies it was given."""

    status: int
    text: str
    headers: Any


@dataclass(frozen=True)
class Many:
    """The app, its workspaces, and a browser that people install it with."""

    north: World
    south: World
    grid: World
    slack: Distribution
    address: str
    browser: aiohttp.ClientSession

    @property
    def service(self) -> Service:
        return self.north.service

    async def get(self, path: str, **params: str) -> Page:
        """Open an address of Rung's, and follow where it leads."""
        url = path if path.startswith("http") else self.address + path
        async with self.browser.get(url, params=params) as answer:
            return Page(answer.status, await answer.text(), answer.headers)

    async def consent(self) -> str:
        """Begin an installation: Slack's address, to which the button leads."""
        page = await self.get("/slack/install")
        assert page.status == 200
        [url] = re.findall(r'href="(http[^"]+/oauth/v2/authorize[^"]+)"', page.text)
        return unescape(url)

    async def install(self, world: World) -> Page:
        """Add Rung to that workspace."""
        return await self.get(f"{await self.consent()}&team={world.playground.workspace.team_id}")

    async def uninstall(self, world: World) -> None:
        """Remove Rung from that workspace, not within the second in which it was installed."""
        await world.travel(SECOND)
        await self.slack.uninstall(world.playground)


@contextlib.asynccontextmanager
async def many(engine: AsyncEngine, ladder: Ladder, *, keys: tuple[str, ...] = (OLD_KEY,)) -> AsyncIterator[Many]:
    """Rung in HTTP mode for two workspaces and an enterprise; nobody has installed it yet."""
    clock = Clock()
    clock.set_to(START)
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    receiver = posting_to(f"{address}/slack/events")
    workspaces = [
        Workspace(clock, name="North & Co", app_name="Rung", team_id="T0NORTH"),
        Workspace(clock, name="South", app_name="Rung", team_id="T0SOUTH"),
        Workspace(clock, name="Grid", app_name="Rung", team_id="T0GRID", enterprise_id="E0GRID"),
    ]
    for workspace in workspaces:
        workspace.add_person("maya", "Maya Lindqvist", user=MAYA, tz="Europe/Berlin")
        workspace.add_person("sam", "Sam Okafor", user=SAM, tz="America/New_York")
    playgrounds = [Playground(workspace, receiver=receiver) for workspace in workspaces]
    slack = Distribution(*playgrounds, redirect_uri=f"{address}/slack/oauth_redirect")
    jar = aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=[URL(address)])
    async with slack.serving() as url, aiohttp.ClientSession(cookie_jar=jar) as browser:
        oauth = OAuth(slack.client_id, slack.client_secret, keys)
        reach = Slack(None, signing_secret=playgrounds[0].signing_secret, api_url=f"{url}/api/", oauth=oauth)
        service = Service(reach, engine, ladder, clock.now, seconds_between_ticks=3600, pace=Pace(per_minute=100_000))
        async with running(service, listener):
            north, south, grid = (
                World(each, service, Sessions(engine), engine, ladder, address) for each in playgrounds
            )
            yield Many(north, south, grid, slack, address, browser)
