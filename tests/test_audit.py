"""The audit of the locked requirements, against a vulnerability service of our own."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
AFFECTED = {"package": {"name": "starlette", "ecosystem": "PyPI"}, "ranges": [
    {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.1"}]}
]}  # fmt: skip
KNOWN = {"id": "TEST-2027-1", "summary": "Takes any size.", "affected": [AFFECTED]}


class Service(BaseHTTPRequestHandler):
    """Knows of one vulnerability in Starlette; or of none, under another path."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        knows = self.path == "/knows" and asked["package"]["name"] == "starlette"
        answer = json.dumps({"vulns": [KNOWN]} if knows else {}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def audit(service: str, *files: str) -> subprocess.CompletedProcess[str]:
    asked = [sys.executable, ".ci/audit.py", "--service", service, *(files or ("requirements/run.txt",))]
    here = os.environ | {"NO_PROXY": "127.0.0.1"}
    return subprocess.run(asked, cwd=ROOT, env=here, capture_output=True, text=True, check=False)


def test_what_is_found_fails_and_says_what_to_do(service: str) -> None:
    done = audit(f"{service}/knows")
    assert done.returncode == 1
    assert re.search(r"starlette [\d.]+: TEST-2027-1, mended in 99\.1\. Takes any size\.", done.stderr)
    assert "make lock ARGS=--upgrade" in done.stderr


def test_everything_that_is_locked_is_asked_for(service: str) -> None:
    done = audit(service, "requirements/run.txt", "requirements/dev.txt")
    locked = re.findall(r"^([a-z][\w.-]*)==.*", (ROOT / "requirements/dev.txt").read_text(), re.MULTILINE)
    known = re.fullmatch(r"No known vulnerabilities in (\d+) packages\.\n", done.stdout)
    assert known, done.stderr
    assert int(known[1]) > 0.9 * len(set(locked)), "all but those for other systems"


def test_offline_is_said_in_a_line_and_passes() -> None:
    done = audit("http://127.0.0.1:1")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Not audited: the vulnerability service cannot be reached.")
    assert done.stdout.count("\n") == 1


def test_what_is_no_lock_is_refused(service: str, tmp_path: Path) -> None:
    (tmp_path / "run.txt").write_text("starlette\n")
    done = audit(service, str(tmp_path / "run.txt"))
    assert done.returncode == 1
    assert "starlette" in done.stderr
