"""The form that writes an entry of the growth log: new, edited, or the answer to a question."""

import re
from collections.abc import Sequence
from datetime import date
from urllib.parse import urlsplit

from growth.entry import Snippet, Written
from growth.errors import LinkTooLong, NotALink, NothingWritten, NotInTheFuture, TooManyLinks
from growth.sharing import Mentor
from handlers.entries.views import sharing
from handlers.entries.views.entry import groups, taken_from
from handlers.slack import action_ids
from handlers.slack.blocks import Block, Json, View, field, modal, section
from handlers.slack.elements import Element, datepicker, multi_select, option, option_group, text_input
from handlers.slack.inputs import INPUT, Memory, RowId, as_filled, day, value, values
from handlers.slack.text import cut, escape, joined, pieces
from ladder_content.model import GLUE, GLUE_WORK, Criterion, Ladder

MAX_LENGTH = 3000  # Slack's limit for an input: a longer text is edited in several
MAX_LINKS, MAX_LINK = 10, 2000
MAX_CRITERIA = 10
BARE = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?(?:[/?#]\S*)?", re.IGNORECASE)
SUGGESTED = "Suggested from the words; change as you like."


class LogMemory(Memory):
    """What the form remembers of its entry.

    `entry`: the one being edited, `dated` its day, which may lie ahead where one has travelled west. `check_in`,
    `asked`: what is being answered. `joints`: where a long text was cut. `snippet`: of the message it is made from.
    `key`: of that message, or of the command that opened the form; `after`: the entry made from it before and undone.
    `readers`: the mentorships that it showed as sharing it.
    """

    entry: RowId | None = None
    check_in: RowId | None = None
    asked: str | None = None
    joints: tuple[str, ...] = ()
    snippet: Snippet | None = None
    dated: date | None = None
    key: str | None = None
    after: int | None = None
    readers: tuple[int, ...] = ()


def form(
    ladder: Ladder,
    offered: Sequence[Criterion],
    written: Written,
    memory: LogMemory | None = None,
    *,
    mentors: Sequence[Mentor] = (),
    question: str | None = None,
    suggested: bool = False,
) -> View:
    """The form for an entry. `suggested`: its criteria were not chosen by the person, who is told so."""
    texts, joints = pieces(written.what, MAX_LENGTH)
    is_new = memory is None or memory.entry is None
    wanted = [each.mentorship_id for each in mentors if each.share_by_default] if is_new else written.readers
    readers = sharing.ticked(mentors, wanted)
    dated = written.happened_on if memory and memory.entry else None
    shown = {"joints": tuple(joints), "snippet": written.snippet, "readers": readers, "dated": dated}
    memory = (memory or LogMemory()).model_copy(update=shown)
    title, callback_id = _purpose(memory)
    prompt: list[Block] = [section(f"*{escape(question)}*")] if question else []
    blocks = [
        *prompt,
        *_what("Your answer" if question else "What happened?", texts, written.snippet),
        *([section(taken_from(written.snippet))] if written.snippet else []),
        field("impact", "What came of it?", _impact(written), optional=True),
        field("links", "Links", _links(written), hint="One a line: a pull request, a document.", optional=True),
        field("happened_on", "When?", datepicker(INPUT, written.happened_on)),
        *_evidence(ladder, offered, written, SUGGESTED if suggested else None, edited=memory.entry is not None),
        *sharing.question(mentors, readers, of_message=written.snippet is not None),
    ]
    return modal(title, blocks, submit="Save", callback_id=callback_id, private_metadata=memory.model_dump_json())


def read(view: Json, today: date) -> Written:
    """What was written. An empty text, what is no link, and a day to come are refused on their fields."""
    memory = LogMemory.of(view)
    joints = memory.joints
    what = joined([as_filled(view, _name(n)) for n in range(len(joints) + 1)], joints).strip()
    happened_on = day(view, "happened_on") or today
    if not what and not (memory.snippet and memory.snippet.text):
        raise NothingWritten
    links = read_links(value(view, "links"))
    if happened_on > today and happened_on != memory.dated:
        raise NotInTheFuture
    impact = value(view, "impact") or None
    return Written(what, happened_on, values(view, "criteria"), impact, links, memory.snippet, sharing.read(view))


def read_links(text: str) -> tuple[str, ...]:
    """The links of the text's lines, each once. Raises NotALink, LinkTooLong, TooManyLinks."""
    lines = tuple(dict.fromkeys(_completed(line.strip()) for line in text.splitlines() if line.strip()))
    for line in lines:
        if not _is_link(line):
            raise NotALink(cut(line, 60))
        if len(line) > MAX_LINK:
            raise LinkTooLong(MAX_LINK)
    if len(lines) > MAX_LINKS:
        raise TooManyLinks(MAX_LINKS)
    return lines


def _completed(line: str) -> str:
    """`example.org/doc` is an address too, as people copy it from a browser."""
    return f"https://{line}" if BARE.fullmatch(line) else line


def _is_link(line: str) -> bool:
    try:
        parts = urlsplit(line)
        return (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and line.isprintable()
            and not set(line) & set(' <>"')
        )
    except ValueError:  # a bracket that does not close
        return False


def _purpose(memory: LogMemory) -> tuple[str, str]:
    """The form's title, and who takes what comes of it."""
    if memory.entry:
        return "Edit this entry", action_ids.LOG_EDIT_FORM
    return ("Your reflection", action_ids.CHECKIN_FORM) if memory.check_in else ("Log growth", action_ids.LOG_FORM)


def _what(label: str, texts: Sequence[str], snippet: Snippet | None) -> list[Block]:
    """The text in as many inputs as it needs; only the first must be filled, and not even that beside a snippet."""
    spared = bool(snippet and snippet.text)
    return [
        field(
            _name(n),
            label if len(texts) == 1 else f"{label} Part {n + 1} of {len(texts)}",
            text_input(INPUT, MAX_LENGTH, initial=text, multiline=True, focus=True if n == 0 else None),
            hint="In your own words. The message below is kept with it." if snippet and n == 0 else None,
            optional=n > 0 or spared,
        )
        for n, text in enumerate(texts)
    ]


def _name(part: int) -> str:
    return f"what.{part}" if part else "what"


def _impact(written: Written) -> Element:
    return text_input(INPUT, MAX_LENGTH, initial=written.impact, placeholder="Who noticed, what moved, by how much?")


def _links(written: Written) -> Element:
    return text_input(INPUT, MAX_LENGTH, initial="\n".join(written.links), placeholder="https://…", multiline=True)


def _evidence(
    ladder: Ladder, offered: Sequence[Criterion], written: Written, hint: str | None, *, edited: bool
) -> list[Block]:
    """The menu of criteria; none for whoever has no level and so nothing to choose from."""
    shown = groups(ladder, offered)
    there = {each["value"] for group in shown for each in group["options"]}
    known = (ladder.criterion(each) for each in written.criteria)
    kept = [option(each.sentence, each.id) for each in known if each and each.id not in there]
    if kept:
        shown = [option_group("As it was" if edited else "What you opened", kept), *shown]
    if not shown:
        return []
    menu = multi_select(
        INPUT,
        [*shown, option_group("Or", [option(GLUE_WORK, GLUE)])],
        initial=written.criteria,
        most=MAX_CRITERIA,
        placeholder="Choose criteria",
    )
    return [field("criteria", "What is it evidence of?", menu, hint=hint, optional=True)]
