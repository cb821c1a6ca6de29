"""Several Slack workspaces full of people, and what the questions to them look like from there."""

import contextlib
from collections.abc import AsyncIterator

from playground.playground import Playground
from playground.server import serving
from playground.workspace import Workspace
from tests.torture.storm import Storm

# None of them changes its clocks: a question due a minute ago is due a minute ago everywhere.
ZONES = ("Africa/Lagos", "America/Phoenix", "Asia/Kolkata", "Asia/Tokyo", "Etc/UTC", "Pacific/Kiritimati")


class Slacks:
    """One playground a workspace, by its key."""

    def __init__(self, members: int, workspaces: int, storm: Storm) -> None:
        self.members = members
        self.playgrounds = {f"T{n}": _playground(f"T{n}", storm) for n in range(workspaces)}
        everyone = list(self.playgrounds.values())
        for n in range(members):
            everyone[n % workspaces].workspace.add_person(f"p{n}", user=f"U{n}", tz=ZONES[n % len(ZONES)])

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """All of them, each on a port of its own."""
        async with contextlib.AsyncExitStack() as stack:
            for playground in self.playgrounds.values():
                await stack.enter_async_context(serving(playground))
            yield

    @property
    def asked(self) -> int:
        """How many people have at least one question."""
        return sum(count > 0 for count in self.questions().values())

    def questions(self) -> dict[str, int]:
        """Person → how many messages Rung left in their DM; it has nothing else to say."""
        return {
            person.id: sum(message.ephemeral_to is None for message in playground.dm(person.id))
            for playground in self.playgrounds.values()
            for person in playground.workspace.people.values()
            if not person.is_bot
        }

    @property
    def found(self) -> int:
        """How many DMs had a question in them when somebody came to look for it."""
        return sum(
            len(
                {
                    look.args["channel"]
                    for look in playground.journal.of("conversations.history")
                    if look.response.get("messages")
                }
            )
            for playground in self.playgrounds.values()
        )


def _playground(key: str, storm: Storm) -> Playground:
    workspace = Workspace(name=key, app_name="Rung")
    workspace.team_id = key
    playground = Playground(workspace, bot_token=f"xoxb-{key}", app_token=f"xapp-{key}")
    playground.faults = storm
    return playground
