"""What Slack delivers twice is done once."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")
REMEMBERED = 500


class Once:
    """Work that is done once for each of the last 500 keys: what Slack delivers again gets the first one's result.

    What failed is forgotten. It remembers for this process only: a repetition that reaches another one is done again.
    """

    def __init__(self) -> None:
        self._done: dict[str, asyncio.Task[Any]] = {}

    async def __call__(self, key: str, work: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        if key not in self._done:
            self._done[key] = asyncio.create_task(work())
            for oldest in list(self._done)[:-REMEMBERED]:
                del self._done[oldest]
        try:
            result: Result = await asyncio.shield(self._done[key])
        except Exception:
            self._done.pop(key, None)
            raise
        return result

    async def first(self, key: str, work: Callable[[], Coroutine[Any, Any, Result]]) -> Result | None:
        """The same, but None to whoever comes again."""
        comes_again = key in self._done
        result = await self(key, work)
        return None if comes_again else result
