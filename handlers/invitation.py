"""Invitations: a yes, a yes with changes, a no; and nothing before any of them."""

from dataclasses import replace
from datetime import datetime

from db.account import invitations
from db.engine import AsyncSession
from db.enums import DeliveryKind
from db.mentoring import mentorships, requests
from growth.cadence import local_date, zone
from growth.errors import NoLongerThere, NotYourOwnMentor, PersonError, ProposedLevelGone
from growth.inviting import InvitationState, Proposal
from handlers import bonds, people, redrawing, settling, showing
from handlers.people import Visit, number
from handlers.slack.interaction import InPlace, Interaction, Modal
from handlers.slack.router import Router
from handlers.views import invitation as views
from handlers.views import mentoring as asking
from handlers.views import schedule
from handlers.views.invitation import Begun, InvitationMemory
from handlers.views.message import Message
from handlers.views.wishes import Wishes


def register(router: Router) -> None:
    router.action(views.ACCEPT, accept)
    router.action(views.CHANGE, open_form)
    router.action(views.DECLINE, decline)
    router.view(views.FORM, save_form)


async def accept(i: Interaction) -> Message:
    slack_zone = await people.profile_zone(i)
    await showing.prove_clicked(i, i.body)
    async with i.sessions.begin() as session:
        proposal = _there(await invitations.hold(session, i.who, number(i.value)))
        return await _begin(session, i, proposal, slack_zone)


async def open_form(i: Interaction) -> Modal:
    settings = await settling.as_it_is(i)
    await showing.prove_clicked(i, i.body)
    async with i.sessions() as session:
        proposal = _there(await invitations.find(session, i.who, number(i.value)))
        mentors = await mentorships.open_ones(session, i.who, mentorships.MENTEE)
    if proposal.state != InvitationState.OPEN:
        message = _answered(proposal, i.now)
        await redrawing.redraw(i, DeliveryKind.INVITATION, proposal.id, message)
        raise PersonError(message.text)
    memory = InvitationMemory(invitation=proposal.id, slack_zone=settings.slack_zone, **i.origin)
    wishes = settings.now if proposal.began else _wishes(proposal)
    mentor = None if mentors else proposal.mentor
    return Modal(views.form(i.ladder, wishes, memory, proposal.cadence, mentor))


async def save_form(i: Interaction) -> InPlace | None:
    memory = InvitationMemory.of(i.view)
    wishes, mentor = schedule.read(i.view, i.ladder), views.read_mentor(i.view)
    zones = await _picked(i, mentor) if mentor else {}
    async with i.sessions.begin() as session:
        proposal = _there(await invitations.hold(session, i.who, memory.invitation))
        message = _answered(proposal, i.now)
        if proposal.state == InvitationState.OPEN:
            done = await settling.put(session, i, wishes, memory.slack_zone)
            asked = await _ask(session, i, proposal, mentor, zones) if mentor else None
            await invitations.answer(session, proposal.id, InvitationState.ACCEPTED, i.now)
            message = views.begun(Begun(done, asked))
    shown_at = await redrawing.redraw(i, DeliveryKind.INVITATION, proposal.id, message)
    return None if memory.message_ts in shown_at else InPlace(message)


async def decline(i: Interaction) -> Message:
    await showing.prove_clicked(i, i.body)
    async with i.sessions.begin() as session:
        proposal = _there(await invitations.hold(session, i.who, number(i.value)))
        if proposal.state == InvitationState.OPEN:
            await invitations.answer(session, proposal.id, InvitationState.DECLINED, i.now)
            proposal = replace(proposal, state=InvitationState.DECLINED, answered_at=i.now)
    return _answered(proposal, i.now)


async def _begin(session: AsyncSession, visit: Visit, proposal: Proposal, slack_zone: str) -> Message:
    """Let what was proposed hold, where the person has not set something else; or say what they answered before."""
    if proposal.state != InvitationState.OPEN:
        return _answered(proposal, visit.now)
    done = None
    if not proposal.began:
        if visit.ladder.level(proposal.level) is None:
            raise ProposedLevelGone
        done = await settling.put(session, visit, _wishes(proposal), slack_zone)
    asked = await _ask_proposed(session, visit, proposal, slack_zone)
    await invitations.answer(session, proposal.id, InvitationState.ACCEPTED, visit.now)
    return views.begun(Begun(done, asked))


def _wishes(proposal: Proposal) -> Wishes:
    return Wishes(proposal.level, None, proposal.cadence, None)


async def _ask_proposed(session: AsyncSession, visit: Visit, proposal: Proposal, zone: str) -> str | None:
    """Ask the mentor who was proposed, unless the person has asked for one; what cannot be is said, no more."""
    if proposal.mentor is None:
        return None
    if await mentorships.open_ones(session, visit.who, mentorships.MENTEE):
        return views.mentor_stays()
    try:
        return await _ask(session, visit, proposal, proposal.mentor, {visit.who.user: zone})
    except PersonError as refusal:
        return views.mentor_not_asked(proposal.mentor, refusal.sentence)


async def _ask(session: AsyncSession, visit: Visit, proposal: Proposal, mentor: str, zones: dict[str, str]) -> str:
    pair = await requests.request(session, visit.who, mentor, zones, None, f"invitation:{proposal.id}", visit.now)
    return asking.asked(bonds.for_mentee(pair)).text


async def _picked(visit: Visit, mentor: str) -> dict[str, str]:
    """The zone of somebody who can be asked, by Slack id. Raises NotYourOwnMentor, NoMentorHere."""
    if mentor == visit.who.user:
        raise NotYourOwnMentor
    return {mentor: await people.zone_of_colleague(visit, mentor)}


def _there(proposal: Proposal | None) -> Proposal:
    """The invitation, if there is such. Raises NoLongerThere."""
    if proposal is None:
        raise NoLongerThere("invitation")
    return proposal


def _answered(proposal: Proposal, now: datetime) -> Message:
    return views.answered(proposal, local_date(now, zone(proposal.tz)))
