"""Commands over signed HTTP, beside a bare Bolt app that reads a row and acks the same blocks."""

import asyncio
import contextlib
import statistics
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
from db.members import UserRef
from growth.cadence import Cadence, first_slot, zone
from ladder_content.model import Ladder
from playground.playground import Playground
from playground.server import serving

ROUNDS, REQUESTS = 10, 50
MANY, EACH = 32, 10  # connections, and requests of each in a round
COMMANDS = ("help", "next", "progress", "logs")
ENTRIES = 100
USER = "U0MAYA"


async def measure(engine: AsyncEngine, ladder: Ladder) -> list[Row]:
    """Of a member with a level and 100 entries: p50 at one connection, what 32 get a second, and SQL statements.

    Beside each a bare Bolt app that runs one indexed SELECT and acks the same blocks.
    """
    playground = Playground()
    team = playground.workspace.team_id
    await _seed(Sessions(engine), ladder, UserRef(team, USER))
    url = engine.url.render_as_string(hide_password=False)
    async with serving(playground) as slack, _servers(url, f"{slack}/api/") as ports, _http() as http:
        rows = [await _measure(http, ports, words, urlencode(command(team, words))) for words in COMMANDS]
    return [row for some in rows for row in some]


async def _measure(http: aiohttp.ClientSession, ports: tuple[int, int], words: str, body: str) -> list[Row]:
    rung, bare = ports
    answer = await _post(http, rung, body)
    assert '"blocks"' in answer, answer
    await _let_bare_answer(http, bare, answer)
    for port in ports:
        await _times(http, port, body)
    before = await _statements(http, rung)
    await _times(http, rung, body)
    statements = (await _statements(http, rung) - before) / REQUESTS
    one = [(await _times(http, rung, body), await _times(http, bare, body)) for _ in range(ROUNDS)]
    many = [(await _rate(http, rung, body), await _rate(http, bare, body)) for _ in range(ROUNDS)]
    alone = [milliseconds([each for times in side for each in times]) for side in zip(*one, strict=True)]
    rates = [statistics.median(side) for side in zip(*many, strict=True)]
    return [
        Row(f"/ladder {words}, p50 alone", f"{alone[0]:.2f} ms", f"{alone[1]:.2f} ms", alone[0] / alone[1]),
        Row(f"/ladder {words}, {MANY} at once", f"{rates[0]:.0f}/s", f"{rates[1]:.0f}/s", rates[0] / rates[1]),
        Row(f"/ladder {words}, SQL statements", f"{statements:g}", "1"),
    ]


def _http() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=MANY, keepalive_timeout=2))


def command(team: str, words: str) -> dict[str, str]:
    """`/ladder …` as Slack sends it."""
    typed = {"command": "/ladder", "text": words}
    return typed | {"team_id": team, "user_id": USER, "channel_id": "D1", "trigger_id": "1.2.3"}


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
    """How long each of some requests took, one after the other; seconds."""
    times = []
    for _ in range(REQUESTS):
        start = time.perf_counter()
        await _post(http, port, body)
        times.append(time.perf_counter() - start)
    return times


async def _rate(http: aiohttp.ClientSession, port: int, body: str) -> float:
    """Requests a second, of many connections at once."""

    async def some() -> None:
        for _ in range(EACH):
            await _post(http, port, body)

    start = time.perf_counter()
    await asyncio.gather(*(some() for _ in range(MANY)))
    return MANY * EACH / (time.perf_counter() - start)


async def _let_bare_answer(http: aiohttp.ClientSession, port: int, answer: str) -> None:
    async with http.post(f"http://127.0.0.1:{port}/answer", data=answer) as done:
        done.raise_for_status()


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


async def _seed(sessions: Sessions, ladder: Ladder, who: UserRef) -> None:
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
