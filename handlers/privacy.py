"""`/ladder forget me`."""

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from db import members
from db.account import erasure
from db.account.erasure import Owned
from db.engine import AsyncSession, BusyError
from growth.errors import BegunAnew, StillBusy
from handlers import forms, homepage, uploads
from handlers.people import Json, Visit
from handlers.redrawing import tried
from handlers.routing import COMMAND, first_word, words
from handlers.views import privacy as views
from handlers.views.message import notice
from handlers.views.privacy import ForgetMemory, Possessions


def register(app: AsyncApp) -> None:
    app.command(COMMAND, matchers=[first_word("forget")])(ask_by_command)
    app.action(views.OPEN)(ask_by_click)
    app.view(views.FORM)(forget)


async def ask_by_command(ack: AsyncAck, command: Json, body: Json, visit: Visit) -> None:
    if words(command).rest.casefold().strip(" .!") not in ("me", ""):
        await ack(**views.not_that().payload())
    elif owned := await _owned(visit):
        await ack()
        await _open(visit, body, owned)
    else:
        await ack(**views.unknown().payload())


async def ask_by_click(ack: AsyncAck, body: Json, visit: Visit) -> None:
    await ack()
    if owned := await _owned(visit):
        await _open(visit, body, owned)
    else:
        await forms.show(visit, body, notice("Forget me", views.unknown()))


async def forget(ack: AsyncAck, view: Json, visit: Visit) -> None:
    """Everything, in one transaction; their messages follow. The second time finds nobody, and answers alike."""
    memory = ForgetMemory.of(view)
    views.check(view)
    channel = await tried(uploads.dm(visit))

    async def at_once(session: AsyncSession) -> None:
        member = await erasure.hold(session, visit.who, memory.member)
        if member:
            await erasure.forget(session, member, visit.now, channel)
        elif await members.find(session, visit.who):
            raise BegunAnew

    try:
        await visit.sessions.yielding(at_once)
    except BusyError as error:
        raise StillBusy from error
    await ack(response_action="update", view=views.forgotten())
    await tried(homepage.publish(visit))


async def _owned(visit: Visit) -> Owned | None:
    async with visit.sessions() as session:
        return await erasure.owned(session, visit.who)


async def _open(visit: Visit, body: Json, owned: Owned) -> None:
    memory = ForgetMemory(member=owned.member_id, **forms.origin(body))
    has = Possessions(owned.entries, owned.questions, owned.mentorships, owned.comments)
    await forms.show(visit, body, views.form(has, memory))
