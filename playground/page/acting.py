"""One browser tab acting as one person."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nicegui import background_tasks

from playground import slash
from playground.elements import Value
from playground.outbound import Answer
from playground.page.mrkdwn import Reader
from playground.page.surface import Surface
from playground.playground import Playground
from playground.workspace import Json, Message, Person, View

_PATIENCE = 3.5  # seconds: what the app has, and some for the way
_TOLD = ("errors", slash.UNKNOWN, slash.IN_THREAD)  # where it happened
_REASONS = {
    "operation_timeout": "no answer in 3 s",
    "dispatch_failed": "the app could not be reached or refused it",
}


@dataclass(frozen=True)
class Acting:
    """A person and the playground they act in; `complain` shows a sentence on what went wrong, "" takes it away."""

    playground: Playground
    person: Person
    complain: Callable[[str], None]

    @property
    def app_name(self) -> str:
        """The app's display name."""
        return self.playground.workspace.bot.real_name

    @property
    def reader(self) -> Reader:
        """Whom texts are written for."""
        workspace = self.playground.workspace
        names = {channel.id: channel.name for channel in workspace.channels.values()}
        names |= {person.id: person.real_name for person in workspace.people.values()}
        return Reader(zone_of(self.person), names)

    def person_named(self, user: str) -> Person:
        """Who wrote something; Slackbot is nobody in the workspace."""
        slackbot = Person(id=user, name="slackbot", real_name="Slackbot")
        return self.playground.workspace.people.get(user, slackbot)

    def local(self, ts: str) -> datetime:
        """A message's ts as local time."""
        return datetime.fromtimestamp(float(ts), UTC).astimezone(zone_of(self.person))

    async def do(self, what: str, act: Coroutine[None, None, Answer]) -> Answer:
        """Await what a person does and say so when the app did not take it; repeated events go on without us."""
        self.complain("")
        task = background_tasks.create(act)
        await asyncio.wait({task}, timeout=_PATIENCE)
        answer = task.result() if task.done() else Answer(error="operation_timeout")
        if answer.error and answer.error not in _TOLD:
            self.complain(f"{what} failed: {_REASONS.get(answer.error, answer.error)}")
        return answer

    async def enter(self, text: str, thread_ts: str | None = None) -> bool:
        """Send what was typed; False for a command that came to nothing, to be corrected and sent again.

        A message stands in the conversation, whatever the app makes of it.
        """
        is_command = slash.is_command(text)
        what = slash.parted(text)[0] if is_command else "Your reply" if thread_ts else "Your message"
        answer = await self.do(what, self.playground.enter(self.person.id, text, thread_ts=thread_ts))
        return answer.ok or not is_command

    def surface(self, target: Message | View) -> Surface:
        """What the elements of this message, modal or Home tab need."""

        async def use(block_id: str, action_id: str, value: Value) -> None:
            await self.do(
                "Your click", self.playground.click(self.person.id, target, action_id, value, block_id=block_id)
            )

        def fill(block_id: str, value: Value) -> None:
            self.playground.fill(target, {block_id: value})

        return Surface(
            reader=self.reader,
            people={person.id: person.real_name for person in people_of(self.playground)},
            values=target.values,
            errors=target.errors if isinstance(target, View) else {},
            fill=fill,
            use=use,
        )

    def shortcuts(self, kind: str) -> list[Json]:
        """The app's shortcuts of a kind, `global` or `message`."""
        offered: list[Json] = self.playground.manifest.get("features", {}).get("shortcuts", [])
        return [shortcut for shortcut in offered if shortcut["type"] == kind]


def people_of(playground: Playground) -> list[Person]:
    """Everyone one can act as."""
    return [person for person in playground.workspace.people.values() if not (person.is_bot or person.deleted)]


def zone_of(person: Person) -> tzinfo:
    """The person's zone; UTC where it is unknown."""
    try:
        return ZoneInfo(person.tz)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
