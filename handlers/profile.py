"""Slack tells that somebody's profile changed: their zone, or whether they are still there."""

from db.account import profiles
from handlers import digesting, people
from handlers.slack.interaction import Interaction
from handlers.slack.router import Router


def register(router: Router) -> None:
    router.event("user_change", follow)


async def follow(i: Interaction) -> None:
    workspace = i.who.workspace
    person = people.profile(i.event["user"], workspace)
    async with i.sessions.begin() as session:
        followed = await profiles.follow(session, workspace, [person], i.now)
    await digesting.redraw_mentorships(i.client, i.sessions, workspace, i.ladder, followed.ended, i.now)
