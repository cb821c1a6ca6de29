"""Two workspaces with the same people's ids: whatever is sent in one shows and changes nothing of the other."""

import copy
import itertools
import json
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from ladder_content.model import Ladder
from playground.workspace import Workspace
from tests.support.architecture import REQUESTS, STALE
from tests.support.edge_cases import EVE, Edge, emptied, owned_by, rows, week
from tests.support.hostile_fuzz import MARK, sender
from tests.support.many_workspaces import many
from tests.support.oauth import start
from tests.support.world import MAYA, SAM, World, text_of

Json = dict[str, Any]
TS = re.compile(r'"1([0-9]{9}\.[0-9]{6})(?=[" ])')
NORTH = "SELECT m.id FROM members m JOIN workspaces w ON w.id = m.workspace_id WHERE w.key = 'T0NORTH'"


def edge_to(world: World) -> Edge:
    edge, slack = Edge(world), world.playground
    slack.outbound.receiver, slack.outbound.ack_seconds = edge.receive, 60
    slack.triggers.seconds = lambda: 0
    return edge


@pytest.fixture
async def both(engine: AsyncEngine, ladder: Ladder) -> AsyncIterator[tuple[Edge, Edge]]:
    """North, where a week has passed, and south, where Maya has begun and Sam is her mentor."""
    await emptied(engine)
    with patch("bot.app.DEADLINE", 60):
        async with many(engine, ladder) as app:
            for world in (app.north, app.south):
                world.playground.workspace.add_person("eve", "Eve Adversary", user=EVE, tz="Europe/Berlin")
                await app.install(world)
            north, south = edge_to(app.north), edge_to(app.south)
            app.south.playground.workspace._numbers = itertools.count(5000)  # Slack's ids are unique
            async for _ in week(north):
                pass
            await start(app.south)
            await app.south.ladder_command(MAYA, "mentor @sam because")
            await app.south.service.ticker.run()
            await app.south.click(SAM, "mentoring.accept")
            await south.settle()
            yield north, south


def places(workspace: Workspace) -> set[str]:
    """Every channel, and the ts of every message."""
    return {*workspace.channels, *(each.ts for channel in workspace.channels.values() for each in channel.messages)}


def of_a_week(north: Edge, south: Edge) -> Iterator[tuple[str, Json]]:
    """What was sent in the north, as if it were sent in the south: of the north it has the ids of rows alone."""
    here, there = south.world.playground.workspace, north.world.playground.workspace
    for each in north.sent:
        words = json.dumps(each.payload).replace("T0NORTH", "T0SOUTH").replace("MARK", "MINE")
        for user in (MAYA, SAM, EVE):
            words = words.replace(there.dm(user).id, here.dm(user).id)
        payload: Json = json.loads(TS.sub(r'"2\1', words))
        if payload.get("event", {}).get("type") != "user_change":
            yield sender(payload), payload


def of_every_listener(south: Edge) -> Iterator[tuple[str, Json]]:
    """A request for each, about each of the first rows of a kind."""
    dm = south.world.playground.workspace.dm(MAYA).id
    for name, request in REQUESTS.items():
        words = json.dumps(request).replace("T0PLAYGROUND", "T0SOUTH").replace('"D1"', f'"{dm}"')
        if STALE in words and not name.startswith(("workspace", "profile")):
            for number in range(1, 4):
                yield MAYA, json.loads(words.replace(STALE, str(number)))


async def test_ids_of_another_workspace_lead_nowhere(both: tuple[Edge, Edge]) -> None:
    north, south = both
    theirs, ours = north.world.playground, south.world.playground
    before, there = await rows(north.world, of_north := owned_by(NORTH)), places(theirs.workspace)
    assert all(before[table] for table in ("entries", "shares", "disclosures", "comments", "digests", "check_ins"))

    def leaks(crossed: str) -> bool:
        return bool(MARK.search(crossed)) or any(place in crossed for place in there)

    theirs.journal.calls.clear()
    ours.journal.calls.clear()
    sent = [*of_a_week(north, south), *of_every_listener(south)]
    for sent_by, payload in sent:
        for user in (MAYA, SAM):
            as_user: Json = json.loads(json.dumps(payload).replace(sent_by, user))
            reply = await south.send(copy.deepcopy(as_user), user)
            await south.world.service._answered()
            assert (reply.status, leaks(reply.body.decode())) == (200, False), as_user
            assert not [call for call in ours.journal.calls if leaks(json.dumps(call.args))], as_user
            ours.journal.calls.clear()
    await south.settle()
    assert not [call for call in ours.journal.calls if leaks(json.dumps(call.args))]
    assert len(sent) > 200
    assert theirs.journal.calls == []
    assert await rows(north.world, of_north) == before
    assert "MARK" in text_of(await north.world.ladder_command(MAYA, "logs")), "it is all there"
