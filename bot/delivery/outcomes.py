"""What became of a delivery, written down: a transaction and a line in the log each."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from slack_sdk.errors import SlackApiError
from sqlalchemy.exc import SQLAlchemyError

from bot.delivery.composing import Nothing, Wait
from bot.delivery.delivery_events import Step, Steps
from bot.delivery.slack_errors import Meaning, meaning, retry_after
from bot.delivery.slack_messages import UnreadableHistoryError
from bot.failures import slacks_word
from db.account import profiles
from db.engine import AsyncSession, Sessions
from db.outbox import deliveries
from db.outbox.deliveries import Claim
from db.workspaces import workspaces

log = structlog.get_logger()

HOUR = timedelta(hours=1)
REFUSED_FOR = timedelta(minutes=1)  # at first
LONGEST_BACK_OFF = timedelta(minutes=10)
LONGEST_CALL = timedelta(seconds=10)


@dataclass(frozen=True)
class Timing:
    """How long a sender holds a delivery, how long Slack's history may lag behind, how soon to try again."""

    lease: timedelta = timedelta(seconds=60)  # longer than the requests of one delivery may take
    margin: timedelta = timedelta(seconds=30)
    back_off: timedelta = timedelta(seconds=30)
    give_up: timedelta = timedelta(hours=36)  # on whatever does not end, and on whoever uninstalled


@dataclass(frozen=True)
class Outcomes:
    """Each ends or postpones a delivery that a claim holds; without effect where others hold it by now."""

    sessions: Sessions
    timing: Timing
    steps: Steps
    clock: Callable[[], datetime]
    unshow: Callable[[str, Collection[int]], Awaitable[None]]  # in a workspace, what ended mentorships had shown

    async def cancelled(self, claim: Claim, verdict: Nothing) -> bool:
        """There is nothing to send, or nothing of it is left. Of this and `again`: whether the claim held it still."""
        async with self.sessions.begin() as session:
            marked = await deliveries.cancelled(session, claim, verdict.reason, verdict.becomes)
        if marked:
            self.steps.note(Step.CANCELLED, claim, reason=verdict.reason)
        return marked

    async def put_off(self, claim: Claim, wait: Wait) -> None:
        """It is to go out at another hour."""
        async with self.sessions.begin() as session:
            marked = await deliveries.put_off(session, claim, wait.after, wait.reason)
        self._retried(claim, wait.after, wait.reason, marked)

    async def again(self, claim: Claim, after: timedelta, reason: str) -> bool:
        """Slack has nothing of it: ready again after a while."""
        async with self.sessions.begin() as session:
            marked = await deliveries.again(session, claim, after, reason)
        return self._retried(claim, after, reason, marked)

    def _retried(self, claim: Claim, after: timedelta, reason: str, marked: bool) -> bool:
        if marked:
            self.steps.note(Step.RETRIED, claim, after=after.total_seconds(), reason=reason)
        return marked

    async def not_posted(self, claim: Claim, reason: str) -> None:
        """It did not get as far as Slack: again, with growing pauses, and one day not any more."""
        if claim.attempts * LONGEST_BACK_OFF > self.timing.give_up:
            async with self.sessions.begin() as session:
                marked = await deliveries.refused(session, claim, reason)
            self._has_failed(claim, reason, marked)
        else:
            await self.again(claim, min(self.timing.back_off * claim.attempts, LONGEST_BACK_OFF), reason)

    async def lost(self, claim: Claim, reason: str, error: Exception) -> None:
        """Slack may have it, and not as it should: look after a while, ever more rarely, and one day not any more."""
        reason = f"{reason}: {_word(error)}"
        async with self.sessions.begin() as session:
            over = await deliveries.unknown_for(session, claim, self.timing.give_up)
            if over:
                reason = f"given up after {self.timing.give_up / HOUR:g} hours: {reason}"
                marked = await deliveries.failed(session, claim, reason)
            else:
                marked = await deliveries.unknown(session, claim, self.timing.margin, reason)
            if isinstance(error, SlackApiError):
                await self._heed(session, claim.workspace, error)
        if over:
            self._has_failed(claim, reason, marked)
        elif claim.unknown:
            log.warning("still unknown", delivery=str(claim.id), reason=reason)
        elif marked:
            self.steps.note(Step.UNKNOWN, claim, reason=reason)

    async def refused(self, claim: Claim, error: SlackApiError) -> None:
        """Slack answered with an error: wait, look later, or give up with the reason."""
        reason = _word(error)
        match meaning(error):
            case Meaning.LOST:
                await self.lost(claim, "not known to be posted", error)
            case Meaning.SLOW_DOWN:
                await self._everybody_waits(claim, retry_after(error), reason)
            case Meaning.CLOSED | Meaning.SHUT_OUT:
                await self._closed(claim, error, reason)
            case _:
                await self._failed(claim, error, reason)

    async def _everybody_waits(self, claim: Claim, wait: timedelta, reason: str) -> None:
        async with self.sessions.begin() as session:
            marked = await deliveries.again(session, claim, wait, reason)
            await workspaces.pause(session, claim.workspace, wait)
        self._retried(claim, wait, reason, marked)

    async def _closed(self, claim: Claim, error: SlackApiError, reason: str) -> None:
        """Slack has nothing of it, and takes nothing in that workspace: it goes out once it does."""
        async with self.sessions.begin() as session:
            marked = await deliveries.again(session, claim, timedelta(), reason)
            await refuse(session, claim.workspace, error)
        self._retried(claim, timedelta(), reason, marked)

    async def probed(self, workspace: str, error: SlackApiError) -> None:
        """Slack did not take a call that was to show whether it takes any."""
        async with self.sessions.begin() as session:
            await self._heed(session, workspace, error)

    async def accepted(self, workspace: str) -> None:
        """Slack took what was to show whether it takes anything: all waits no longer."""
        async with self.sessions.begin() as session:
            news = await workspaces.accepted(session, workspace, self.clock() - LONGEST_CALL)
        if news:
            log.info("accepted by Slack again", workspace=workspace)

    async def told_nothing(self, claim: Claim) -> None:
        """Nothing was posted: if that was to show whether Slack takes it, the next one may."""
        if claim.probe:
            async with self.sessions.begin() as session:
                await workspaces.try_again(session, claim.workspace)

    async def _failed(self, claim: Claim, error: SlackApiError, reason: str) -> None:
        ended: Collection[int] = ()
        async with self.sessions.begin() as session:
            marked = await deliveries.refused(session, claim, reason)
            what = await self._heed(session, claim.workspace, error)
            if what is Meaning.MEMBER_GONE:
                ended = await profiles.left(session, claim.member_id, self.clock())
        if claim.probe and what is not Meaning.WORKSPACE_GONE:  # it is of the message or its member only
            await self.accepted(claim.workspace)
        await self.unshow(claim.workspace, ended)
        self._has_failed(claim, reason, marked)

    async def _heed(self, session: AsyncSession, workspace: str, error: SlackApiError) -> Meaning:
        what = meaning(error)
        if what is Meaning.SLOW_DOWN:
            await workspaces.pause(session, workspace, retry_after(error))
        elif what is Meaning.SHUT_OUT:
            await refuse(session, workspace, error)
        elif what is Meaning.WORKSPACE_GONE:  # of the token that the call began with
            await workspaces.uninstalled(session, workspace, self.clock() - LONGEST_CALL)
        return what

    def _has_failed(self, claim: Claim, reason: str, marked: bool) -> None:
        if marked:
            self.steps.note(Step.FAILED, claim, reason=reason)


def _word(error: Exception) -> str:
    """What went wrong, in a word."""
    if isinstance(error, SlackApiError):
        return slacks_word(error) or "no answer of Slack's"
    if isinstance(error, UnreadableHistoryError):
        return str(error)
    return type(error).__name__


async def refuse(session: AsyncSession, workspace: str, error: SlackApiError) -> None:
    """Slack takes nothing that Rung sends in that workspace: it is tried again ever more rarely."""
    word = _word(error)
    if await workspaces.refuse(session, workspace, word, REFUSED_FOR):
        log.error("refused by Slack", workspace=workspace, reason=word)


async def heed(sessions: Sessions, workspace: str, error: Exception) -> None:
    """As `refuse`, where another call of Rung's shows it first; what is known already keeps its next try.

    Whoever calls has something else to do: nothing here fails.
    """
    if not (isinstance(error, SlackApiError) and meaning(error) is Meaning.SHUT_OUT):
        return
    try:
        async with sessions.begin() as session:
            if not await workspaces.silent(session, workspace):
                await refuse(session, workspace, error)
    except SQLAlchemyError as away:
        log.warning("refusal not written down", workspace=workspace, reason=type(away).__name__)
