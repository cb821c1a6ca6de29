"""The Home tab: where one stands, what is next, the last entries, and the next question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from growth.cadence import spoken_date
from growth.entry import Written
from growth.sharing import Mentee
from growth.standing import LadderPosition, aim
from handlers.checkins.views import Question
from handlers.entries.views.sharing import YOURS, named
from handlers.ladder.views import details
from handlers.ladder.views.next_level import SHOWN
from handlers.ladder.views.welcome import LEVEL_GONE, level_buttons, offer_times
from handlers.log.views.log_filter import Listing
from handlers.schedule.views import pause, schedule
from handlers.slack import action_ids
from handlers.slack.blocks import Block, View, actions, divider, header, home_tab, section, small
from handlers.slack.elements import button
from handlers.slack.position import code, line, progress, where
from handlers.slack.text import count, escape, quote
from ladder_content.model import Ladder

LISTED = 20  # mentors and mentees


@dataclass(frozen=True)
class Noted:
    """An entry, and who can read it, in words."""

    id: int
    written: Written
    read_by: str


@dataclass(frozen=True)
class Company:
    """Mentors by Slack id, with how many entries are shared with them; and mentees."""

    mentors: Mapping[str, int] = field(default_factory=dict)
    mentees: Sequence[Mentee] = ()


NOBODY = Company()


def guest(sentence: str) -> View:
    """For whom Rung is not."""
    return home_tab([header("Grow one rung at a time"), section(sentence)])


def stranger(
    ladder: Ladder, mentees: Sequence[Mentee], newest: Sequence[Noted], today: date, *, gone: bool = False
) -> View:
    """For somebody without a level, who may be a mentor and have a log. `gone`: theirs is no longer on the ladder."""
    hello = (
        LEVEL_GONE
        if gone
        else "I'm Rung. I show what the next level of your career asks, ask you one good question a week, and keep your"
        " answers as a growth log for the day you need it."
    )
    return home_tab(
        [
            header("Grow one rung at a time"),
            section(hello),
            divider(),
            *level_buttons(ladder),
            *([divider(), *_entries(newest, today), _log()] if newest else []),
            *([divider(), *_mentees(mentees, ladder)] if mentees else []),
        ]
    )


def member(
    standing: LadderPosition,
    ladder: Ladder,
    open_question: Question | None,
    newest: Sequence[Noted],
    company: Company = NOBODY,
    *,
    offer: bool = False,
) -> View:
    """For a member: the open question first, then the way to the target, what they wrote last, and their company.

    `offer`: the weekly question, to which they have said neither yes nor no.
    """
    return home_tab(
        [
            header(where(standing.level, standing.target)),
            section(_how_far(standing), button("Level and schedule", action_ids.SCHEDULE_OPEN)),
            *([*offer_times(standing.upcoming), divider()] if offer else []),
            *_open(open_question),
            _log(),
            section("*In the mood for a question?*", button("Ask me a question", action_ids.CHECKIN_NOW)),
            section(schedule.next_question(standing.upcoming, standing.today), *pause.switch(standing.upcoming)),
            divider(),
            section("*What leads there*" if not standing.at_top else "*What your level asks*"),
            *_criteria(standing, ladder),
            divider(),
            *_entries(newest, standing.today),
            divider(),
            *_mentors(company.mentors),
            divider(),
            *_mentees(company.mentees, ladder),
            small(YOURS),
            actions(
                button("Forget me", action_ids.PRIVACY_FORGET, label="Forget everything about me; asks once more first")
            ),
        ]
    )


def _log() -> Block:
    return section("*Did something worth remembering?*", button("Log something", action_ids.LOG_OPEN, style="primary"))


def _how_far(standing: LadderPosition) -> str:
    return "The top of this ladder." if standing.at_top else progress(standing.coverage)


def _open(question: Question | None) -> list[Block]:
    if question is None:
        return []
    answer = button("Answer now", action_ids.CHECKIN_WRITE, str(question.id), style="primary")
    return [section(f"*A question is waiting for you*\n{escape(question.question)}", answer), divider()]


def _criteria(standing: LadderPosition, ladder: Ladder) -> list[Block]:
    shown = standing.coverage.criteria[:SHOWN]
    rest = standing.coverage.total - len(shown)
    blocks: list[Block] = [
        section(
            line(each, ladder, standing.today),
            button(
                "Open",
                action_ids.DETAILS_OPEN,
                details.key("criterion", each.criterion.id),
                label=each.criterion.sentence,
            ),
        )
        for each in shown
    ]
    return [*blocks, small(f"And {rest} more on the way to {escape(code(standing.target))}.")] if rest else blocks


def _entries(newest: Sequence[Noted], today: date) -> list[Block]:
    if not newest:
        return [
            section(
                "*Your last entries*\nNothing yet. The first line can be short: what did you do last week that you'd"
                " tell a friend about?"
            )
        ]
    see = button("See all", action_ids.LOGS_OPEN, Listing().encoded())
    return [section("*Your last entries*", see), *(_entry(each, today) for each in newest)]


def _entry(each: Noted, today: date) -> Block:
    head = f"{spoken_date(each.written.happened_on, today)} · {each.read_by}"
    edit = button("Edit", f"{action_ids.LOG_EDIT}.{each.id}", str(each.id))
    return section(f"{head}\n{quote(each.written.gist, 300)}", edit)


def _mentors(sharing: Mapping[str, int]) -> list[Block]:
    """Each with how much of the log they can read."""
    said = [f"•  {named(user)} · {_shared(shared)}" for user, shared in [*sharing.items()][:LISTED]]
    rest = [f"And {len(sharing) - LISTED} more."] if len(sharing) > LISTED else []
    lines = [*said, *rest] or ["Nobody yet: what you write is for you alone."]
    shared = section(
        "What they can read", button("See what I share", action_ids.LOGS_OPEN, Listing(shared=True).encoded())
    )
    return [
        section(
            "\n".join(["*My mentors*", *lines]), button("Open", action_ids.MENTORING_MENTORS, label="Open my mentors")
        ),
        *([shared] if any(sharing.values()) else []),
        section("Somebody whose eye on this would help?", button("Ask for a mentor", action_ids.MENTORING_ASK)),
    ]


def _shared(entries: int) -> str:
    return f"{count(entries, 'entry', 'entries')} shared" if entries else "nothing shared yet"


def _mentees(mentees: Sequence[Mentee], ladder: Ladder) -> list[Block]:
    """Each with their way up the ladder."""
    said = "*My mentees*" if mentees else "*My mentees*\nNobody yet."
    title = section(said, button("Open", action_ids.MENTORING_MENTEES, label="Open my mentees"))
    rest = len(mentees) - LISTED
    more = [small(f"And {rest} more.")] if rest > 0 else []
    return [title, *(_mentee(each, ladder) for each in mentees[:LISTED]), *more]


def _mentee(mentee: Mentee, ladder: Ladder) -> Block:
    level = ladder.level(mentee.level)
    if level is None:
        return section(f"{named(mentee.user)}\nHas not picked a level yet.")
    target = aim(ladder, level, mentee.target)
    about = button(
        "What it asks", action_ids.DETAILS_OPEN, details.key("level", target.id), label=f"What {code(target)} asks"
    )
    return section(f"{named(mentee.user)}\n{escape(where(level, target))}", about)
