"""What people do in a year, by the functions that the handlers call, and what they then expect."""

import contextlib
from datetime import timedelta

from sqlalchemy import select

from db.checkins import asking, check_ins, schedules
from db.entries import entries
from db.entries.entries import NewEntry
from db.enums import CheckInState, Kind, Source
from db.models import CheckIn
from growth.cadence import local_date, zone
from growth.errors import AnotherIsSooner
from services import scheduling
from services.check_ins import OPEN
from tests.support.expected import Rhythm
from tests.support.year import PLACES, Act, Turn, cadence, some_rhythm


async def answer(turn: Turn) -> None:
    """The newest question that can be answered."""
    await _end(turn, CheckInState.ANSWERED)


async def skip(turn: Turn) -> None:
    await _end(turn, CheckInState.SKIPPED)


async def log(turn: Turn) -> None:
    await _log(turn)
    turn.expected.log(turn.now)
    await scheduling.bring_forward(turn.session, turn.member, turn.now)


async def change_rhythm(turn: Turn) -> None:
    await _save(turn, turn.member.tz, some_rhythm(turn.chance))


async def change_rhythm_twice_and_back(turn: Turn) -> None:
    for wanted in (some_rhythm(turn.chance), some_rhythm(turn.chance), turn.expected.rhythm):
        await _save(turn, turn.member.tz, wanted)


async def travel(turn: Turn) -> None:
    if turn.expected.due:
        await _save(turn, turn.chance.choice(PLACES), turn.expected.rhythm)


async def there_and_back(turn: Turn) -> None:
    if turn.expected.due:
        home = turn.member.tz
        for place in (turn.chance.choice(PLACES), home):
            await _save(turn, place, turn.expected.rhythm)


async def move_house(turn: Turn) -> None:
    await _save(turn, turn.chance.choice(PLACES), some_rhythm(turn.chance))


async def no_questions(turn: Turn) -> None:
    await schedules.switch_off(turn.session, turn.member.id, Kind.CHECK_IN)
    turn.expected.switch_off()


async def by_hand(turn: Turn) -> None:
    waiting = await check_ins.open_one(turn.session, turn.person.who)
    if waiting and asking.comes_later(waiting):
        asking.stand_open(waiting)
    if waiting is None:
        await asking.ask_now(turn.session, turn.member, turn.ladder, turn.now)
    turn.expected.by_hand(turn.now)


async def later(turn: Turn) -> None:
    days = turn.chance.choice((1, 2))
    if waiting := await check_ins.open_one(turn.session, turn.person.who):
        with contextlib.suppress(AnotherIsSooner):
            await asking.snooze(turn.session, turn.member, waiting, days, turn.now)
    turn.expected.later(days, turn.now)


async def pause(turn: Turn) -> None:
    until = local_date(turn.now, zone(turn.member.tz)) + timedelta(days=turn.chance.choice((1, 3, 7, 10, 40)))
    if await scheduling.pause(turn.session, turn.member, until, turn.now):
        waiting = await check_ins.open_one(turn.session, turn.person.who)
        if waiting and asking.comes_later(waiting):
            asking.stand_open(waiting)
    turn.expected.pause(until, turn.now)


async def resume(turn: Turn) -> None:
    await scheduling.resume(turn.session, turn.member, turn.now)
    turn.expected.resume(turn.now)


async def go_away(turn: Turn) -> None:
    turn.person.away_until = turn.now + timedelta(weeks=turn.chance.choice((1, 3, 8, 25)))


HABITS: dict[Act, float] = {
    answer: 0.04,
    skip: 0.006,
    log: 0.004,
    later: 0.01,
    change_rhythm: 0.004,
    change_rhythm_twice_and_back: 0.001,
    travel: 0.006,
    there_and_back: 0.002,
    move_house: 0.002,
    pause: 0.003,
    resume: 0.003,
    no_questions: 0.001,
    by_hand: 0.006,
    go_away: 0.003,
}


async def _save(turn: Turn, place: str, wanted: Rhythm) -> None:
    """The form of `/ladder set`."""
    await scheduling.move(turn.session, turn.member, place, turn.now)
    await scheduling.start(turn.session, turn.member, cadence(wanted), turn.now)
    turn.expected.choose(wanted, zone(place), turn.now)


async def _end(turn: Turn, state: CheckInState) -> None:
    expected = turn.expected.answerable
    question = await turn.session.scalar(
        select(CheckIn)
        .where(CheckIn.member_id == turn.member.id, CheckIn.state.in_(OPEN))
        .order_by(CheckIn.id.desc())
        .limit(1)
    )
    assert (question is None) == (expected is None)
    if question is None or expected is None:
        return
    if state == CheckInState.ANSWERED:
        await _log(turn, question)
        question.answered_at = turn.now
    question.state = state
    await turn.session.flush()
    await scheduling.bring_forward(turn.session, turn.member, turn.now)
    turn.expected.end(expected, state, turn.now)


async def _log(turn: Turn, question: CheckIn | None = None) -> None:
    words = NewEntry(
        "Drew the boundary between the two services.",
        local_date(turn.now, zone(turn.member.tz)),
        Source.CHECK_IN if question else Source.COMMAND,
        f"{turn.person.name} {turn.now}",
        check_in_id=question.id if question else None,
    )
    entry = await entries.add(turn.session, turn.member, words, turn.now)
    criterion = turn.chance.choice(turn.ladder.relevant("l4", None))
    await entries.tag(turn.session, entry, {criterion.id: criterion.sentence})
