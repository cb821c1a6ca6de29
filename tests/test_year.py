"""A year in the lives of people all over the world, who change their minds: every question of every week."""

from collections import Counter

import pytest
from sqlalchemy import select

from db.engine import Sessions
from db.models import CheckIn, Member
from ladder_content.model import Ladder
from tests.support.behaviours import HABITS
from tests.support.expected import ANSWERED, LAPSED, MISSED, SKIPPED
from tests.support.year import Year, settled


@pytest.mark.parametrize(
    ("people", "seed"), [pytest.param(6, 3, id="6"), pytest.param(500, 2, id="500", marks=pytest.mark.torture)]
)
async def test_a_year(sessions: Sessions, ladder: Ladder, people: int, seed: int) -> None:
    year = Year(sessions, ladder, await settled(sessions, people, seed), HABITS)
    await year.pass_by()

    async with sessions() as session:
        rows = await session.execute(
            select(Member.slack_user, CheckIn.week, CheckIn.slot_at, CheckIn.state)
            .join(CheckIn, CheckIn.member_id == Member.id)
            .order_by(CheckIn.id)
        )
        there: dict[str, list[tuple[object, ...]]] = {}
        for name, *question in rows:
            there.setdefault(name, []).append(tuple(question))
    for person in year.people:
        expected = [(each.week, each.slot, each.state) for each in person.expected.questions]
        assert there.get(person.name, []) == expected
    assert {times for (_, what), times in year.came.items() if what.startswith("week")} == {1}

    states = Counter(each.state for person in year.people for each in person.expected.questions)
    assert states.total() > people * 20
    assert min(states[each] for each in (ANSWERED, SKIPPED, LAPSED, MISSED)) > people / 4
    assert {"week", "extra", "later", "off"} == {what.split()[0] for _, what in year.came}
    assert set(year.done) == {act.__name__ for act in HABITS}
