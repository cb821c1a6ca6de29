"""`/ladder forget me`."""

from db import members
from db.account import erasure
from db.account.erasure import Owned
from db.engine import AsyncSession, BusyError
from growth.errors import BegunAnew, StillBusy
from handlers import uploads
from handlers.redrawing import tried
from handlers.slack.interaction import Interaction, Modal
from handlers.slack.router import Group, Router
from handlers.views import privacy as views
from handlers.views.message import Message, notice
from handlers.views.privacy import ForgetMemory, Possessions


def register(router: Router) -> None:
    about = {views.PHRASE: "everything I know about you, gone for good; I ask once more first"}
    router.command("forget", ask_by_command, Group.ACCOUNT, about)
    router.action(views.OPEN, ask_by_click)
    router.view(views.FORM, forget)


async def ask_by_command(i: Interaction) -> Message | Modal:
    if i.words.rest.casefold().strip(" .!") not in ("me", ""):
        return views.not_that()
    owned = await _owned(i)
    return _form(i, owned) if owned else views.unknown()


async def ask_by_click(i: Interaction) -> Modal:
    owned = await _owned(i)
    return _form(i, owned) if owned else Modal(notice("Forget me", views.unknown()))


async def forget(i: Interaction) -> Modal:
    """Everything, in one transaction; their messages follow. The second time finds nobody, and answers alike."""
    memory = ForgetMemory.of(i.view)
    views.check(i.view)
    channel = await tried(uploads.dm(i))

    async def at_once(session: AsyncSession) -> None:
        member = await erasure.hold(session, i.who, memory.member)
        if member:
            await erasure.forget(session, member, i.now, channel)
        elif await members.find(session, i.who):
            raise BegunAnew

    try:
        await i.sessions.yielding(at_once)
    except BusyError as error:
        raise StillBusy from error
    return Modal(views.forgotten())


async def _owned(i: Interaction) -> Owned | None:
    async with i.sessions() as session:
        return await erasure.owned(session, i.who)


def _form(i: Interaction, owned: Owned) -> Modal:
    has = Possessions(owned.entries, owned.questions, owned.mentorships, owned.comments)
    return Modal(views.form(has, ForgetMemory(member=owned.member_id, **i.origin)))
