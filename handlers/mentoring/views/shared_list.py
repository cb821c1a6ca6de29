"""Entries as a mentor reads them, and what their member is told of that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from growth.cadence import spoken_date
from growth.digest import Item
from growth.sharing import Seen
from handlers.entries.views.sharing import named, someone
from handlers.slack import action_ids
from handlers.slack.blocks import Block, View, actions, modal, section, small
from handlers.slack.elements import Element, button
from handlers.slack.message import Message, fullest, less
from handlers.slack.text import clip, cut, escape, quote, sent_length

PAGE = 10
TERSE = 200  # characters of room in which there is none for what came of it
GIST_SHOWN = 200  # characters of an entry that somebody has seen
WHAT_SHOWN, IMPACT_SHOWN, LINKS_SHOWN = 1200, 500, 600  # characters; together they fit one block


@dataclass(frozen=True)
class Shown:
    """A page of what is shared by a mentorship; `skip` are before it, `more` after it."""

    mentorship: int
    items: Sequence[Item]
    skip: int
    more: int


@dataclass(frozen=True)
class Line:
    """Somebody was shown an entry, with its dates in words."""

    seen: Seen
    what: str
    happened_on: str
    first: str
    last: str


def entry(item: Item, today: date, *, words: int = WHAT_SHOWN * 6, live: bool = True) -> list[Block]:
    """The entry, and what the mentor can say to it; without that where it is only looked at (not `live`).

    `words` are the characters of it that there is room for, as they are sent.
    """
    kudos = (
        []
        if item.kudos
        else [button("Kudos", f"{action_ids.COMMENTS_KUDOS}.{item.id}", str(item.id), label="Kudos for this entry")]
    )
    comment = button("Comment", f"{action_ids.COMMENTS_WRITE}.{item.id}", str(item.id), label="Comment on this entry")
    return [section(_told(item, today, words)), *([actions(comment, *kudos)] if live else [])]


def page(shown: Shown, today: date) -> View:
    """A page of all that a mentee shares with the reader, as a modal which knows its place."""
    blocks: list[Block] = [section("Nothing is shared with you here at the moment.")]
    if shown.items:
        blocks = [
            section(f"*What {named(shown.items[0].user)} shares with you*, the latest first"),
            *(block for item in shown.items for block in entry(item, today)),
            *_paging(shown),
        ]
    place = f"{shown.mentorship} {shown.skip}"
    return modal("Shared with you", blocks, callback_id=action_ids.READING_LIST, private_metadata=place)


def _paging(shown: Shown) -> list[Block]:
    def turn(label: str, skip: int) -> Element:
        return button(label, f"{action_ids.READING_LIST}.{shown.mentorship}.{skip}", f"{shown.mentorship} {skip}")

    newer = [turn("← Newer", max(0, shown.skip - PAGE))] if shown.skip else []
    older = [turn(f"Older → ({shown.more} more)", shown.skip + PAGE)] if shown.more else []
    return [actions(*newer, *older)] if newer or older else []


def seen(lines: Sequence[Line], older: int | None) -> Message:
    """To a member: what was shown to whom, and when. `older`: where the next page goes on."""
    empty = "*What was shown to whom*\nSo far nobody but you has seen anything that is in your log now."

    def with_words(words: int) -> Message:
        return Message(
            "What was shown to whom",
            (
                section("*What was shown to whom*, the latest first" if lines else empty),
                *(section(_line(line, words)) for line in lines),
                *([actions(button("Older →", action_ids.READING_SEEN, str(older)))] if older else []),
                small("I write it down before I show anything. What was taken back since cannot be unseen."),
            ),
        )

    return fullest(with_words, less(GIST_SHOWN * 5, 80))


def _line(line: Line, words: int) -> str:
    saw = "saw" if line.seen.confirmed else "may have seen"
    last = f", last on {line.last}" if line.last != line.first else ""
    when = f"{saw} your entry of {line.happened_on} on {line.first}{last}"
    return f"*{someone(line.seen.user)}* {when}\n{clip(quote(line.what, GIST_SHOWN), words)}"


def _told(item: Item, today: date, room: int) -> str:
    """What it was has the first half of the room at least, what came of it a quarter, links what is left."""
    given = " · kudos from you" if item.kudos else ""
    what = quote(item.what, WHAT_SHOWN) if item.what else "_A message that they saved, without words of their own_"
    impact = cut(escape(item.impact), IMPACT_SHOWN) if item.impact else ""
    impact = clip(impact, max(room // 4, room - sent_length(what))) if room >= TERSE else ""
    what = clip(what, room - sent_length(impact))
    came = f"*What came of it:* {impact}" if impact else ""
    links = _links(item, min(LINKS_SHOWN, room - sent_length(what) - sent_length(impact)))
    return "\n".join(filter(None, (f"*{spoken_date(item.happened_on, today)}*{given}", what, came, links)))


def _links(item: Item, room: int) -> str:
    """Whole ones only, as many as there is room for."""
    lines = [f"•  {escape(link)}" for link in item.links]
    whole = max(n for n in range(len(lines) + 1) if not n or sent_length("\n".join(lines[:n])) <= room)
    return "\n".join(lines[:whole])
