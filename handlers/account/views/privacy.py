"""`/ladder forget me`: what goes, what is out of reach, and the words that make sure."""

from dataclasses import dataclass

from growth.errors import NotConfirmed
from handlers.log.views import export
from handlers.slack import action_ids
from handlers.slack.blocks import Block, Json, View, actions, divider, field, modal, section, small
from handlers.slack.elements import button, text_input
from handlers.slack.inputs import INPUT, Memory, RowId, value
from handlers.slack.message import Message, notice
from handlers.slack.text import count

CONFIRM = "confirm"
PHRASE = "forget me"


class ForgetMemory(Memory):
    """Which member is to be forgotten: who comes back later is another one."""

    member: RowId


@dataclass(frozen=True)
class Possessions:
    """How much there is of somebody. `comments` are what they said to the entries of others."""

    entries: int
    questions: int
    mentorships: int
    comments: int


def form(has: Possessions, memory: ForgetMemory) -> View:
    """What goes, what stays, the export, and the words to type."""
    return modal(
        "Forget me",
        [
            section("*I forget everything I know about you, at once and for good.* Nobody can bring it back."),
            section("\n".join(["*What goes*", *(f"•  {each}" for each in _goes(has))])),
            section("\n".join(["*What I can't reach*", *(f"•  {each}" for each in _stays(has))])),
            *(_export() if has.entries else []),
            divider(),
            field(
                CONFIRM,
                f"Type “{PHRASE}” to make sure",
                text_input(INPUT, 40, placeholder=PHRASE, focus=False),
            ),
        ],
        callback_id=action_ids.PRIVACY_FORGET_FORM,
        submit="Forget me",
        close="Keep everything",
        private_metadata=memory.model_dump_json(),
    )


def _goes(has: Possessions) -> list[str]:
    log = f"your growth log, {count(has.entries, 'entry', 'entries')}, with what mentors said to it"
    bonds = count(has.mentorships, "mentorship or request", "mentorships and requests")
    asked = f"{count(has.questions, 'question')} I asked, " if has.questions else ""
    return [
        log if has.entries else "your growth log, which is empty",
        f"{asked}your level, target and schedule",
        *(
            [f"{bonds}, with all you shared: mentors and mentees hear that one ended, and no more"]
            if has.mentorships
            else []
        ),
        "what my messages to mentors and mentees show of your log",
        "my messages to you in our conversation, with the files I sent: that takes a few minutes",
    ]


def _stays(has: Possessions) -> list[str]:
    said = "your comments and kudos for others: they stay with their entries, without your name"
    return [
        "what you wrote to me yourself: you can delete that in Slack",
        "answers that only you can see: they go when you restart Slack",
        "what others wrote, remember or have copied, and answers of mine to them that only name you",
        *([said] if has.comments else []),
        "Slack's own exports and logs, and backups of my database until they run out",
    ]


def _export() -> list[Block]:
    buttons = [button(each.label, f"{action_ids.EXPORT_SEND}.{kind}", kind) for kind, each in export.FORMATS.items()]
    return [
        divider(),
        section(
            "*Take your log along first?* I send the file into our conversation. Save it on your own computer: there it"
            " goes with the rest."
        ),
        actions(*buttons),
    ]


def check(view: Json) -> None:
    """Raises NotConfirmed unless the words were typed."""
    typed = " ".join(value(view, CONFIRM).strip("“”\"'`.!").casefold().split())
    if typed != PHRASE:
        raise NotConfirmed(PHRASE, field=CONFIRM)


def forgotten() -> View:
    """Said at once, and to a second click."""
    return notice(
        "Forgotten",
        Message(
            "Forgotten.",
            (
                section("*Everything of yours is gone.* I don't know you any more."),
                section(
                    "My messages to you go now too. With many of them that takes a few minutes: the last line I write"
                    " there says that it is done."
                ),
                small("Thank you for the time we had. Should you ever want to begin anew: `/ladder next`."),
            ),
        ),
    )


def unknown() -> Message:
    """To somebody of whom there is nothing."""
    return Message.of(
        "I know nothing about you, so there is nothing to forget. If you ever want to look around: `/ladder next`."
    )


def not_that() -> Message:
    """To other words than `me`: it is all or nothing here."""
    return Message.of(
        "I can forget you as a whole: that is `/ladder forget me`, and it asks once more first. To take a single entry"
        " out of your log, use *Delete* in `/ladder logs`."
    )


def last_word() -> Message:
    """The last message in the conversation."""
    return Message.of(
        "Done: my earlier messages to you are gone from here, and I keep nothing about you. What you wrote yourself"
        " stays until you delete it in Slack, and answers that only you can see go when you restart it. Take care!"
    )
