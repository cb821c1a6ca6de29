"""The Home tab."""

from handlers.home import presenter
from handlers.slack.interaction import Interaction
from handlers.slack.router import Router


def register(router: Router) -> None:
    router.event("app_home_opened", show_home)


async def show_home(i: Interaction) -> None:
    """As it is now; not for the conversation beside it, which is told of alike."""
    if i.event.get("tab") == "home":
        await presenter.publish(i)
