"""`/ladder help`, and words that are no command."""

from difflib import get_close_matches

from handlers.ladder.views import details
from handlers.slack.interaction import Interaction
from handlers.slack.message import Message
from handlers.slack.router import Group, Router
from handlers.usage import views
from ladder_content.model import Ladder


def register(router: Router) -> None:
    feature = Help(router)
    router.command(
        "help",
        feature.show,
        Group.ACCOUNT,
        {"help": "this list"},
        also=("", "?", "hi", "hello", "hey"),
    )
    router.otherwise(feature.did_you_mean)


class Help:
    """The listeners that tell of all the others."""

    def __init__(self, router: Router) -> None:
        self._router = router

    async def show(self, i: Interaction) -> Message:
        return views.overview(list(self._router.usage(i.ladder)))

    async def did_you_mean(self, i: Interaction) -> Message:
        """A near command is named; words that the ladder knows something about are looked up."""
        known = self._known(i.ladder)
        near = [known[word] for word in get_close_matches(i.words.first, known, n=2)]
        hits = [] if near else i.index.find(i.typed, limit=4)
        return details.found(i.typed, hits, guessed=True) if hits else views.did_you_mean(i.typed, near)

    def _known(self, ladder: Ladder) -> dict[str, str]:
        """Every word that one may have meant, by its lower case."""
        names = (name for level in ladder.levels for name in level.aliases if " " not in name)
        return {name.casefold(): name for name in (*sorted(self._router.words), *names)}
