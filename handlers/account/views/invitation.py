"""An invitation: what was filled in for somebody, who can read what, and what comes of each answer."""

from dataclasses import dataclass
from datetime import date

from growth.cadence import Cadence, local_date, spoken_date, zone
from growth.inviting import InvitationState, Proposal
from growth.preferences import Preferences
from growth.standing import unknown_zone
from growth.time_words import day_and_time
from handlers.entries.views.sharing import named as mention
from handlers.mentoring.views.mentorship import PERSON, WHAT_THEY_SEE
from handlers.schedule.views import schedule
from handlers.schedule.views.schedule import ScheduleMemory
from handlers.slack import action_ids
from handlers.slack.blocks import Block, Json, View, actions, field, section, small
from handlers.slack.elements import button, users_select
from handlers.slack.inputs import INPUT, RowId
from handlers.slack.message import Message
from handlers.slack.position import named
from handlers.slack.text import escape
from ladder_content.model import Ladder


class InvitationMemory(ScheduleMemory):
    """Which invitation is answered."""

    invitation: RowId


@dataclass(frozen=True)
class Begun:
    """What a yes came to: what holds now, none where the person had set that themselves; and about the mentor."""

    set: Message | None
    mentor: str | None


def invitation(proposal: Proposal, ladder: Ladder) -> Message:
    """To whoever is invited: what Rung is, what is proposed, who can read what, and three ways to answer."""
    value = str(proposal.id)
    return Message(
        "You are invited to Rung. Nothing starts unless you say yes.",
        (
            section(
                f"*Hello {mention(proposal.user)}, I'm Rung.* I show you what the next level of your career asks, and"
                " once a week I ask you one question about it. Your answer goes into a growth log of your own."
            ),
            section(
                "The people who run me here have filled in a beginning for you. *Nothing starts unless you say yes:*\n"
                + "\n".join(f"•  {line}" for line in _proposed(proposal, ladder))
            ),
            section(
                "*Who can read what*\n"
                "What you write is for you alone: no manager or admin can read it here, and a mentor only what you"
                " share with them by name. Workspace admins see how many people take part, in broad bands: no names,"
                " no levels, no words. It is kept in the database of whoever runs Rung."
            ),
            actions(
                button("Yes, start like this", action_ids.INVITATION_ACCEPT, value, style="primary"),
                button("Change something first", action_ids.INVITATION_CHANGE, value),
                button("No thanks", action_ids.INVITATION_DECLINE, value),
            ),
            small("No hurry, and I won't ask a second time. `/ladder levels` lets you look around first."),
        ),
    )


def _proposed(proposal: Proposal, ladder: Ladder) -> list[str]:
    level = ladder.level(proposal.level)
    doubt = schedule.zone_in_doubt(unknown_zone(proposal.tz))
    when = day_and_time(proposal.cadence.weekday, proposal.cadence.at)
    return [
        f"Your level now: *{escape(named(level))}*" if level else "Your level: you pick it",
        f"One question a week: *{when}*, your time ({zone(proposal.tz).key}). {doubt}".rstrip(),
        *([_mentor(proposal.mentor)] if proposal.mentor else []),
    ]


def _mentor(user: str) -> str:
    return f"A mentor: {mention(user)}. I would ask them for you, and they may say no. They would see {WHAT_THEY_SEE}"


def form(ladder: Ladder, wanted: Preferences, memory: InvitationMemory, usual: Cadence, mentor: str | None) -> View:
    """The form of `/ladder set`, filled in with these wanted, and below it whom to ask to be the mentor."""
    pick = users_select(INPUT, initial=mentor)
    hint = "I ask them for you, and they may say no. Leave it empty for none."
    below = [field(PERSON, "A mentor", pick, hint=hint, optional=True)]
    return schedule.form(
        ladder, wanted, memory, usual, callback_id=action_ids.INVITATION_FORM, submit="Begin", below=below
    )


def read_mentor(view: Json) -> str | None:
    """Who was picked as a mentor, by Slack id; none for nobody."""
    picked = view["state"]["values"].get(PERSON, {}).get(INPUT, {}).get("selected_user")
    return str(picked) if picked else None


def begun(done: Begun) -> Message:
    """After a yes."""
    if done.set:
        text, blocks = "Good: we have begun.", list[Block]([section("*Good: we have begun.*"), *done.set.blocks])
    else:
        text = "You had begun by yourself before: your level and your questions stay as you set them."
        blocks = [section(text)]
    mentor = [section(done.mentor)] if done.mentor else []
    ways = small("`/ladder next` shows what the next level asks. `/ladder set` changes all of this, and turns it off.")
    return Message(text, (*blocks, *mentor, ways))


def mentor_stays() -> str:
    """To whoever has asked for a mentor, or has one."""
    return "About mentors nothing has changed: you have asked for one yourself. `/ladder mentors` shows how it is."


def mentor_not_asked(user: str, why: str) -> str:
    """Where the mentor could not be asked, and the rest has begun."""
    return f"I could not ask {mention(user)} to be your mentor. {why}"


def answered(proposal: Proposal, today: date) -> Message:
    """How it stands, in a sentence: what a no becomes, and the answer to a second click."""
    on = (
        f" on {spoken_date(local_date(proposal.answered_at, zone(proposal.tz)), today)}" if proposal.answered_at else ""
    )
    if proposal.state == InvitationState.ACCEPTED:
        return Message.of(f"You said yes{on}. `/ladder set` shows how it is now, and changes it.")
    return Message.of(
        f"You said no thanks{on}: nothing was set up, and I won't ask again. Should you want to look some day,"
        " `/ladder next` is there."
    )
