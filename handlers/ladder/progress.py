"""`/ladder progress`: the evidence on the way to the target, in words at once and as a picture in the DM."""

import asyncio
from dataclasses import replace
from functools import partial

from db.log import log
from growth.standing import LadderPosition
from growth.timeline import Timeline, evidence, in_words, timeline
from handlers.ladder.views import progress as views
from handlers.ladder.views import welcome
from handlers.slack import people
from handlers.slack.dedupe import Once
from handlers.slack.interaction import Interaction
from handlers.slack.message import Message
from handlers.slack.people import SlackActor, Stranger
from handlers.slack.router import Group, Router
from handlers.slack.uploads import Upload, send
from ladder_content.model import Ladder


def register(router: Router) -> None:
    examples = {"progress": "how much evidence there is, how fresh, and what is missing, with a picture"}
    router.command("progress", Progress().show, Group.LADDER, examples)


class Progress:
    """The listener, and the one place in the process where a picture is drawn."""

    def __init__(self) -> None:
        self._once = Once()
        self._drawing = asyncio.Lock()

    async def show(self, i: Interaction) -> Message:
        found = await _seen(i)
        if isinstance(found, Stranger):
            return welcome.pick_level(i.ladder, gone=found.level_gone)
        standing, seen = found
        if standing.coverage.covered:
            i.replies.later(self._once(i.body["trigger_id"], partial(self._send_picture, i, standing, seen)))
        return views.progress(standing, i.ladder)

    async def _send_picture(self, actor: SlackActor, standing: LadderPosition, seen: Timeline) -> None:
        async with self._drawing:
            png = await asyncio.to_thread(_draw, seen, actor.ladder, views.title(standing))
        name = f"progress-{seen.today.isoformat()}.png"
        await send(actor, Upload(name, png, views.file_title(standing), views.comment(standing), in_words(seen)))


async def _seen(actor: SlackActor) -> tuple[LadderPosition, Timeline] | Stranger:
    async with actor.sessions() as session:
        weeks = await log.weeks(session, actor.who)
    standing = await people.standing(actor, evidence(weeks))
    if isinstance(standing, Stranger):
        return standing
    counted = [replace(week, criterion=actor.ladder.current_id(week.criterion)) for week in weeks]
    return standing, timeline(standing.coverage, counted, standing.today)


def _draw(seen: Timeline, ladder: Ladder, title: str) -> bytes:
    # Matplotlib takes half a second to import: neither the start nor any other command pays for it.
    from handlers.ladder.picture import draw

    return draw(seen, ladder, title)
