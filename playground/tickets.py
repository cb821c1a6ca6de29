"""What Slack hands out with an interaction, to be used soon: trigger ids and response URLs."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from playground.clock import Clock
from playground.refusal import Refusal
from playground.workspace import Message

TRIGGER_SECONDS = 3.0
RESPONSE_URL_USES = 5
RESPONSE_URL_LIFE = timedelta(minutes=30)


class Triggers:
    """Trigger ids: each opens one modal within three seconds of real time."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._issued: dict[str, tuple[str, float]] = {}
        self._exchanged: set[str] = set()

    def issue(self, user: str) -> str:
        """A trigger id for what this person (id) just did."""
        trigger = f"{len(self._issued) + 1}.{user}.{time.time_ns():x}"
        self._issued[trigger] = (user, self.seconds() + TRIGGER_SECONDS)
        return trigger

    def exchange(self, trigger: str) -> str:
        """The person (id) behind a trigger id, once; Refusal after that or too late."""
        if trigger not in self._issued:
            raise Refusal("invalid_trigger_id")
        user, expires = self._issued[trigger]
        if trigger in self._exchanged:
            raise Refusal("exchanged_trigger_id")
        if self.seconds() > expires:
            raise Refusal("expired_trigger_id")
        self._exchanged.add(trigger)
        return user


@dataclass(kw_only=True)
class ResponseUrl:
    """Where an answer goes: the person, the channel, and the message that was clicked (None for a command)."""

    token: str
    user: str
    channel: str
    message: Message | None
    expires: datetime
    uses: int = 0


class ResponseUrls:
    """The response URLs handed out; their half hour is by the playground's clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._issued: dict[str, ResponseUrl] = {}

    def issue(self, user: str, channel: str, message: Message | None = None) -> ResponseUrl:
        """A response URL for what this person (id) did in this channel (id)."""
        ticket = ResponseUrl(
            token=f"{len(self._issued) + 1}-{time.time_ns():x}",
            user=user,
            channel=channel,
            message=message,
            expires=self._clock.now() + RESPONSE_URL_LIFE,
        )
        self._issued[ticket.token] = ticket
        return ticket

    def use(self, token: str) -> ResponseUrl:
        """Where this token leads; Refusal when it is unknown, expired or used up."""
        ticket = self._issued.get(token)
        if ticket is None or self._clock.now() > ticket.expires:
            raise Refusal("expired_url")
        if ticket.uses >= RESPONSE_URL_USES:
            raise Refusal("used_url")
        ticket.uses += 1
        return ticket
