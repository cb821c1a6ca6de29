"""Slack tells that somebody's profile changed: their zone, or whether they are still there."""

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from db.account import profiles
from handlers import digesting, people
from handlers.people import Json, Visit


def register(app: AsyncApp) -> None:
    app.event("user_change")(follow)


async def follow(ack: AsyncAck, event: Json, visit: Visit) -> None:
    await ack()
    person = people.profile(event["user"], visit.who.workspace)
    async with visit.sessions.begin() as session:
        followed = await profiles.follow(session, visit.who.workspace, [person], visit.now)
    await digesting.redraw_mentorships(
        visit.client, visit.sessions, visit.who.workspace, visit.ladder, followed.ended, visit.now
    )
