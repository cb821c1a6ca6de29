"""The journal: everything the app sent, and what it was answered."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from playground.workspace import Json


@dataclass(frozen=True)
class Call:
    """One call of the app; `at` is ISO 8601 by the playground's clock, blocks and views are JSON values."""

    at: str
    method: str
    args: Json
    response: Json


class Journal:
    """Calls in memory and, with a path, appended to a file as JSON lines."""

    def __init__(self, path: Path | None = None) -> None:
        self.calls: list[Call] = []
        self._path = path

    def record(self, at: datetime, method: str, args: Json, response: Json) -> None:
        """Write one call down."""
        call = Call(at.isoformat(), method, args, response)
        self.calls.append(call)
        if self._path:
            line = json.dumps(asdict(call), ensure_ascii=False) + "\n"
            with self._path.open("ab", buffering=0) as file:  # a line is one write: processes share the file
                file.write(line.encode())

    def of(self, method: str) -> list[Call]:
        """The calls of one method, oldest first."""
        return [call for call in self.calls if call.method == method]
