"""The digest for 1, 3 and 12 mentees: as it was when somebody last looked at it, and within Slack's limits."""

import os
from datetime import date
from pathlib import Path

import pytest

from growth import digest
from growth.digest import Item
from growth.sharing import Mentee
from handlers.digest import views
from handlers.slack.message import Message
from ladder_content.model import Ladder
from tests.support.blockkit import faults
from tests.support.world import text_of_blocks

TODAY = date(2027, 1, 19)
SNAPSHOTS = Path(__file__).parent / "snapshots"
LONG = "Shipped & measured <!channel> " * 200


def of(ladder: Ladder, mentees: int, with_news: int, words: str = "Shipped the drift monitor") -> Message:
    """The digest of so many mentees; each of those with news shares four entries."""
    people = [Mentee(n, f"U0MENTEE{n}", "l4", None) for n in range(1, mentees + 1)]
    criteria = [each.id for each in ladder.relevant("l4")]
    items = [
        Item(10 * n + k, n, f"U0MENTEE{n}", words, words, ["https://a.example/&"], TODAY, criteria[k : k + 4])
        for n in range(1, with_news + 1)
        for k in range(4)
    ]
    news = {n: [10 * n + k for k in range(4)] for n in range(1, with_news + 1)}
    for shown in digest.choices(news):  # of which the first that there is room for
        seen = [item for item in items if item.id in shown.get(item.mentorship_id, ())]
        parts = digest.choose(people, shown, seen, {}, ladder)
        read = digest.read(parts, people, news, seen, {1: criteria[:4], 2: criteria}, ladder)
        if views.has_room(read, ladder, TODAY):
            break
    return views.digest(read, ladder, TODAY)


@pytest.mark.parametrize(("mentees", "with_news"), [(1, 1), (3, 2), (12, 9)])
def test_it_reads_as_when_somebody_last_looked(mentees: int, with_news: int, ladder: Ladder) -> None:
    """With SNAPSHOTS=write in the environment they are written anew."""
    path = SNAPSHOTS / f"digest_{mentees}.txt"
    said = text_of_blocks(of(ladder, mentees, with_news).payload()["blocks"]) + "\n"
    if os.environ.get("SNAPSHOTS") == "write":
        path.write_text(said)
    assert said == path.read_text()


@pytest.mark.parametrize("words", ["Short", LONG])
@pytest.mark.parametrize("mentees", [1, 2, 3, 5, 7, 9, 12, 16, 20])
def test_slack_takes_it_however_many_there_are(mentees: int, words: str, ladder: Ladder) -> None:
    message = of(ladder, mentees, mentees, words)
    assert faults(message) == []
    assert "Shipped" not in message.text
    assert faults(of(ladder, mentees + 3, mentees, words)) == []
