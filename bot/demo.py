"""The people of the demo and some weeks of their history, believable and the same every time."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from db import entries, members, schedules
from db.engine import Sessions
from db.entries import NewEntry
from db.members import Who
from db.tables import Kind, Source
from growth.cadence import Cadence, first_slot, zone
from handlers.views.log import LOG_GROWTH, SAVE_MESSAGE
from ladder_content.model import Ladder

SUGGESTIONS = (
    "/ladder next",
    "/ladder levels",
    "/ladder log shipped the drift monitor, cut pages by 40%",
    "/ladder help",
)

MANIFEST: dict[str, Any] = {
    "features": {
        "shortcuts": [
            {
                "name": "Log growth",
                "type": "global",
                "callback_id": LOG_GROWTH,
                "description": "Write something into your growth log",
            },
            {
                "name": "Save to growth log",
                "type": "message",
                "callback_id": SAVE_MESSAGE,
                "description": "Keep this message in your growth log",
            },
        ]
    }
}


@dataclass(frozen=True)
class Character:
    """A person of the demo's workspace. Without a level they have not met Rung yet."""

    id: str
    handle: str
    name: str
    title: str
    tz: str
    level: str | None = None
    admin: bool = False

    @property
    def profile(self) -> dict[str, Any]:
        """Their Slack profile."""
        return {"title": self.title, "tz": self.tz, "is_admin": self.admin}


MAYA = Character("U0MAYA", "maya", "Maya Lindqvist", "ML Engineer II", "Europe/Berlin", "l4")
SAM = Character("U0SAM", "sam", "Sam Okafor", "Staff, mentor", "America/New_York", "l6")
PRIYA = Character("U0PRIYA", "priya", "Priya Raman", "People lead, admin", "Asia/Kolkata", admin=True)
CAST = (MAYA, SAM, PRIYA)

# Who, how many days ago, what, what came of it, evidence of which criterion.
HISTORY: tuple[tuple[Character, int, str, str | None, str | None], ...] = (
    (
        MAYA,
        171,
        "Took over the click-log cleaning job and wrote down what each of its filters is for.",
        "Two of them were throwing away 6% of the good clicks.",
        "l4.small-project-ownership",
    ),
    (
        MAYA,
        158,
        "Made the ranking training run from one command, with pinned data and seeds.",
        None,
        "l4.reproducible-pipelines",
    ),
    (
        MAYA,
        139,
        "Explained to the PM why the small model wins: 40 ms faster, half a point less recall, nobody notices.",
        "She uses the chart in her own slides now.",
        "l4.plain-trade-offs",
    ),
    (MAYA, 118, "Sat in on the storage design review and asked about backfills.", None, "l5.architecture-voice"),
    (
        MAYA,
        96,
        "Paired with our intern on her first A/B test; she ran the second one alone.",
        None,
        "l5.mentors-engineers",
    ),
    (
        MAYA,
        82,
        "Cached the query embeddings: p95 from 180 ms to 120 ms.",
        "Search felt it the same day.",
        "l5.lean-serving",
    ),
    (
        MAYA,
        61,
        "Moved the ranking features from the nightly job to the streaming pipeline, from the schema to the dashboard.",
        "Features are 4 minutes old instead of 22 hours; two other teams asked how.",
        "l5.end-to-end-design",
    ),
    (
        MAYA,
        47,
        "Reviewed Jonas's first training pipeline line by line and paired on the parts that were not reproducible.",
        "He shipped it himself a week later, with a seed and a data snapshot.",
        "l5.mentors-engineers",
    ),
    (
        MAYA,
        40,
        "A/B test of the new re-ranker: +1.8% successful searches, no change in p95 latency.",
        "Rolled out to everyone; the PM put it into the quarterly review.",
        "l5.measurable-value",
    ),
    (
        MAYA,
        26,
        "Wrote the options paper for the feature store: build, buy, or keep the tables, with cost for each.",
        None,
        "l5.architecture-voice",
    ),
    (
        MAYA,
        19,
        "Distilled the re-ranker to a quarter of its size before the sale.",
        "Serving cost down 31%.",
        "l5.lean-serving",
    ),
    (
        MAYA,
        12,
        "Second round of the options paper after the review; infra now wants to co-own it.",
        None,
        "l5.architecture-voice",
    ),
    (
        MAYA,
        5,
        "On call: traced the stale embeddings to a silent schema change upstream, added a contract test.",
        None,
        None,
    ),
    (
        SAM,
        33,
        "Got Ads and Search to agree on one model registry; wrote the migration plan with both tech leads.",
        "Two teams migrated, three more scheduled.",
        "l7.strategy-beyond-own-org",
    ),
)


async def seed(sessions: Sessions, ladder: Ladder, workspace: str, now: datetime) -> None:
    """Fill an empty database: levels, Maya's weekly question on Mondays at nine, and what they logged."""
    async with sessions.begin() as session:
        for character in CAST:
            if character.level is None:
                continue
            member = await members.add(session, Who(workspace, character.id), character.tz)
            await members.set_level(session, member, character.level, None, now - timedelta(days=70))
            for index, (who, days, what, impact, criterion_id) in enumerate(HISTORY):
                if who is not character:
                    continue
                at = now - timedelta(days=days)
                new = NewEntry(what, at.date(), Source.FORM, f"demo:{index}", impact)
                entry, _ = await entries.add(session, member, new, at)
                criterion = ladder.criterion(criterion_id) if criterion_id else None
                await entries.tag(session, entry, {criterion.id: criterion.sentence} if criterion else {})
            if character is MAYA:
                cadence, tz = Cadence(1, time(9)), zone(character.tz)
                slot = first_slot(cadence, tz, now)
                await schedules.put(session, member.id, Kind.CHECK_IN, cadence, slot.week, slot.instant(tz), now)
