"""What a mentor says in the thread of a digest, or somebody in that of a comment."""

from functools import partial

from db.enums import DeliveryKind
from db.mentoring import digests, disclosures
from db.outbox import messages
from growth.errors import NoLongerShared
from handlers.conversation import views as offer
from handlers.conversation.original import Original
from handlers.mentoring.comments import keep
from handlers.mentoring.views import comments as views
from handlers.slack import display_names, people
from handlers.slack.message import Message
from handlers.slack.people import SlackActor
from services import comments


async def in_thread(actor: SlackActor, said: Original) -> Message | None:
    """The answer to a reply to a digest, kept when that showed one entry alone, or to a comment. None: to neither."""
    if not said.thread:
        return None
    async with actor.sessions() as session:
        kind, id_ = await messages.at_message(session, actor.who, said.channel, said.thread) or (None, 0)
        shown = await digests.entries(session, actor.who, id_) if kind == DeliveryKind.DIGEST else []
        found = await disclosures.readable(session, actor.who, shown, actor.now)
    if kind == DeliveryKind.COMMENT:
        return offer.to_save(said.ts, said.sent, unread=True)
    if kind != DeliveryKind.DIGEST:
        return None
    if not shown:
        return views.about_nothing()
    if not found:
        raise NoLongerShared
    if len(shown) > 1:
        names = await display_names.full_names(actor, {each.user for each in found})
        return views.which(found, names, said.ts, (await people.local_time(actor)).today)
    return await keep(actor, found[0].id, views.checked(said.text), said.key)


async def correct(actor: SlackActor, said: Original) -> bool:
    """Let what was said in that message follow it; whether anything was. Raises NoLongerShared, TooLong."""
    return await comments.correct(actor, said.key, partial(views.checked, said.text))


async def rename(actor: SlackActor, said: Original, before: str, text: str) -> None:
    """Say the same with people's names, where there is room for them."""
    if len(text) <= views.LONGEST:
        await comments.rename(actor, said.key, before, text)
