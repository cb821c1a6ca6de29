"""`/ladder export`: the growth log as a file in the DM."""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial

from db.entries import entries
from db.log import log
from db.log.log import Exported
from growth import export, export_packet
from growth.export import Log, Record, Remark, Tagged
from growth.export_escape import address
from handlers.log.views import export as views
from handlers.log.views.export import Kind
from handlers.slack import action_ids, display_names, people
from handlers.slack.blocks import Json
from handlers.slack.dedupe import Once
from handlers.slack.interaction import Beside, Interaction, Modal
from handlers.slack.message import Message, notice
from handlers.slack.people import SlackActor
from handlers.slack.router import Group, Router
from handlers.slack.uploads import Upload, send
from ladder_content.model import Ladder

WRITERS: dict[Kind, Callable[[Log, Ladder], str]] = {
    "md": export_packet.markdown,
    "csv": export.csv,
    "json": export.json,
}


def register(router: Router) -> None:
    feature = Export()
    examples = {"export": "take your log along, as Markdown, CSV or JSON"}
    router.command("export", feature.by_command, Group.LOG, examples)
    router.action(action_ids.EXPORT_OPEN, choose)
    router.action(action_ids.EXPORT_SEND, feature.by_click)


class Export:
    """The listeners that send a file, which know what they sent."""

    def __init__(self) -> None:
        self._once = Once()

    async def by_command(self, i: Interaction) -> Message:
        wanted = i.words.rest
        kind = views.kind_named(wanted)
        if kind is None:
            return views.unknown(wanted) if wanted else await _choice(i)
        return await self._once(i.body["trigger_id"], partial(_send, i, kind))

    async def by_click(self, i: Interaction) -> Message | Modal:
        kind: Kind = i.action["value"]
        modal = i.view["id"] if i.surface == "modal" else None
        place = i.message_ts or modal or i.body["trigger_id"]
        message = await self._once(f"{i.who.user} {place} {kind}", partial(_send, i, kind))
        # A modal goes on with what it is about. The file says enough where Slack opens nothing more.
        return Modal(notice("Your log", message), refused=_nothing) if modal else message


async def choose(i: Interaction) -> Beside:
    return Beside(await _choice(i))


async def _nothing(_: Exception) -> None:
    """There is nothing more to say."""


async def _choice(actor: SlackActor) -> Message:
    await people.known(actor)
    async with actor.sessions() as session:
        something = await entries.newest(session, actor.who, 1)
    return views.choose() if something else views.nothing_yet()


async def _send(actor: SlackActor, kind: Kind) -> Message:
    member = await people.known(actor)
    async with actor.sessions.begin() as session:
        found = await log.everything(session, actor.who)
    if member is None or not found:
        return views.nothing_yet()
    about: Json = (await actor.client.users_info(user=actor.who.user))["user"]
    level, target = actor.ladder.level(member.level), actor.ladder.level(member.target)
    today = people.today(member, actor.now)
    names = await display_names.full_names(actor, {user for each in found for user in _named_in(each)})

    def write() -> tuple[str, bytes]:
        records = tuple(_record(each, names) for each in found)
        taken = Log(about.get("real_name") or None, level, target, records, today)
        return export.filename(taken, kind), WRITERS[kind](taken, actor.ladder).encode()

    name, content = await asyncio.to_thread(write)
    await send(actor, Upload(name, content, views.title(kind), views.comment(kind, len(found))))
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
