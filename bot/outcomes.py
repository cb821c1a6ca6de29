"""What became of a delivery, written down: a transaction and a line in the log each."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from slack_sdk.errors import SlackApiError

from bot.composing import Nothing
from bot.failures import slacks_word
from bot.refusals import Meaning, meaning, retry_after
from bot.steps import Step, Steps
from db import deliveries, profiles, workspaces
from db.deliveries import Claim
from db.engine import AsyncSession, Sessions

log = structlog.get_logger()

CLOSED_FOR = timedelta(minutes=10)
LONGEST_BACK_OFF = timedelta(minutes=10)


@dataclass(frozen=True)
class Timing:
    """How long a sender holds a delivery, how long Slack's history may lag behind, how soon to try again."""

    lease: timedelta = timedelta(seconds=60)  # longer than the requests of one delivery may take
    margin: timedelta = timedelta(seconds=30)
    back_off: timedelta = timedelta(seconds=30)
    give_up: timedelta = timedelta(hours=36)  # on finding out, and on whoever uninstalled


@dataclass(frozen=True)
class Outcomes:
    """Each ends or postpones a delivery that a claim holds; without effect where others hold it by now."""

    sessions: Sessions
    timing: Timing
    steps: Steps
    clock: Callable[[], datetime]
    unshow: Callable[[str, Collection[int]], Awaitable[None]]  # in a workspace, what ended mentorships had shown

    async def cancelled(self, claim: Claim, verdict: Nothing) -> None:
        """There is nothing to send, or nothing of it is left."""
        async with self.sessions.begin() as session:
            marked = await deliveries.cancelled(session, claim, verdict.reason, verdict.becomes)
        if marked:
            self.steps.note(Step.CANCELLED, claim, reason=verdict.reason)

    async def again(self, claim: Claim, after: timedelta, reason: str) -> None:
        """Slack has nothing of it: ready again after a while."""
        async with self.sessions.begin() as session:
            marked = await deliveries.again(session, claim, after, reason)
        if marked:
            self.steps.note(Step.RETRIED, claim, after=after.total_seconds(), reason=reason)

    async def unreachable(self, claim: Claim, reason: str) -> None:
        """Nobody took the connection: again, with growing pauses."""
        await self.again(claim, min(self.timing.back_off * claim.attempts, LONGEST_BACK_OFF), reason)

    async def lost(self, claim: Claim, reason: str) -> None:
        """Slack may have it: look after a while."""
        async with self.sessions.begin() as session:
            marked = await deliveries.unknown(session, claim, self.timing.margin, reason)
        if marked:
            self.steps.note(Step.UNKNOWN, claim, reason=reason)

    async def still_unknown(self, claim: Claim, error: Exception) -> None:
        """Slack did not let us look: again, with growing pauses, and one day not any more."""
        reason = slacks_word(error) if isinstance(error, SlackApiError) else type(error).__name__
        reason = reason or "no answer of Slack's"
        async with self.sessions.begin() as session:
            if isinstance(error, SlackApiError):
                await _heed(session, claim, error)
            failed = await deliveries.still_unknown(session, claim, self.timing.margin, self.timing.give_up, reason)
        if failed:
            self.steps.note(Step.FAILED, claim, reason=f"never found out whether it was sent: {reason}")
        else:
            log.warning("cannot look for it yet", delivery=str(claim.id), reason=reason)

    async def refused(self, claim: Claim, error: SlackApiError) -> None:
        """Slack answered with an error: wait, look later, or give up with the reason."""
        reason = slacks_word(error) or "no answer of Slack's"
        match meaning(error):
            case Meaning.LOST:
                return await self.lost(claim, reason)
            case Meaning.SLOW_DOWN:
                wait = retry_after(error)
            case Meaning.CLOSED:
                wait = CLOSED_FOR
            case _:
                return await self._failed(claim, error, reason)
        async with self.sessions.begin() as session:
            await workspaces.pause(session, claim.workspace, wait)
        return await self.again(claim, wait, reason)

    async def _failed(self, claim: Claim, error: SlackApiError, reason: str) -> None:
        ended: Collection[int] = ()
        async with self.sessions.begin() as session:
            marked = await deliveries.failed(session, claim, reason)
            if await _heed(session, claim, error) is Meaning.MEMBER_GONE:
                ended = await profiles.left(session, claim.member_id, self.clock())
        await self.unshow(claim.workspace, ended)
        if marked:
            self.steps.note(Step.FAILED, claim, reason=reason)

    async def heed(self, claim: Claim, error: SlackApiError) -> None:
        """Take from an answer what it means for the whole workspace."""
        async with self.sessions.begin() as session:
            await _heed(session, claim, error)


async def _heed(session: AsyncSession, claim: Claim, error: SlackApiError) -> Meaning:
    what = meaning(error)
    if what is Meaning.SLOW_DOWN:
        await workspaces.pause(session, claim.workspace, retry_after(error))
    elif what is Meaning.WORKSPACE_GONE:
        await workspaces.uninstalled(session, claim.workspace)
    return what
