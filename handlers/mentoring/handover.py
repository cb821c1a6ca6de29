"""Earlier entries for a mentor: the member picks them, and can take them back."""

from db.mentoring import mentorships, shares
from growth.cadence import zone
from handlers.entries import presenter
from handlers.mentoring.views import handover as views
from handlers.mentoring.views.handover import Earlier
from handlers.slack import action_ids, people
from handlers.slack.inputs import Memory, RowId
from handlers.slack.interaction import Interaction, Modal
from handlers.slack.message import Message, notice
from handlers.slack.people import number
from handlers.slack.router import Router
from services import sharing


class HandoverMemory(Memory):
    """With whom the form shares, where there is no choice."""

    mentorship: RowId


def register(router: Router) -> None:
    router.action(action_ids.HANDOVER_OPEN, open_form)
    router.view(action_ids.HANDOVER_FORM, share)
    router.action(action_ids.HANDOVER_TAKE_BACK, take_back)


async def open_form(i: Interaction) -> Modal:
    here = await people.local_time(i)
    async with i.sessions() as session:
        mentors = await mentorships.mentors(session, i.who)
        mentor = sharing.by_id(mentors, number(i.value))
        found = await shares.not_yet(session, i.who, mentor.mentorship_id, views.OFFERED)
    if not found:
        return Modal(notice("Share earlier entries", views.nothing(mentor)))
    memory = HandoverMemory(mentorship=mentor.mentorship_id, **i.origin)
    earlier = [Earlier(entry.id, presenter.written(entry).gist, entry.happened_on, before) for entry, before in found]
    return Modal(views.form(mentors, mentor, earlier, here.today, memory))


async def share(i: Interaction) -> Message:
    mentorship_id, entry_ids = views.read(i.view, HandoverMemory.of(i.view).mentorship)
    mentor, tz, shared = await sharing.share(i, mentorship_id, entry_ids)
    return views.shared(mentor, [entry.id for entry in shared], i.now, zone(tz))


async def take_back(i: Interaction) -> Message:
    mentorship_id, entry_ids = views.read_value(i.value)
    return views.taken_back(len(await sharing.take_back(i, mentorship_id, entry_ids)))
