"""Nobody waits for a database connection while somebody else waits for Slack."""

import asyncio
import json

import pytest

from tests.support.held_connections import Calls
from tests.support.oauth import start
from tests.support.playground_app import until
from tests.support.world import MAYA, World, text_of

STRANGERS = [f"U0STRANGER{number}" for number in range(12)]  # two more than an engine's pool has connections


@pytest.mark.parametrize("world", ["http"], indirect=True)
async def test_a_member_is_answered_while_slack_is_slow_about_strangers(world: World) -> None:
    slack = world.playground
    await start(world)
    for user in STRANGERS:
        slack.workspace.add_person(user.lower(), user=user)
    gate = slack.faults.hold("users.info", times=len(STRANGERS))
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(slack.command(user, "/ladder next")) for user in STRANGERS]
        await until(lambda: gate.waiting >= len(STRANGERS) - 2)
        answer = await slack.command(MAYA, "/ladder next")
        gate.opened.set()
    assert "something went wrong" not in json.dumps(answer.body)
    assert "L5" in text_of(slack.dm(MAYA)[-1])
    assert all("Which level" in text_of(slack.dm(user)[-1]) for user in STRANGERS), [task.result() for task in asked]


async def test_a_call_is_seen_whoever_makes_it_for_the_holder(world: World, calls_while_held: Calls) -> None:
    client, over = world.service.app.client, asyncio.Event()

    async def call_later() -> None:
        await over.wait()
        await client.api_test()

    async with world.sessions() as session:
        await client.api_test()
        assert calls_while_held.made == [], "nothing was asked of the database yet"
        await session.connection()
        await client.api_test()
        await asyncio.gather(client.api_test(), client.api_test())
        assert len(calls_while_held.made) == 3
        later = asyncio.create_task(call_later())
    over.set()
    await later
    await client.api_test()
    assert len(calls_while_held.made) == 3
    calls_while_held.made.clear()
