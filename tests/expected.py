"""What a member may expect, week by week: the rules for check-ins in plain words, without a line of Rung's own."""

from dataclasses import InitVar, dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tests.clocks import WEEK, offset, shown

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ASKED, ANSWERED, SKIPPED, LAPSED, MISSED = "asked", "answered", "skipped", "lapsed", "missed"


@dataclass
class Question:
    """`week` is its Monday, none for an extra; `slot` is when it was due, or asked for by hand."""

    week: date | None
    slot: datetime
    state: str


@dataclass(frozen=True)
class Rhythm:
    """An ISO weekday, a local time, and how many weeks from one question to the next."""

    weekday: int
    at: time
    every: int = 1


def monday(day: date) -> date:
    return day - timedelta(days=day.isoweekday() - 1)


def first_reading(place: ZoneInfo, on: date, at: time) -> datetime:
    """The first instant at which clocks there show it; if they leave it out, as if they had not been changed."""
    wall = datetime.combine(on, at)
    as_utc = wall.replace(tzinfo=UTC)
    old, new = offset(place, as_utc - DAY), offset(place, as_utc + DAY)
    readings = [as_utc - each for each in (old, new) if shown(place, as_utc - each) == wall]
    return min(readings, default=as_utc - old)


@dataclass
class Expected:
    """One member: what they chose, what they were asked, and when Rung has to look at them next."""

    place: ZoneInfo
    rhythm: Rhythm
    since: InitVar[datetime]
    week: date = field(init=False)
    due: datetime | None = field(init=False)
    planned: date | None = None
    questions: list[Question] = field(default_factory=list)
    coming: list[date | None] = field(default_factory=list)

    def __post_init__(self, since: datetime) -> None:
        self._expect(self._new_week(since))

    def tick(self, now: datetime) -> list[date | None]:
        """The weeks of the questions that come at this moment, none for an extra."""
        while self.due and self.due <= now:
            self._look(now)
        came, self.coming = self.coming, []
        return came

    def choose(self, rhythm: Rhythm, place: ZoneInfo, now: datetime) -> None:
        """A form was saved: rhythm and zone."""
        running, same, self.place, self.rhythm = self.due is not None, rhythm == self.rhythm, place, rhythm
        self._expect(self.week if running and same else self._new_week(now))

    def switch_off(self) -> None:
        self.due = None

    def by_hand(self, now: datetime) -> None:
        """They ask for a question: nothing new while one is open, else this week's, else an extra."""
        if self.open:
            return
        is_ahead = self.due is not None and self.due > now and self.week == self._this_week(now)
        week = self.week if is_ahead else None
        self._ask(week, now)
        if is_ahead:
            self._went_by()

    @property
    def open(self) -> Question | None:
        return next((each for each in reversed(self.questions) if each.state == ASKED), None)

    def newest(self, *states: str) -> Question:
        return next(each for each in reversed(self.questions) if each.state in states)

    def _look(self, now: datetime) -> None:
        slot = self._slot(self.week)
        when = self._not_too_late(slot, now)
        if when and when > now:
            self.due = when
            return
        if when:
            self._ask(self.week, slot)
        else:
            self.questions.append(Question(self.week, slot, MISSED))
        self._went_by()

    def _ask(self, week: date | None, slot: datetime) -> None:
        if still_open := self.open:
            still_open.state = LAPSED
        self.questions.append(Question(week, slot, ASKED))
        self.coming.append(week)

    def _went_by(self) -> None:
        self.planned = self.week
        self._expect(self.week + self.rhythm.every * WEEK)

    def _expect(self, week: date) -> None:
        self.week, self.due = week, self._slot(week)

    def _slot(self, week: date) -> datetime:
        return first_reading(self.place, week + timedelta(days=self.rhythm.weekday - 1), self.rhythm.at)

    def _this_week(self, now: datetime) -> date:
        return monday(shown(self.place, now).date())

    def _new_week(self, now: datetime) -> date:
        """This week if it had no question, else the next due one; ahead, and four days after the last question."""
        asked = [each.slot for each in self.questions if each.state != MISSED]
        earliest, this_week = max(asked) + 4 * DAY if asked else now, self._this_week(now)

        def fits(week: date) -> bool:
            weeks = 1 if week == this_week else self.rhythm.every
            rested = self.planned is None or week >= self.planned + weeks * WEEK
            return rested and self._slot(week) > now and self._slot(week) >= earliest

        return next(week for n in range(60) if fits(week := this_week + n * WEEK))

    def _not_too_late(self, slot: datetime, now: datetime) -> datetime | None:
        """Up to an hour late is on time; later by day, not at the weekend unless theirs, and within 36 hours."""
        if now <= slot + HOUR:
            return max(slot, now)
        today = shown(self.place, now).date()
        mornings = [first_reading(self.place, today + n * DAY, time(8)) for n in range(4)]
        return min(
            (each for each in (now, *mornings) if now <= each <= slot + 36 * HOUR and self._by_day(each)), default=None
        )

    def _by_day(self, moment: datetime) -> bool:
        clock = shown(self.place, moment)
        return 8 <= clock.hour < 19 and (clock.isoweekday() < 6 or self.rhythm.weekday >= 6)
