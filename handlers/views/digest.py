"""What a mentor reads once a week, what a member sees of it before, and when it comes."""

from collections.abc import Sequence
from datetime import date

from slack_sdk.models.blocks import Block, Option, StaticSelectElement, TimePickerElement
from slack_sdk.models.views import View

from growth.cadence import Cadence, spoken
from growth.digest import Chapter, Digest
from growth.sharing import Mentee
from handlers.views.days import DAYS, rhythm, spoken_day
from handlers.views.forms import INPUT, Json, Memory, field, value
from handlers.views.mentoring import way
from handlers.views.message import Message, actions, button, chosen, divider, modal, option, section, small
from handlers.views.reading import LIST, entry
from handlers.views.schedule import OFF, RHYTHMS
from handlers.views.sharing import named
from handlers.views.standing import HELD_UP, Upcoming
from handlers.views.text import count, cut, escape
from ladder_content.model import Ladder

CHANGE = "digest.change"
PAUSE = "digest.pause"
STOP = "digest.stop"
FORM = "digest.form"
MOVED_SHOWN, CRITERION_SHOWN = 3, 300
REST_SHOWN = 20
SILENT_SHOWN = 2
WHEN = "Say when like this: `/ladder digest fri 15:00`; or say `pause`, `resume`, `off` or `preview`."
PREVIEWED = 7  # mentors: each at most six blocks


def digest(read: Digest, ladder: Ladder, today: date) -> Message:
    """The digest; those with news first, the rest in a line."""
    return Message(
        "Here is what is new from your mentees.",
        (
            section("*New from your mentees*"),
            *(block for chapter in read.chapters for block in _chapter(chapter, ladder, today)),
            *_rest(read.rest),
            *([small("Something that was here is no longer shared.")] if read.gone else []),
            settings(),
            small("You see what they share with you by name. To comment, use the button or reply in a thread here."),
        ),
    )


def _chapter(chapter: Chapter, ladder: Ladder, today: date, *, live: bool = True) -> list[Block]:
    lines = [f"*{named(chapter.mentee.user)}* · {way(chapter.mentee, ladder)}"]
    if chapter.moved:
        sentences = [f"“{cut(escape(each.sentence), CRITERION_SHOWN)}”" for each in chapter.moved[:MOVED_SHOWN]]
        rest = len(chapter.moved) - MOVED_SHOWN
        lines.append(f"*What moved:* {' · '.join(sentences)}{f' and {rest} more' if rest > 0 else ''}")
    if chapter.silent:
        titles = (f"*{escape(each.title)}*" for each in chapter.silent[:SILENT_SHOWN])
        lines.append(f"Nothing shared with you on {' or '.join(titles)} lately.")
    if chapter.question:
        lines.append(f"*Worth asking:* {escape(chapter.question)}")
    if chapter.more and not live:
        lines.append(f"…and a count of {chapter.more} more that they can open")
    label = f"Read {chapter.more} more" if chapter.more else "All they share"
    opens = button(label, f"{LIST}.{chapter.mentee.mentorship_id}", f"{chapter.mentee.mentorship_id} 0")
    entries = [block for item in chapter.items for block in entry(item, today, live=live)]
    return [section("\n".join(lines), opens if live else None), *entries]


def _rest(mentees: Sequence[Mentee]) -> list[Block]:
    if not mentees:
        return []
    return [small(f"Nothing new from {', '.join(named(each.user) for each in mentees[:REST_SHOWN])}.")]


def settings() -> Block:
    """When it comes, in one click."""
    return actions(button("Change day or time", CHANGE), button("Pause four weeks", PAUSE), button("Switch off", STOP))


def quiet() -> Message:
    """After two digests' weeks without news; it names nobody."""
    text = "Nothing new was shared with you lately. A good moment to ask how it is going."
    return Message(text, (section(text), settings()))


def gone() -> Message:
    """What a digest becomes when nothing of it may be read any more."""
    return Message.of("What was here is no longer shared with you.")


def on_its_way(*, held_up: bool) -> Message:
    """After it was asked for. `held_up`: Slack takes nothing now."""
    if held_up:
        return Message.of(f"Your digest waits. {HELD_UP}")
    return Message.of("Your digest is on its way: look in our conversation, under *Messages*.")


def nothing_new(mentees: Sequence[Mentee], ladder: Ladder) -> Message:
    """To a mentor who asks for a digest while there is none."""
    text = "Nothing new has been shared with you since your last digest."
    return Message(
        text,
        (
            section(text),
            *(
                section(
                    f"*{named(each.user)}* · {way(each, ladder)}",
                    button("All they share", f"{LIST}.{each.mentorship_id}", f"{each.mentorship_id} 0"),
                )
                for each in mentees[:REST_SHOWN]
            ),
        ),
    )


def preview(mentors: Sequence[tuple[str, Digest]], ladder: Ladder, today: date, *, more: int = 0) -> Message:
    """To a member: what each of their mentors, by Slack id, would read of them; `more` mentors are not shown."""
    lead = (
        "*What your mentors would read*" if mentors else "*You have no mentor yet*, so nobody reads anything of yours."
    )
    parts = [block for user, read in mentors for block in (divider(), *_previewed(user, read, ladder, today))]
    return Message(
        "What your mentors would read",
        (
            section(lead),
            *parts,
            *([small(f"And {count(more, 'mentor')} more.")] if more else []),
            small(
                "Counted in is what can be read within the hour; a mentor of many sees fewer at once."
                " `/ladder seen` shows what they have read."
            ),
        ),
    )


def _previewed(user: str, read: Digest, ladder: Ladder, today: date) -> list[Block]:
    if not read.chapters:
        return [section(f"{named(user)} would read nothing new of yours.")]
    said = [block for chapter in read.chapters for block in _chapter(chapter, ladder, today, live=False)]
    return [section(f"{named(user)} would read:"), *said]


def form(cadence: Cadence, memory: Memory, *, on: bool) -> View:
    """Day, time and rhythm of the digest."""
    days = [option("No digest", OFF), *(option(name, str(day)) for day, name in enumerate(DAYS, 1))]
    rhythms = [option(words, str(weeks)) for weeks, words in RHYTHMS.items()]
    return modal(
        "Your digest",
        [
            field("day", "Day", _menu(days, str(cadence.weekday) if on else OFF)),
            field("time", "Time", TimePickerElement(action_id=INPUT, initial_time=f"{cadence.at:%H:%M}")),
            field("rhythm", "How often", _menu(rhythms, str(cadence.every))),
        ],
        submit="Save",
        callback_id=FORM,
        private_metadata=memory.model_dump_json(),
    )


def _menu(options: list[Option], current: str) -> StaticSelectElement:
    return StaticSelectElement(action_id=INPUT, options=options, initial_option=chosen(options, current))


def read_form(view: Json) -> Cadence | None:
    """The rhythm that was picked, none for no digest."""
    day = value(view, "day")
    if not day or day == OFF:
        return None
    return rhythm(day, value(view, "time"), value(view, "rhythm"))


def comes(upcoming: Upcoming, today: date) -> str:
    """When the next digest comes, if there is something new, in a sentence or two."""
    if not upcoming.is_on:
        return "No more digests. `/ladder digest` still brings you one now, `/ladder digest on` all of them."
    paused = f"Paused until {spoken_day(upcoming.paused_until, today)}. " if upcoming.paused_until else ""
    if upcoming.at is None:
        return f"{paused}{HELD_UP}"
    return f"{paused}Your next digest comes on {spoken(upcoming.at, upcoming.zone)}, if there is something new."
