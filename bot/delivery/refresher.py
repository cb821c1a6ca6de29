"""A message that stands in Slack says what is so now; each outcome is a transaction and a line in the log."""

from dataclasses import dataclass

import structlog
from slack_sdk.errors import SlackApiError

from bot.delivery.delivery_events import Step
from bot.delivery.outcomes import Outcomes
from bot.delivery.refusals import heed
from bot.delivery.slack_errors import NO_ANSWER, Meaning, meaning, retry_after, word
from bot.delivery.slack_messages import GONE, WORTH_ANOTHER_TRY, Clients
from db.account import slack_cleanup
from db.outbox import deliveries
from db.outbox.deliveries import Claim
from handlers.slack.message_kind import Nothing, Refreshed

log = structlog.get_logger()


@dataclass(frozen=True)
class Refresher:
    """Refreshes what a claim holds; without effect where others hold it by now."""

    outcomes: Outcomes
    clients: Clients

    async def refresh(self, claim: Claim) -> None:
        """Let a message say what is so now; one that nobody is to read any more goes."""
        due = self.outcomes.due(claim, self.outcomes.clock())
        async with self.outcomes.sessions.begin() as session:
            found = await self.outcomes.kinds[claim.kind].refresh(session, due)
        if isinstance(found, Nothing):
            await self._withdrawn(claim, found.reason)
            await self.outcomes.told_nothing(claim)
            return
        try:
            await self.clients(claim.workspace).chat_update(
                channel=claim.channel or "", ts=claim.ts or "", **found.message.payload()
            )
        except SlackApiError as error:
            await self._not_refreshed(claim, found, error)
        except NO_ANSWER as error:
            await self.later(claim, error)
        else:
            await self._refreshed(claim)
            if claim.probe:
                await self.outcomes.accepted(claim.workspace)

    async def _not_refreshed(self, claim: Claim, found: Refreshed, error: SlackApiError) -> None:
        if meaning(error) in WORTH_ANOTHER_TRY:
            await self.later(claim, error)
        elif word(error) == GONE:
            await self._gone(claim)
        elif found.withdrawn:
            await self._withdrawn(claim, f"cannot be refreshed: {word(error)}")
        else:
            await self._kept(claim, word(error))

    async def _refreshed(self, claim: Claim) -> None:
        """The message shows what was so when it was composed."""
        async with self.outcomes.sessions.begin() as session:
            await self.outcomes.lock(session, claim)
            await deliveries.refreshed(session, claim)
            await self.outcomes.kinds[claim.kind].arrived(session, claim.subject_id)
        self.outcomes.steps.note(Step.REFRESHED, claim)

    async def _gone(self, claim: Claim) -> None:
        """Somebody deleted the message, or Slack changes it no more: there is nothing to refresh."""
        async with self.outcomes.sessions.begin() as session:
            await self.outcomes.lock(session, claim)
            await deliveries.refreshed(session, claim)
            await self.outcomes.kinds[claim.kind].kept(session, claim.subject_id)

    async def _kept(self, claim: Claim, reason: str) -> None:
        """Slack changes the message no more: it stays as it is."""
        await self._gone(claim)
        log.error("delivery.refresh_refused", delivery=str(claim.id), kind=claim.kind, reason=reason)

    async def _withdrawn(self, claim: Claim, reason: str) -> None:
        """Nobody is to read the message any more: it is removed."""
        async with self.outcomes.sessions.begin() as session:
            await self.outcomes.lock(session, claim)
            marked = await deliveries.withdrawn(session, claim, reason)
            if marked and claim.channel and claim.ts:
                await self.outcomes.kinds[claim.kind].ended(session, claim.subject_id, missed=False)
                now = self.outcomes.clock()
                await slack_cleanup.remove_message(session, claim.workspace, claim.channel, claim.ts, now)
        if marked:
            self.outcomes.steps.note(Step.CANCELLED, claim, reason=reason)

    async def later(self, claim: Claim, error: Exception) -> None:
        """Slack did not take it now."""
        margin = self.outcomes.timing.margin
        if isinstance(error, SlackApiError) and meaning(error) is Meaning.SLOW_DOWN:
            margin = retry_after(error)
        async with self.outcomes.sessions.begin() as session:
            await deliveries.refresh_later(session, claim, margin, word(error))
            if isinstance(error, SlackApiError):
                await heed(session, claim.workspace, error, self.outcomes.clock())
        log.warning("delivery.refresh_retried", delivery=str(claim.id), kind=claim.kind, reason=word(error))
