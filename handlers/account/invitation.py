"""Invitations: a yes, a yes with changes, a no; and nothing before any of them."""

from datetime import datetime

from growth.cadence import local_date, zone
from growth.errors import NotYourOwnMentor
from growth.inviting import InvitationState, Proposal
from growth.preferences import Preferences
from handlers.account.views import invitation as views
from handlers.account.views.invitation import Begun, InvitationMemory
from handlers.mentoring import presenter
from handlers.mentoring.views import mentorship as asking
from handlers.schedule.views import schedule
from handlers.slack import action_ids, people, proof
from handlers.slack.interaction import InPlace, Interaction, Modal
from handlers.slack.message import Message
from handlers.slack.people import SlackActor, number
from handlers.slack.router import Router
from services import invitations, schedules
from services.invitations import Answered


def register(router: Router) -> None:
    router.action(action_ids.INVITATION_ACCEPT, accept)
    router.action(action_ids.INVITATION_CHANGE, open_form)
    router.action(action_ids.INVITATION_DECLINE, decline)
    router.view(action_ids.INVITATION_FORM, save_form)


async def accept(i: Interaction) -> Message:
    slack_zone = await people.profile_zone(i)
    await proof.of_clicked(i)
    answered = await invitations.accept(i, number(i.value), slack_zone)
    return _begun(i, answered, invitations.preferences(answered.proposal))


async def open_form(i: Interaction) -> Modal | Message:
    slack_zone = await people.profile_zone(i)
    await proof.of_clicked(i)
    proposal, has_mentor = await invitations.get(i, number(i.value))
    if proposal.state != InvitationState.OPEN:
        return _answered(proposal, i.now)
    settings = await schedules.settings(i)
    memory = InvitationMemory(invitation=proposal.id, slack_zone=slack_zone, **i.origin)
    wanted = settings.now if proposal.began else invitations.preferences(proposal)
    mentor = None if has_mentor else proposal.mentor
    return Modal(views.form(i.ladder, wanted, memory, proposal.cadence, mentor))


async def save_form(i: Interaction) -> InPlace:
    memory = InvitationMemory.of(i.view)
    wanted, mentor = schedule.read(i.view, i.ladder), views.read_mentor(i.view)
    zones = await _picked(i, mentor) if mentor else {}
    about = (memory.invitation, wanted, memory.slack_zone, mentor, zones)
    return InPlace(_begun(i, await invitations.accept_changed(i, *about), wanted))


async def decline(i: Interaction) -> Message:
    await proof.of_clicked(i)
    return _answered(await invitations.decline(i, number(i.value)), i.now)


def _begun(i: Interaction, answered: Answered, wanted: Preferences) -> Message:
    if answered.before:
        return _answered(answered.proposal, i.now)
    done = answered.set and schedule.confirmed(i.ladder, wanted, answered.set.upcoming, answered.set.today)
    return views.begun(Begun(done, _asked(answered)))


def _asked(answered: Answered) -> str | None:
    """What became of the mentor who was proposed, or chosen."""
    if answered.has_mentor:
        return views.mentor_stays()
    if answered.refusal:
        return views.mentor_not_asked(answered.proposal.mentor or "", answered.refusal)
    return asking.asked(presenter.for_mentee(answered.pair)).text if answered.pair else None


async def _picked(actor: SlackActor, mentor: str) -> dict[str, str]:
    """The zone of somebody who can be asked, by Slack id. Raises NotYourOwnMentor, NoMentorHere."""
    if mentor == actor.who.user:
        raise NotYourOwnMentor
    return {mentor: await people.zone_of_colleague(actor, mentor)}


def _answered(proposal: Proposal, now: datetime) -> Message:
    return views.answered(proposal, local_date(now, zone(proposal.tz)))
