"""`/ladder admin`, for admins and owners of the workspace."""

from db.workspaces import participation
from growth.errors import AdminsOnly
from growth.participation import band, complete_months
from handlers.account.views import admin as views
from handlers.slack.blocks import Json
from handlers.slack.interaction import Interaction
from handlers.slack.message import Message
from handlers.slack.people import is_colleague
from handlers.slack.router import Group, Router

ROLES = ("is_admin", "is_owner", "is_primary_owner")


def register(router: Router) -> None:
    about = {"admin": "for workspace admins: how many people take part, in broad bands"}
    router.command("admin", show, Group.ACCOUNT, about)


async def show(i: Interaction) -> Message:
    person: Json = (await i.client.users_info(user=i.who.user))["user"]
    if not _is_admin(person, i.who.workspace):
        raise AdminsOnly
    async with i.sessions() as session:
        months = {
            month: band(await participation.count(session, i.who.workspace, month)) for month in complete_months(i.now)
        }
    return views.overview(months)


def _is_admin(person: Json, workspace: str) -> bool:
    """Asked of Slack each time. Where a whole organisation installed Rung, the organisation's roles count."""
    organisation = person.get("enterprise_user") or {}
    holder = organisation if organisation.get("enterprise_id") == workspace else person
    return is_colleague(person, workspace) and any(holder.get(role) for role in ROLES)
