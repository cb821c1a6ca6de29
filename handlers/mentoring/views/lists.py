"""`/ladder mentors` and `/ladder mentees`: who is there, since when, what is shared, and the way out."""

from collections.abc import Sequence
from datetime import date

from growth.cadence import spoken_date
from growth.mentoring import MOST_MENTEES, Bond, MentorshipState
from handlers.entries.views.sharing import TICKS, named
from handlers.mentoring.views.mentorship import WHAT_THEY_SEE, answers, way
from handlers.slack import action_ids
from handlers.slack.blocks import Block, actions, divider, section, small
from handlers.slack.elements import Element, button, checkboxes, confirmation, mrkdwn_option, option, select
from handlers.slack.message import Message, listed
from handlers.slack.text import clip, count, quote
from ladder_content.model import Ladder

LISTED = 20  # mentorships, and
REQUESTS = 5  # requests, each of which is three blocks
WORDS = 1000  # characters of a reason; of a way up the ladder as many


def mentors(bonds: Sequence[Bond], today: date, note: str | None, *, whole: bool = False) -> Message:
    """The member's mentors and open requests, in a message as many as fit. `note`: what was just done."""

    def with_rows(rows: int, _: int) -> Message:
        return _mentors(bonds, today, note, rows)

    return with_rows(LISTED, WORDS) if whole else listed(with_rows, LISTED, WORDS, REQUESTS)


def _mentors(bonds: Sequence[Bond], today: date, note: str | None, rows: int) -> Message:
    asked = [bond for bond in bonds if bond.state == MentorshipState.REQUESTED]
    active = [bond for bond in bonds if bond.state == MentorshipState.ACTIVE]
    empty = "*Your mentors*\nNobody yet: what you write is for you alone. Who has done what you want to do next?"
    return Message(
        "Your mentors",
        (
            *_noted(note),
            section("*Your mentors*" if bonds else empty),
            *(_mentor(bond, today) for bond in active[:rows]),
            *_rest(active, rows, action_ids.MENTORING_MENTORS),
            *(_asked(bond, today) for bond in asked),
            *_ticked(active[:TICKS]),
            actions(
                button("Ask for a mentor", action_ids.MENTORING_ASK, style=None if bonds else "primary"),
                *(button("Share earlier entries", action_ids.HANDOVER_OPEN, str(bond.id)) for bond in active[-1:]),
            ),
            small(f"A mentor sees {WHAT_THEY_SEE}"),
        ),
    )


def mentees(
    bonds: Sequence[Bond], ladder: Ladder, today: date, wanted: int, note: str | None, *, whole: bool = False
) -> Message:
    """The mentor's requests and mentees, in a message as many as fit, and how many they want.

    `note`: what was just done.
    """

    def with_rows(rows: int, words: int) -> Message:
        return _mentees(bonds, ladder, today, wanted, note, rows, words)

    return with_rows(LISTED, WORDS) if whole else listed(with_rows, LISTED, WORDS, REQUESTS)


def _mentees(
    bonds: Sequence[Bond], ladder: Ladder, today: date, wanted: int, note: str | None, rows: int, words: int
) -> Message:
    asking = [bond for bond in bonds if bond.state == MentorshipState.REQUESTED]
    active = [bond for bond in bonds if bond.state == MentorshipState.ACTIVE]
    waiting = len(asking) - REQUESTS
    return Message(
        "Your mentees",
        (
            *_noted(note),
            *(block for bond in asking[:REQUESTS] for block in _asking(bond, today, words)),
            *([small(f"And {waiting} more who ask: answer these first.")] if waiting > 0 else []),
            section("*Your mentees*" if active else "*Your mentees*\nNobody yet. Whoever asks you is shown here."),
            *(_mentee(bond, ladder, today, words) for bond in active[:rows]),
            *_rest(active, rows, action_ids.MENTORING_MENTEES),
            divider(),
            section(_room(len(active), wanted), _how_many(wanted)),
        ),
    )


def _noted(note: str | None) -> list[Block]:
    return [section(note), divider()] if note else []


def _rest(bonds: Sequence[Bond], shown: int, all_of_them: str) -> list[Block]:
    """How many more there are, and what opens them all."""
    if len(bonds) <= shown:
        return []
    more = f"And {len(bonds) - shown} more."
    return [section(more, button("Show all", all_of_them)) if shown < LISTED else small(more)]


def _mentor(bond: Bond, today: date) -> Block:
    entries = f"{count(bond.shared, 'entry', 'entries')} shared" if bond.shared else "nothing shared yet"
    since = spoken_date(bond.since, today)
    return section(
        f"{named(bond.user)}\nsince {since} · {entries}",
        _end(bond, "Everything you shared with them is private again at once; what they have read, they have read."),
    )


def _ticked(bonds: Sequence[Bond]) -> list[Block]:
    """Whose names begin as ticked; the form shows them, so nothing is shared unseen."""
    if not bonds:
        return []
    options = [mrkdwn_option(named(bond.user), str(bond.id)) for bond in bonds]
    ticked = [str(bond.id) for bond in bonds if bond.share_by_default]
    return [
        section(
            "*Ticked in new entries*\nEach form still shows the names, and you can untick them there.",
            checkboxes(action_ids.MENTORING_TICKED, options, ticked),
        )
    ]


def _asked(bond: Bond, today: date) -> Block:
    return section(
        f"{named(bond.user)}\nasked on {spoken_date(bond.since, today)} · no answer yet",
        button("Take back", f"{action_ids.MENTORING_TAKE_BACK}.{bond.id}", str(bond.id)),
    )


def _asking(bond: Bond, today: date, words: int) -> list[Block]:
    about = f"*{named(bond.user)} asks whether you would be their mentor*"
    why = [section(clip(quote(bond.words, WORDS), 2 * words))] if bond.words else []
    return [section(f"{about}\nsince {spoken_date(bond.since, today)}"), *why, answers(bond)]


def _mentee(bond: Bond, ladder: Ladder, today: date, words: int) -> Block:
    entries = f"{count(bond.shared, 'entry', 'entries')} shared with you" if bond.shared else "nothing shared yet"
    return section(
        f"{named(bond.user)} · {clip(way(bond, ladder), words)}\nsince {spoken_date(bond.since, today)} · {entries}",
        _end(bond, "What they shared with you is private again at once."),
    )


def _end(bond: Bond, what_happens: str) -> Element:
    """The way out; it asks once more, and says what happens."""
    text = f"{what_happens} I'll tell them in one friendly sentence."
    sure = confirmation("End this mentorship?", text, yes="End it", no="Keep it")
    return button("End", f"{action_ids.MENTORING_END}.{bond.id}", str(bond.id), confirm=sure)


def _room(mentees: int, wanted: int) -> str:
    if not wanted:
        return "*How many mentees?*\nYou take nobody new."
    return f"*How many mentees?*\nYou take up to {wanted}, and have {mentees}. Fewer sends nobody away."


def _how_many(wanted: int) -> Element:
    options = [option(str(most) if most else "Not taking any", str(most)) for most in range(MOST_MENTEES + 1)]
    return select(action_ids.MENTORING_WANTED, options, initial=str(wanted))
