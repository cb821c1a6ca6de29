"""The doctor's look at the database: there, new enough, with the newest tables, and with our time."""

import os
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.ops.doctor import Finding, Findings, Mark, clocks
from bot.startup import NO_ADDRESS, reason
from db import migrate
from db.embedded import server
from db.embedded.server import EmbeddedError
from db.engine import Sessions, create_engine
from db.migrate import Standing
from db.workspaces import installations, workspaces
from db.workspaces.installations import Cipher, UnreadableTokenError

OLDEST = 14  # the first major version that Rung is for
FACTS = text("SELECT current_setting('server_version_num')::int, current_setting('server_version'), clock_timestamp()")
REFUSED_SHOWN = 5
ANEW = (
    "look at the app in that workspace's Slack settings, copy SLACK_BOT_TOKEN anew and restart, or with many workspaces"
    " let it install Rung anew"
)
MENDED = {
    "ekm_access_denied": "ask the administrators of that Slack, who have suspended posting",
    "messages_tab_disabled": "switch the Messages Tab on, on your Slack app's page App Home",
    "missing_scope": "paste the output of `python -m bot manifest` into your app's page App Manifest, and reinstall it",
}
TABLES = {
    Standing.CURRENT: Finding(Mark.FINE, "tables", "the newest"),
    Standing.EMPTY: Finding(Mark.OPEN, "tables", "none yet: Rung makes them when it starts"),
    Standing.BEHIND: Finding(
        Mark.WRONG, "tables", "of an older Rung: back up, then `python -m bot migrate` (a start does the same)."
    ),
    Standing.UNKNOWN: Finding(Mark.WRONG, "tables", "Another version of Rung migrated the database. Run that one."),
}


async def at(url: str, clock: Callable[[], datetime], keys: Sequence[str] = ()) -> Findings:
    """The findings on the Postgres at an address; with `keys`, whether they open the tokens in it."""
    try:
        engine = create_engine(url)
    except (ArgumentError, ValueError):
        return [Finding(Mark.WRONG, "database", NO_ADDRESS)]
    try:
        return await _look(engine, clock, keys)
    except SQLAlchemyError as error:
        return [Finding(Mark.WRONG, "database", f"It cannot be used, see DATABASE_URL: {reason(error)}.")]
    finally:
        await engine.dispose()


async def at_home(home: Path, clock: Callable[[], datetime], keys: Sequence[str] = ()) -> Findings:
    """The findings on the embedded Postgres, which is not started for that."""
    try:
        url = server.address(home)
    except EmbeddedError as error:
        return [Finding(Mark.WRONG, "database", str(error))]
    if url is None:
        return [_place_for(home)]
    engine = create_engine(url)
    try:
        return await _look(engine, clock, keys)
    except SQLAlchemyError:
        return [Finding(Mark.OPEN, "database", f"the embedded Postgres in {home} is not up: Rung starts it")]
    finally:
        await engine.dispose()


def _place_for(home: Path) -> Finding:
    there = next(folder for folder in (home, *home.absolute().parents) if folder.exists())
    if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
        return Finding(Mark.OPEN, "database", f"none yet: Rung makes an embedded Postgres in {home} when it starts")
    words = f"{there} may not be written to: set RUNG_HOME to a folder of yours, or DATABASE_URL to a PostgreSQL."
    return Finding(Mark.WRONG, "database", words)


async def _look(engine: AsyncEngine, clock: Callable[[], datetime], keys: Sequence[str]) -> Findings:
    async with engine.connect() as connection:
        asked = clock()
        number, version, theirs = (await connection.execute(FACTS)).one()
        answered = clock()
    if number // 10_000 < OLDEST:
        words = f"PostgreSQL {version} is too old: Rung needs {OLDEST} or newer."
        return [Finding(Mark.WRONG, "database", words)]
    standing = await migrate.standing(engine)
    return [
        Finding(Mark.FINE, "database", f"PostgreSQL {version}"),
        TABLES[standing],
        *([await _tokens(engine, keys)] if keys and standing is Standing.CURRENT else []),
        *(await _refused(engine) if standing is Standing.CURRENT else []),
        clocks("Postgres", asked + (answered - asked) / 2 - theirs),
    ]


async def _refused(engine: AsyncEngine) -> Findings:
    """A line for each of the workspaces, up to a few, that Slack refused the last message in."""
    async with Sessions(engine)() as session:
        silent = await workspaces.silent(session)
    found = [
        Finding(
            Mark.WRONG,
            "refused",
            f"Slack takes nothing that Rung sends to {each.key} since {each.since:%Y-%m-%d %H:%M} UTC ({each.word})."
            " Rung tries again by itself, at least once an hour, and loses nothing."
            f" If it stays: {MENDED.get(each.word, ANEW)}.",
        )
        for each in silent[:REFUSED_SHOWN]
    ]
    if len(silent) > REFUSED_SHOWN:
        found.append(Finding(Mark.WRONG, "refused", f"and {len(silent) - REFUSED_SHOWN} more workspaces"))
    return found


async def _tokens(engine: AsyncEngine, keys: Sequence[str]) -> Finding:
    try:
        async with Sessions(engine)() as session:
            await installations.check(session, Cipher(keys))
    except UnreadableTokenError as error:
        return Finding(Mark.WRONG, "token keys", str(error))
    return Finding(Mark.FINE, "token keys", "open every workspace's token")
