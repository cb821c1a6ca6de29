"""The watch over the logs of all tests sees what it is to see."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
LEAKS = """
import logging
import structlog
import pytest
from db.models import Entry
from bot import logs
from tests.support.log_marks import overhear

logs.hand_over()
log = structlog.get_logger("bot.tiny")

def test_token():
    log.info("sent", token="xoxb-playground")

def test_words():
    entry = Entry(what="Untangled the nightly feature pipeline")
    log.info("saved", entry=f"untangled the nightly {entry.id}")

def test_traceback():
    Entry(what="Untangled the daily feature pipeline")
    try:
        raise ValueError("no number: untangled the daily feature pipeline")
    except ValueError as error:
        log.error("incident", exc_info=error)

def test_library():
    logging.getLogger("aiohttp").warning("authorization: Bearer %s", "xapp-playground")

def test_elsewhere():
    overhear('{"event": "connected", "token": "xapp-playground"}')

def test_innocent():
    Entry(what="Untangled the weekly feature pipeline")
    log.info("planned", questions=3)
    logging.getLogger("aiohttp").debug("xapp-playground")
    try:
        raise ValueError("refused\\nDETAIL:  Failing row contains (1, Untangled the weekly feature pipeline).")
    except ValueError as error:
        log.error("incident", exc_info=error)
"""


def test_a_line_that_leaks_fails_its_test(tmp_path: Path) -> None:
    (tmp_path / "test_tiny.py").write_text(LEAKS)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "tests.support.log_marks",
        "-p",
        "no:cacheprovider",
        "--color=no",
    ]
    run = subprocess.run(
        [*command, "-c", "/dev/null", "--rootdir", str(tmp_path), str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    failed = {
        line.split("::")[1].split()[0] for line in run.stdout.splitlines() if line.startswith("ERROR ") and "::" in line
    }
    assert failed == {"test_token", "test_words", "test_traceback", "test_library", "test_elsewhere"}, run.stdout
    assert (run.returncode, "6 passed, 5 errors" in run.stdout) == (1, True), run.stdout
