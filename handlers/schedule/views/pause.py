"""Pausing and resuming."""

from datetime import date, timedelta

from growth.errors import NotADay
from growth.standing import Upcoming
from handlers.schedule.views import days, schedule
from handlers.slack import action_ids
from handlers.slack.blocks import Json, View, actions, field, modal, section
from handlers.slack.elements import Element, button, datepicker
from handlers.slack.inputs import INPUT, Memory, day
from handlers.slack.message import Message

USUAL = timedelta(weeks=2)


def form(memory: Memory, today: date) -> View:
    """Until when?"""
    blocks = [
        section("A pause stops everything I start by myself. `/ladder checkin` still gets you a question."),
        field(
            "until",
            "Pause until",
            datepicker(INPUT, today + USUAL),
            hint="The first day on which I may write again. You can resume any time before.",
        ),
    ]
    return modal(
        "Pause", blocks, submit="Pause", callback_id=action_ids.PAUSE_FORM, private_metadata=memory.model_dump_json()
    )


def read(view: Json, today: date) -> date:
    """The day that was picked; one that is past, or too far away, is refused on its field."""
    picked = day(view, "until")
    if picked is None:
        raise NotADay("")
    return days.checked(picked, today)


def paused(until: date, upcoming: Upcoming, today: date, *, stands: bool) -> Message:
    """What holds now. `stands`: a question is open, which stays so."""
    only_paused = f"Paused until {days.spoken_day(until, today)}."
    said = schedule.next_question(upcoming, today) if upcoming.is_on else only_paused
    still = " The question that is open stays open: answer it whenever you like." if stands else ""
    return Message("Paused.", (section(f"{said}{still}"), actions(button("Resume", action_ids.PAUSE_RESUME))))


def resumed(upcoming: Upcoming, today: date, digests: Upcoming | None) -> Message:
    """What holds now, whether it was paused or not; `digests` only for who mentors somebody."""
    said = [schedule.next_question(upcoming, today), *([schedule.next_digest(digests, today)] if digests else [])]
    return Message.of("\n".join(dict.fromkeys(said)))  # that both are held up is said once


def stopped() -> Message:
    """The one message after so much silence that no more questions come."""
    text = (
        "It has been quiet for a while, so I'll stop asking; your log stays as it is, and `/ladder resume` brings the"
        " questions back whenever you like."
    )
    return Message(text, (section(text), actions(button("Resume", action_ids.PAUSE_RESUME))))


def switch(upcoming: Upcoming) -> list[Element]:
    """*Pause*, or *Resume* while a pause holds; nothing where nothing would come."""
    if not upcoming.is_on:
        return []
    return [
        button("Resume", action_ids.PAUSE_RESUME) if upcoming.paused_until else button("Pause", action_ids.PAUSE_OPEN)
    ]
