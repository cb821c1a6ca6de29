"""`/ladder export`: the growth log as a file in the DM."""

import asyncio
import re
from collections.abc import Callable, Mapping

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from db.entries import entries
from db.log import log
from db.log.log import Exported
from growth import export, export_packet
from growth.export import Log, Record, Remark, Tagged
from growth.export_escape import address
from handlers import forms, naming, people
from handlers.once import Once
from handlers.people import Answer, Json, Visit
from handlers.redrawing import tried
from handlers.routing import COMMAND, first_word, words
from handlers.uploads import Upload, send
from handlers.views import export as views
from handlers.views.export import Kind
from handlers.views.message import Message, notice
from ladder_content.model import Ladder

WRITERS: dict[Kind, Callable[[Log, Ladder], str]] = {
    "md": export_packet.markdown,
    "csv": export.csv,
    "json": export.json,
}


def register(app: AsyncApp) -> None:
    feature = Export()
    app.command(COMMAND, matchers=[first_word("export")])(feature.by_command)
    app.action(views.OPEN)(choose)
    app.action(re.compile(rf"^{re.escape(views.SEND)}\."))(feature.by_click)


class Export:
    """The listeners that send a file, which know what they sent."""

    def __init__(self) -> None:
        self._once = Once()

    async def by_command(
        self, ack: AsyncAck, respond: AsyncRespond, answer: Answer, command: Json, visit: Visit
    ) -> None:
        wanted = words(command).rest
        kind = views.kind_named(wanted)
        if not wanted:
            await ack(**(await _choice(visit)).payload())
        elif kind is None:
            await ack(**views.unknown(wanted).payload())
        else:
            await answer(ack, respond, self._once(command["trigger_id"], lambda: _send(visit, kind)))

    async def by_click(
        self, ack: AsyncAck, respond: AsyncRespond, answer: Answer, action: Json, body: Json, visit: Visit
    ) -> None:
        kind: Kind = action["value"]
        surface = body.get("view") or {}
        modal = surface["id"] if surface.get("type") == "modal" else None
        place = body["container"].get("message_ts") or modal or body["trigger_id"]

        async def work() -> Message:
            message = await self._once(f"{visit.who.user} {place} {kind}", lambda: _send(visit, kind))
            if modal:  # which goes on with what it is about
                await tried(forms.show(visit, body, notice("Your log", message)))
            return message

        await answer.redraw(ack, respond, work())


async def choose(ack: AsyncAck, respond: AsyncRespond, answer: Answer, visit: Visit) -> None:
    await answer.redraw(ack, respond, _choice(visit), replace=False)


async def _choice(visit: Visit) -> Message:
    await people.known(visit)
    async with visit.sessions() as session:
        something = await entries.newest(session, visit.who, 1)
    return views.choose() if something else views.nothing_yet()


async def _send(visit: Visit, kind: Kind) -> Message:
    member = await people.known(visit)
    async with visit.sessions.begin() as session:
        found = await log.everything(session, visit.who)
    if member is None or not found:
        return views.nothing_yet()
    about: Json = (await visit.client.users_info(user=visit.who.user))["user"]
    level, target = visit.ladder.level(member.level), visit.ladder.level(member.target)
    today = people.today(member, visit.now)
    names = await naming.full_names(visit, {user for each in found for user in _named_in(each)})

    def write() -> tuple[str, bytes]:
        records = tuple(_record(each, names) for each in found)
        taken = Log(about.get("real_name") or None, level, target, records, today)
        return export.filename(taken, kind), WRITERS[kind](taken, visit.ladder).encode()

    name, content = await asyncio.to_thread(write)
    await send(visit, Upload(name, content, views.title(kind), views.comment(kind, len(found))))
    return views.sent(kind, name, len(found))


def _named_in(found: Exported) -> set[str]:
    return {*found.readers, *(said.user for said in found.comments if said.user)}


def _record(found: Exported, names: Mapping[str, str]) -> Record:
    return Record(
        found.id,
        found.happened_on,
        found.what,
        found.impact,
        tuple(map(address, found.links)),
        tuple(Tagged(criterion, sentence) for criterion, sentence in found.evidence_of.items()),
        found.question,
        found.created_at,
        found.edited_at,
        found.snippet,
        found.snippet_author,
        found.permalink and address(found.permalink),
        tuple(names[user] for user in found.readers),
        tuple(Remark(names.get(said.user or ""), said.words, said.at) for said in found.comments),
    )
