"""What a list of the growth log is narrowed to: as it travels in buttons, in words, and as a form."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from growth.errors import OutOfDate
from handlers.entries.views import entry
from handlers.slack import action_ids
from handlers.slack.blocks import Json, View, field, modal
from handlers.slack.elements import Element, option, option_group, select, text_input
from handlers.slack.inputs import INPUT, Memory, value
from handlers.slack.text import escape
from ladder_content.model import GLUE, GLUE_WORK, Criterion, Ladder

WORDS_LENGTH = 100
ANY = "-"
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


def in_words(listing: Listing, ladder: Ladder) -> str:
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


def form(
    ladder: Ladder, offered: Sequence[Criterion], listing: Listing, memory: Memory, *, mentored: bool = False
) -> View:
    """The form that narrows the list; the `offered` criteria stand first. `mentored`: there may be something shared."""
    words = text_input(INPUT, WORDS_LENGTH, initial=listing.words, placeholder="drift monitor")
    hint = 'All of these words, in any form; “or”, -without, and "exact words" work too.'
    periods = [option("Any time", ANY), *(option(_capital(name), key) for key, (name, _) in PERIODS.items())]
    origins = [option("Everything", ANY), *(option(_capital(name), key) for key, name in CHECK_IN.items())]
    readers = [option("Anybody", ANY), *(option(_capital(name), key) for key, name in SHARED.items())]
    shared = field(
        "shared", "Who can read it?", select(INPUT, readers, initial=_yes_or_no(listing.shared)), optional=True
    )
    blocks = [
        field("words", "Which words?", words, hint=hint, optional=True),
        field("criterion", "Evidence of what?", _criteria(ladder, offered, listing.criterion), optional=True),
        field("period", "From when?", select(INPUT, periods, initial=listing.period or ANY), optional=True),
        field(
            "check_in", "Which entries?", select(INPUT, origins, initial=_yes_or_no(listing.check_in)), optional=True
        ),
        *([shared] if mentored or listing.shared is not None else []),
    ]
    return modal(
        "Filter your log",
        blocks,
        submit="Show",
        callback_id=action_ids.LOGS_FILTER_FORM,
        private_metadata=memory.model_dump_json(exclude_defaults=True),
    )


def read(view: Json) -> Listing:
    """The list as wished for in the form, from its newest entry."""
    picked = {name: value(view, name) for name in ("criterion", "period", "check_in", "shared")}
    wished = {name: None if each in ("", ANY) else each for name, each in picked.items()}
    words = Listing.of_words(value(view, "words")).words
    try:
        return Listing.model_validate({"words": words, **wished})
    except ValidationError:
        raise OutOfDate from None


def _criteria(ladder: Ladder, offered: Sequence[Criterion], current: str | None) -> Element:
    """The criteria by level: those offered first, then all others that there is room for."""
    kept = ladder.criterion(current or "")
    active = [each for level in ladder.levels for each in ladder.criteria_to(level.id)]
    ordered = {each.id: each for each in (*([kept] if kept else []), *offered, *active)}
    groups = [
        option_group("All entries", [option("Anything, or nothing", ANY)]),
        *entry.groups(ladder, tuple(ordered.values())),
        option_group("Or", [option(GLUE_WORK, GLUE)]),
    ]
    there = {each["value"] for group in groups for each in group["options"]}
    return select(INPUT, groups=groups, initial=current if current in there else ANY)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
