"""What people are called, where Slack tells; nothing fails, and nothing is lost, where it does not."""

import asyncio
from collections.abc import Collection

from handlers.slack import patience, people
from handlers.slack.blocks import Json
from handlers.slack.people import SlackActor
from handlers.slack.text import mentioned, unescape

NAMED = 50  # each is a call to Slack
Names = dict[str, str]  # Slack id → what somebody is called


async def as_typed(actor: SlackActor, text: str) -> str:
    """A message as its author typed it, with the names of those mentioned by id whom Slack tells of within a second."""
    return unescape(text, await soon(actor, mentioned(text))).strip()


async def handle(actor: SlackActor, user: str) -> str:
    """What people call a user; the bare id where Slack does not tell that within a second."""
    return (await soon(actor, [user])).get(user, user)


async def soon(actor: SlackActor, users: Collection[str]) -> Names:
    """The names that Slack tells within a second, of up to fifty people."""
    some = sorted(users)[:NAMED]
    found = await asyncio.gather(*(patience.soon(people.person(actor.client, user)) for user in some))
    return {user: _handle(person) for user, person in zip(some, found, strict=True) if person}


async def later(actor: SlackActor, users: Collection[str]) -> Names:
    """The names that Slack tells whoever waits as long as it asks them to."""
    client, found = patience.patient(actor.client), dict[str, str]()
    try:
        async with asyncio.timeout(patience.LONG):
            for user in sorted(users)[:NAMED]:
                found[user] = _handle(await people.person(client, user))
    except patience.UNANSWERED as error:
        patience.log.warning("slack.done_without", reason=patience.why(error))
    return found


async def full_names(actor: SlackActor, users: Collection[str]) -> Names:
    """Slack id → the name that Slack shows; the bare id where it does not tell that within a second."""
    found = await asyncio.gather(*(patience.soon(people.person(actor.client, user)) for user in users))
    return {user: _full_name(person or {"id": user}) for user, person in zip(users, found, strict=True)}


def _handle(person: Json) -> str:
    return str(person.get("name") or person["id"])


def _full_name(person: Json) -> str:
    return str(person.get("real_name") or _handle(person))
