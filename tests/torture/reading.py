"""Who may read what by now, and what the messages in Slack show of it: every text is a mark of its own."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from db.members import UserRef
from growth.sharing import REGRET
from playground.playground import Playground

MARK = re.compile(r"\b([ec]\d+)v\d+\b")
MENTION = re.compile(r"\bU\d+\b")

# By itself, so that it is not the product that says what is right.
SHARED = """
    SELECT w.key AS workspace, reader.slack_user AS reader, e.*
      FROM entries e
      JOIN shares s ON s.entry_id = e.id AND s.revoked_at IS NULL AND s.shared_at <= :until
      JOIN mentorships b ON b.id = s.mentorship_id AND b.state = 'active'
      JOIN members reader ON reader.id = b.mentor_id
      JOIN members writer ON writer.id = e.member_id
      JOIN workspaces w ON w.id = reader.workspace_id
     WHERE e.deleted_at IS NULL AND reader.active AND writer.active
"""
READABLE = text(f"SELECT id FROM ({SHARED}) AS shared WHERE workspace = :workspace AND reader = :user").columns()
OWN = """
    SELECT w.key, m.slack_user, concat_ws(' ', e.what, e.impact, array_to_string(e.links, ' '))
      FROM entries e JOIN members m ON m.id = e.member_id JOIN workspaces w ON w.id = m.workspace_id
     WHERE e.deleted_at IS NULL
"""
SAID = """
    SELECT w.key, m.slack_user, c.words
      FROM comments c JOIN entries e ON e.id = c.entry_id JOIN members m ON m.id = e.member_id
      JOIN workspaces w ON w.id = m.workspace_id
     WHERE c.words IS NOT NULL
"""
ALLOWED = text(f"""
    SELECT workspace, reader, concat_ws(' ', what, impact, array_to_string(links, ' ')) FROM ({SHARED}) AS shared
     UNION ALL {OWN} UNION ALL {SAID}
""")
MEMBERS = text("SELECT w.key, m.slack_user FROM members m JOIN workspaces w ON w.id = m.workspace_id")


async def readable(session: AsyncSession, who: UserRef, now: datetime) -> set[int]:
    """The entries that somebody may read of others."""
    return set(await session.scalars(READABLE, {**who._asdict(), "until": now - REGRET}))


class Truth(NamedTuple):
    """Which marks each person may see by now, and who is there."""

    allowed: Mapping[UserRef, set[str]]
    there: set[UserRef]


async def truth(engine: AsyncEngine) -> Truth:
    """As the database has it."""
    async with engine.connect() as connection:
        there = {UserRef(*row) for row in await connection.execute(MEMBERS)}
        allowed: dict[UserRef, set[str]] = {}
        for workspace, user, words in await connection.execute(ALLOWED, {"until": datetime.now(UTC) - REGRET}):
            allowed.setdefault(UserRef(workspace, user), set()).update(marks(words))
    return Truth(allowed, there)


def marks(words: str) -> set[str]:
    """The marks in a text."""
    return {found.group() for found in MARK.finditer(words)}


def subjects(words: str) -> set[str]:
    """The entries and comments, of whichever version, in a text."""
    return {found.group(1) for found in MARK.finditer(words)}


def wrong(playground: Playground, truth: Truth) -> Iterator[str]:
    """What stands in somebody's DM and must not."""
    workspace = playground.workspace
    for channel in workspace.channels.values():
        who = UserRef(workspace.team_id, channel.im_of or "")
        for message in channel.messages:
            said = json.dumps([message.text, message.blocks])
            if found := marks(said) - truth.allowed.get(who, set()):
                yield f"{who.user} reads {sorted(found)} in {message.ts}: {said}"
            named = {UserRef(workspace.team_id, user) for user in MENTION.findall(said)}
            if gone := named - truth.there:
                yield f"{who.user} reads of {sorted(gone)}, forgotten, in {message.ts}: {said}"


def shown(playground: Playground) -> int:
    """How many marks of entries and comments stand in messages."""
    dms = playground.workspace.channels.values()
    return sum(len(marks(json.dumps(message.blocks))) for dm in dms for message in dm.messages)


def added(playground: Playground, readers: set[str]) -> Iterator[str]:
    """What a refresh showed to one of these people, and the message had not shown when it was posted."""
    dms = {playground.workspace.dm(user).id for user in readers}
    posted = {
        (call.args["channel"], call.response["ts"]): subjects(str(call.args))
        for call in playground.journal.of("chat.postMessage")
        if call.response["ok"]
    }
    for call in playground.journal.of("chat.update"):
        place = (call.args["channel"], call.args["ts"])
        if call.response["ok"] and place[0] in dms and (new := subjects(str(call.args)) - posted[place]):
            yield f"{sorted(new)} came into {place} by a refresh"
