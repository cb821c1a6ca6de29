"""`/ladder admin`, for admins and owners of the workspace."""

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from db.workspaces import participation
from growth.errors import AdminsOnly
from growth.participation import band, complete_months
from handlers.people import Answer, Json, Visit, is_colleague
from handlers.routing import COMMAND, first_word
from handlers.views import admin as views
from handlers.views.message import Message

ROLES = ("is_admin", "is_owner", "is_primary_owner")


def register(app: AsyncApp) -> None:
    app.command(COMMAND, matchers=[first_word("admin")])(show)


async def show(ack: AsyncAck, respond: AsyncRespond, answer: Answer, visit: Visit) -> None:
    await answer(ack, respond, _overview(visit))


async def _overview(visit: Visit) -> Message:
    person: Json = (await visit.client.users_info(user=visit.who.user))["user"]
    if not _is_admin(person, visit.who.workspace):
        raise AdminsOnly
    async with visit.sessions() as session:
        months = {
            month: band(await participation.count(session, visit.who.workspace, month))
            for month in complete_months(visit.now)
        }
    return views.overview(months)


def _is_admin(person: Json, workspace: str) -> bool:
    """Asked of Slack each time. Where a whole organisation installed Rung, the organisation's roles count."""
    organisation = person.get("enterprise_user") or {}
    holder = organisation if organisation.get("enterprise_id") == workspace else person
    return is_colleague(person, workspace) and any(holder.get(role) for role in ROLES)
