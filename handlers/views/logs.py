"""The growth log as a list: its pages, what it is filtered by, and the form for that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from slack_sdk.models.blocks import Block, Option, OptionGroup, PlainTextInputElement, StaticSelectElement
from slack_sdk.models.views import View

from growth.cadence import spoken_date
from growth.errors import OutOfDate
from growth.sharing import Said
from handlers.views import log
from handlers.views.forms import INPUT, Json, Memory, field, value
from handlers.views.log import TITLE
from handlers.views.message import Message, actions, button, chosen, divider, modal, option, section, small
from handlers.views.sharing import YOURS, someone
from handlers.views.text import cut, escape
from ladder_content.model import GLUE, GLUE_WORK, Criterion, Ladder

OPEN = "logs.open"
OLDER = "logs.older"
NEWER = "logs.newer"
FILTER = "logs.filter"
CLEAR = "logs.clear"
DELETE = "logs.delete"
RESTORE = "logs.restore"
FILTER_FORM = "logs.filter_form"
WORDS_LENGTH = 100
WHAT_SHOWN, IMPACT_SHOWN, CRITERIA_SHOWN, GIST_SHOWN = 300, 150, 2, 40
COMMENTS_SHOWN, COMMENT_SHOWN = 3, 300
ANY = "-"
THERE_AGAIN = "You saved that message again meanwhile, so it is in your log already, as you wrote it then."
RESTORED = "It is back in your log, and only you can read it."
LEFT = "a criterion that has left the ladder"

Period = Literal["month", "quarter", "half-year", "year"]
PERIODS: Mapping[Period, tuple[str, timedelta]] = {
    "month": ("the last month", timedelta(days=30)),
    "quarter": ("the last three months", timedelta(days=91)),
    "half-year": ("the last six months", timedelta(days=182)),
    "year": ("the last twelve months", timedelta(days=365)),
}
CHECK_IN = {"yes": "answers to my questions", "no": "what you logged yourself"}
SHARED = {"yes": "what you share", "no": "what only you can read"}


class Listing(BaseModel):
    """What a list shows: the filter, and a cursor that its page begins or ends at. It travels in the buttons."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    words: str = Field("", max_length=WORDS_LENGTH)
    criterion: str | None = Field(None, max_length=60)
    period: Period | None = None
    check_in: bool | None = None
    shared: bool | None = None
    before: str | None = Field(None, max_length=31)
    after: str | None = Field(None, max_length=31)

    @classmethod
    def of_words(cls, typed: str) -> "Listing":
        """The newest entries with these words."""
        printable = "".join(each if each.isprintable() else " " for each in typed)
        return cls(words=" ".join(printable.split())[:WORDS_LENGTH].rstrip())

    @property
    def filtered(self) -> bool:
        return self.placed() != Listing()

    def placed(self, *, before: str | None = None, after: str | None = None) -> "Listing":
        """The same filter on another page; without a cursor, on the first."""
        return self.model_copy(update={"before": before, "after": after})

    def encoded(self) -> str:
        """A button's value: fewer characters than Slack's 2000."""
        return self.model_dump_json(exclude_defaults=True)


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


def page(listing: Listing, shown: Shown, ladder: Ladder, today: date, *, note: str | None = None) -> Message:
    """`/ladder logs`: a page of the list; without one, what to do about it. `note`: what was just done in it."""
    noted = [small(note)] if note else []
    if not shown.lines:
        found_none = _nothing_found(listing, ladder) if listing.filtered else _empty()
        return replace(found_none, blocks=(*noted, *found_none.blocks))
    return Message(
        TITLE,
        (
            section(f"*{TITLE}*  {shown.total}, newest first" if shown.total else f"*{TITLE}*"),
            *noted,
            *_filter(listing, ladder),
            divider(),
            *(block for line in shown.lines for block in _line(line, listing, today)),
            divider(),
            *_paging(listing, shown),
            small(YOURS),
        ),
        TITLE,
    )


def _line(line: Line, listing: Listing, today: date) -> list[Block]:
    day, key = spoken_date(line.happened_on, today), f"{line.id} {listing.encoded()}"
    if line.undo_until:
        gist = _one_line(line.what, GIST_SHOWN)
        seen = f" · {line.seen_by}" if line.seen_by else ""
        text = f"_Deleted_ · {day} · “{gist}”{seen} · can be undone until {line.undo_until:%H:%M}"
        return [section(text, button("Undo", f"{RESTORE}.{line.id}", key, label=f"Undo: bring back {day}"))]
    author = f" · from a message by {_one_line(line.author, 80)}" if line.author else ""
    impact = f"\n*What came of it:* {_one_line(line.impact, IMPACT_SHOWN)}" if line.impact else ""
    said = f"> {_one_line(line.what, WHAT_SHOWN)}{impact}{_evidence(line.criteria)}{_comments(line.comments)}"
    return [
        section(f"*{day}* · {line.read_by}{author}\n{said}"),
        actions(
            button("Edit", f"{log.EDIT}.{line.id}", key, label=f"Edit the entry of {day}"),
            button("Delete", f"{DELETE}.{line.id}", key, label=f"Delete the entry of {day}"),
        ),
    ]


def _evidence(criteria: Sequence[str]) -> str:
    if not criteria:
        return ""
    first = " and ".join(f"“{escape(each)}”" for each in criteria[:CRITERIA_SHOWN])
    rest = len(criteria) - CRITERIA_SHOWN
    return f"\n*Evidence of* {first}" + (f" and {rest} more" if rest > 0 else "")


def _comments(comments: Sequence[Said]) -> str:
    """What mentors said to it, of much the last."""
    lines = [
        f"\n*{someone(each.user)}:* {_one_line(each.words, COMMENT_SHOWN)}"
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
    said = [small(f"Only {_in_words(listing, ladder)}")] if listing.filtered else []
    return [*said, _filter_buttons(listing)]


def _filter_buttons(listing: Listing) -> Block:
    change = button("Change filter" if listing.filtered else "Filter", FILTER, listing.encoded())
    return actions(change, *([button("Clear filter", CLEAR)] if listing.filtered else []))


def _in_words(listing: Listing, ladder: Ladder) -> str:
    """What the list is filtered by."""
    sentence = ladder.sentences([listing.criterion or ""]).get(listing.criterion or "")
    of = f"“{escape(sentence)}”" if sentence else LEFT
    parts = [
        *([f"with the words “{escape(listing.words)}”"] if listing.words else []),
        *([f"evidence of {of}"] if listing.criterion else []),
        *([f"from {PERIODS[listing.period][0]}"] if listing.period else []),
        *([CHECK_IN[_yes_or_no(listing.check_in)]] if listing.check_in is not None else []),
        *([SHARED[_yes_or_no(listing.shared)]] if listing.shared is not None else []),
    ]
    return " · ".join(parts)


def _yes_or_no(wanted: bool | None) -> str:
    return {None: ANY, True: "yes", False: "no"}[wanted]


def _paging(listing: Listing, shown: Shown) -> list[Block]:
    newer = button("← Newer", NEWER, listing.placed(after=shown.newer).encoded()) if shown.newer else None
    older = button("Older →", OLDER, listing.placed(before=shown.older).encoded()) if shown.older else None
    there = [each for each in (newer, older) if each]
    return [actions(*there)] if there else []


def _nothing_found(listing: Listing, ladder: Ladder) -> Message:
    looked_for = f"Looked for: {_in_words(listing, ladder)}"
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
            actions(button("Log something", log.OPEN, style="primary")),
            small(YOURS),
        ),
        TITLE,
    )


def filter_form(
    ladder: Ladder, offered: Sequence[Criterion], listing: Listing, memory: Memory, *, mentored: bool = False
) -> View:
    """The form that narrows the list; the `offered` criteria stand first. `mentored`: there may be something shared."""
    words = PlainTextInputElement(
        action_id=INPUT, initial_value=listing.words or None, max_length=WORDS_LENGTH, placeholder="drift monitor"
    )
    hint = 'All of these words, in any form; “or”, -without, and "exact words" work too.'
    periods = [option("Any time", ANY), *(option(_capital(name), key) for key, (name, _) in PERIODS.items())]
    origins = [option("Everything", ANY), *(option(_capital(name), key) for key, name in CHECK_IN.items())]
    readers = [option("Anybody", ANY), *(option(_capital(name), key) for key, name in SHARED.items())]
    shared = field("shared", "Who can read it?", _menu(readers, _yes_or_no(listing.shared)), optional=True)
    blocks = [
        field("words", "Which words?", words, hint=hint, optional=True),
        field("criterion", "Evidence of what?", _criteria(ladder, offered, listing.criterion), optional=True),
        field("period", "From when?", _menu(periods, listing.period or ANY), optional=True),
        field("check_in", "Which entries?", _menu(origins, _yes_or_no(listing.check_in)), optional=True),
        *([shared] if mentored or listing.shared is not None else []),
    ]
    return modal(
        "Filter your log",
        blocks,
        submit="Show",
        callback_id=FILTER_FORM,
        private_metadata=memory.model_dump_json(exclude_defaults=True),
    )


def read_filter(view: Json) -> Listing:
    """The list as wished for in the form, from its newest entry."""
    picked = {name: value(view, name) for name in ("criterion", "period", "check_in", "shared")}
    wished = {name: None if each in ("", ANY) else each for name, each in picked.items()}
    words = Listing.of_words(value(view, "words")).words
    try:
        return Listing.model_validate({"words": words, **wished})
    except ValidationError:
        raise OutOfDate from None


def _menu(options: Sequence[Option], current: str) -> StaticSelectElement:
    return StaticSelectElement(action_id=INPUT, options=options, initial_option=chosen(options, current))


def _criteria(ladder: Ladder, offered: Sequence[Criterion], current: str | None) -> StaticSelectElement:
    """The criteria by level: those offered first, then all others that there is room for."""
    kept = ladder.criterion(current or "")
    active = [each for level in ladder.levels for each in ladder.criteria_to(level.id)]
    ordered = {each.id: each for each in (*([kept] if kept else []), *offered, *active)}
    anything = option("Anything, or nothing", ANY)
    glue = OptionGroup(label="Or", options=[option(GLUE_WORK, GLUE)])
    groups = [OptionGroup(label="All entries", options=[anything]), *log.groups(ladder, tuple(ordered.values())), glue]
    options = [each for group in groups for each in group.options or ()]
    initial = chosen(options, current) or chosen(options, ANY)
    return StaticSelectElement(action_id=INPUT, option_groups=groups, initial_option=initial)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
