"""What people do in a year, by the functions that the handlers call, and what they then expect."""

from datetime import timedelta

from sqlalchemy import select

from db import asking, entries, schedules
from db.entries import NewEntry
from db.tables import CheckIn, CheckInState, Kind, Source
from growth.cadence import local_date, zone
from handlers import rhythm
from tests.expected import ANSWERED, ASKED, LAPSED, SKIPPED, Rhythm
from tests.year import PLACES, Act, Turn, cadence, some_rhythm


async def answer(turn: Turn) -> None:
    """The newest question that can be answered."""
    if question := await _answerable(turn):
        await _log(turn, question)
        question.state, question.answered_at = CheckInState.ANSWERED, turn.now
        turn.expected.newest(ASKED, LAPSED).state = ANSWERED


async def skip(turn: Turn) -> None:
    if question := await _answerable(turn):
        question.state = CheckInState.SKIPPED
        turn.expected.newest(ASKED, LAPSED).state = SKIPPED


async def log(turn: Turn) -> None:
    await _log(turn)


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
    if turn.expected.open is None:
        await asking.ask_now(turn.session, turn.member, turn.ladder, turn.now)
    turn.expected.by_hand(turn.now)


async def go_away(turn: Turn) -> None:
    turn.person.away_until = turn.now + timedelta(weeks=turn.chance.choice((1, 3, 8, 25)))


HABITS: dict[Act, float] = {
    answer: 0.02,
    skip: 0.003,
    log: 0.003,
    change_rhythm: 0.002,
    change_rhythm_twice_and_back: 0.001,
    travel: 0.003,
    there_and_back: 0.001,
    move_house: 0.001,
    no_questions: 0.0005,
    by_hand: 0.003,
    go_away: 0.001,
}


async def _save(turn: Turn, place: str, wanted: Rhythm) -> None:
    """The form of `/ladder set`."""
    turn.member.tz = place
    await rhythm.start(turn.session, turn.member, cadence(wanted), turn.now)
    turn.expected.choose(wanted, zone(place), turn.now)


async def _answerable(turn: Turn) -> CheckIn | None:
    found: CheckIn | None = await turn.session.scalar(
        select(CheckIn)
        .where(CheckIn.member_id == turn.member.id, CheckIn.state.in_((CheckInState.ASKED, CheckInState.LAPSED)))
        .order_by(CheckIn.id.desc())
        .limit(1)
    )
    return found


async def _log(turn: Turn, question: CheckIn | None = None) -> None:
    words = NewEntry(
        "Drew the boundary between the two services.",
        local_date(turn.now, zone(turn.member.tz)),
        Source.CHECK_IN if question else Source.COMMAND,
        f"{turn.person.name} {turn.now}",
        check_in_id=question.id if question else None,
    )
    entry, _ = await entries.add(turn.session, turn.member, words, turn.now)
    criterion = turn.chance.choice(turn.ladder.relevant("l4", None))
    await entries.tag(turn.session, entry, {criterion.id: criterion.sentence})
