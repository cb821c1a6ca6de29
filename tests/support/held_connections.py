"""In every test: nobody calls Slack while a database connection is checked out for them.

A call may take as long as Slack likes, and whoever else needs a connection would wait for it.
"""

import traceback
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import pytest
from slack_sdk.web.async_internal_utils import _request_with_session
from slack_sdk.webhook.async_client import AsyncWebhookClient
from sqlalchemy import Pool, event

from handlers.slack import uploads

OURS = ("/bot/", "/handlers/", "/db/")


@dataclass
class Hold:
    """A connection that is checked out, by a task and for those that it begins meanwhile."""

    is_over: bool = False


HOLDS: ContextVar[tuple[Hold, ...]] = ContextVar("HOLDS", default=())


@dataclass
class Calls:
    """The calls to Slack that were made meanwhile: what was called, and where that was."""

    made: list[str] = field(default_factory=list)

    def note(self, what: str) -> None:
        if not all(hold.is_over for hold in HOLDS.get()):
            ours = [each for each in traceback.extract_stack() if any(folder in each.filename for folder in OURS)]
            self.made.append(f"{what} at {' < '.join(f'{at.filename}:{at.lineno}' for at in reversed(ours))}")

    def noting(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        async def noted(*args: Any, **about: Any) -> Any:
            self.note(about.get("api_url", name))
            return await call(*args, **about)

        return noted


def checked_out(_connection: object, record: Any, _proxy: object) -> None:
    hold = record.info["hold"] = Hold()
    HOLDS.set((*(each for each in HOLDS.get() if not each.is_over), hold))


def checked_in(_connection: object, record: Any) -> None:
    if hold := record.info.pop("hold", None):
        hold.is_over = True


@pytest.fixture(scope="session", autouse=True)
def calls_while_held() -> Iterator[Calls]:
    """Sees every call to Slack: of the Web API, to a response_url, and of a file."""
    calls = Calls()
    event.listen(Pool, "checkout", checked_out)
    event.listen(Pool, "checkin", checked_in)
    with (
        patch("slack_sdk.web.async_base_client._request_with_session", calls.noting("Web API", _request_with_session)),
        patch.object(
            AsyncWebhookClient,
            "_perform_http_request",
            calls.noting("response_url", AsyncWebhookClient._perform_http_request),
        ),
        patch.object(uploads, "_post", calls.noting("upload", uploads._post)),
    ):
        yield calls
    event.remove(Pool, "checkout", checked_out)
    event.remove(Pool, "checkin", checked_in)


@pytest.fixture(autouse=True)
def no_connection_is_held_over_a_call(calls_while_held: Calls) -> Iterator[None]:
    calls_while_held.made.clear()
    yield
    assert calls_while_held.made == [], "a database connection is held over a call to Slack"
