"""Fail where a locked requirement has a known vulnerability: audit.py [--service URL] FILE...

Whoever is offline is told so in a line, and passes.
"""

import argparse
import json
import subprocess
import sys

# What was judged, by its id, with the reason why it does no harm here.
IGNORED: dict[str, str] = {}
PATIENCE = 60  # seconds, for all answers; a connection has three
UNREACHABLE = ("requests.exceptions.", "ConnectionError", "ServiceError", "may be blocking this service")
AUDIT = (
    *(sys.executable, "-m", "pip_audit", "--format", "json", "--require-hashes", "--disable-pip"),
    *("--progress-spinner", "off", "--timeout", "3", "--vulnerability-service", "osv"),
)


def main(files: list[str], service: str | None) -> str:
    """What came of it, in a line. Exits with what was found, or with what is wrong with the files."""
    asked = [*AUDIT, *(part for file in files for part in ("--requirement", file))]
    asked += [part for known in IGNORED for part in ("--ignore-vuln", known)]
    asked += ["--osv-url", service] if service else []
    try:
        done = subprocess.run(asked, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return f"Not audited: the vulnerability service did not answer within {PATIENCE} s. Try again later."
    try:
        audited = json.loads(done.stdout)["dependencies"]
    except ValueError:
        if any(sign in done.stderr for sign in UNREACHABLE):
            return "Not audited: the vulnerability service cannot be reached. Try again when you are online."
        sys.exit(done.stderr)
    found = [told(each, vuln) for each in audited for vuln in each.get("vulns", ())]
    if found:
        advice = "Take in the mended versions with `make lock ARGS=--upgrade`, or judge them in .ci/audit.py."
        sys.exit("\n".join(["Known vulnerabilities:", *found, advice]))
    return f"No known vulnerabilities in {len(audited)} packages."


def told(package: dict[str, str], vuln: dict[str, list[str] | str]) -> str:
    """A vulnerability in a line."""
    mended = ", ".join(vuln["fix_versions"]) or "no version yet"
    return f"  {package['name']} {package['version']}: {vuln['id']}, mended in {mended}. {vuln['description']:.200}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--service", help="the address of a vulnerability service that speaks OSV's language")
    parser.add_argument("files", nargs="+")
    args = parser.parse_args()
    print(main(args.files, args.service))  # noqa: T201
