"""How Slack says no."""

from __future__ import annotations

from collections.abc import Sequence

from playground.workspace import Json


class Refusal(Exception):
    """Slack refuses: its word for it, and where it gives them the details."""

    def __init__(self, error: str, messages: Sequence[str] = (), **more: str) -> None:
        super().__init__(error)
        self.error = error
        self.messages = list(messages)
        self.more = more

    def as_json(self) -> Json:
        """The body of the answer."""
        details = {"response_metadata": {"messages": self.messages}} if self.messages else {}
        return {"ok": False, "error": self.error, **details, **self.more}
