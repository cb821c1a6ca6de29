"""Invitations: a yes, a yes with changes, a no; and nothing before any of them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from db.account import invitations
from db.engine import AsyncSession
from db.enums import DeliveryKind
from db.mentoring import mentorships, requests
from db.mentoring.mentorships import Pair
from db.outbox import stale
from growth.errors import NoLongerThere, PersonError, ProposedLevelGone
from growth.inviting import InvitationState, Proposal
from growth.preferences import Preferences
from services import schedules
from services.actor import Actor
from services.schedules import Set


class Answered(NamedTuple):
    """What came of an invitation: as it was answered before, or what was set now.

    `mentor`: the mentorship that was asked for; why it was not, where that could not be; or that the person has asked
    for one already (`has_mentor`).
    """

    proposal: Proposal
    before: bool = False
    set: Set | None = None
    pair: Pair | None = None
    refusal: str | None = None
    has_mentor: bool = False


async def get(actor: Actor, invitation_id: int) -> tuple[Proposal, bool]:
    """The person's invitation, and whether they have asked for a mentor, or have one. Raises NoLongerThere."""
    async with actor.sessions() as session:
        proposal = await invitations.get(session, actor.who, invitation_id)
        mentors = await mentorships.open_ones(session, actor.who, mentorships.MENTEE)
    if proposal is None:
        raise NoLongerThere("invitation")
    return proposal, bool(mentors)


async def accept(actor: Actor, invitation_id: int, slack_zone: str) -> Answered:
    """Let what was proposed hold, where the person has not set something else. Raises ProposedLevelGone."""
    async with actor.sessions.begin() as session:
        proposal = await _locked(session, actor, invitation_id)
        if proposal.state != InvitationState.OPEN:
            return Answered(proposal, before=True)
        done = None
        if not proposal.began:
            if actor.ladder.level(proposal.level) is None:
                raise ProposedLevelGone
            done = await schedules.set_all(session, actor, preferences(proposal), slack_zone)
        answered = await _with_proposed_mentor(session, actor, Answered(proposal, set=done), slack_zone)
        await _answer(session, actor, proposal, InvitationState.ACCEPTED)
    return answered


async def accept_changed(
    actor: Actor, invitation_id: int, wanted: Preferences, slack_zone: str, mentor: str | None, zones: Mapping[str, str]
) -> Answered:
    """As `accept`, with what the person chose themselves; `zones` is the mentor's, by Slack id."""
    async with actor.sessions.begin() as session:
        proposal = await _locked(session, actor, invitation_id)
        if proposal.state != InvitationState.OPEN:
            return Answered(proposal, before=True)
        done = await schedules.set_all(session, actor, wanted, slack_zone)
        pair = await _ask(session, actor, proposal, mentor, zones) if mentor else None
        await _answer(session, actor, proposal, InvitationState.ACCEPTED)
    return Answered(proposal, set=done, pair=pair)


async def decline(actor: Actor, invitation_id: int) -> Proposal:
    """The person says no; what they answered before stays."""
    async with actor.sessions.begin() as session:
        proposal = await _locked(session, actor, invitation_id)
        if proposal.state == InvitationState.OPEN:
            await _answer(session, actor, proposal, InvitationState.DECLINED)
            proposal = replace(proposal, state=InvitationState.DECLINED, answered_at=actor.now)
    return proposal


def preferences(proposal: Proposal) -> Preferences:
    """What is proposed."""
    return Preferences(proposal.level, None, proposal.cadence, None)


async def _locked(session: AsyncSession, actor: Actor, invitation_id: int) -> Proposal:
    proposal = await invitations.lock(session, actor.who, invitation_id)
    if proposal is None:
        raise NoLongerThere("invitation")
    return proposal


async def _answer(session: AsyncSession, actor: Actor, proposal: Proposal, state: InvitationState) -> None:
    await invitations.answer(session, proposal.id, state, actor.now)
    await stale.mark_unsettled(session, DeliveryKind.INVITATION, [proposal.id])


async def _with_proposed_mentor(session: AsyncSession, actor: Actor, answered: Answered, zone: str) -> Answered:
    """Ask the mentor who was proposed, unless the person has asked for one."""
    mentor = answered.proposal.mentor
    if mentor is None:
        return answered
    if await mentorships.open_ones(session, actor.who, mentorships.MENTEE):
        return answered._replace(has_mentor=True)
    try:
        pair = await _ask(session, actor, answered.proposal, mentor, {actor.who.user: zone})
    except PersonError as refusal:
        return answered._replace(refusal=refusal.sentence)
    return answered._replace(pair=pair)


async def _ask(session: AsyncSession, actor: Actor, proposal: Proposal, mentor: str, zones: Mapping[str, str]) -> Pair:
    return await requests.request(session, actor.who, mentor, zones, None, f"invitation:{proposal.id}", actor.now)
