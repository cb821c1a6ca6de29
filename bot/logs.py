"""Logs: ours and those of the libraries alike, for people or as JSON."""

import logging
import math
import re
import sys
import time
from collections.abc import Callable
from typing import Literal

import structlog

Form = Literal["console", "json"]
SHARED: tuple[structlog.typing.Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)
# Up to where SQLAlchemy or the traceback goes on.
DETAIL = re.compile(r"DETAIL:.*?(?=\n\[SQL|\n\(Background|\n\nThe above|\n\nDuring|\nTraceback|\Z)", re.DOTALL)

MINUTE = 60  # seconds
KEPT = 1_000  # lines that are remembered


def configure(form: Form, level: int = logging.INFO) -> None:
    """Send our log lines, and the libraries' warnings, to standard error in one form."""
    hand_over()
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=SHARED,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendered(form)],
        )
    )
    handler.addFilter(worth_saying)  # not levels of their loggers: Bolt sets those of its own anew
    handler.addFilter(Seldom())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)


def hand_over() -> None:
    """Give structlog's lines to the standard library, which knows where they go."""
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def worth_saying(record: logging.LogRecord) -> bool:
    """Whether it is printed: all of ours, and of the libraries' what they warn of."""
    ours = isinstance(record.msg, dict)
    return ours or record.levelno >= logging.WARNING


class Seldom(logging.Filter):
    """Lets one of equal warnings through a minute, with how many were left out: nobody fills a disk from outside.

    Those of libraries are equal where their first lines are: what follows may name a connection.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._said: dict[object, tuple[float, int]] = {}  # when it was said last, and how often left out since

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING:
            return True
        key, now = _alike(record), self._clock()
        last, left_out = self._said.pop(key, (-math.inf, 0))
        if now - last < MINUTE:
            self._said[key] = last, left_out + 1
            return False
        self._said[key] = now, 0
        if len(self._said) > KEPT:
            self._said.pop(next(iter(self._said)))
        if left_out:
            _add(record, left_out)
        return True


def _alike(record: logging.LogRecord) -> object:
    """What two records have in common that say the same."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(record.msg, dict):
        said = sorted((name, repr(value)) for name, value in record.msg.items() if name != "timestamp")
        return record.name, tuple(said), repr(error)
    return record.name, record.levelno, record.getMessage().partition("\n")[0], repr(error)


def _add(record: logging.LogRecord, left_out: int) -> None:
    if isinstance(record.msg, dict):
        record.msg = record.msg | {"left_out": left_out}
    else:
        record.msg, record.args = f"{record.getMessage()} (left out since: {left_out} like it)", ()


def _rendered(form: Form) -> list[structlog.typing.Processor]:
    """Tracebacks come without the values of variables: those may be what people wrote."""
    if form == "json":
        return [discreet, structlog.processors.JSONRenderer()]
    return [discreet, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]


def discreet(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Tracebacks as text, and without the row that Postgres quotes when it refuses one."""
    event = structlog.processors.format_exc_info(_logger, _method, event)
    if "exception" in event:
        event["exception"] = DETAIL.sub("DETAIL:  left out", event["exception"])
    return event
