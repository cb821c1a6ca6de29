"""Earlier entries for a mentor: the member picks them, and can take them back."""

from collections.abc import Sequence

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from db import members
from db.mentoring import mentorships, shares
from db.models import Entry
from growth.cadence import zone
from growth.errors import NoLongerThere, NotYourMentor
from growth.sharing import Mentor
from handlers import forms, people, showing
from handlers.people import Answer, Json, Visit, number
from handlers.saving import Changed
from handlers.views import handover as views
from handlers.views.forms import Memory, RowId
from handlers.views.handover import Earlier
from handlers.views.mentoring import HAND_OVER
from handlers.views.message import Message, notice


class HandoverMemory(Memory):
    """With whom the form shares, where there is no choice."""

    mentorship: RowId


def register(app: AsyncApp) -> None:
    app.action(HAND_OVER)(open_form)
    app.view(views.FORM)(share)
    app.action(views.TAKE_BACK)(take_back)


async def open_form(ack: AsyncAck, action: dict[str, str], body: Json, visit: Visit) -> None:
    await ack()
    here = await people.here(visit)
    async with visit.sessions() as session:
        mentors = await mentorships.mentors(session, visit.who)
        mentor = _by_id(mentors, number(action["value"]))
        found = await shares.not_yet(session, visit.who, mentor.mentorship_id, views.OFFERED)
    if not found:
        await forms.show(visit, body, notice("Share earlier entries", views.nothing(mentor)))
        return
    memory = HandoverMemory(mentorship=mentor.mentorship_id, **forms.origin(body))
    earlier = [Earlier(entry.id, showing.written(entry).gist, entry.happened_on, before) for entry, before in found]
    await forms.show(visit, body, views.form(mentors, mentor, earlier, here.today, memory))


async def share(ack: AsyncAck, view: Json, visit: Visit) -> None:
    memory = HandoverMemory.of(view)
    mentorship_id, entry_ids = views.read(view, memory.mentorship)
    async with visit.sessions.begin() as session:
        member = await members.lock(session, visit.who)
        if member is None:
            raise NotYourMentor
        shared = await shares.hand_over(session, member, mentorship_id, entry_ids, visit.now)
        mentor = _by_id(await mentorships.mentors(session, visit.who), mentorship_id)
    ids = [entry.id for entry in shared]
    await forms.finish(visit, ack, memory, views.shared(mentor, ids, visit.now, zone(member.tz)))
    await _follow(visit, shared)


async def take_back(
    ack: AsyncAck, respond: AsyncRespond, answer: Answer, action: dict[str, str], body: Json, visit: Visit
) -> None:
    mentorship_id, entry_ids = views.read_value(action["value"])

    async def work() -> Message:
        async with visit.sessions.begin() as session:
            member = await members.lock(session, visit.who)
            if member is None:
                raise NotYourMentor
            ended = await shares.take_back(session, member, mentorship_id, entry_ids, visit.now)
        await _follow(visit, ended)
        return views.taken_back(len(ended))

    await answer.redraw(ack, respond, forms.refreshed(visit, body, work()))


def _by_id(mentors: Sequence[Mentor], mentorship_id: int) -> Mentor:
    found = next((each for each in mentors if each.mentorship_id == mentorship_id), None)
    if found is None:
        raise NoLongerThere("mentorship")
    return found


async def _follow(visit: Visit, entries: Sequence[Entry]) -> None:
    """What shows one of the entries says who can read it."""
    for entry in entries:
        await showing.everywhere(visit, Changed(entry, [entry.check_in_id] if entry.check_in_id else []))
