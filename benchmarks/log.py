"""Finding things in a long growth log: 10,000 entries of one member in a table of a million."""

import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Connection, literal, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.table import Row, milliseconds
from db import members
from db.engine import Sessions
from db.log import log
from db.log.log import Cursor, Filter
from db.members import UserRef
from db.mentoring import shares
from db.models import Base, Entry, EntryCriterion, Share
from handlers.home import presenter
from handlers.slack.people import SlackActor
from ladder_content.model import Ladder

ENTRIES, MEMBERS, EVERY = 1_000_000, 10_000, 100  # one entry in EVERY is the measured member's
RUNS = 100
PAGE = 10
WHO = UserRef("T-log", "U1")
DEEP = Cursor(date(2022, 1, 1), 1)
RARE = "quokka"  # in one entry of the member's
Work = Callable[[], Awaitable[object]]

# Neighbours in the table are of different members and days, as in a log that grew for years.
FILL = (
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL session_replication_role = replica",  # no checks of foreign keys, one by one
    "SET LOCAL maintenance_work_mem = '256MB'",
    "TRUNCATE workspaces CASCADE",
    "INSERT INTO workspaces (key) VALUES ('T-log')",
    f"""INSERT INTO members (workspace_id, slack_user, tz, level)
        SELECT w.id, 'U' || n, 'Europe/Berlin', 'l4'
          FROM workspaces w, generate_series(1, {MEMBERS}) n WHERE w.key = 'T-log' ORDER BY n""",
    "CREATE TEMP TABLE said ON COMMIT DROP AS SELECT * FROM unnest(CAST(:said AS text[])) WITH ORDINALITY s (line, n)",
    "CREATE TEMP TABLE asks ON COMMIT DROP AS SELECT * FROM unnest(CAST(:asks AS text[])) WITH ORDINALITY a (id, n)",
    f"""INSERT INTO entries (member_id, what, impact, happened_on, source, source_key, created_at)
        SELECT first.id + CASE WHEN g % {EVERY} = 0 THEN 0 ELSE 1 + g % ({MEMBERS} - 1) END,
               what.line || CASE WHEN g = {ENTRIES // 2} THEN ' {RARE}' ELSE '' END,
               CASE WHEN g % 3 = 0 THEN impact.line END,
               date '2020-01-01' + g * 1931 % 2503, 'form', 'bench:' || g, now()
          FROM (SELECT min(m.id) AS id, (SELECT count(*) FROM said) AS lines
                  FROM members m JOIN workspaces w ON w.id = m.workspace_id WHERE w.key = 'T-log') first
         CROSS JOIN generate_series(1, {ENTRIES}) g
          JOIN said what ON what.n = 1 + g / 3 % first.lines
          JOIN said impact ON impact.n = 1 + g / 7 % first.lines""",
    """INSERT INTO entry_criteria (entry_id, member_id, criterion_id, sentence)
       SELECT e.id, e.member_id, a.id, 'as it was'
         FROM entries e JOIN asks a ON a.n = 1 + e.id / 11 % (SELECT count(*) FROM asks)
        WHERE e.source_key LIKE 'bench:%'""",
    """INSERT INTO mentorships (mentor_id, mentee_id, state, requested_at, accepted_at)
       SELECT mentor.id, mentee.id, 'active', now(), now()
         FROM members mentee JOIN workspaces w ON w.id = mentee.workspace_id AND w.key = 'T-log'
         JOIN members mentor ON mentor.workspace_id = w.id
          AND mentor.slack_user IN ('U' || substr(mentee.slack_user, 2)::int % 500 + 1, 'U501')
        WHERE mentor.id <> mentee.id""",
    """INSERT INTO shares (entry_id, mentorship_id, mentee_id, shared_at)
       SELECT e.id, m.id, e.member_id, now()
         FROM entries e JOIN mentorships m ON m.mentee_id = e.member_id
        WHERE e.source_key LIKE 'bench:%' AND (e.id / 7 + m.mentor_id) % 4 = 0""",
)


async def measure(engine: AsyncEngine, ladder: Ladder) -> list[Row]:
    """Pages, searches and the Home tab, beside a `SELECT 1` of the same run; fills the tables first."""
    start = time.perf_counter()
    await _fill(engine, ladder)
    filled = Row(f"{ENTRIES:,} log entries inserted, tagged, indexed", f"{time.perf_counter() - start:,.0f} s")
    sessions = Sessions(engine)
    actor = SlackActor(WHO, datetime.now(UTC), sessions, ladder, AsyncWebClient())

    def page(wanted: Filter, before: Cursor | None = None) -> Work:
        async def work() -> None:
            async with sessions() as session:
                member = await members.get(session, WHO)
                assert member
                found = await log.page(session, member, wanted, before=before, limit=PAGE)
                await shares.live(session, WHO, [line.entry.id for line in found.lines])

        return work

    async def nothing() -> None:
        async with sessions() as session:
            await session.scalar(select(literal(1)))

    work: dict[str, Work] = {
        "a page of logs": page(Filter()),
        "a deep page of logs": page(Filter(), DEEP),
        "a page of one criterion": page(Filter(criteria=[ladder.criteria[0].id])),
        "a page of what is shared": page(Filter(shared=True)),
        "a page of what is private": page(Filter(shared=False)),
        "a search, frequent word": page(Filter(words="model")),
        "a search, rare word": page(Filter(words=RARE)),
        "a search, first letters": page(Filter(words="mo")),
        "the Home tab, read and laid out": lambda: presenter.read(actor),
    }
    baseline = await _times(nothing)
    return [filled, *[_row(name, await _times(each), baseline) for name, each in work.items()]]


async def _times(work: Work) -> list[float]:
    """Seconds of each run, with the first ones left out."""
    seconds = []
    for _ in range(RUNS + 5):
        start = time.perf_counter()
        await work()
        seconds.append(time.perf_counter() - start)
    return seconds[5:]


def _row(name: str, seconds: Sequence[float], baseline: Sequence[float]) -> Row:
    p50, p95, bare = milliseconds(seconds), milliseconds(seconds, 95), milliseconds(baseline)
    return Row(f"{name} of {ENTRIES // EVERY:,}, p50 · p95", f"{p50:.1f} · {p95:.1f} ms", f"{bare:.2f} ms", p50 / bare)


async def _fill(engine: AsyncEngine, ladder: Ladder) -> None:
    asks = [criterion.id for criterion in ladder.criteria]
    said = [line for criterion in ladder.criteria for line in (criterion.sentence, *criterion.examples.values())]
    async with engine.begin() as connection:
        await connection.run_sync(_indexes, drop=True)
        for statement in FILL:
            await connection.execute(text(statement), {"asks": asks, "said": said})
        await connection.run_sync(_indexes, drop=False)
    async with engine.connect() as connection:
        bare = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await bare.execute(text("SET statement_timeout = 0"))
        await bare.execute(text("VACUUM (ANALYZE) entries, entry_criteria, members, mentorships, shares"))
        await bare.execute(text("RESET statement_timeout"))


def _indexes(connection: Connection, *, drop: bool) -> None:
    for table in (Base.metadata.tables[each.__tablename__] for each in (Entry, EntryCriterion, Share)):
        for index in table.indexes:
            (index.drop if drop else index.create)(connection)
