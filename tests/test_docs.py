"""The pages for people tell what is there."""

import re
from pathlib import Path

import pytest

from bot.delivery.delivery_events import Step
from bot.features import FEATURES, routes
from ladder_content.model import Ladder
from tests.support.architecture import ROOT

PAGES = ("docs/architecture.md", "CONTRIBUTING.md")
EXAMPLES = ("streak", "month", "NNNN")  # what the worked examples of CONTRIBUTING.md would add
PATH = re.compile(r"`((?:bot|handlers|services|db|growth|ladder_content|tests|docs)/[\w./-]+)`")


def test_the_readme_lists_the_commands_as_the_help_does(ladder: Ladder) -> None:
    expected, title = [], ""
    for usage in routes().usage(ladder):
        if usage.title != title:
            expected.append(f"| **{usage.title}** | |")
        title = usage.title
        expected.append(f"| `/ladder {usage.example}` | {usage.about} |")
    section = (ROOT / "README.md").read_text().partition("## Commands\n")[2].partition("\n## ")[0]
    found = [line for line in section.splitlines() if line.startswith(("| **", "| `/ladder"))]
    assert found == expected, "the table in README.md is to be:\n" + "\n".join(expected)


@pytest.mark.parametrize("page", PAGES)
def test_every_path_that_a_page_names_is_there(page: str) -> None:
    named = {path for path in PATH.findall((ROOT / page).read_text()) if not any(word in path for word in EXAMPLES)}
    assert len(named) > 5
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_every_module_that_registers_is_a_feature() -> None:
    registered = {Path(str(feature.__file__)).relative_to(ROOT) for feature in FEATURES}
    defined = {
        path.relative_to(ROOT)
        for path in (ROOT / "handlers").rglob("*.py")
        if re.search(r"^def register\(router: Router\)", path.read_text(), re.M)
    }
    assert registered == defined


def test_the_operators_page_lists_every_event_of_the_log() -> None:
    listed = set(re.findall(r"`([a-z]+\.[a-z_]+)`", (ROOT / "docs/operating.md").read_text()))
    listed |= {f"delivery.{step}" for step in Step}
    sources = [
        path.read_text() for room in ("bot", "handlers", "services", "db") for path in (ROOT / room).rglob("*.py")
    ]
    logged = {
        event
        for text in sources
        for event in re.findall(r"\blog(?:ger)?\.(?:info|warning|error)\(\s*f?\"([^\"]+)\"", text)
    }
    assert {event for event in logged if "{" not in event and not re.fullmatch(r"[a-z]+\.[a-z_]+", event)} == set()
    assert {event for event in logged if "{" not in event} <= listed
