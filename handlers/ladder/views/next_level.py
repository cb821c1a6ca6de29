"""`/ladder next`: what leads to the next level, and the evidence there is."""

from collections.abc import Sequence
from itertools import groupby

from growth.coverage import Covered
from growth.standing import LadderPosition
from handlers.entries.views.sharing import YOURS
from handlers.ladder.views import details
from handlers.schedule.views import pause, schedule
from handlers.slack import action_ids
from handlers.slack.blocks import Block, actions, divider, header, section, small
from handlers.slack.elements import button
from handlers.slack.message import BUDGET, Message, listed
from handlers.slack.position import code, line, named, progress
from handlers.slack.text import bullets, clip, count, escape
from ladder_content.model import Ladder, Level

SHOWN = 20  # criteria with a line of their own: the next level's; those of a higher target follow as counts
WORDS = 240  # characters of each; five times as many of a level's summary
FEW = 10  # criteria, before their sentences are cut short
ROOM = BUDGET - 2500  # what the first meeting puts below has to fit too


def next_level(standing: LadderPosition, ladder: Ladder) -> Message:
    """The answer to `/ladder next`."""
    if standing.at_top:
        return _at_the_top(standing, ladder)
    return listed(lambda rows, words: _on_the_way(standing, ladder, rows, words), SHOWN, WORDS, FEW, room=ROOM)


def _on_the_way(standing: LadderPosition, ladder: Ladder, rows: int, words: int) -> Message:
    return Message(
        escape(f"You are at {code(standing.level)}, on your way to {code(standing.target)}."),
        (
            header(f"{named(standing.level)}  →  {named(standing.target)}"),
            section(f"{clip(escape(standing.target.summary), 5 * words)}\n\n{progress(standing.coverage)}"),
            divider(),
            *_criteria(standing, ladder, rows, words),
            *_further(standing),
        ),
    )


def _criteria(standing: LadderPosition, ladder: Ladder, rows: int, words: int) -> list[Block]:
    """The criteria of the next step, each with its evidence; what a higher target adds is counted."""
    steps = [(level, list(found)) for level, found in groupby(standing.coverage.criteria, lambda c: c.criterion.level)]
    blocks: list[Block] = []
    here = steps[0][1] if steps else []
    for each in here[:rows]:
        open_it = details.open_one("criterion", each.criterion.id, each.criterion.sentence, short=words < WORDS)
        blocks.append(section(line(each, ladder, standing.today, words), open_it))
    if len(here) > rows:
        more = f"And {len(here) - rows} more that lead there. `/ladder find …` looks through all of them."
        blocks.append(section(more, details.open_all(here[0].criterion.level)))
    further_on = [_step(level, found) for id_, found in steps[1:] if (level := ladder.level(id_))]
    return [*blocks, small(clip("Further on:\n" + "\n".join(further_on), 5 * words))] if further_on else blocks


def _step(level: Level, found: Sequence[Covered]) -> str:
    """A level beyond the next one, as counts."""
    covered = sum(each.evidence is not None for each in found)
    there = f"{count(len(found), 'criterion', 'criteria')}, {covered} with evidence"
    return f"*{escape(named(level))}*, {there}. `/ladder {escape(code(level))}` shows them."


def _further(standing: LadderPosition) -> list[Block]:
    """What one might do now, and who reads what."""
    return [
        actions(
            button("Log something", action_ids.LOG_OPEN, style="primary"),
            button("Ask me a question", action_ids.CHECKIN_NOW),
            button("Level and schedule", action_ids.SCHEDULE_OPEN),
            *pause.switch(standing.upcoming),
        ),
        small(f"{schedule.next_question(standing.upcoming, standing.today)} {YOURS}"),
    ]


def _at_the_top(standing: LadderPosition, ladder: Ladder) -> Message:
    return listed(lambda rows, words: _top(standing, ladder, rows, words), SHOWN, WORDS, FEW, room=ROOM)


def _top(standing: LadderPosition, ladder: Ladder, rows: int, words: int) -> Message:
    level = standing.level
    return Message(
        escape(f"You are at {code(level)}, the top of this ladder."),
        (
            header(f"{named(level)}: the top of this ladder"),
            section(
                "There is no next rung to climb, so the question turns round: *who are you growing?*\n\n"
                "Think of one person you could hand your hardest current problem to. What would they need from you"
                " this month: the context, the room, or the cover to get it wrong once?"
            ),
            section(f"*What goes well at {escape(code(level))}*\n{clip(bullets(level.success_measures), 8 * words)}"),
            section(f"*What trips people up here*\n{clip(bullets(level.pitfalls), 8 * words)}"),
            divider(),
            section("*What your level asks, and what your log shows*"),
            *_criteria(standing, ladder, rows, words),
            *_further(standing),
        ),
    )
