"""Logs: ours and those of the libraries alike, for people or as JSON."""

import logging
import sys
from typing import Literal

import structlog

Form = Literal["console", "json"]
SHARED: tuple[structlog.typing.Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)
TALKATIVE = ("apscheduler", "slack_bolt", "slack_sdk", "aiohttp.access", "alembic", "uvicorn.access")


def configure(form: Form, level: int = logging.INFO) -> None:
    """Send every log line, ours and the libraries', to standard error in one form."""
    hand_over()
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=SHARED,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendered(form)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def hand_over() -> None:
    """Give structlog's lines to the standard library, which knows where they go."""
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def _rendered(form: Form) -> list[structlog.typing.Processor]:
    """Tracebacks come without the values of variables: those may be what people wrote."""
    if form == "json":
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    plain = structlog.dev.plain_traceback
    return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]
