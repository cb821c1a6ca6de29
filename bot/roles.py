"""What one process of Rung does."""

from enum import StrEnum


class Role(StrEnum):
    """Any number of processes in any role may share one database."""

    WEB = "web"
    WORKER = "worker"
    ALL = "all"

    @property
    def answers(self) -> bool:
        """Whether it takes what Slack sends: commands, clicks, events."""
        return self is not Role.WORKER

    @property
    def ticks(self) -> bool:
        """Whether it plans, sends, reads people and sweeps up."""
        return self is not Role.WEB
