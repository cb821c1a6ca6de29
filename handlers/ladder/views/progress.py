"""`/ladder progress`: how much evidence there is on each criterion, how fresh it is, and what is missing."""

from collections.abc import Sequence
from itertools import groupby

from growth.coverage import Covered, Freshness, by_need
from growth.standing import LadderPosition
from growth.timeline import neediest, next_step
from handlers.entries.views.sharing import YOURS
from handlers.ladder.views import details
from handlers.ladder.views.next_level import SHOWN, WORDS
from handlers.slack import action_ids
from handlers.slack.blocks import Block, actions, divider, header, section, small
from handlers.slack.elements import button
from handlers.slack.message import Message, listed
from handlers.slack.position import MARKS, code, line, named
from handlers.slack.position import progress as bar
from handlers.slack.text import clip, escape
from ladder_content.model import Ladder

IN_WORDS = {
    Freshness.NONE: "Nothing yet",
    Freshness.STALE: "Longer than three months ago",
    Freshness.FRESH: "In the last three months",
}
FOLLOWS = "A picture of the last 26 weeks follows in our conversation, under *Messages*."
NO_PICTURE_YET = "Once there is evidence, a picture of the last 26 weeks comes with this."


def progress(standing: LadderPosition, ladder: Ladder) -> Message:
    """The answer in words: what lacks evidence first."""
    return listed(lambda rows, words: _progress(standing, ladder, rows, words), SHOWN, WORDS, SHOWN)


def _progress(standing: LadderPosition, ladder: Ladder, rows: int, words: int) -> Message:
    known = standing.coverage
    about_picture = FOLLOWS if known.covered else NO_PICTURE_YET
    more = f"And {known.total - rows} more {_at(standing)}. `/ladder levels` opens all of them."
    return Message(
        escape(f"{title(standing)}: {known.covered} of {known.total} criteria have evidence."),
        (
            header(_where(standing)),
            *([] if standing.at_top else [section(bar(known))]),
            _next_step(standing, words),
            divider(),
            *_criteria(by_need(known)[:rows], standing, ladder, words),
            *([small(more)] if known.total > rows else []),
            divider(),
            actions(
                button("Ask me a question", action_ids.CHECKIN_NOW), button("Take it along", action_ids.EXPORT_OPEN)
            ),
            small(f"{about_picture} {YOURS}"),
        ),
    )


def file_title(standing: LadderPosition) -> str:
    """`Evidence toward L5, 14 January 2027`, the picture's name among other files."""
    toward = "at" if standing.at_top else "toward"
    on = standing.today
    return f"Evidence {toward} {code(standing.target)}, {on.day} {on:%B %Y}"


def title(standing: LadderPosition) -> str:
    """`L4 → L5`, what stands above the picture."""
    return code(standing.level) if standing.at_top else f"{code(standing.level)} → {code(standing.target)}"


def comment(standing: LadderPosition) -> str:
    """The line that goes with the picture."""
    return f"Your evidence {_at(standing)}, week by week. Only you and I see this conversation."


def _at(standing: LadderPosition) -> str:
    return escape(f"at {code(standing.level)}" if standing.at_top else f"on the way to {code(standing.target)}")


def _where(standing: LadderPosition) -> str:
    here = named(standing.level)
    return f"{here}: the top of this ladder" if standing.at_top else f"{here}  →  {named(standing.target)}"


def _next_step(standing: LadderPosition, words: int) -> Block:
    known = standing.coverage
    text = f"*Your next step*\n{clip(escape(next_step(known, standing.today)), 5 * words)}"
    needy = neediest(known) if known.criteria else None
    if needy is None or needy.freshness is Freshness.FRESH:
        return section(text, button("Log something", action_ids.LOG_OPEN, style="primary"))
    return section(text, button("Log on this", action_ids.LOG_OPEN, needy.criterion.id, style="primary"))


def _criteria(shown: Sequence[Covered], standing: LadderPosition, ladder: Ladder, words: int) -> list[Block]:
    """The criteria by how fresh their evidence is, each with what it is about."""
    blocks: list[Block] = []
    for freshness, found in groupby(shown, lambda each: each.freshness):
        number = sum(each.freshness is freshness for each in standing.coverage.criteria)
        blocks.append(section(f"*{MARKS[freshness]}  {IN_WORDS[freshness]}: {number}*"))
        for each in found:
            open_it = details.open_one("criterion", each.criterion.id, each.criterion.sentence, short=words < WORDS)
            blocks.append(section(line(each, ladder, standing.today, words), open_it))
    return blocks
