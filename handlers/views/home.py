"""The Home tab: where one stands, what is next, the last entries, and the next question."""

from collections.abc import Sequence

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from growth.cadence import spoken_date
from handlers.views import details, log, logs, mentoring, mentors, schedule
from handlers.views.checkin import ASK_NOW, WRITE, Question
from handlers.views.log import Written
from handlers.views.message import actions, button, divider, header, section, small
from handlers.views.next import SHOWN
from handlers.views.standing import Standing, line, named, progress
from handlers.views.text import escape, quote
from handlers.views.welcome import LEVEL_GONE, level_buttons, offer_times
from ladder_content.model import Ladder


def stranger(ladder: Ladder, *, gone: bool = False) -> View:
    """For somebody Rung does not know yet. `gone`: the level that was set is no longer on the ladder."""
    hello = (
        LEVEL_GONE
        if gone
        else "I'm Rung. I show what the next level of your career asks, ask you one good question a week, and keep your"
        " answers as a growth log for the day you need it."
    )
    return _home([header("Grow one rung at a time"), section(hello), divider(), *level_buttons(ladder)])


def member(
    standing: Standing,
    ladder: Ladder,
    open_question: Question | None,
    newest: Sequence[tuple[int, Written]],
    *,
    offer: bool = False,
) -> View:
    """For a member: the open question first, then the way to the target, then what they wrote last.

    `offer`: the level was just picked here, so the weekly question is offered.
    """
    return _home(
        [
            header(_where(standing)),
            *([] if standing.at_top else [section(progress(standing.coverage))]),
            *([*offer_times(standing.zone), divider()] if offer else []),
            actions(
                button("Log something", log.OPEN, style="primary"),
                button("Ask me a question", ASK_NOW),
                button("Level and schedule", schedule.OPEN),
            ),
            small(schedule.next_question(standing.next_question, standing.zone)),
            *_open(open_question),
            divider(),
            section("*What leads there*" if not standing.at_top else "*What your level asks*"),
            *_criteria(standing, ladder),
            divider(),
            section("*Your last entries*", button("See all", logs.OPEN) if newest else None),
            *_entries(standing, newest),
            small("Only you can read your log."),
            actions(
                button("Ask for a mentor", mentoring.ASK),
                button("Your mentors", mentors.MENTORS),
                button("Your mentees", mentors.MENTEES),
            ),
        ]
    )


def _where(standing: Standing) -> str:
    here = named(standing.level)
    return f"{here}: the top" if standing.at_top else f"{here}  →  {named(standing.target)}"


def _open(question: Question | None) -> list[Block]:
    if question is None:
        return []
    answer = button("Answer now", WRITE, str(question.id), style="primary")
    return [divider(), section(f"*A question is waiting for you*\n{escape(question.question)}", answer)]


def _criteria(standing: Standing, ladder: Ladder) -> list[Block]:
    shown = standing.coverage.criteria[:SHOWN]
    rest = standing.coverage.total - len(shown)
    blocks: list[Block] = [
        section(
            line(each, ladder, standing.today),
            button("Open", details.OPEN, details.key("criterion", each.criterion.id), label=each.criterion.sentence),
        )
        for each in shown
    ]
    return [*blocks, small(f"And {rest} more on the way to {escape(named(standing.target))}.")] if rest else blocks


def _entries(standing: Standing, newest: Sequence[tuple[int, Written]]) -> list[Block]:
    if not newest:
        return [
            section(
                "Nothing yet. The first line can be short: what did you do last week that you'd tell a friend about?"
            )
        ]
    return [
        section(
            f"{spoken_date(written.happened_on, standing.today)}\n{quote(written.gist, 300)}",
            button("Edit", f"{log.EDIT}.{entry_id}", str(entry_id)),
        )
        for entry_id, written in newest
    ]


def _home(blocks: Sequence[Block]) -> View:
    return View(type="home", blocks=list(blocks))
