"""The Home tab."""

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from handlers import homepage
from handlers.people import Json, Visit


def register(app: AsyncApp) -> None:
    app.event("app_home_opened", matchers=[is_home])(show_home)
    app.event("app_home_opened")(ignore)


async def is_home(event: Json) -> bool:
    """The Home tab, not the conversation beside it."""
    return bool(event.get("tab") == "home")


async def show_home(ack: AsyncAck, visit: Visit) -> None:
    await ack()
    await homepage.publish(visit)


async def ignore(ack: AsyncAck) -> None:
    await ack()
