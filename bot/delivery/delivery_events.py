"""What happens to deliveries, told twice: a line in the log with the delivery's id, and a count for Prometheus."""

import logging
import math
from collections import Counter as Count
from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from db.enums import DeliveryKind
from db.outbox.backlog import Backlog

log = structlog.get_logger()


class Step(StrEnum):
    PLANNED = "planned"
    SENT = "sent"
    RETRIED = "retried"
    UNKNOWN = "unknown"
    RECONCILED = "reconciled"
    CANCELLED = "cancelled"
    FAILED = "failed"
    REFRESHED = "refreshed"


MEANINGS = {
    Step.PLANNED: "Messages that the planner put into the outbox",
    Step.SENT: "Deliveries whose message stands in Slack",
    Step.RETRIED: "Deliveries put back, to be sent a while later",
    Step.UNKNOWN: "Deliveries that may have been sent, to be looked for in Slack",
    Step.RECONCILED: "Unknown deliveries that Slack's history told about: sent, or never posted",
    Step.CANCELLED: "Deliveries that had nothing left to say",
    Step.FAILED: "Deliveries given up, with a reason",
    Step.REFRESHED: "Messages that show what changed since they were sent",
}
LEVELS = {Step.RETRIED: logging.WARNING, Step.UNKNOWN: logging.WARNING, Step.FAILED: logging.ERROR}


class Delivery(Protocol):
    @property
    def id(self) -> UUID: ...
    @property
    def kind(self) -> str: ...


class Steps:
    """The steps that one process saw since it started. Nothing in them is anybody's words or name."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self._registry = registry or CollectorRegistry()
        self._counters = {
            step: Counter(f"rung_deliveries_{step}", f"{meaning}.", ["kind"], registry=self._registry)
            for step, meaning in MEANINGS.items()
        }
        for counter in self._counters.values():  # a series that began with its first step would hide that step
            for kind in DeliveryKind:
                counter.labels(kind)
        self._waiting = Gauge(
            "rung_deliveries_waiting", "Deliveries that have not ended.", ["state"], registry=self._registry
        )
        self._lag = Gauge(
            "rung_deliveries_lag_seconds",
            "For how long a delivery that is ready could have been sent.",
            registry=self._registry,
        )

        self._refused = Gauge(
            "rung_workspaces_refused", "Workspaces where Slack refuses what Rung sends.", registry=self._registry
        )

    def note(self, step: Step, delivery: Delivery, **about: Any) -> None:
        """It happened, and is written down in the database."""
        self._counters[step].labels(delivery.kind).inc()
        log.log(
            LEVELS.get(step, logging.INFO), f"delivery.{step}", delivery=str(delivery.id), kind=delivery.kind, **about
        )

    def planned(self, deliveries: Iterable[Delivery]) -> None:
        """These are in the outbox: one line for all of a kind, as a batch may be a thousand."""
        for kind, count in Count(delivery.kind for delivery in deliveries).items():
            self._counters[Step.PLANNED].labels(kind).inc(count)
            log.info(f"delivery.{Step.PLANNED}", kind=kind, count=count)

    def exposition(self, backlog: Backlog | None) -> bytes:
        """The whole registry, and what waits now, in Prometheus's text format; without a backlog nobody knows it."""
        self._waiting.clear()
        for state, count in backlog.waiting.items() if backlog else ():
            self._waiting.labels(state).set(count)
        self._lag.set(backlog.lag.total_seconds() if backlog else math.nan)
        self._refused.set(backlog.refused if backlog else math.nan)
        return generate_latest(self._registry)
