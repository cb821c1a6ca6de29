"""The growth log: the form that writes an entry, and what is said about one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from slack_sdk.models.blocks import (
    DatePickerElement,
    InputBlock,
    Option,
    OptionGroup,
    PlainTextInputElement,
    SectionBlock,
    StaticSelectElement,
)
from slack_sdk.models.views import View

from growth.cadence import spoken_date
from growth.errors import NothingWritten, NotInTheFuture
from handlers.views.forms import INPUT, Json, Memory, RowId, as_filled, day, field, value
from handlers.views.message import Message, actions, button, chosen, modal, option, section, small
from handlers.views.standing import code
from handlers.views.text import cut, escape, joined, pieces, quote, quoted
from ladder_content.model import Criterion, Ladder

OPEN = "log.open"
FORM = "log.form"
EDIT_FORM = "log.edit_form"
ANSWER_FORM = "checkin.form"
EDIT = "log.edit"
UNDO = "log.undo"
TAG = "log.tag"
SAVE_ENTRY = "log.save_message"
SAVE_ANSWER = "log.save_answer"
MAX_LENGTH = 3000  # Slack's limit for an input: a longer text is edited in several
SHOWN, IMPACT_SHOWN = 2200, 700  # characters of an entry in a message; together they fit one block
NO_CRITERION = "-"
EVERYTHING_ELSE = "Something else, no criterion"


@dataclass(frozen=True)
class Written:
    """What a form holds when it is submitted. No criterion: it is evidence of none."""

    what: str
    happened_on: date
    criterion: str | None
    impact: str | None


class LogMemory(Memory):
    """`entry`: being edited. `check_in`, `question`: being answered. `joints`: where a long text was cut."""

    entry: RowId | None = None
    check_in: RowId | None = None
    question: str | None = None
    joints: tuple[str, ...] = ()


def form(
    ladder: Ladder,
    relevant: Sequence[Criterion],
    today: date,
    written: Written | None = None,
    memory: LogMemory | None = None,
    *,
    question: str | None = None,
) -> View:
    """The form for an entry: new, edited, or the answer to a question."""
    now = written or Written("", today, None, None)
    texts, joints = pieces(now.what, MAX_LENGTH)
    memory = (memory or LogMemory()).model_copy(update={"joints": tuple(joints)})
    title, callback_id = _purpose(memory)
    prompt: list[SectionBlock] = [section(f"*{escape(question)}*")] if question else []
    impact = PlainTextInputElement(
        action_id=INPUT,
        max_length=MAX_LENGTH,
        initial_value=now.impact,
        placeholder="Who noticed, what moved, by how much?",
    )
    blocks = [
        *prompt,
        *_what("Your answer" if question else "What happened?", texts),
        field("impact", "What came of it?", impact, optional=True),
        field("criterion", "What is it evidence of?", _criteria(ladder, relevant, now.criterion), optional=True),
        field("happened_on", "When?", DatePickerElement(action_id=INPUT, initial_date=now.happened_on.isoformat())),
        small("Only you can read this."),
    ]
    return modal(title, blocks, submit="Save", callback_id=callback_id, private_metadata=memory.model_dump_json())


def _what(label: str, texts: Sequence[str]) -> list[InputBlock]:
    """The text in as many inputs as it needs; none but the first must be filled."""
    return [
        field(
            _name(n),
            label if len(texts) == 1 else f"{label} Part {n + 1} of {len(texts)}",
            PlainTextInputElement(
                action_id=INPUT,
                multiline=True,
                max_length=MAX_LENGTH,
                initial_value=text or None,
                focus_on_load=True if n == 0 else None,
            ),
            optional=n > 0,
        )
        for n, text in enumerate(texts)
    ]


def _name(part: int) -> str:
    return f"what.{part}" if part else "what"


def _purpose(memory: LogMemory) -> tuple[str, str]:
    """The form's title, and who takes what comes of it."""
    if memory.entry:
        return "Edit this entry", EDIT_FORM
    return ("Your reflection", ANSWER_FORM) if memory.check_in else ("Log growth", FORM)


def read(view: Json, today: date) -> Written:
    """What was written; an empty text or a day to come is refused on its field."""
    joints = LogMemory.of(view).joints
    what = joined([as_filled(view, _name(n)) for n in range(len(joints) + 1)], joints).strip()
    happened_on = day(view, "happened_on") or today
    if not what:
        raise NothingWritten
    if happened_on > today:
        raise NotInTheFuture
    criterion = value(view, "criterion")
    return Written(
        what, happened_on, None if criterion in ("", NO_CRITERION) else criterion, value(view, "impact") or None
    )


def saved(entry_id: int, written: Written, ladder: Ladder, relevant: Sequence[Criterion], today: date) -> Message:
    """The entry as it stands in the log now; one that has no criterion yet may be given one."""
    criterion = ladder.criterion(written.criterion) if written.criterion else None
    lead = "Saved to your growth log."
    tag = StaticSelectElement(
        placeholder="What is it evidence of?", action_id=f"{TAG}.{entry_id}", option_groups=_groups(ladder, relevant)
    )
    choose = [] if criterion or not relevant else [tag]
    return Message(
        lead,
        (
            section(f"*{lead}*"),
            section(body(written)),
            small(meaning(written, criterion, today)),
            actions(*choose, button("Edit", EDIT, str(entry_id)), button("Undo", UNDO, str(entry_id))),
        ),
    )


def body(written: Written) -> str:
    """The words themselves, as a quotation; long ones in part."""
    impact = f"\n*What came of it:* {cut(escape(written.impact), IMPACT_SHOWN)}" if written.impact else ""
    return quote(written.what, SHOWN) + impact


def meaning(written: Written, criterion: Criterion | None, today: date) -> str:
    """When it happened, what it is evidence of, and who reads it."""
    of = f" · evidence of “{escape(criterion.sentence)}”" if criterion else ""
    rest = "" if _shown_whole(written) else " · kept whole, *Edit* shows all of it"
    return f"{spoken_date(written.happened_on, today)}{of} · only you can read it{rest}"


def _shown_whole(written: Written) -> bool:
    return len(quoted(written.what)) <= SHOWN and len(escape(written.impact or "")) <= IMPACT_SHOWN


def undone() -> Message:
    return Message.of("Taken out of your log again. Nothing of it is shown anywhere.")


def offer_to_save(ts: str, answers: int | None, meant: str | None = None) -> Message:
    """To a message that came out of the blue.

    `answers`: the open question that it may be the answer to. `meant`: the words, if they may be a command.
    """
    if answers:
        text = "Shall I save this as your answer to the open question, or as an entry of its own?"
        reply = [button("Save as my answer", SAVE_ANSWER, f"{ts} {answers}", style="primary")]
    else:
        text = "Shall I keep that in your growth log?"
        reply = []
    keep = button("Save to my log", SAVE_ENTRY, ts, style=None if answers else "primary")
    command = f"Or was it a command? Those start with a slash: `/ladder {escape(cut(meant, 60))}`." if meant else ""
    hint = small("Only you can read your log. " + (command or "`/ladder help` shows what else I can do."))
    return Message(text, (section(text), actions(*reply, keep), hint))


def _criteria(ladder: Ladder, relevant: Sequence[Criterion], current: str | None) -> StaticSelectElement:
    groups = _groups(ladder, relevant)
    options = [each for group in groups for each in group.options or ()]
    kept = ladder.criterion(current) if current else None
    if kept and not chosen(options, current):
        groups = [OptionGroup(label="As it was", options=[option(kept.sentence, kept.id)]), *groups]
        options = [*(groups[0].options or ()), *options]
    return StaticSelectElement(
        action_id=INPUT,
        placeholder="Choose a criterion",
        option_groups=[*groups, OptionGroup(label="Or", options=[option(EVERYTHING_ELSE, NO_CRITERION)])],
        initial_option=chosen(options, current),
    )


def _groups(ladder: Ladder, relevant: Sequence[Criterion]) -> list[OptionGroup]:
    """The criteria by level; Slack takes a hundred options in all, so a far target shows its next steps only."""
    groups: dict[str, list[Option]] = {}
    for criterion in relevant[:90]:
        level = ladder.level(criterion.level)
        label = f"Leads to {code(level)}" if level else criterion.level
        groups.setdefault(label, []).append(option(criterion.sentence, criterion.id))
    return [OptionGroup(label=label, options=options) for label, options in groups.items()]
