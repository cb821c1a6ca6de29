"""Invitations: a yes, a yes with changes, a no; and nothing before any of them."""

from dataclasses import replace
from datetime import datetime

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from db.account import invitations
from db.engine import AsyncSession
from db.enums import DeliveryKind
from db.mentoring import mentorships, requests
from growth.cadence import local_date, zone
from growth.errors import NoLongerThere, NotYourOwnMentor, PersonError, ProposedLevelGone
from growth.inviting import InvitationState, Proposal
from handlers import bonds, forms, homepage, people, redrawing, settling, showing
from handlers.people import Answer, Json, Visit, Wake, number
from handlers.redrawing import tried
from handlers.views import invitation as views
from handlers.views import mentoring as asking
from handlers.views import schedule
from handlers.views.invitation import Begun, InvitationMemory
from handlers.views.message import Message
from handlers.views.wishes import Wishes


def register(app: AsyncApp) -> None:
    app.action(views.ACCEPT)(accept)
    app.action(views.CHANGE)(open_form)
    app.action(views.DECLINE)(decline)
    app.view(views.FORM)(save_form)


async def accept(
    ack: AsyncAck, respond: AsyncRespond, answer: Answer, action: dict[str, str], body: Json, visit: Visit, wake: Wake
) -> None:
    async def work() -> Message:
        slack_zone = await people.profile_zone(visit)
        await showing.prove_clicked(visit, body)
        async with visit.sessions.begin() as session:
            proposal = _there(await invitations.hold(session, visit.who, number(action["value"])))
            message = await _begin(session, visit, proposal, slack_zone)
        wake()
        return message

    await answer.redraw(ack, respond, forms.refreshed(visit, body, work()))


async def open_form(ack: AsyncAck, action: dict[str, str], body: Json, visit: Visit) -> None:
    await ack()
    settings = await settling.as_it_is(visit)
    await showing.prove_clicked(visit, body)
    async with visit.sessions() as session:
        proposal = _there(await invitations.find(session, visit.who, number(action["value"])))
        mentors = await mentorships.open_ones(session, visit.who, mentorships.MENTEE)
    if proposal.state != InvitationState.OPEN:
        message = _answered(proposal, visit.now)
        await redrawing.redraw(visit, DeliveryKind.INVITATION, proposal.id, message)
        raise PersonError(message.text)
    memory = InvitationMemory(invitation=proposal.id, slack_zone=settings.slack_zone, **forms.origin(body))
    wishes = settings.now if proposal.began else _wishes(proposal)
    mentor = None if mentors else proposal.mentor
    await forms.show(visit, body, views.form(visit.ladder, wishes, memory, proposal.cadence, mentor))


async def save_form(ack: AsyncAck, view: Json, visit: Visit, wake: Wake) -> None:
    memory = InvitationMemory.of(view)
    wishes, mentor = schedule.read(view, visit.ladder), views.read_mentor(view)
    zones = await _picked(visit, mentor) if mentor else {}
    async with visit.sessions.begin() as session:
        proposal = _there(await invitations.hold(session, visit.who, memory.invitation))
        message = _answered(proposal, visit.now)
        if proposal.state == InvitationState.OPEN:
            done = await settling.put(session, visit, wishes, memory.slack_zone)
            asked = await _ask(session, visit, proposal, mentor, zones) if mentor else None
            await invitations.answer(session, proposal.id, InvitationState.ACCEPTED, visit.now)
            message = views.begun(Begun(done, asked))
    wake()
    if memory.message_ts in await redrawing.redraw(visit, DeliveryKind.INVITATION, proposal.id, message):
        await ack()
        await tried(homepage.publish(visit))
    else:
        await forms.finish(visit, ack, memory, message, replace=True)


async def decline(
    ack: AsyncAck, respond: AsyncRespond, answer: Answer, action: dict[str, str], body: Json, visit: Visit
) -> None:
    async def work() -> Message:
        await showing.prove_clicked(visit, body)
        async with visit.sessions.begin() as session:
            proposal = _there(await invitations.hold(session, visit.who, number(action["value"])))
            if proposal.state == InvitationState.OPEN:
                await invitations.answer(session, proposal.id, InvitationState.DECLINED, visit.now)
                proposal = replace(proposal, state=InvitationState.DECLINED, answered_at=visit.now)
        return _answered(proposal, visit.now)

    await answer.redraw(ack, respond, work())


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
