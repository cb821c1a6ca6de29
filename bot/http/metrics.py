"""What Prometheus hears of one process beside its deliveries: requests, errors, the database's pool, Slack, ticks."""

from collections.abc import Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from sqlalchemy import Pool, QueuePool

from bot.failures import came_too_late, kind
from growth.errors import PersonError
from handlers.slack.blocks import Json
from handlers.slack.interaction import words
from handlers.slack.router import Router

KINDS = {
    "block_actions": "action",
    "view_submission": "view",
    "view_closed": "view",
    "shortcut": "shortcut",
    "message_action": "shortcut",
    "event_callback": "event",
}
OTHER = "other"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 3.0)  # seconds; Slack waits three


class Metrics:
    """The figures of one process since it started. Labels are words of ours, never a person's."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self.registry = CollectorRegistry()
        self._requests = Histogram(
            "rung_request_seconds",
            "How long Slack waited for an answer.",
            ["kind", "subcommand"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        self._refused = Counter("rung_requests_refused", "What came, and is none of Slack's.", registry=self.registry)
        self._errors = Counter("rung_errors", "What went wrong, by whose doing.", ["kind"], registry=self.registry)
        for kind_ in ("person", "late", "incident"):  # a series that began with its first error would hide that one
            self._errors.labels(kind_)
        self._ready = Gauge("rung_ready", "Whether that part is ready.", ["part"], registry=self.registry)
        self._pool = Gauge(
            "rung_database_connections",
            "Connections in the pools of this process.",
            ["pool", "state"],
            registry=self.registry,
        )
        self._ticks = Gauge(
            "rung_tick_age_seconds", "Since that tick last did all it had to.", ["tick"], registry=self.registry
        )

    def answered(self, body: Json, status: int, seconds: float) -> None:
        """A request has its answer."""
        if status != 200:
            self.refused()
            return
        self._requests.labels(*labels(body, self._router)).observe(seconds)

    def refused(self) -> None:
        """What came is none of Slack's requests."""
        self._refused.inc()

    def failed(self, error: BaseException) -> None:
        """A person is told that something went wrong."""
        by = "person" if isinstance(error, PersonError) else "late" if came_too_late(error) else "incident"
        self._errors.labels(by).inc()

    def now(self, ready: Mapping[str, bool], pools: Mapping[str, Pool], ticks: Mapping[str, float]) -> None:
        """How things are at this moment: the parts that are ready, and the age of each tick in seconds."""
        for part, is_ready in ready.items():
            self._ready.labels(part).set(is_ready)
        for tick, age in ticks.items():
            self._ticks.labels(tick).set(age)
        for name, pool in pools.items():
            if isinstance(pool, QueuePool):
                self._pool.labels(name, "size").set(pool.size())
                self._pool.labels(name, "checked_out").set(pool.checkedout())
                self._pool.labels(name, "overflow").set(max(0, pool.overflow()))  # it counts up from minus its size


class SocketMetrics:
    """What only Socket Mode has: whether it is connected, and how often it had to connect anew."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.connected = Gauge(
            "rung_socket_mode_connected", "Whether Slack reaches this process by Socket Mode.", registry=registry
        )
        self._reconnects = Counter(
            "rung_socket_mode_reconnects",
            "Connections after the first one, Slack's refreshes included.",
            registry=registry,
        )
        self._greeted = False

    async def heard(self, _client: object, message: Mapping[str, Any], _raw: str | None) -> None:
        """Slack greets each connection."""
        if message.get("type") == "hello":
            self._reconnects.inc(self._greeted)
            self._greeted = True


def labels(body: Json, router: Router) -> tuple[str, str]:
    """The kind of a request, and of a command its name if it is one of ours."""
    if kind(body) != "command":
        return KINDS.get(kind(body), OTHER), ""
    command = router.named(words(body).first) if isinstance(body.get("text"), str) else None
    return "command", command.name if command else OTHER
