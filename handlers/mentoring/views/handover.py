"""Sharing earlier entries with a mentor: what the member picks, and the way back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from growth.cadence import spoken_date
from growth.errors import PersonError
from growth.sharing import REGRET, Mentor
from handlers.entries.views import sharing
from handlers.slack import action_ids
from handlers.slack.blocks import Json, View, actions, field, modal, section, small
from handlers.slack.elements import Element, button, mrkdwn_option, multi_select, option, option_group, radio_buttons
from handlers.slack.inputs import INPUT, Memory, value, values
from handlers.slack.message import Message
from handlers.slack.text import count

WITH, ENTRIES = "mentor", "entries"
OFFERED = 90  # a menu takes a hundred, and a button keeps the ids of so many
MENTORS = 10  # as many radio buttons


@dataclass(frozen=True)
class Earlier:
    """An entry that could be shared. `before`: somebody else has been shared it."""

    id: int
    gist: str
    happened_on: date
    before: bool


def form(mentors: Sequence[Mentor], chosen: Mentor, entries: Sequence[Earlier], today: date, memory: Memory) -> View:
    """Whom, where there are several mentors, and what."""
    several = [field(WITH, "With whom?", _people(mentors, chosen))] if len(mentors) > 1 else []
    more = f" These are {OFFERED}; Edit in /ladder logs shares any other." if len(entries) == OFFERED else ""
    return modal(
        "Share earlier entries",
        [
            section(f"Pick what {sharing.named(chosen.user)} may read. What you don't pick stays as it is."),
            *several,
            field(
                ENTRIES,
                "Which entries?",
                _menu(entries, today),
                hint=f"They can read it an hour after you save.{more}",
            ),
        ],
        callback_id=action_ids.HANDOVER_FORM,
        submit="Share",
        private_metadata=memory.model_dump_json(),
    )


def nothing(mentor: Mentor) -> Message:
    """There is nothing that could be picked."""
    return Message.of(f"There is nothing more to share: {sharing.named(mentor.user)} has all that is in your log.")


def read(view: Json, mentorship_id: int) -> tuple[int, tuple[int, ...]]:
    """The mentorship and the entries that were picked. Raises NotYourMentor, and PersonError where none is."""
    whom = value(view, WITH) or str(mentorship_id)
    picked = values(view, ENTRIES)
    if not picked:
        raise PersonError("Pick one entry at least, or close this window.", field=ENTRIES)
    mentorship, *entries = sharing.row_ids((whom, *picked))
    return mentorship, tuple(entries)


def shared(mentor: Mentor, entry_ids: Sequence[int], now: datetime, zone: ZoneInfo) -> Message:
    """What was shared, from when, and the way back."""
    who = sharing.named(mentor.user)
    if not entry_ids:
        return Message.of(f"All of that was shared with {who} before.")
    at = f"{(now + REGRET).astimezone(zone):%H:%M} ({zone.key})"
    text = f"Shared {count(len(entry_ids), 'entry', 'entries')} with {who}. They can read it from {at}."
    return Message(
        text,
        (
            section(text),
            actions(
                button(
                    "Keep private",
                    action_ids.HANDOVER_TAKE_BACK,
                    " ".join(map(str, (mentor.mentorship_id, *entry_ids))),
                )
            ),
            small("`/ladder logs` shows who can read what. There *Edit* takes back any single one."),
        ),
    )


def taken_back(entries: int) -> Message:
    """They are shared by that mentorship no more."""
    if not entries:
        return Message.of("None of that is shared with them any more.")
    return Message.of(f"Taken back: {count(entries, 'entry', 'entries')}. They can't read that any more.")


def read_value(text: str) -> tuple[int, tuple[int, ...]]:
    """The mentorship and the entries of a *Keep private*. Raises NotYourMentor for what is none."""
    mentorship, *entries = sharing.row_ids(text.split(" "))
    return mentorship, tuple(entries)


def _people(mentors: Sequence[Mentor], chosen: Mentor) -> Element:
    """People by their mentions, which Slack shows as names; the chosen one first."""
    first = [chosen, *(each for each in mentors if each != chosen)][:MENTORS]
    options = [mrkdwn_option(sharing.named(each.user), str(each.mentorship_id)) for each in first]
    return radio_buttons(INPUT, options, initial=str(chosen.mentorship_id))


def _menu(entries: Sequence[Earlier], today: date) -> Element:
    groups = []
    for label, before in (("Shared with somebody before", True), ("Only yours so far", False)):
        options = [
            option(f"{spoken_date(each.happened_on, today)} · {each.gist}", str(each.id))
            for each in entries
            if each.before is before
        ]
        groups += [option_group(label, options)] if options else []
    return multi_select(INPUT, groups)
