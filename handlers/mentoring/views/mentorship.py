"""Asking somebody to be one's mentor: the forms, and the messages that the two get."""

from datetime import date

from growth.cadence import spoken_date
from growth.errors import NoMentorHere, TooLong
from growth.mentoring import LONGEST, Bond, MentorshipState
from growth.sharing import Mentee
from growth.standing import aim
from handlers.entries.views.sharing import named
from handlers.slack import action_ids
from handlers.slack.blocks import Block, Json, View, actions, field, modal, section, small
from handlers.slack.elements import Element, button, text_input, users_select
from handlers.slack.inputs import INPUT, Memory, RowId, value
from handlers.slack.message import Message
from handlers.slack.position import where
from handlers.slack.text import escape, quoted
from ladder_content.model import Ladder

PERSON, WHY, DECLINE_NOTE = "person", "why", "decline_note"
WHAT_THEY_SEE = "your level, your target, and the entries that you share with them by name. Nothing else."


class DeclineMemory(Memory):
    """Which request is declined, and whether in the message that brought it or in a list."""

    mentorship: RowId
    from_list: bool = False


def ask_form(memory: Memory, why: str = "", *, unknown: str = "") -> View:
    """Whom to ask, and why. `unknown`: what was typed as a name, which Slack did not take for a person."""
    lead = f"Slack told me “{escape(unknown)}” as letters only, so please pick the person here. " if unknown else ""
    return modal(
        "Ask for a mentor",
        [
            section(f"{lead}They get a message from me, and you hear what they say."),
            field(PERSON, "Who?", users_select(INPUT, placeholder="Pick a person")),
            field(
                WHY,
                "Why them?",
                _line("For example: you have built what I am about to build", why),
                hint="They will read this line.",
                optional=True,
            ),
            small(f"A mentor sees {WHAT_THEY_SEE} Either of you can end it at any time."),
        ],
        callback_id=action_ids.MENTORING_ASK_FORM,
        submit="Ask them",
        private_metadata=memory.model_dump_json(),
    )


def read_ask(view: Json) -> tuple[str, str | None]:
    """Whom, by Slack id, and why. Raises NoMentorHere for nobody, TooLong."""
    user = view["state"]["values"].get(PERSON, {}).get(INPUT, {}).get("selected_user")
    if not user:
        raise NoMentorHere
    return str(user), short(value(view, WHY), WHY)


def short(words: str, name: str) -> str | None:
    """Words of no more than a line or two, none for none. Raises TooLong about the field of that name."""
    if len(words) > LONGEST:
        raise TooLong(LONGEST, field=name)
    return words or None


def decline_form(bond: Bond, memory: DeclineMemory) -> View:
    """A no, with a kind word or without."""
    return modal(
        "Not this time",
        [
            section(f"I'll tell {named(bond.user)} that you can't say yes now. You need not give a reason."),
            field(
                DECLINE_NOTE,
                "A kind word?",
                _line("For example: try Priya, she knows serving better than I do"),
                hint="They will read this line.",
                optional=True,
            ),
        ],
        callback_id=action_ids.MENTORING_DECLINE_FORM,
        submit="Decline",
        private_metadata=memory.model_dump_json(),
    )


def read_decline(view: Json) -> str | None:
    """The kind word, none for none. Raises TooLong."""
    return short(value(view, DECLINE_NOTE), DECLINE_NOTE)


def _line(placeholder: str, filled: str = "") -> Element:
    return text_input(INPUT, LONGEST, initial=filled[:LONGEST], placeholder=placeholder, multiline=True)


def request(bond: Bond) -> Message:
    """To the mentor: who asks, why, and what saying yes means."""
    who = named(bond.user)
    text = f"{who} asks whether you would be their mentor."
    return Message(
        text,
        (
            section(f"*{text}*"),
            *([section(quoted(bond.words))] if bond.words else []),
            section(
                "*What mentoring means here*\n"
                "•  You see their level, their target, and the entries of their growth log that they share with you by"
                " name. Nothing else.\n"
                "•  They decide entry by entry, and can take each one back.\n"
                "•  Once a week, if there is something new, I bring it to you; `/ladder digest off` ends that.\n"
                "•  Either of you can end it at any time."
            ),
            answers(bond),
            small("No hurry. I'll bring them your answer."),
        ),
    )


def answers(bond: Bond) -> Block:
    """The two answers to a request."""
    return actions(
        button("Accept", action_ids.MENTORING_ACCEPT, str(bond.id), style="primary"),
        button("Decline", action_ids.MENTORING_DECLINE, str(bond.id)),
    )


def way(bond: Bond | Mentee, ladder: Ladder) -> str:
    """The mentee's level and target."""
    level = ladder.level(bond.level)
    return escape(where(level, aim(ladder, level, bond.target))) if level else "no level picked yet."


def asked(bond: Bond) -> Message:
    """To the mentee, at once."""
    text = f"I've asked {named(bond.user)} to be your mentor. I'll tell you what they say."
    return Message(
        text,
        (
            section(text),
            actions(button("Take back", action_ids.MENTORING_TAKE_BACK, str(bond.id))),
            small(f"If they say yes, they see {WHAT_THEY_SEE}"),
        ),
    )


def accepted(bond: Bond) -> Message:
    """To the mentee: a yes."""
    who = named(bond.user)
    text = f"{who} said yes: they are your mentor now."
    return Message(
        text,
        (
            section(f"*{text}*"),
            section(f"{who} sees {WHAT_THEY_SEE}"),
            section("Nothing is shared so far. To share an entry, tick their name in its form: *Who may read this?*"),
            actions(button("Share earlier entries", action_ids.HANDOVER_OPEN, str(bond.id))),
            small("`/ladder mentors` shows who can read what, and lets you end it at any time."),
        ),
    )


def declined(bond: Bond) -> Message:
    """To the mentee: a no, with the kind word if there is one."""
    who = named(bond.user)
    text = f"{who} can't be your mentor at the moment."
    return Message(
        text,
        (
            section(text),
            *([section(f"{who} says:\n{quoted(bond.words)}")] if bond.words else []),
            small("It was a good question to ask. Somebody else may be glad of it: `/ladder mentor`."),
        ),
    )


def ended(bond: Bond, *, by_mentor: bool) -> Message:
    """To the one who did not end it."""
    who = named(bond.user)
    text = (
        f"{who} has ended being your mentor; whatever you shared with them is yours alone again.{_seen(bond)}"
        if by_mentor
        else f"{who} has ended your mentorship, with thanks; what they shared with you is private again."
    )
    return Message.of(text)


def over() -> Message:
    """To either of the two where the other one was forgotten: Rung does not know any more who that was."""
    return Message.of(
        "One of your mentorships has ended, with thanks; what was shared in it is private again. `/ladder mentors` and"
        " `/ladder mentees` show those you have."
    )


def _seen(bond: Bond) -> str:
    """What cannot be unseen."""
    return f" They were shown {bond.seen} of your entries before: `/ladder seen` tells which." if bond.seen else ""


def as_mentor(bond: Bond, today: date) -> Message:
    """How it stands for the mentor, in a sentence: what a request becomes, and the answer to a second click."""
    who, on = named(bond.user), spoken_date(bond.since, today)
    return Message.of(
        {
            MentorshipState.REQUESTED: f"{who} asked you on {on} whether you would be their mentor.",
            MentorshipState.ACTIVE: f"You are {who}'s mentor since {on}. `/ladder mentees` shows all your mentees.",
            MentorshipState.DECLINED: f"You could not say yes to {who} on {on}. I have told them.",
            MentorshipState.CANCELLED: f"The request of {who} is no longer open. Nothing is left to do.",
            MentorshipState.ENDED: f"Your mentorship with {who} ended on {on}.",
        }[bond.state]
    )


def as_mentee(bond: Bond, today: date) -> Message:
    """How it stands for the mentee, in a sentence."""
    who, on = named(bond.user), spoken_date(bond.since, today)
    return Message.of(
        {
            MentorshipState.REQUESTED: f"You asked {who} on {on}. There is no answer yet.",
            MentorshipState.ACTIVE: f"{who} is your mentor since {on}.",
            MentorshipState.DECLINED: f"{who} could not say yes on {on}.",
            MentorshipState.CANCELLED: f"Your request to {who} is taken back: they have nothing to answer any more.",
            MentorshipState.ENDED: f"Your mentorship with {who} ended on {on}. Nothing is shared with them any more."
            + _seen(bond),
        }[bond.state]
    )
