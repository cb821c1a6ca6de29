"""What tests of doctor share."""

from datetime import UTC, datetime, timedelta

from bot.ops import doctor
from bot.ops.doctor import Finding, Setup, examine


def now() -> datetime:
    return datetime.now(UTC)


async def found(clock: timedelta = timedelta(0), **looks: object) -> list[Finding]:
    """The findings on what is given, and on nothing else, with our clock so far ahead."""
    nothing = dict.fromkeys(("database", "slack", "folder", "port"))
    setup = Setup(**{"faults": [], **nothing, **looks})  # type: ignore[arg-type]
    findings = [finding async for finding in examine(setup, lambda: now() + clock)]
    return [finding for finding in findings if finding.words != doctor.NOT_TRIED]


def told(findings: list[Finding], what: str) -> str:
    """The line about that, without the column in which it stands."""
    [line] = [f"{finding.mark} {finding.words}" for finding in findings if finding.what == what]
    return line
