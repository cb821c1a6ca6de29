"""Earlier entries for a mentor: the member picks them, and can take them back."""

from collections.abc import Sequence

from db import members
from db.mentoring import mentorships, shares
from db.models import Entry
from growth.cadence import zone
from growth.errors import NoLongerThere, NotYourMentor
from growth.sharing import Mentor
from handlers import people, showing
from handlers.people import Visit, number
from handlers.saving import Changed
from handlers.slack.interaction import Interaction, Modal
from handlers.slack.router import Router
from handlers.views import handover as views
from handlers.views.forms import Memory, RowId
from handlers.views.handover import Earlier
from handlers.views.mentoring import HAND_OVER
from handlers.views.message import Message, notice


class HandoverMemory(Memory):
    """With whom the form shares, where there is no choice."""

    mentorship: RowId


def register(router: Router) -> None:
    router.action(HAND_OVER, open_form)
    router.view(views.FORM, share)
    router.action(views.TAKE_BACK, take_back)


async def open_form(i: Interaction) -> Modal:
    here = await people.here(i)
    async with i.sessions() as session:
        mentors = await mentorships.mentors(session, i.who)
        mentor = _by_id(mentors, number(i.value))
        found = await shares.not_yet(session, i.who, mentor.mentorship_id, views.OFFERED)
    if not found:
        return Modal(notice("Share earlier entries", views.nothing(mentor)))
    memory = HandoverMemory(mentorship=mentor.mentorship_id, **i.origin)
    earlier = [Earlier(entry.id, showing.written(entry).gist, entry.happened_on, before) for entry, before in found]
    return Modal(views.form(mentors, mentor, earlier, here.today, memory))


async def share(i: Interaction) -> Message:
    mentorship_id, entry_ids = views.read(i.view, HandoverMemory.of(i.view).mentorship)
    async with i.sessions.begin() as session:
        member = await members.lock(session, i.who)
        if member is None:
            raise NotYourMentor
        shared = await shares.hand_over(session, member, mentorship_id, entry_ids, i.now)
        mentor = _by_id(await mentorships.mentors(session, i.who), mentorship_id)
    i.replies.later(_follow(i, shared))
    return views.shared(mentor, [entry.id for entry in shared], i.now, zone(member.tz))


async def take_back(i: Interaction) -> Message:
    mentorship_id, entry_ids = views.read_value(i.value)
    async with i.sessions.begin() as session:
        member = await members.lock(session, i.who)
        if member is None:
            raise NotYourMentor
        ended = await shares.take_back(session, member, mentorship_id, entry_ids, i.now)
    await _follow(i, ended)
    return views.taken_back(len(ended))


def _by_id(mentors: Sequence[Mentor], mentorship_id: int) -> Mentor:
    found = next((each for each in mentors if each.mentorship_id == mentorship_id), None)
    if found is None:
        raise NoLongerThere("mentorship")
    return found


async def _follow(visit: Visit, entries: Sequence[Entry]) -> None:
    """What shows one of the entries says who can read it."""
    for entry in entries:
        await showing.everywhere(visit, Changed(entry, [entry.check_in_id] if entry.check_in_id else []))
