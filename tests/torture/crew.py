"""The workers as processes: started, killed, started again."""

import multiprocessing
from collections.abc import Iterator
from multiprocessing.process import BaseProcess

from tests.torture.worker import Orders, work

NAMES = ("sender 1", "sender 2", "sender 3", "planner 1", "planner 2", "service")
PATIENCE = 15  # seconds to end in order

# Forked from a process that has imported everything: a start costs milliseconds, not seconds of both cores.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.torture.worker"])


class Crew:
    """Three senders, two planners and a whole service; each is at work until it is killed or stopped."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self._processes: dict[str, BaseProcess] = {}
        for name in NAMES:
            self._start(name)

    def _start(self, name: str) -> None:
        process = FORKS.Process(target=work, args=(name.split()[0], self._orders), name=name, daemon=True)
        process.start()
        self._processes[name] = process

    def kill(self, name: str) -> None:
        """kill -9, and another one takes its place."""
        self._processes[name].kill()
        self._processes[name].join()
        self._start(name)

    def fallen(self) -> Iterator[str]:
        """Those that ended by themselves."""
        for name, process in self._processes.items():
            if process.exitcode is not None:
                yield f"the {name} ended by itself with {process.exitcode}"

    def stop(self) -> Iterator[str]:
        """Stop all of them in order; those that do not."""
        for process in self._processes.values():
            process.terminate()
        for name, process in self._processes.items():
            process.join(PATIENCE)
            if process.exitcode != 0:
                yield f"the {name} was told to stop, and ended with {process.exitcode}"
            process.kill()
