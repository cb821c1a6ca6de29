"""`/ladder progress`: the evidence on the way to the target, in words at once and as a picture in the DM."""

import asyncio
from dataclasses import replace

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from db.log import log
from growth.timeline import Timeline, evidence, in_words, timeline
from handlers import people
from handlers.once import Once
from handlers.people import Answer, Json, Stranger, Visit
from handlers.routing import COMMAND, first_word
from handlers.uploads import Upload, send
from handlers.views import progress as views
from handlers.views import welcome
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
        found = await _seen(visit)
        if isinstance(found, Stranger):
            await ack(**welcome.pick_level(visit.ladder, gone=found.level_gone).payload())
            return
        standing, seen = found
        await ack(**views.progress(standing, visit.ladder).payload())
        if standing.coverage.covered:
            work = self._once(command["trigger_id"], lambda: self._send_picture(visit, standing, seen))
            answer.follow_up(respond, work)

    async def _send_picture(self, visit: Visit, standing: Standing, seen: Timeline) -> None:
        async with self._drawing:
            png = await asyncio.to_thread(_draw, seen, visit.ladder, views.title(standing))
        name = f"progress-{seen.today.isoformat()}.png"
        await send(visit, Upload(name, png, views.file_title(standing), views.comment(standing), in_words(seen)))


async def _seen(visit: Visit) -> tuple[Standing, Timeline] | Stranger:
    async with visit.sessions() as session:
        weeks = await log.weeks(session, visit.who)
    standing = await people.standing(visit, evidence(weeks))
    if isinstance(standing, Stranger):
        return standing
    counted = [replace(week, criterion=visit.ladder.current_id(week.criterion)) for week in weeks]
    return standing, timeline(standing.coverage, counted, standing.today)


def _draw(seen: Timeline, ladder: Ladder, title: str) -> bytes:
    # Matplotlib takes half a second to import: neither the start nor any other command pays for it.
    from handlers.picture import draw

    return draw(seen, ladder, title)
