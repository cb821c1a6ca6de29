"""What happens by itself: ticks that plan and send. The schedule is rows in Postgres; APScheduler only ticks."""

import asyncio
import contextvars
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = structlog.get_logger()


class Beat:
    """Some work that is done every few seconds, and at once when woken; never twice at the same time."""

    def __init__(self, work: Callable[[], Awaitable[object]], seconds: float) -> None:
        self.seconds = seconds
        self._work = work
        self._one_at_a_time = asyncio.Lock()
        self._woken: set[asyncio.Task[None]] = set()
        self._succeeded_at = time.monotonic()

    @property
    def age(self) -> float:
        """Seconds since it last did its work to the end, or since it was made."""
        return time.monotonic() - self._succeeded_at

    def wake(self) -> None:
        """There is something to do: do not wait for the next tick."""
        if len(self._woken) < 2:  # one runs, one waits: a third would find nothing to do
            nobodys = contextvars.Context()  # what is logged in it is not about the request that woke it
            task = asyncio.get_running_loop().create_task(self.run(), context=nobodys)
            self._woken.add(task)
            task.add_done_callback(self._woken.discard)

    async def run(self) -> None:
        """Once, after the one that runs. What fails is logged; the next tick comes all the same."""
        async with self._one_at_a_time:
            try:
                await self._work()
                self._succeeded_at = time.monotonic()
            except Exception as error:
                log.error("tick.failed", exc_info=error)

    async def stop(self) -> None:
        """The one that runs is waited for."""
        try:
            async with self._one_at_a_time:
                pass
        finally:
            for task in tuple(self._woken):
                task.cancel()


class Ticker:
    """Beats side by side: none waits for another."""

    def __init__(self, *beats: Beat) -> None:
        self._beats = beats
        self._scheduler = AsyncIOScheduler(timezone=UTC)

    def start(self) -> None:
        """Begin to tick, with the first ticks at once. Needs a running loop."""
        for beat in self._beats:
            self._scheduler.add_job(
                _waking(beat),
                "interval",
                seconds=beat.seconds,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
                next_run_time=datetime.now(UTC),
            )
        self._scheduler.start()

    async def run(self) -> None:
        """Every beat once, in their order: what one leaves behind the next one finds."""
        for beat in self._beats:
            await beat.run()

    async def stop(self) -> None:
        """No more ticks; those that run are waited for."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        await asyncio.gather(*(beat.stop() for beat in self._beats))


def _waking(beat: Beat) -> Callable[[], Awaitable[None]]:
    """Ticks are tasks of ours: APScheduler would cancel those of its own at the end."""

    async def tick() -> None:
        beat.wake()

    return tick
