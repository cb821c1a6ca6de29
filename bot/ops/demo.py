"""The people of the demo and half a year of their history, believable and the same every time."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import yaml

from db import members
from db.checkins import schedules
from db.engine import AsyncSession, Sessions
from db.entries import entries
from db.entries.entries import NewEntry
from db.enums import Kind, Source
from db.members import UserRef
from db.mentoring import shares
from db.models import Entry, Member, Mentorship
from growth.cadence import Cadence, first_slot, zone
from growth.mentoring import MentorshipState
from ladder_content.model import Ladder
from services import scheduling

SUGGESTIONS = (
    "/ladder next",
    "/ladder levels",
    "/ladder log shipped the drift monitor, cut pages by 40%",
    "/ladder help",
)


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
PRIYA = Character("U0PRIYA", "priya", "Priya Raman", "People lead, admin", "Asia/Kolkata", "l5", admin=True)
JONAS = Character("U0JONAS", "jonas", "Jonas Weber", "ML Engineer, new here", "Europe/Berlin")
CAST = (MAYA, SAM, PRIYA, JONAS)

HISTORY = Path(__file__).with_suffix(".yaml")


async def seed(sessions: Sessions, ladder: Ladder, workspace: str, now: datetime) -> None:
    """Fill an empty database: levels, logs, Sam as Maya's mentor, and her weekly question on Mondays at nine."""
    histories = yaml.safe_load(HISTORY.read_text("utf-8"))
    async with sessions.begin() as session:
        known = {}
        for person in (each for each in CAST if each.level):
            member = await members.add(session, UserRef(workspace, person.id), person.tz)
            await members.set_level(session, member, str(person.level), None, now - timedelta(days=180))
            known[person.handle] = member
        mentorship = Mentorship(
            mentor_id=known[SAM.handle].id,
            mentee_id=known[MAYA.handle].id,
            state=MentorshipState.ACTIVE,
            requested_at=now - timedelta(days=150),
            accepted_at=now - timedelta(days=149),
        )
        session.add(mentorship)
        await session.flush()
        await scheduling.start_digest(session, known[SAM.handle], now)
        for handle, history in histories.items():
            for told in history:
                entry = await _log(session, known[handle], told, ladder, now - timedelta(days=told["days"]))
                if told.get("shared"):
                    await shares.put(session, entry, [mentorship.id], entry.created_at)
        cadence, tz = Cadence(1, time(9)), zone(MAYA.tz)
        slot = first_slot(cadence, tz, now)
        await schedules.put(session, known[MAYA.handle].id, Kind.CHECK_IN, cadence, slot.week, slot.instant(tz), now)


async def _log(session: AsyncSession, member: Member, told: dict[str, Any], ladder: Ladder, at: datetime) -> Entry:
    new = NewEntry(told["what"], at.date(), Source.FORM, f"demo:{told['days']}", told.get("impact"))
    entry = await entries.add(session, member, new, at)
    criteria = filter(None, map(ladder.criterion, told.get("for", ())))
    await entries.tag(session, entry, {criterion.id: criterion.sentence for criterion in criteria})
    return entry
