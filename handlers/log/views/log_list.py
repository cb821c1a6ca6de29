"""The growth log as a list, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from growth.cadence import spoken_date
from growth.sharing import Said
from handlers.entries.views.entry import TITLE
from handlers.entries.views.sharing import YOURS, someone
from handlers.log.views.log_filter import Listing, in_words
from handlers.slack import action_ids
from handlers.slack.blocks import Block, actions, divider, section, small
from handlers.slack.elements import button
from handlers.slack.message import Message, fullest, less
from handlers.slack.text import clip, cut, escape
from ladder_content.model import Ladder

WORDS, READABLE, FEWEST = 1800, 200, 24  # characters of an entry as it is sent: at most, enough to read, and at least
WHAT_SHOWN, IMPACT_SHOWN, CRITERIA_SHOWN, GIST_SHOWN = 300, 150, 2, 40
COMMENTS_SHOWN, COMMENT_SHOWN = 3, 300
THERE_AGAIN = "You saved that message again meanwhile, so it is in your log already, as you wrote it then."
RESTORED = "It is back in your log, and only you can read it."


@dataclass(frozen=True)
class Line:
    """An entry in the list. `author`: of the message that it was made from. `read_by`: who can read it, in words, and
    `seen_by` who has.

    `undo_until`: it is deleted, and can be brought back until then, local time.
    """

    id: int
    what: str
    impact: str | None
    happened_on: date
    author: str | None = None
    criteria: Sequence[str] = ()
    undo_until: datetime | None = None
    read_by: str = "only you"
    seen_by: str = ""
    comments: Sequence[Said] = ()


@dataclass(frozen=True)
class Shown:
    """A page of the list. `total` in words, empty where all are deleted; the cursors are of the pages beside it."""

    lines: Sequence[Line]
    total: str
    newer: str | None = None
    older: str | None = None


def page(
    listing: Listing, shown: Shown, ladder: Ladder, today: date, *, note: str | None = None, least: int = FEWEST
) -> Message:
    """`/ladder logs`: a page of the list; without one, what to do about it. `note`: what was just done in it.

    Long entries are cut shorter where there are many, down to the `least` characters of each.
    """
    noted = [small(note)] if note else []
    if not shown.lines:
        found_none = _nothing_found(listing, ladder) if listing.filtered else _empty()
        return replace(found_none, blocks=(*noted, *found_none.blocks))

    def with_words(words: int) -> Message:
        return Message(
            TITLE,
            (
                section(f"*{TITLE}*  {shown.total}, newest first" if shown.total else f"*{TITLE}*"),
                *noted,
                *_filter(listing, ladder),
                divider(),
                *(block for line in shown.lines for block in _line(line, listing, today, words)),
                divider(),
                *_paging(listing, shown),
                small(YOURS),
            ),
            TITLE,
        )

    return fullest(with_words, less(WORDS, least))


def _line(line: Line, listing: Listing, today: date, words: int) -> list[Block]:
    day, key = spoken_date(line.happened_on, today), f"{line.id} {listing.encoded()}"
    if line.undo_until:
        gist = clip(_one_line(line.what, GIST_SHOWN), words)
        seen = f" · {line.seen_by}" if line.seen_by else ""
        text = f"_Deleted_ · {day} · “{gist}”{seen} · can be undone until {line.undo_until:%H:%M}"
        return [
            section(text, button("Undo", f"{action_ids.LOGS_RESTORE}.{line.id}", key, label=f"Undo: bring back {day}"))
        ]
    author = f" · from a message by {clip(_one_line(line.author, 80), words // 2)}" if line.author else ""
    impact = f"\n*What came of it:* {clip(_one_line(line.impact, IMPACT_SHOWN), words // 2)}" if line.impact else ""
    what = clip(_one_line(line.what, WHAT_SHOWN), words)
    said = f"> {what}{impact}{_evidence(line.criteria, words // 2)}{_comments(line.comments, words // 2)}"
    return [
        section(f"*{day}* · {line.read_by}{author}\n{said}"),
        actions(
            button("Edit", f"{action_ids.LOG_EDIT}.{line.id}", key, label=f"Edit the entry of {day}"),
            button("Delete", f"{action_ids.LOGS_DELETE}.{line.id}", key, label=f"Delete the entry of {day}"),
        ),
    ]


def _evidence(criteria: Sequence[str], words: int) -> str:
    if not criteria:
        return ""
    first = " and ".join(f"“{clip(escape(each), words)}”" for each in criteria[:CRITERIA_SHOWN])
    rest = len(criteria) - CRITERIA_SHOWN
    return f"\n*Evidence of* {first}" + (f" and {rest} more" if rest > 0 else "")


def _comments(comments: Sequence[Said], words: int) -> str:
    """What mentors said to it, of much the last."""
    lines = [
        f"\n*{someone(each.user)}:* {clip(_one_line(each.words, COMMENT_SHOWN), words)}"
        if each.words
        else f"\nKudos from {someone(each.user)}"
        for each in comments[-COMMENTS_SHOWN:]
    ]
    rest = len(comments) - len(lines)
    return "".join(lines) + (f"\nand {rest} more, in `/ladder export`" if rest else "")


def _one_line(text: str, limit: int) -> str:
    return cut(escape(" ".join(text.split())), limit)


def _filter(listing: Listing, ladder: Ladder) -> list[Block]:
    """The filter in words, and the buttons that change it."""
    said = [small(clip(f"Only {in_words(listing, ladder)}", 1000))] if listing.filtered else []
    return [*said, _filter_buttons(listing)]


def _filter_buttons(listing: Listing) -> Block:
    change = button("Change filter" if listing.filtered else "Filter", action_ids.LOGS_FILTER, listing.encoded())
    return actions(change, *([button("Clear filter", action_ids.LOGS_CLEAR)] if listing.filtered else []))


def _paging(listing: Listing, shown: Shown) -> list[Block]:
    newer = (
        button("← Newer", action_ids.LOGS_NEWER, listing.placed(after=shown.newer).encoded()) if shown.newer else None
    )
    older = (
        button("Older →", action_ids.LOGS_OLDER, listing.placed(before=shown.older).encoded()) if shown.older else None
    )
    there = [each for each in (newer, older) if each]
    return [actions(*there)] if there else []


def _nothing_found(listing: Listing, ladder: Ladder) -> Message:
    looked_for = clip(f"Looked for: {in_words(listing, ladder)}", 1000)
    return Message(
        "Nothing in your log matches.",
        (section("*Nothing in your log matches.*"), small(looked_for), _filter_buttons(listing)),
        TITLE,
    )


def _empty() -> Message:
    return Message(
        "Your growth log is empty.",
        (
            section(
                "*Your growth log is empty.* The first line can be short: what did you do last week that you'd tell"
                " a friend about? Type `/ladder log …`, or use the form."
            ),
            actions(button("Log something", action_ids.LOG_OPEN, style="primary")),
            small(YOURS),
        ),
        TITLE,
    )
