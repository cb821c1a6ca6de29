"""Over the whole run: no log line holds a token, or words that a test let somebody write.

Any test module is watched by it: what is logged, in this process or by `bot` in another one, is looked through after
each test, which fails for it. As a plugin (`-p tests.support.log_marks`) it works without the rest.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import event

from bot import logs
from db.models import Comment, Entry, Mentorship

OURS = ("bot", "handlers", "db", "growth", "ladder_content", "playground")
WRITTEN = (Entry.what, Entry.impact, Entry.snippet, Mentorship.why, Mentorship.decline_note, Comment.words)
SECRET = re.compile(r"xox[bp]-\w|xapp-\w|signing-playground|s3cret|marzipan", re.IGNORECASE)
ENOUGH = 3  # words in a row are no coincidence
WORD = re.compile(r"[^\W_]+")


def runs(text: str) -> Iterator[tuple[str, ...]]:
    """Every few words in a row."""
    words = WORD.findall(text.casefold())
    return zip(*(words[n:] for n in range(ENOUGH)), strict=False)


@dataclass
class Watch:
    """What was logged since it was looked at last, and what may not be in it."""

    written: set[tuple[str, ...]] = field(default_factory=set)
    lines: list[str] = field(default_factory=list)

    def writes(self, _target: object, words: object, *_about: object) -> None:
        """Somebody writes something: as SQLAlchemy tells it."""
        if isinstance(words, str):
            self.written.update(runs(words))

    def leaks(self) -> list[str]:
        """The lines with something in them that may not be there."""
        lines, self.lines = self.lines, []
        return [line for line in lines if SECRET.search(line) or not self.written.isdisjoint(runs(line))]


def line_of(record: logging.LogRecord) -> str:
    """All that would be printed of it."""
    if record.levelno is None:  # a blank one, for a copy
        return ""
    msg: Any = record.msg
    said = dict(msg) if isinstance(msg, dict) else {"event": record.getMessage(), "exc_info": record.exc_info}
    return str(logs.discreet(None, "", said)) if logs.worth_saying(record) else ""


def overhear(text: str) -> None:
    """Let the watch see what another process logged, without logging it here."""
    logging.getLogRecordFactory()("elsewhere", logging.WARNING, "", 0, text, (), None)


@pytest.fixture(scope="session", autouse=True)
def log_watch() -> Iterator[Watch]:
    """Sees what is logged, whoever handles it, and what is written, before it is."""
    watch, make = Watch(), logging.getLogRecordFactory()

    def noted(*args: Any, **about: Any) -> logging.LogRecord:
        record = make(*args, **about)
        watch.lines.append(line_of(record))
        return record

    logging.setLogRecordFactory(noted)
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO)  # as `bot run` has it
    for column in WRITTEN:
        event.listen(column, "set", watch.writes)
    yield watch
    logging.setLogRecordFactory(make)
    for column in WRITTEN:
        event.remove(column, "set", watch.writes)
    assert watch.leaks() == []


@pytest.fixture(autouse=True)
def nothing_personal_in_the_logs(log_watch: Watch) -> Iterator[None]:
    yield
    leaks = log_watch.leaks()
    assert leaks == [], "these log lines hold a secret, or what somebody wrote"
