"""What admins see of a workspace: how many take part, in bands, and nothing that tells about anybody."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, insert, select, update

from db import members
from db.models import CheckIn, Entry, Member, Workspace
from db.workspaces import participation
from growth.participation import Band, Counted, band, complete_months
from tests.support.world import GUEST, MAYA, SAM, World, text_of

TEAM = "T0PLAYGROUND"
DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)
JANUARY = datetime(2027, 1, 1, tzinfo=UTC)
INSIDE = DECEMBER + timedelta(days=9)


@pytest.mark.parametrize(
    ("active", "wrote", "shown"),
    [
        (9, 5, None),
        (10, 5, Band.UPPER),
        (10, 4, Band.LOWER),
        (10, 2, None),
        (10, 8, None),
        (12, 2, None),
        (12, 3, Band.LOWER),
        (12, 9, Band.UPPER),
        (12, 10, None),
        (100, 49, Band.LOWER),
        (0, 0, None),
    ],
)
def test_bands(active: int, wrote: int, shown: Band | None) -> None:
    assert band(Counted(active, wrote)) is shown


@given(active=st.integers(0, 300), wrote=st.integers(0, 300))
def test_where_something_is_shown_anybody_may_be_among_three(active: int, wrote: int) -> None:
    if band(Counted(active, wrote)):
        assert min(wrote, active - wrote) >= 3


def test_the_month_that_runs_is_not_shown() -> None:
    assert complete_months(datetime(2027, 1, 31, 23, 59, tzinfo=UTC)) == [
        date(2026, 12, 1), date(2026, 11, 1), date(2026, 10, 1)
    ]  # fmt: skip
    assert complete_months(JANUARY)[0] == date(2026, 12, 1)
    kiritimati = JANUARY.astimezone(UTC) - timedelta(hours=1)
    assert complete_months(kiritimati)[0] == date(2026, 11, 1)


async def people(world: World, asked: int = 0, wrote: int = 0, team: str = TEAM, at: datetime = INSIDE) -> None:
    """Members, of whom some were asked at that instant, and others wrote."""
    users = [f"U{team}{at:%m%d}{n}" for n in range(asked + wrote)]
    async with world.sessions.begin() as session:
        await members.ensure(session, team, dict.fromkeys(users, "UTC"))
        for n, user in enumerate(users):
            member = await members.get(session, members.UserRef(team, user))
            assert member
            await session.execute(
                insert(CheckIn if n < asked else Entry).values(member_id=member.id, **row(n < asked, at))
            )


def row(asked: bool, at: datetime) -> dict[str, Any]:
    if asked:
        ids = {"criterion_id": "l5.x", "prompt_id": "a", "question": "?", "why": "."}
        return {"slot_at": at, "state": "lapsed", **ids}
    return {"what": "secret", "happened_on": at.date(), "source": "form", "source_key": "k", "created_at": at}


async def counted(world: World) -> tuple[int, int]:
    async with world.sessions() as session:
        found = await participation.count(session, TEAM, DECEMBER.date())
    return found.active, found.wrote


async def admin(world: World, user: str = SAM, **role: Any) -> str:
    await world.playground.change_person(user, **(role or {"is_admin": True}))
    return text_of(await world.ladder_command(user, "admin"))


@pytest.mark.parametrize("world", ["socket", "http"], indirect=True)
async def test_admins_see_bands_by_month_and_where_to_get_help(world: World) -> None:
    await people(world, asked=6, wrote=6)
    await people(world, asked=3, wrote=12, at=INSIDE - timedelta(days=30))
    await people(world, asked=3, wrote=3, at=INSIDE - timedelta(days=60))
    await people(world, asked=9, wrote=9, at=JANUARY)
    said = await admin(world)
    assert "•  *December 2026*: 50–75 %\n" in said
    assert "•  *November 2026*: nothing to show\n•  *October 2026*: nothing to show" in said
    assert "January" not in said
    for hidden in ("U0", "secret", "l5", "12 ", "6 ", "<@"):
        assert hidden not in said
    assert "`python -m bot people invite people.csv --dry-run`" in said
    assert (await admin(world, is_admin=False, is_owner=True)) == said


async def test_others_get_a_kind_sentence_and_roles_are_asked_for_each_time(world: World) -> None:
    assert "Participation" in await admin(world)
    for words in (await admin(world, is_admin=False), text_of(await world.ladder_command(MAYA, "admin"))):
        assert words.startswith("That page is for the admins and owners of this Slack workspace.")
    for role in ({"is_restricted": True}, {"team_id": "T0OTHER"}, {"is_stranger": True, "team_id": "T0OTHER"}):
        assert (await admin(world, GUEST, is_admin=True, **role)).startswith("That page is for the admins")


async def test_looking_creates_nothing(world: World) -> None:
    assert (await admin(world)).count("nothing to show") == 3
    for table in (Workspace, Member):
        assert await world.rows(select(func.count()).select_from(table)) == [0]


async def test_who_counts(world: World) -> None:
    await people(world, asked=2, wrote=2)
    assert await counted(world) == (4, 2)
    await people(world, asked=5, wrote=5, team="T0OTHER")
    await people(world, asked=1, wrote=1, at=DECEMBER - timedelta(seconds=1))
    await people(world, asked=1, wrote=1, at=JANUARY)
    assert await counted(world) == (4, 2), "another workspace, another month"
    await people(world, asked=1, wrote=1, at=DECEMBER)
    assert await counted(world) == (6, 3)
    async with world.sessions.begin() as session:
        await session.execute(update(Member).values(active=False))
    assert await counted(world) == (6, 3), "deactivating somebody tells nothing about them"
    for state, later_at, left in (("missed", None, 3), ("planned", None, 3), ("planned", INSIDE, 6)):
        async with world.sessions.begin() as session:
            await session.execute(update(CheckIn).values(state=state, later_at=later_at))
        assert await counted(world) == (left, 3)
