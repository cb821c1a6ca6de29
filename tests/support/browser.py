"""What tests of browser share."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

expect.set_options(timeout=20_000)  # milliseconds; the machine may be busy

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        if os.environ.get("RUNG_REQUIRE_BROWSER"):
            pytest.fail("no Chromium on this machine: install Debian's package chromium")
        pytest.skip("needs Chromium (Debian's package chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def demo(browser: Browser, postgres_home: Path) -> Iterator[str]:
    """The address of a running demo, which Ctrl-C ends without a trace but the embedded Postgres."""
    kept = ("PATH", "HOME", "PLAYGROUND_JOURNAL")
    environ = {name: os.environ[name] for name in kept if name in os.environ} | {"RUNG_HOME": str(postgres_home)}
    command = [sys.executable, "-W", "error", "-m", "bot", "demo", "--port", "0"]
    process = subprocess.Popen(
        command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    address = next(filter(None, (re.search(r"http://\S+", line) for line in process.stdout)), None)
    assert address, process.communicate()
    yield address[0]
    process.send_signal(signal.SIGINT)
    _, complaints = process.communicate(timeout=15)
    assert (process.returncode, complaints) == (0, "")
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


@pytest.fixture
def page(browser: Browser, demo: str) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 860})
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: faults.append(request.url) if not request.url.startswith(demo) else None)
    yield page
    page.close()
    assert not [fault for fault in faults if not fault.startswith(("data:", "ws://127.0.0.1"))]


def visit(page: Page, address: str) -> None:
    """Open the page, and wait until it listens: nobody types within its first tenth of a second."""
    page.goto(address)
    page.wait_for_function("window.did_handshake === true")


def say(page: Page, words: str) -> None:
    """Type it into the box, which one can click only once no window covers it."""
    composer = page.get_by_placeholder("Message Rung")
    composer.click()
    composer.fill(words)
    composer.press("Enter")
