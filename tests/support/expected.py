"""What a member may expect, week by week: the rules for check-ins in plain words, without a line of Rung's own."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tests.support.clocks import WEEK, offset, shown

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ASKED, ANSWERED, SKIPPED, LAPSED, MISSED, PUT_OFF = "asked", "answered", "skipped", "lapsed", "missed", "planned"
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass
class Question:
    """`week` is its Monday, none for an extra; `slot` is when it was due, or asked for by hand; `later` when again."""

    week: date | None
    slot: datetime
    state: str
    later: datetime | None = None
    came: datetime = LONG_AGO

    @property
    def at(self) -> datetime:
        """When it came: up to an hour late is on time."""
        return self.came if self.came > self.slot + HOUR else self.slot


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


def by_day(place: ZoneInfo, now: datetime, *, weekends: bool) -> datetime:
    """Now, or the next morning; on no weekend but one's own."""
    mornings = [first_reading(place, shown(place, now).date() + n * DAY, time(8)) for n in range(4)]
    clocks = [(each, shown(place, each)) for each in (now, *mornings) if each >= now]
    return min(at for at, clock in clocks if 8 <= clock.hour < 19 and (weekends or clock.isoweekday() < 6))


def not_too_late(place: ZoneInfo, slot: datetime, now: datetime, *, weekends: bool) -> datetime | None:
    """Up to an hour late is on time; later only by day, and within 36 hours."""
    if now <= slot + HOUR:
        return max(slot, now)
    at = by_day(place, now, weekends=weekends)
    return at if at <= slot + 36 * HOUR else None


@dataclass
class Expected:
    """One member: what they chose, what they were asked, and when Rung has to look at them next."""

    place: ZoneInfo
    rhythm: Rhythm
    touched: datetime  # when they last chose it
    week: date = field(init=False)
    due: datetime | None = field(init=False)
    planned: date | None = None
    put_off_by_silence: bool = False
    paused_until: date = date.min
    quiet_until: datetime = LONG_AGO
    questions: list[Question] = field(default_factory=list)
    logged: list[datetime] = field(default_factory=list)
    coming: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._expect(self._next_week(self.touched, this_one_too=True))

    @property
    def next_look(self) -> datetime | None:
        later = self.open and self.open.later
        return min((each for each in (self.due, later) if each), default=None)

    def tick(self, now: datetime) -> list[str]:
        """What comes at this moment: the weeks' questions, those put off, extras, and the word that it is over."""
        while self.due and self.due <= now:
            self._look(now)
        if self.open and self.open.later and self.open.later <= now:
            self._look_again(self.open, now)
        came, self.coming = self.coming, []
        return sorted(came)

    # What they do.

    def choose(self, rhythm: Rhythm, place: ZoneInfo, now: datetime) -> None:
        """A form was saved. A new zone keeps week and date; a new rhythm finds them anew."""
        same = rhythm == self.rhythm
        due, week, moved = self.due, self.week, place != self.place
        if self.open and self.open.later:
            self.open.later = self._moved(self.open.later, place, now)
        self.rhythm, self.place, self.touched = rhythm, place, now
        if not (self.due and same):
            self._expect(self._next_week(now, this_one_too=True))
        elif self.put_off_by_silence:
            self._there_again(now)
        else:
            self._expect(self.week)
        if same and due and self.due and self.week == week:  # what a new zone alone has put behind comes at once
            self.due = max(self.due, min(due, now)) if moved else due

    def _moved(self, at: datetime, place: ZoneInfo, now: datetime) -> datetime:
        """The same date and time at another place; at once if they are past there."""
        clock = shown(self.place, at)
        return max(first_reading(place, clock.date(), clock.time()), min(at, now))

    def switch_off(self) -> None:
        self.due, self.paused_until = None, date.min

    def pause(self, until: date, now: datetime) -> None:
        if self.due:
            self.paused_until, self.touched = until, now
            self._expect(self._next_week(now))
            if self.open:
                self._stand_open(self.open)

    def resume(self, now: datetime) -> None:
        self.paused_until, self.touched = date.min, now
        self._expect(min(self.week, self._next_week(now)) if self.due else self._next_week(now, this_one_too=True))

    def by_hand(self, now: datetime) -> None:
        """They ask for a question: nothing new while one is open, else this week's, else an extra."""
        if self.open:
            self._stand_open(self.open)
        elif self.due and self.due > now and self.week == monday(shown(self.place, now).date()):
            self._ask(self.week, now, now)
            self._went_by(self.rhythm.every)
        else:
            self._ask(None, now, now)

    def later(self, days: int, now: datetime) -> None:
        question = self.open
        if question:
            at = shown(self.place, question.slot).time()
            again = first_reading(self.place, shown(self.place, now).date() + days * DAY, at)
            if self.due is None or again < self.due:
                question.state, question.later = PUT_OFF, again

    def end(self, question: Question, state: str, now: datetime) -> None:
        question.state, question.later = state, None
        if state == ANSWERED:
            self.logged.append(now)
        self._there_again(now)

    def log(self, now: datetime) -> None:
        self.logged.append(now)
        self._there_again(now)

    @property
    def open(self) -> Question | None:
        return next((each for each in reversed(self.questions) if each.state in (ASKED, PUT_OFF)), None)

    @property
    def answerable(self) -> Question | None:
        states = (ASKED, PUT_OFF, LAPSED)
        return next((each for each in reversed(self.questions) if each.state in states), None)

    # What Rung does.

    def _look(self, now: datetime) -> None:
        weekends = self.rhythm.weekday >= 6
        slot = self._slot(self.week)
        when = not_too_late(self.place, slot, now, weekends=weekends)
        if when is None and self.due and slot < self.due and now <= self.due + HOUR:
            slot, when = self.due, now
        if self.quiet_until > now:
            when = self.quiet_until
        silent = self._silent_in_a_row()
        if when is None and len(silent) >= 5:
            when = by_day(self.place, now, weekends=weekends)
        if when and when > now:
            self.due = when
            return
        if len(silent) >= 5:
            self.due, self.quiet_until = None, now + 4 * HOUR
            self.coming.append("off")
            return
        slower = max(self.rhythm.every, 2) if len(silent) >= 2 else self.rhythm.every
        if len(silent) >= 2 and silent[0].week:
            allowed = silent[0].week + (max(slower, 8) if len(silent) >= 4 else slower) * WEEK
            if self.week < allowed:
                self._expect(allowed, put_off=True)
                return
        if when:
            self._ask(self.week, slot, now)
            self.quiet_until = now + 4 * HOUR
        else:
            self.questions.append(Question(self.week, slot, MISSED))
        self._went_by(slower)

    def _look_again(self, question: Question, now: datetime) -> None:
        assert question.later
        if self.quiet_until > now:
            question.later = self.quiet_until
            return
        own = shown(self.place, question.later).isoweekday() >= 6
        when = not_too_late(self.place, question.later, now, weekends=own)
        if when == now:
            question.slot, question.came, self.quiet_until = question.later, now, now + 4 * HOUR
            self.coming.append("later")
        if when is None or when == now:
            self._stand_open(question)
        else:
            question.later = when

    def _ask(self, week: date | None, slot: datetime, now: datetime) -> None:
        if self.open:
            self.open.later, self.open.state = None, LAPSED
        self.questions.append(Question(week, slot, ASKED, came=now))
        self.coming.append(f"week {week}" if week else "extra")

    def _stand_open(self, question: Question) -> None:
        question.state, question.later = ASKED, None

    def _went_by(self, every: int) -> None:
        self.planned = self.week
        self._expect(self.week + every * WEEK, put_off=every > self.rhythm.every)

    def _expect(self, week: date, *, put_off: bool = False) -> None:
        self.week, self.due, self.put_off_by_silence = week, self._slot(week), put_off

    def _there_again(self, now: datetime) -> None:
        """Whoever is there again is asked in their own rhythm again."""
        if self.due and self.put_off_by_silence:
            self._expect(min(self.week, self._next_week(now)))

    def _slot(self, week: date) -> datetime:
        return first_reading(self.place, self._day(week), self.rhythm.at)

    def _day(self, week: date) -> date:
        return week + timedelta(days=self.rhythm.weekday - 1)

    def _next_week(self, now: datetime, *, this_one_too: bool = False) -> date:
        """The next due week, or this one if it had none; ahead, not in a pause, four days after the last question."""
        this_week = monday(shown(self.place, now).date())
        asked = [each for each in self.questions if each.state != MISSED]
        earliest = max(asked, key=lambda each: each.slot).at + 4 * DAY if asked else LONG_AGO

        def fits(week: date) -> bool:
            weeks = 1 if this_one_too and week == this_week else self.rhythm.every
            rested = self.planned is None or week >= self.planned + weeks * WEEK
            return rested and self._day(week) >= self.paused_until and self._slot(week) >= earliest

        return next(week for n in range(60) if self._slot(week := this_week + n * WEEK) > now and fits(week))

    def _silent_in_a_row(self) -> list[Question]:
        """The newest questions since they chose that met silence: nothing was logged in the week of one, or since."""
        silent: list[Question] = []
        wrote = max(self.logged, default=LONG_AGO)
        for each in sorted(self.questions, key=lambda one: one.slot, reverse=True):
            came_back = each.state in (ANSWERED, SKIPPED)
            if each.slot <= self.touched or not (came_back or (each.week and each.state in (ASKED, LAPSED))):
                continue
            begins = first_reading(self.place, each.week or monday(shown(self.place, each.slot).date()), time())
            if came_back or wrote >= begins:
                break
            silent.append(each)
        return silent
