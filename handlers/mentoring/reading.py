"""What a mentee shares, for their mentor; and what was shown to whom, for the member."""

from db.mentoring import disclosures
from growth.cadence import local_date, spoken_date
from handlers.mentoring import shared_list
from handlers.mentoring.views import shared_list as views
from handlers.mentoring.views.shared_list import PAGE, Line
from handlers.slack import action_ids, people, proof
from handlers.slack.interaction import Interaction, Modal
from handlers.slack.message import Message
from handlers.slack.people import SlackActor, number
from handlers.slack.router import Group, Router


def register(router: Router) -> None:
    router.action(action_ids.READING_LIST, open_list)
    router.command("seen", show_seen, Group.MENTORING, {"seen": "what was shown to whom, and when"})
    router.action(action_ids.READING_SEEN, older_seen)


async def open_list(i: Interaction) -> Modal:
    await proof.of_clicked(i)
    return await shared_list.at(i, i.value)


async def show_seen(i: Interaction) -> Message:
    return await _seen(i)


async def older_seen(i: Interaction) -> Message:
    return await _seen(i, number(i.value))


async def _seen(actor: SlackActor, before: int | None = None) -> Message:
    here = await people.local_time(actor)
    async with actor.sessions() as session:
        found = await disclosures.all_seen(session, actor.who, before=before, limit=PAGE + 1)
    lines = [
        Line(
            each.seen,
            each.entry.what or each.entry.snippet or "",
            spoken_date(each.entry.happened_on, here.today),
            *(spoken_date(local_date(at, here.zone), here.today) for at in (each.seen.first, each.seen.last)),
        )
        for each in found[:PAGE]
    ]
    return views.seen(lines, found[PAGE - 1].place if len(found) > PAGE else None)
