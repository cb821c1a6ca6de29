"""The Home tab as it is now."""

from db.log import home as stored
from growth.errors import NotForGuests
from handlers.checkins.presenter import question_of
from handlers.entries.presenter import written
from handlers.entries.views.sharing import mark
from handlers.home import views
from handlers.home.views import Company, Noted
from handlers.slack import people
from handlers.slack.blocks import View
from handlers.slack.people import SlackActor, Stranger

ENTRIES_SHOWN = 5


async def publish(actor: SlackActor) -> None:
    """Show the person their Home tab."""
    await actor.client.views_publish(user_id=actor.who.user, view=await read(actor))


async def read(actor: SlackActor) -> View:
    """The Home tab from three statements, however much there is to show."""
    try:
        standing = await people.standing(actor)
    except NotForGuests as refusal:
        return views.guest(refusal.sentence)
    async with actor.sessions() as session:
        known = await stored.read(session, actor.who, ENTRIES_SHOWN)
    zone = standing.zone if isinstance(standing, Stranger) else standing.upcoming.zone
    shown = [Noted(each.entry.id, written(each.entry), mark(each.shared, actor.now, zone)) for each in known.newest]
    if isinstance(standing, Stranger):
        return views.stranger(actor.ladder, known.mentees, shown, standing.today, gone=standing.level_gone)
    waiting = question_of(known.question, actor.ladder) if known.question else None
    company = Company(known.mentors, known.mentees)
    return views.member(standing, actor.ladder, waiting, shown, company, offer=standing.undecided)
