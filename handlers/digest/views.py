"""What a mentor reads once a week, what a member sees of it before, and when it comes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from growth.cadence import Cadence
from growth.digest import Chapter, Digest
from growth.sharing import Mentee
from growth.time_words import DAYS
from handlers.entries.views.sharing import and_others, named
from handlers.mentoring.views.mentorship import way
from handlers.mentoring.views.shared_list import entry
from handlers.schedule.views.days import rhythm
from handlers.schedule.views.schedule import OFF, RHYTHMS
from handlers.slack import action_ids
from handlers.slack.blocks import Block, Json, View, actions, divider, field, modal, section, small
from handlers.slack.elements import button, option, select, timepicker
from handlers.slack.inputs import INPUT, Memory, value
from handlers.slack.message import Message, fullest, less
from handlers.slack.position import HELD_UP
from handlers.slack.text import clip, count, cut, escape
from ladder_content.model import Ladder

MOVED_SHOWN, CRITERION_SHOWN = 3, 300
WORDS, READABLE = 2400, 200  # characters of an entry as they are sent: at most, and without which it is left for later
REST_SHOWN = 20
SILENT_SHOWN = 2
WHEN = "Say when like this: `/ladder digest fri 15:00`; or say `pause`, `resume`, `off` or `preview`."
PREVIEWED = 7  # mentors: each at most six blocks


@dataclass(frozen=True)
class Detail:
    """How much a digest says: characters of an entry, and of the line about a mentee, as they are sent.

    `around`: what moved, and on what nothing is shared; `question`: what is worth asking; `buttons`: to say something
    to an entry, which a reply in the thread does too.
    """

    words: int
    about: int = 600
    around: bool = False
    question: bool = False
    buttons: bool = True


FULL = [Detail(words, around=True, question=True) for words in less(WORDS, READABLE)]
ASKING = [Detail(words, question=True) for words in less(WORDS, READABLE)]
PLAIN = [Detail(words) for words in less(WORDS, READABLE)]
BRIEF = [Detail(READABLE, about) for about in less(300, 40)]
BRIEFEST = [Detail(words, 40, buttons=False) for words in less(READABLE, 40)]
KINDS = (FULL, ASKING, PLAIN, BRIEF, BRIEFEST)


def _in_detail(compose: Callable[[Detail], Message]) -> Message:
    """As much as one message takes: words grow shorter before anything goes."""
    enough = next((kind for kind in KINDS if compose(kind[-1]).fits()), BRIEFEST)
    return fullest(compose, enough)


def digest(read: Digest, ladder: Ladder, today: date) -> Message:
    """The digest; those with news first, the rest in a line. It says as much as one message takes."""
    return _in_detail(lambda detail: _digest(read, ladder, today, detail))


def has_room(read: Digest, ladder: Ladder, today: date) -> bool:
    """Whether it can all be read in one message: with all about a mentee where there is more than an entry of each."""
    entries = sum(len(chapter.items) for chapter in read.chapters)
    least = FULL[-1] if entries > len(read.chapters) else PLAIN[-1] if entries else BRIEF[-1]
    return _digest(read, ladder, today, least).fits()


def _digest(read: Digest, ladder: Ladder, today: date, detail: Detail) -> Message:
    return Message(
        "Here is what is new from your mentees.",
        (
            section("*New from your mentees*"),
            *(block for chapter in read.chapters for block in _chapter(chapter, ladder, today, detail)),
            *_others(read),
            *([small("Something that was here is no longer shared.")] if read.gone else []),
            settings(),
            small("You see what they share with you by name. To comment, use the button or reply in a thread here."),
        ),
    )


def _chapter(chapter: Chapter, ladder: Ladder, today: date, detail: Detail, *, live: bool = True) -> list[Block]:
    lines = [f"*{named(chapter.mentee.user)}* · {clip(way(chapter.mentee, ladder), detail.about)}"]
    if chapter.moved and detail.around:
        sentences = [f"“{cut(escape(each.sentence), CRITERION_SHOWN)}”" for each in chapter.moved[:MOVED_SHOWN]]
        rest = len(chapter.moved) - MOVED_SHOWN
        lines.append(f"*What moved:* {' · '.join(sentences)}{f' and {rest} more' if rest > 0 else ''}")
    if chapter.silent and detail.around:
        titles = (f"*{escape(each.title)}*" for each in chapter.silent[:SILENT_SHOWN])
        lines.append(f"Nothing shared with you on {' or '.join(titles)} lately.")
    if chapter.question and detail.question:
        lines.append(f"*Worth asking:* {escape(chapter.question)}")
    if chapter.more and not live:
        lines.append(f"…and a button that opens {chapter.more} more")
    label = f"Read {chapter.more} more" if chapter.more else "All they share"
    opens = button(
        label, f"{action_ids.READING_LIST}.{chapter.mentee.mentorship_id}", f"{chapter.mentee.mentorship_id} 0"
    )
    buttons = live and detail.buttons
    entries = [block for item in chapter.items for block in entry(item, today, words=detail.words, live=buttons)]
    return [section("\n".join(lines), opens if live else None), *entries]


def _others(read: Digest) -> list[Block]:
    """Who has news that has no room here, and who has none."""
    waiting, rest = and_others([named(each.user) for each in read.waiting]), read.rest[:REST_SHOWN]
    more = f"There is news from {waiting} too. Once you have read these, `/ladder digest` brings it."
    return [
        *([small(more)] if waiting else []),
        *([small(f"Nothing new from {', '.join(named(each.user) for each in rest)}.")] if rest else []),
    ]


def settings() -> Block:
    """When it comes, in one click."""
    return actions(
        button("Change day or time", action_ids.DIGEST_CHANGE),
        button("Pause four weeks", action_ids.DIGEST_PAUSE),
        button("Switch off", action_ids.DIGEST_STOP),
    )


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

    def line(mentee: Mentee, about: int) -> Block:
        opens = button(
            "All they share", f"{action_ids.READING_LIST}.{mentee.mentorship_id}", f"{mentee.mentorship_id} 0"
        )
        return section(f"*{named(mentee.user)}* · {clip(way(mentee, ladder), about)}", opens)

    def with_lines(about: int) -> Message:
        return Message(text, (section(text), *(line(each, about) for each in mentees[:REST_SHOWN])))

    return fullest(with_lines, less(600, 40))


def preview(mentors: Sequence[tuple[str, Digest]], ladder: Ladder, today: date, *, more: int = 0) -> Message:
    """To a member: what each of their mentors, by Slack id, would read of them; `more` mentors are not shown."""
    lead = (
        "*What your mentors would read*" if mentors else "*You have no mentor yet*, so nobody reads anything of yours."
    )

    def in_detail(detail: Detail) -> Message:
        parts = [block for each in mentors for block in (divider(), *_previewed(*each, ladder, today, detail))]
        return _preview(lead, parts, more)

    return _in_detail(in_detail)


def _preview(lead: str, parts: Sequence[Block], more: int) -> Message:
    return Message(
        "What your mentors would read",
        (
            section(lead),
            *parts,
            *([small(f"And {count(more, 'mentor')} more.")] if more else []),
            small(
                "This includes what they can read within the hour. A mentor of many mentees sees fewer entries of each."
                " `/ladder seen` shows what they have read."
            ),
        ),
    )


def _previewed(user: str, read: Digest, ladder: Ladder, today: date, detail: Detail) -> list[Block]:
    if not read.chapters:
        return [section(f"{named(user)} would read nothing new of yours.")]
    said = [block for chapter in read.chapters for block in _chapter(chapter, ladder, today, detail, live=False)]
    return [section(f"{named(user)} would read:"), *said]


def form(cadence: Cadence, memory: Memory, *, on: bool) -> View:
    """Day, time and rhythm of the digest."""
    days = [option("No digest", OFF), *(option(name, str(day)) for day, name in enumerate(DAYS, 1))]
    rhythms = [option(words, str(weeks)) for weeks, words in RHYTHMS.items()]
    return modal(
        "Your digest",
        [
            field("day", "Day", select(INPUT, days, initial=str(cadence.weekday) if on else OFF)),
            field("time", "Time", timepicker(INPUT, cadence.at)),
            field("rhythm", "How often", select(INPUT, rhythms, initial=str(cadence.every))),
        ],
        submit="Save",
        callback_id=action_ids.DIGEST_FORM,
        private_metadata=memory.model_dump_json(),
    )


def read_form(view: Json) -> Cadence | None:
    """The rhythm that was picked, none for no digest."""
    day = value(view, "day")
    if not day or day == OFF:
        return None
    return rhythm(day, value(view, "time"), value(view, "rhythm"))
