"""`/ladder progress`: the evidence on the way to the target, in words at once and as a picture in the DM."""

import asyncio
from datetime import date

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from db import log, members
from growth.errors import NoLevelYet
from growth.timeline import Timeline, in_words, timeline
from handlers import people
from handlers.once import Once
from handlers.people import Answer, Json, Stranger, Visit
from handlers.routing import COMMAND, first_word
from handlers.uploads import Upload, send
from handlers.views import progress as views
from handlers.views.standing import Standing
from ladder_content.model import Ladder


def register(app: AsyncApp) -> None:
    app.command(COMMAND, matchers=[first_word("progress")])(Progress().show)


class Progress:
    """The listener, and the one place in the process where a picture is drawn."""

    def __init__(self) -> None:
        self._once = Once()
        self._drawing = asyncio.Lock()

    async def show(self, ack: AsyncAck, respond: AsyncRespond, answer: Answer, command: Json, visit: Visit) -> None:
        standing, seen = await _seen(visit)
        await ack(**views.progress(standing, visit.ladder).payload())
        if standing.coverage.covered:
            work = self._once(command["trigger_id"], lambda: self._send_picture(visit, standing, seen))
            answer.follow_up(respond, work)

    async def _send_picture(self, visit: Visit, standing: Standing, seen: Timeline) -> None:
        title = views.title(standing)
        async with self._drawing:
            png = await asyncio.to_thread(_draw, seen, visit.ladder, title)
        name = f"progress-{seen.today.isoformat()}.png"
        await send(visit, Upload(name, png, title, views.comment(standing), in_words(seen)))


async def _seen(visit: Visit) -> tuple[Standing, Timeline]:
    async with visit.sessions() as session:
        standing = await people.standing(session, visit)
        if isinstance(standing, Stranger):
            raise NoLevelYet
        member = await members.find(session, visit.who)
        dated = await log.dated(session, visit.who, date.min)
    return standing, timeline(people.relevant(member, visit.ladder), dated, standing.today)


def _draw(seen: Timeline, ladder: Ladder, title: str) -> bytes:
    # Matplotlib takes half a second to import: neither the start nor any other command pays for it.
    from handlers.picture import draw

    return draw(seen, ladder, title)
