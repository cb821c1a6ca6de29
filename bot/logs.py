"""Logs: ours and those of the libraries alike, for people or as JSON."""

import logging
import re
import sys
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
