"""Bad weather at Slack: every method's faults are dealt from a shuffled deck, so that each kind comes up."""

import random
from collections import Counter
from collections.abc import Callable

from playground.faults import Fault, Faults

# Method → for every so many calls, how often each kind of fault.
DECKS: dict[str, tuple[int, dict[str, int]]] = {
    "chat.postMessage": (100, {"429": 1, "500": 2, "500 done": 2, "lost": 2, "lost done": 3, "slow": 2}),
    "conversations.open": (100, {"429": 1, "500": 1, "500 done": 1, "lost": 1, "lost done": 1, "slow": 1}),
    "conversations.history": (50, {"429": 1, "500": 1, "lost": 1, "slow": 1}),
    "chat.update": (50, {"429": 1, "500": 2, "500 done": 1, "lost": 2, "lost done": 1, "slow": 1}),
    "chat.delete": (20, {"429": 1, "500": 1, "500 done": 1, "lost": 1, "lost done": 1, "slow": 1}),
}


class Storm(Faults):
    """Faults for any number of workspaces, dealt until `raging` is False; `counts` tells how often each kind was.

    `posts` is how many messages Slack was asked to post, whatever came of it; `writes` counts changes too.
    """

    def __init__(self, seed: int, slowness: float) -> None:
        """`slowness` is how many seconds after it was taken in a slow call is carried out."""
        super().__init__()
        self.raging = True
        self.posts = 0
        self.writes = 0
        self.counts: Counter[str] = Counter()
        self._random = random.Random(seed)
        self._decks: dict[str, list[str]] = {}
        self._kinds: dict[str, Callable[[str], None]] = {
            "429": self.rate_limit,
            "500": self.fail,
            "500 done": lambda method: self.fail(method, accepted=True),
            "lost": lambda method: self.lose(method, accepted=False),
            "lost done": self.lose,
            "slow": lambda method: self.slow(method, slowness),
        }

    def take(self, method: str) -> Fault:
        """The fault on the next card of this method's deck."""
        self.posts += method == "chat.postMessage"
        self.writes += method in ("chat.postMessage", "chat.update", "chat.delete")
        if self.raging and method in DECKS and (kind := self._draw(method)):
            self.counts[kind] += 1
            self._kinds[kind](method)
        return super().take(method)

    def _draw(self, method: str) -> str:
        deck = self._decks.setdefault(method, [])
        if not deck:
            calls, faults = DECKS[method]
            deck += [kind for kind, times in faults.items() for _ in range(times)]
            deck += [""] * (calls - len(deck))
            self._random.shuffle(deck)
        return deck.pop()
