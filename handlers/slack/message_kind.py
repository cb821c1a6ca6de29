"""A kind of message that Rung sends by itself, or keeps up to date: what it says, and what follows once it is there.

Each is one class in a module `messages.py` of its subject; the wiring gives them to the sender.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from db.engine import AsyncSession
from db.enums import DeliveryKind
from growth.cadence import asking_time_of
from handlers.slack.message import Message
from ladder_content.model import Ladder


@dataclass(frozen=True)
class Due:
    """A message that is to be composed: for whom in which workspace, about what, from which ladder, and when.

    `anyhow`: whatever the hour, as it was posted already; then nothing waits.
    """

    workspace: str
    member_id: int
    subject_id: int
    ladder: Ladder
    now: datetime
    anyhow: bool = False


@dataclass(frozen=True)
class Nothing:
    """There is nothing to say any more. `missed`: only because it is too late."""

    reason: str
    missed: bool = False


@dataclass(frozen=True)
class Wait:
    """This is not the hour for it: try again after a while."""

    after: timedelta
    reason: str


Composed = Message | Nothing | Wait


@dataclass(frozen=True)
class Refreshed:
    """What a message that stands in Slack is to say now.

    `withdrawn`: it may show something that its reader may not read any more. Where Slack refuses to change it, it is
    deleted then.
    """

    message: Message
    withdrawn: bool = False


class MessageKind:
    """The hooks do nothing unless a kind needs them; each is called in the transaction of what it tells of."""

    name: DeliveryKind

    async def compose(self, session: AsyncSession, due: Due) -> Composed:
        """What is to be sent, from the state of this moment; or why it is not sent now."""
        raise NotImplementedError

    async def refresh(self, session: AsyncSession, due: Due) -> Refreshed | Nothing:
        """What a message that was sent is to say, with nothing in it that it did not show; Nothing: it is to go."""
        composed = await self.compose(session, replace(due, anyhow=True))
        assert not isinstance(composed, Wait), "whatever the hour, it does not wait"
        return composed if isinstance(composed, Nothing) else Refreshed(composed)

    async def arrived(self, session: AsyncSession, subject_id: int) -> None:
        """Its reader has the message, as it was composed last. Called again each time that it was refreshed."""

    async def kept(self, session: AsyncSession, subject_id: int) -> None:
        """Its reader has the message, and Slack does not let it be refreshed: it stays as it was composed before."""

    async def not_posted(self, session: AsyncSession, subject_id: int) -> None:
        """Slack has nothing of what was composed: it is composed anew, or given up."""

    async def ended(self, session: AsyncSession, subject_id: int, *, missed: bool) -> None:
        """It was cancelled, or given up."""

    async def requeued(self, session: AsyncSession, subject_id: int) -> None:
        """One that was given up is tried again."""

    async def described(self, session: AsyncSession, subject_ids: Collection[int]) -> dict[int, str]:
        """For whoever runs Rung: what each is about, by ids of ours and nobody's words."""
        return {}


def not_now(slot_at: datetime, tz: ZoneInfo, now: datetime) -> Nothing | Wait | None:
    """Why not now, if this is not the hour for what was due at `slot_at`."""
    at = asking_time_of(slot_at, tz, now)
    if at is None:
        return Nothing("it is too late", missed=True)
    return Wait(at - now, "not at this hour") if at > now else None
