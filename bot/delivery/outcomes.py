"""What became of a delivery, written down: a transaction and a line in the log each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from slack_sdk.errors import SlackApiError

from bot.delivery.delivery_events import Step, Steps
from bot.delivery.refusals import heed, refuse
from bot.delivery.slack_errors import Meaning, meaning, retry_after, word
from db.account import profiles, slack_cleanup
from db.engine import AsyncSession, Sessions
from db.enums import DeliveryState
from db.outbox import deliveries
from db.outbox.deliveries import Claim
from db.workspaces import workspaces
from handlers.slack.message_kind import Due, MessageKind, Nothing, Wait
from ladder_content.model import Ladder

log = structlog.get_logger()

HOUR = timedelta(hours=1)
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
    kinds: Mapping[str, MessageKind]
    ladder: Ladder
    timing: Timing
    steps: Steps
    clock: Callable[[], datetime]

    async def cancelled(self, claim: Claim, verdict: Nothing) -> None:
        """There is nothing to send."""
        async with self.sessions.begin() as session:
            await self.lock(session, claim)
            marked = await deliveries.cancelled(session, claim, verdict.reason)
            if marked:
                await self.kinds[claim.kind].ended(session, claim.subject_id, missed=verdict.missed)
        if marked:
            self.steps.note(Step.CANCELLED, claim, reason=verdict.reason)

    async def defer(self, claim: Claim, wait: Wait) -> None:
        """It is to go out at another hour."""
        async with self.sessions.begin() as session:
            marked = await deliveries.defer(session, claim, wait.after, wait.reason)
        self._retried(claim, wait.after, wait.reason, marked)

    async def again(self, claim: Claim, after: timedelta, reason: str) -> bool:
        """Slack has nothing of it: ready again after a while. Whether the claim held it still."""
        async with self.sessions.begin() as session:
            marked = await self._again(session, claim, after, reason)
        return self._retried(claim, after, reason, marked)

    async def _again(self, session: AsyncSession, claim: Claim, after: timedelta, reason: str) -> bool:
        marked = await deliveries.again(session, claim, after, reason)
        if marked:
            await self.kinds[claim.kind].not_posted(session, claim.subject_id)
        return marked

    def _retried(self, claim: Claim, after: timedelta, reason: str, marked: bool) -> bool:
        if marked:
            self.steps.note(Step.RETRIED, claim, after=after.total_seconds(), reason=reason)
        return marked

    async def not_posted(self, claim: Claim, reason: str) -> None:
        """It did not get as far as Slack: again, with growing pauses, and one day not any more."""
        if claim.attempts * LONGEST_BACK_OFF > self.timing.give_up:
            async with self.sessions.begin() as session:
                marked = await self._give_up(session, claim, reason)
            self._has_failed(claim, reason, marked)
        else:
            await self.again(claim, min(self.timing.back_off * claim.attempts, LONGEST_BACK_OFF), reason)

    async def lost(self, claim: Claim, reason: str, error: Exception) -> None:
        """Slack may have it: look after a while, ever more rarely, and one day not any more."""
        reason = f"{reason}: {word(error)}"
        async with self.sessions.begin() as session:
            over = await deliveries.unknown_for(session, claim, self.timing.give_up)
            if over:
                reason = f"given up after {self.timing.give_up / HOUR:g} hours: {reason}"
                marked = await self._fail(session, claim, reason)
            else:
                marked = await deliveries.unknown(session, claim, self.timing.margin, reason)
            if isinstance(error, SlackApiError):
                await heed(session, claim.workspace, error, self.clock())
        if over:
            self._has_failed(claim, reason, marked)
        elif claim.unknown:
            log.warning("delivery.still_unknown", delivery=str(claim.id), reason=reason)
        elif marked:
            self.steps.note(Step.UNKNOWN, claim, reason=reason)

    async def refused(self, claim: Claim, error: SlackApiError) -> None:
        """Slack answered with an error: wait, look later, or give up with the reason."""
        reason = word(error)
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
            marked = await self._again(session, claim, wait, reason)
            await workspaces.pause(session, claim.workspace, wait)
        self._retried(claim, wait, reason, marked)

    async def _closed(self, claim: Claim, error: SlackApiError, reason: str) -> None:
        """Slack has nothing of it, and takes nothing in that workspace: it goes out once it does."""
        async with self.sessions.begin() as session:
            marked = await self._again(session, claim, timedelta(), reason)
            await refuse(session, claim.workspace, error)
        self._retried(claim, timedelta(), reason, marked)

    async def _failed(self, claim: Claim, error: SlackApiError, reason: str) -> None:
        async with self.sessions.begin() as session:
            marked = await self._give_up(session, claim, reason)
            what = await heed(session, claim.workspace, error, self.clock())
            if what is Meaning.MEMBER_GONE:
                await profiles.left(session, claim.member_id, self.clock())
        if claim.probe and what is not Meaning.WORKSPACE_GONE:  # it is of the message or its member only
            await self.accepted(claim.workspace)
        self._has_failed(claim, reason, marked)

    async def _give_up(self, session: AsyncSession, claim: Claim, reason: str) -> bool:
        """As `_fail`, where Slack has nothing of it for certain."""
        marked = await self._fail(session, claim, reason)
        if marked:
            await self.kinds[claim.kind].not_posted(session, claim.subject_id)
        return marked

    async def _fail(self, session: AsyncSession, claim: Claim, reason: str) -> bool:
        await self.lock(session, claim)
        marked = await deliveries.failed(session, claim, reason)
        if marked:
            await self.kinds[claim.kind].ended(session, claim.subject_id, missed=False)
        return marked

    def _has_failed(self, claim: Claim, reason: str, marked: bool) -> None:
        if marked:
            self.steps.note(Step.FAILED, claim, reason=reason)

    async def sent(self, claim: Claim, channel: str, ts: str) -> bool:
        """Slack has the message. What changed since it was composed, or is only found now, is refreshed.

        One that nobody is to read any more is removed, and so is a second one, and one to somebody who was forgotten
        meanwhile. Whether it stays.
        """
        async with self.sessions.begin() as session:
            held = await self.lock(session, claim)
            stale = held is None or claim.unknown or held[:2] != (DeliveryState.SENDING, claim.stale_at)
            objection = await self._objection(session, claim, held, ts, stale=stale)
            if objection:
                if await deliveries.overtaken(session, claim, objection.reason):
                    await self.kinds[claim.kind].ended(session, claim.subject_id, missed=objection.missed)
                await slack_cleanup.remove_message(session, claim.workspace, channel, ts, self.clock())
            else:
                await deliveries.sent(session, claim, channel, ts, stale=stale)
                if not stale:
                    await self.kinds[claim.kind].arrived(session, claim.subject_id)
        if objection:
            self.steps.note(Step.CANCELLED, claim, reason=objection.reason)
        else:
            self.steps.note(Step.SENT, claim, attempts=claim.attempts)
        return objection is None

    async def _objection(
        self, session: AsyncSession, claim: Claim, held: deliveries.Held | None, ts: str, *, stale: bool
    ) -> Nothing | None:
        """Why a message that was just posted, or found, must go again."""
        if held is None:
            return Nothing("its member was forgotten")
        if held.state == DeliveryState.SENT:
            return None if held.ts == ts else Nothing("it was sent already")
        if not stale:
            return None
        posted_at = datetime.fromtimestamp(float(ts), UTC)
        verdict = await self.kinds[claim.kind].compose(session, self.due(claim, posted_at, anyhow=True))
        return verdict if isinstance(verdict, Nothing) else None

    def due(self, claim: Claim, now: datetime, *, anyhow: bool = False) -> Due:
        """What is to be composed."""
        return Due(claim.workspace, claim.member_id, claim.subject_id, self.ladder, now, anyhow)

    async def lock(self, session: AsyncSession, claim: Claim) -> deliveries.Held | None:
        """Hold the member and then the delivery, None when its member was forgotten."""
        await deliveries.lock_member(session, claim)
        return await deliveries.lock(session, claim)

    async def probed(self, workspace: str, error: SlackApiError) -> None:
        """Slack did not take a call that was to show whether it takes any."""
        async with self.sessions.begin() as session:
            await heed(session, workspace, error, self.clock())

    async def accepted(self, workspace: str) -> None:
        """Slack took what was to show whether it takes anything: all waits no longer."""
        async with self.sessions.begin() as session:
            news = await workspaces.accepted(session, workspace, self.clock() - LONGEST_CALL)
        if news:
            log.info("workspace.accepted", workspace=workspace)

    async def told_nothing(self, claim: Claim) -> None:
        """Nothing was posted: if that was to show whether Slack takes it, the next one may."""
        if claim.probe:
            async with self.sessions.begin() as session:
                await workspaces.try_again(session, claim.workspace)
