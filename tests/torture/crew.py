"""The workers as processes: started, killed, started again."""

import multiprocessing
import signal
from collections.abc import Sequence
from multiprocessing.process import BaseProcess

from tests.torture.worker import Orders, work

PATIENCE = 30  # seconds to end in order
IN_ORDER = (0, -signal.SIGTERM)  # the latter where it had only just taken another's place

# Forked from a process that has imported everything: a start costs milliseconds, not seconds of both cores.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.torture.worker"])


class Crew:
    """Workers by name, which begins with their role; each is at work until it is killed or stopped."""

    def __init__(self, orders: Orders, names: Sequence[str]) -> None:
        self.troubles: list[str] = []
        self._orders = orders
        self._processes: dict[str, BaseProcess] = {}
        for name in names:
            self._start(name)

    def _start(self, name: str) -> None:
        process = FORKS.Process(target=work, args=(name.split()[0], self._orders), name=name, daemon=True)
        process.start()
        self._processes[name] = process

    def kill(self, name: str) -> None:
        """kill -9, and another one takes its place."""
        process = self._processes[name]
        if process.exitcode is not None:
            self.troubles.append(f"the {name} ended by itself with {process.exitcode}")
        process.kill()
        process.join()
        self._start(name)

    def stop(self) -> None:
        """Stop all of them in order."""
        for process in self._processes.values():
            process.terminate()
        for name, process in self._processes.items():
            process.join(PATIENCE)
            if process.exitcode not in IN_ORDER:
                self.troubles.append(f"the {name} ended with {process.exitcode} instead of stopping in order")
                process.kill()
