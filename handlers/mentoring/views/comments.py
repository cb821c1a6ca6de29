"""What a mentor says to an entry: the form, the answers, and the message to its member."""

from collections.abc import Mapping, Sequence
from datetime import date

from growth.cadence import spoken_date
from growth.digest import Item
from growth.errors import NothingSaid, TooLong
from growth.sharing import Said
from handlers.entries.views.sharing import named, someone
from handlers.slack import action_ids
from handlers.slack.blocks import Block, Json, View, field, modal, section, small
from handlers.slack.elements import option, select, text_input
from handlers.slack.inputs import INPUT, Memory, RowId, value
from handlers.slack.message import Message, fullest, less
from handlers.slack.text import clip, cut, quote, quoted

WORDS = "words"
LONGEST = 1000  # characters
OFFERED = 100  # entries in a menu
WORDS_ROOM = 6000  # for the words, as they are sent
STAYS = "It stays with the entry. No other mentor reads it."


class CommentMemory(Memory):
    """Which entry the words are for."""

    entry: RowId


def form(item: Item, memory: CommentMemory, today: date) -> View:
    """Words for the member of an entry."""
    example = "For example: what made you choose the smaller model?"
    words = text_input(INPUT, LONGEST, multiline=True, placeholder=example)
    return modal(
        "Comment",
        [
            section(f"To {named(item.user)}, on their entry of {spoken_date(item.happened_on, today)}"),
            field(WORDS, "Your words", words, hint=f"I bring it to them at once. {STAYS}"),
        ],
        callback_id=action_ids.COMMENTS_FORM,
        submit="Send",
        private_metadata=memory.model_dump_json(),
    )


def read(view: Json) -> str:
    """The words. Raises NothingSaid, TooLong."""
    return checked(value(view, WORDS))


def checked(words: str) -> str:
    """The words, if they are as many as a comment may have. Raises NothingSaid, TooLong."""
    if not words:
        raise NothingSaid(field=WORDS)
    if len(words) > LONGEST:
        raise TooLong(LONGEST, field=WORDS)
    return words


def sent(item: Item, today: date, words: str | None) -> Message:
    """To the mentor."""
    what = "Your comment" if words else "Your kudos"
    return Message.of(f"{what} on {named(item.user)}'s entry of {spoken_date(item.happened_on, today)}: sent.")


def which(items: Sequence[Item], names: Mapping[str, str], ts: str, today: date) -> Message:
    """To a reply to a digest of several entries; `ts` is the reply's, `names` are by Slack id.

    It stays when they are taken back, so it has no words of theirs.
    """
    return fullest(lambda options: _menu(items[:options], names, ts, today), less(min(len(items), OFFERED)))


def _menu(items: Sequence[Item], names: Mapping[str, str], ts: str, today: date) -> Message:
    labels = [f"{cut(names[each.user], 40)} · {spoken_date(each.happened_on, today)}" for each in items]
    options = []
    for n, (item, label) in enumerate(zip(items, labels, strict=False), 1):
        nth = labels[:n].count(label)
        options.append(option(f"{label} ({nth})" if nth > 1 else label, f"{item.id} {ts}"))
    menu = select(action_ids.COMMENTS_PICK, options, placeholder="Pick an entry")
    return Message("Which entry is this for?", (section("Which entry is this for?", menu), small(STAYS)))


def about_nothing() -> Message:
    """To a reply to a digest that showed no entry."""
    return Message.of("There is no entry here, so I pass nothing on. To ask how it is going, write to them yourself.")


def told(said: Said, what: str | None, happened_on: date, today: date) -> Message:
    """To the member of the entry; `what` is none once they have deleted it."""
    did = "wrote something on" if said.words else "sends you kudos for"
    text = f"{someone(said.user)} {did} your entry of {spoken_date(happened_on, today)}."
    return Message(
        text,
        (
            section(f"*{text}*"),
            *([section(clip(quoted(said.words), WORDS_ROOM))] if said.words else []),
            *_about(what),
        ),
    )


def _about(what: str | None) -> list[Block]:
    if what is None:
        return [small("You have deleted that entry.")]
    return [
        small(f"Your entry:\n{clip(quote(what, 300), WORDS_ROOM // 4)}"),
        small("It stays with your entry: `/ladder logs` shows it. No other mentor reads it."),
    ]
