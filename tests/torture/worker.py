"""One of the processes that are killed: planner, sender, clearer or the whole service, as they run everywhere."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncEngine

from bot import logs
from bot.delivery.outcomes import Timing
from bot.delivery.sender import Sender
from bot.delivery.slack_cleanup import Clearer
from bot.delivery.slack_messages import Clients
from bot.features import LAST_WORD, message_kinds
from bot.planning.plan import plan
from bot.planning.ticks import Beat, Ticker
from bot.service import SENDS_A_TICK, Service, running
from bot.slack import Slack
from bot.startup import to_the_end, until_told_to_stop
from db.engine import Sessions, create_engine
from db.outbox.claims import Pace
from ladder_content.loader import default_folder, load
from ladder_content.model import Ladder

TICK = 0.5  # seconds
TICK_OF_SERVICE = SENDS_A_TICK * TICK
PACE = Pace(per_minute=30_000)  # here Slack's own limits are not what holds anybody up


@dataclass(frozen=True)
class Haste:
    """Rung's own times in the same order, but shorter; seconds."""

    request: float  # until a request to Slack is given up
    lease: float  # longer than the requests of one delivery and a few failed statements
    margin: float  # until the history is read: with `request` longer than Slack takes to carry out what it took in
    back_off: float = 1.0

    @property
    def timing(self) -> Timing:
        return Timing(timedelta(seconds=self.lease), timedelta(seconds=self.margin), timedelta(seconds=self.back_off))


@dataclass(frozen=True)
class Orders:
    """What every worker needs to know. `slacks` is by workspace key; the first one has Socket Mode."""

    database: str
    slacks: Mapping[str, Slack]
    haste: Haste
    log: Path


class _Everywhere(Service):
    """One that writes to every workspace."""

    def __init__(self, clients: Clients, *about: Any, **more: Any) -> None:
        self._clients = clients
        super().__init__(*about, **more)

    def _client(self, workspace: str) -> AsyncWebClient:
        return self._clients(workspace)


def work(role: str, orders: Orders) -> None:
    """Be a `planner`, a `sender`, a `clearer` or a `service` until SIGTERM."""
    with orders.log.open("a", buffering=1) as sys.stderr:
        logs.configure("json")
        asyncio.run(to_the_end(_work(role, orders)))


async def _work(role: str, orders: Orders) -> None:
    engine = create_engine(orders.database)
    sessions, ladder = Sessions(engine), load(default_folder())
    sender = _sender(orders, sessions, ladder)
    match role:
        case "service":
            await _serve(next(iter(orders.slacks.values())), engine, ladder, sender)
        case "sender":
            await _beat(sender.run, sender)
        case "clearer":
            clearer = Clearer(sessions, sender.clients, LAST_WORD)
            await _beat(clearer.run, clearer)
        case "planner":
            await _beat(lambda: plan(sessions, ladder, _now()), sender)
    await engine.dispose()


async def _serve(slack: Slack, engine: AsyncEngine, ladder: Ladder, sender: Sender) -> None:
    service = _Everywhere(sender.clients, slack, engine, ladder, _now, seconds_between_ticks=TICK_OF_SERVICE)
    service._sender = sender  # one that knows every workspace, and is in a hurry
    async with running(service, None):
        await until_told_to_stop()


async def _beat(work: Callable[[], Awaitable[object]], stopped: Sender | Clearer) -> None:
    ticker = Ticker(Beat(work, TICK))
    ticker.start()
    await until_told_to_stop()
    stopped.stop()
    await ticker.stop()


def _sender(orders: Orders, sessions: Sessions, ladder: Ladder) -> Sender:
    clients = {key: _client(slack, orders.haste.request) for key, slack in orders.slacks.items()}
    return Sender(sessions, clients.__getitem__, message_kinds(), ladder, _now, orders.haste.timing, PACE)


def _client(slack: Slack, timeout: float) -> AsyncWebClient:
    client = slack.client(retries=False)
    client.timeout = timeout  # type: ignore[assignment]  # aiohttp takes fractions of a second
    return client


def _now() -> datetime:
    return datetime.now(UTC)
