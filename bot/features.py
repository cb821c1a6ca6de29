"""Everything that Rung answers to."""

from handlers import ladder, usage
from handlers.slack.router import Router

FEATURES = (ladder, usage)


def routes() -> Router:
    """The table of commands, buttons, forms, shortcuts and events."""
    router = Router()
    for feature in FEATURES:
        feature.register(router)
    return router
