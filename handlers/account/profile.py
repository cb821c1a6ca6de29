"""Slack tells that somebody's profile changed: their zone, or whether they are still there."""

from handlers.slack import people
from handlers.slack.interaction import Interaction
from handlers.slack.router import Router
from services import profiles


def register(router: Router) -> None:
    router.event("user_change", follow)


async def follow(i: Interaction) -> None:
    await profiles.follow(i.sessions, i.who.workspace, [people.profile(i.event["user"], i.who.workspace)], i.now)
