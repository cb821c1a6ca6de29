"""`/ladder forget me`."""

from db.account.erasure import Owned
from handlers.account.views import privacy as views
from handlers.account.views.privacy import ForgetMemory, Possessions
from handlers.slack import action_ids, uploads
from handlers.slack.interaction import Interaction, Modal
from handlers.slack.message import Message, notice
from handlers.slack.patience import tried
from handlers.slack.router import Group, Router
from services import erasure


def register(router: Router) -> None:
    about = {views.PHRASE: "everything I know about you, gone for good; I ask once more first"}
    router.command("forget", ask_by_command, Group.ACCOUNT, about)
    router.action(action_ids.PRIVACY_FORGET, ask_by_click)
    router.view(action_ids.PRIVACY_FORGET_FORM, forget)


async def ask_by_command(i: Interaction) -> Message | Modal:
    if i.words.rest.casefold().strip(" .!") not in ("me", ""):
        return views.not_that()
    owned = await erasure.owned(i)
    return _form(i, owned) if owned else views.unknown()


async def ask_by_click(i: Interaction) -> Modal:
    owned = await erasure.owned(i)
    return _form(i, owned) if owned else Modal(notice("Forget me", views.unknown()))


async def forget(i: Interaction) -> Modal:
    """Everything, in one transaction; their messages follow. The second time finds nobody, and answers alike."""
    memory = ForgetMemory.of(i.view)
    views.check(i.view)
    await erasure.forget(i, memory.member, await tried(uploads.dm(i)))
    return Modal(views.forgotten())


def _form(i: Interaction, owned: Owned) -> Modal:
    has = Possessions(owned.entries, owned.questions, owned.mentorships, owned.comments)
    return Modal(views.form(has, ForgetMemory(member=owned.member_id, **i.origin)))
