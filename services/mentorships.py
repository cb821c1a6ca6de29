"""Mentorships: asked for, answered, taken back, ended, and how many a mentor takes."""

from collections.abc import Collection, Mapping

from db import members
from db.mentoring import mentorships, requests
from db.mentoring.mentorships import Pair
from services import scheduling
from services.actor import Actor


async def request(actor: Actor, user: str, zones: Mapping[str, str], why: str | None, key: str) -> Pair:
    """Ask a user to be the person's mentor; by the same key, or while it is open, it stays as it is.

    `zones`: of both, by Slack id, for whoever is no member yet.
    Raises NoMentorHere, TooManyRequests, AskAgainLater, TakesNoMentees.
    """
    async with actor.sessions.begin() as session:
        return await requests.request(session, actor.who, user, zones, why, key, actor.now)


async def get(actor: Actor, mentorship_id: int) -> Pair | None:
    """A mentorship of the person's, on whichever side."""
    async with actor.sessions() as session:
        return await mentorships.get(session, actor.who, mentorship_id)


async def accept(actor: Actor, mentorship_id: int) -> Pair:
    """The mentor says yes, and gets a digest from now on. Raises NoRoomForMore, NoLongerThere."""
    async with actor.sessions.begin() as session:
        pair = await requests.accept(session, actor.who, mentorship_id, actor.now)
        await scheduling.start_digest(session, pair.mentor, actor.now)
    return pair


async def decline(actor: Actor, mentorship_id: int, note: str | None) -> Pair:
    """The mentor says no, with a note or without. Raises NoLongerThere."""
    async with actor.sessions.begin() as session:
        return await requests.decline(session, actor.who, mentorship_id, note, actor.now)


async def take_back(actor: Actor, mentorship_id: int) -> Pair:
    """The mentee asks no longer. Raises NoLongerThere."""
    async with actor.sessions.begin() as session:
        return await requests.take_back(session, actor.who, mentorship_id, actor.now)


async def end(actor: Actor, mentorship_id: int) -> Pair:
    """One of the two ends it: nothing is shared by it any more, and the other one is told. Raises NoLongerThere."""
    async with actor.sessions.begin() as session:
        return await requests.end(session, actor.who, mentorship_id, actor.now)


async def take_mentees(actor: Actor, tz: str, most: int) -> None:
    """How many mentees the person takes, who becomes a member with that; those that are stay, be they more."""
    async with actor.sessions.begin() as session:
        await requests.want_mentees(session, await members.add(session, actor.who, tz), most)


async def share_by_default(actor: Actor, mentorship_ids: Collection[int]) -> None:
    """From now on the form for a new entry begins with these of the person's mentors ticked."""
    async with actor.sessions.begin() as session:
        await mentorships.tick(session, actor.who, mentorship_ids)
