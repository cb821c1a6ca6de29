"""`/ladder next` over signed HTTP at one connection, beside a Bolt app that acks a constant."""

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from datetime import time as local_time
from urllib.parse import urlencode

import aiohttp
from slack_sdk.signature import SignatureVerifier
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.server import SIGNING_SECRET
from benchmarks.table import Row, milliseconds
from db import members
from db.checkins import schedules
from db.engine import Sessions
from db.entries import entries
from db.entries.entries import NewEntry
from db.enums import Kind, Source
from db.members import Who
from growth.cadence import Cadence, first_slot, zone
from ladder_content.model import Ladder
from playground.playground import Playground
from playground.server import serving

ROUNDS, REQUESTS = 10, 100
ENTRIES = 100
USER = "U0MAYA"


async def measure(engine: AsyncEngine, ladder: Ladder) -> list[Row]:
    """p50, p95 and the number of SQL statements, for a member with a level and 100 entries."""
    playground = Playground()
    team = playground.workspace.team_id
    await _seed(Sessions(engine), ladder, Who(team, USER))
    url = engine.url.render_as_string(hide_password=False)
    async with serving(playground) as slack, _servers(url, f"{slack}/api/") as ports, aiohttp.ClientSession() as http:
        body = urlencode(next_(team))
        assert "criteria have evidence" in await _post(http, ports[0], body)
        await _times(http, ports[1], body)
        before = await _statements(http, ports[0])
        await _times(http, ports[0], body)
        statements = (await _statements(http, ports[0]) - before) / REQUESTS
        rounds = [(await _times(http, ports[0], body), await _times(http, ports[1], body)) for _ in range(ROUNDS)]
    rung, bare = ([one for times in side for one in times] for side in zip(*rounds, strict=True))
    rows = [
        Row(
            f"/ladder next over HTTP, p{percentile}",
            f"{milliseconds(rung, percentile):.2f} ms",
            f"{milliseconds(bare, percentile):.2f} ms",
            milliseconds(rung, percentile) / milliseconds(bare, percentile),
        )
        for percentile in (50, 95)
    ]
    return [*rows, Row("/ladder next, SQL statements", f"{statements:g}", "0")]


def next_(team: str) -> dict[str, str]:
    """`/ladder next` as Slack sends it."""
    words = {"command": "/ladder", "text": "next"}
    return words | {"team_id": team, "user_id": USER, "channel_id": "D1", "trigger_id": "1.2.3"}


@contextlib.asynccontextmanager
async def _servers(database_url: str, api_url: str) -> AsyncIterator[tuple[int, int]]:
    """The ports of Rung and of the bare app, in a process of their own."""
    pipe = asyncio.subprocess.PIPE
    command = (sys.executable, "-m", "benchmarks.server", database_url, api_url)
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    assert process.stdout is not None
    try:
        yield int(await process.stdout.readline()), int(await process.stdout.readline())
    finally:
        await process.communicate(b"")  # the end of its input


async def _times(http: aiohttp.ClientSession, port: int, body: str) -> list[float]:
    """How long each of some requests took, one after the other."""
    times = []
    for _ in range(REQUESTS):
        start = time.perf_counter()
        await _post(http, port, body)
        times.append(time.perf_counter() - start)
    return times


async def _post(http: aiohttp.ClientSession, port: int, body: str) -> str:
    timestamp = str(int(time.time()))
    signature = SignatureVerifier(SIGNING_SECRET).generate_signature(timestamp=timestamp, body=body)
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": signature or "",
    }
    async with http.post(f"http://127.0.0.1:{port}/slack/events", data=body, headers=headers) as answer:
        answer.raise_for_status()
        return await answer.text()


async def _statements(http: aiohttp.ClientSession, port: int) -> int:
    async with http.get(f"http://127.0.0.1:{port}/statements") as answer:
        return int(await answer.text())


async def _seed(sessions: Sessions, ladder: Ladder, who: Who) -> None:
    now = datetime.now(UTC)
    criteria = ladder.relevant("l4", None)
    async with sessions.begin() as session:
        member = await members.add(session, who, "Europe/Berlin")
        await members.set_level(session, member, "l4", None, now)
        for number in range(ENTRIES):
            on = (now - timedelta(days=number)).date()
            new = NewEntry(f"Shipped part {number}", on, Source.COMMAND, f"bench:{number}")
            entry = await entries.add(session, member, new, now)
            criterion = criteria[number % len(criteria)]
            await entries.tag(session, entry, {criterion.id: criterion.sentence})
        cadence, tz = Cadence(1, local_time(9)), zone(member.tz)
        slot = first_slot(cadence, tz, now)
        await schedules.put(session, member.id, Kind.CHECK_IN, cadence, slot.week, slot.instant(tz), now)
