"""Comments and kudos on what mentees share."""

import re
from functools import partial

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from db.mentoring import comments
from handlers import forms, original, pages, people, remarks, renaming, showing
from handlers.people import Answer, Json, Visit, Wake, number
from handlers.views import comments as views
from handlers.views import reading
from handlers.views.comments import CommentMemory
from handlers.views.message import PLEASE_WAIT, Message


def register(app: AsyncApp) -> None:
    app.action(re.compile(rf"^{re.escape(reading.COMMENT)}\."))(write)
    app.action(re.compile(rf"^{re.escape(reading.KUDOS)}\."))(give_kudos)
    app.action(views.PICK)(pick)
    app.view(views.FORM)(save)


async def write(ack: AsyncAck, action: dict[str, str], body: Json, visit: Visit) -> None:
    await ack()
    await showing.prove_clicked(visit, body)
    item = await remarks.readable(visit, number(action["value"]))
    memory = CommentMemory(entry=item.id, **forms.origin(body))
    await forms.show(visit, body, views.form(item, memory, (await people.here(visit)).today))


async def save(ack: AsyncAck, view: Json, visit: Visit, wake: Wake) -> None:
    memory = CommentMemory.of(view)
    message = await remarks.keep(visit, wake, memory.entry, views.read(view), f"view:{view['id']}")
    await forms.finish(visit, ack, memory, message)


async def give_kudos(
    ack: AsyncAck,
    respond: AsyncRespond,
    answer: Answer,
    action: dict[str, str],
    body: Json,
    visit: Visit,
    wake: Wake,
) -> None:
    async def give() -> Message:
        await showing.prove_clicked(visit, body)
        return await remarks.keep(visit, wake, number(action["value"]), None, comments.KUDOS)

    if place := pages.place_of(body):
        await ack()
        await give()
        await pages.show(visit, body, place)
    else:
        await answer.redraw(ack, respond, forms.refreshed(visit, body, give()), replace=False)


async def pick(
    ack: AsyncAck, respond: AsyncRespond, answer: Answer, action: Json, body: Json, visit: Visit, wake: Wake
) -> None:
    """Which entry a reply in the digest's thread is for."""

    async def work() -> Message:
        entry_id, _, ts = str(action["selected_option"]["value"]).partition(" ")
        await remarks.readable(visit, number(entry_id))
        said = await original.clicked(visit, body, ts, partial(respond, PLEASE_WAIT, replace_original=False))
        sent = await remarks.keep(visit, wake, number(entry_id), views.checked(said.text), said.key)
        await renaming.follow(visit, answer, respond, said, None)
        return sent

    await answer.redraw(ack, respond, work())
