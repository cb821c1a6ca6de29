"""What happens by itself: a tick that plans and sends. The schedule is rows in Postgres; APScheduler only ticks."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = structlog.get_logger()


class Ticker:
    """Runs `tick` every few seconds, and at once when woken; never twice at the same time."""

    def __init__(self, tick: Callable[[], Awaitable[None]], seconds: float) -> None:
        self._tick = tick
        self._one_at_a_time = asyncio.Lock()
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._job = self._scheduler.add_job(
            self._beat, "interval", seconds=seconds, coalesce=True, max_instances=1, misfire_grace_time=None
        )
        self._woken: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin to tick, with the first tick at once. Needs a running loop."""
        self._scheduler.start()
        self._job.modify(next_run_time=datetime.now(UTC))

    def wake(self) -> None:
        """Something is ready: do not wait for the next tick."""
        if len(self._woken) < 2:  # one runs, one waits: a third would find nothing to do
            task = asyncio.get_running_loop().create_task(self.run())
            self._woken.add(task)
            task.add_done_callback(self._woken.discard)

    async def _beat(self) -> None:
        """Ticks are tasks of ours: APScheduler would cancel those of its own at the end."""
        self.wake()

    async def run(self) -> None:
        """One tick, after the one that runs. A tick that fails is logged; the next one comes all the same."""
        async with self._one_at_a_time:
            try:
                await self._tick()
            except Exception as error:
                log.error("tick failed", exc_info=error)

    async def stop(self) -> None:
        """No more ticks; the one that runs is waited for."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        try:
            async with self._one_at_a_time:
                pass
        finally:
            for task in tuple(self._woken):
                task.cancel()
