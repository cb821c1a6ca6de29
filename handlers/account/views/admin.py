"""`/ladder admin`: participation in a whole workspace, and the way to invite people."""

from collections.abc import Mapping
from datetime import date

from growth.participation import Band
from handlers.slack.blocks import divider, header, section, small
from handlers.slack.message import Message

NOTHING = "nothing to show"


def overview(months: Mapping[date, Band | None]) -> Message:
    """First day of a month → its band, none where there is nothing to show."""
    lines = "\n".join(f"•  *{month:%B %Y}*: {band or NOTHING}" for month, band in months.items())
    return Message(
        "Participation in this workspace",
        (
            header("Participation in this workspace"),
            section(lines),
            section(
                "How many of the people whom I asked a question in that month, or who wrote something by themselves,"
                " wrote at least once."
            ),
            small(
                f"“{NOTHING.capitalize()}” is said where there were fewer than ten such people, or where under a"
                " quarter or over three quarters of them wrote: that would tell about each. Complete calendar months,"
                " in UTC."
            ),
            small("No names, levels, pauses or words: not here, and on no other page. Nothing of this is kept."),
            divider(),
            section(
                "*To invite people*, whoever runs Rung writes a file and types this where Rung runs; it sends nothing"
                " yet:\n`python -m bot people invite people.csv --dry-run`"
            ),
            section("*To bring your own ladder*: `python -m bot content new my-ladder` writes a small one to change."),
            small("`docs/admins.md` and `docs/ladders.md`, where Rung is installed, say how."),
        ),
    )
