"""What a mentee shares, for their mentor; and what was shown to whom, for the member."""

import re

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from db.mentoring import disclosures
from growth.cadence import local_date, spoken_date
from handlers import pages, people, showing
from handlers.people import Answer, Json, Visit, number
from handlers.routing import COMMAND, first_word
from handlers.views import reading as views
from handlers.views.message import Message
from handlers.views.reading import PAGE, Line


def register(app: AsyncApp) -> None:
    app.action(re.compile(rf"^{re.escape(views.LIST)}\."))(open_list)
    app.command(COMMAND, matchers=[first_word("seen")])(show_seen)
    app.action(views.SEEN)(older_seen)


async def open_list(ack: AsyncAck, action: dict[str, str], body: Json, visit: Visit) -> None:
    await ack()
    await showing.prove_clicked(visit, body)
    await pages.show(visit, body, action["value"])


async def show_seen(ack: AsyncAck, respond: AsyncRespond, answer: Answer, visit: Visit) -> None:
    await answer(ack, respond, _seen(visit))


async def older_seen(
    ack: AsyncAck, respond: AsyncRespond, answer: Answer, action: dict[str, str], visit: Visit
) -> None:
    async def work() -> Message:
        return await _seen(visit, number(action["value"]))

    await answer.redraw(ack, respond, work())


async def _seen(visit: Visit, before: int | None = None) -> Message:
    here = await people.here(visit)
    async with visit.sessions() as session:
        found = await disclosures.all_seen(session, visit.who, before=before, limit=PAGE + 1)
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
