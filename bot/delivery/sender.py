"""The sender: claims deliveries, composes them from the state of this moment, sends or refreshes them, records.

Nothing is sent twice: whatever may have gone out without an answer is looked for in Slack's history first.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.delivery.delivery_events import Step, Steps
from bot.delivery.outcomes import Outcomes, Timing
from bot.delivery.probing import probe, probes
from bot.delivery.refresher import Refresher
from bot.delivery.slack_errors import NO_ANSWER, Meaning, UnreadableHistoryError, meaning
from bot.delivery.slack_messages import Clients, find, metadata
from db.engine import Sessions
from db.enums import DeliveryState
from db.outbox import claims, deliveries
from db.outbox.claims import Pace
from db.outbox.deliveries import Claim
from handlers.slack import posting
from handlers.slack.message import Message
from handlers.slack.message_kind import Composed, MessageKind, Nothing, Wait
from ladder_content.model import Ladder

log = structlog.get_logger()

SIDE_BY_SIDE = 50  # more than the pace of one workspace keeps busy where each answer takes ten seconds
POLL = 0.25  # seconds between two claims while answers are waited for
Clock = Callable[[], datetime]
TIMING = Timing()
PACE = Pace()


class NotBegunError(Exception):
    """The message was not posted, and is not to be under this claim any more."""


@dataclass(frozen=True)
class Sender:
    """Sends what is in the outbox. Any number of them may run side by side, in any number of processes."""

    sessions: Sessions
    clients: Clients
    kinds: Mapping[str, MessageKind]
    ladder: Ladder
    clock: Clock
    timing: Timing = TIMING
    pace: Pace = PACE
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    steps: Steps = field(default_factory=Steps)

    @property
    def outcomes(self) -> Outcomes:
        return Outcomes(self.sessions, self.kinds, self.ladder, self.timing, self.steps, self.clock)

    @property
    def _refresher(self) -> Refresher:
        return Refresher(self.outcomes, self.clients)

    async def run(self) -> int:
        """Send what may be sent by now, and clear up what is unknown; how many deliveries were taken."""
        await self._sweep()
        taken = 0
        flying = set(await self._probes())
        try:
            while not self.stopping.is_set():
                begun = await self._claim(SIDE_BY_SIDE - len(flying))
                taken += len(begun)
                until = asyncio.get_running_loop().time() + self.timing.lease.total_seconds() / 2
                flying |= {asyncio.create_task(self._turn(claim, until)) for claim in begun}
                if not flying:
                    break
                _, flying = await asyncio.wait(flying, timeout=POLL, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if flying:
                await asyncio.wait(flying)
        return taken

    async def _sweep(self) -> None:
        """What other senders and workspaces left behind when they went."""
        async with self.sessions.begin() as session:
            expired = await claims.expire_leases(session, self.timing.margin)
            abandoned = await claims.abandon(session, self.timing.give_up)
            for each in abandoned:
                await self.kinds[each.kind].ended(session, each.subject_id, missed=False)
        for each in (*expired, *abandoned):
            self.steps.note(Step(each.state), each, reason=each.reason)

    async def _probes(self) -> Sequence[asyncio.Task[None]]:
        if self.stopping.is_set():
            return ()
        begun = await probes(self.sessions, self.timing.lease)
        return [asyncio.create_task(probe(self.clients(key), self.outcomes, key)) for key in begun]

    def stop(self) -> None:
        """Begin nothing more: `run` returns once what is under way has its answer."""
        self.stopping.set()

    async def _claim(self, limit: int) -> Sequence[Claim]:
        """Deliveries that are ours now."""
        if not limit:
            return ()
        async with self.sessions.begin() as session:
            return await claims.claim(session, limit, self.timing.lease, self.pace)

    async def _turn(self, claim: Claim, until: float) -> None:
        """What nobody foresaw ends this delivery's turn only. With Postgres away too, its lease runs out."""
        try:
            try:
                match claim.state:
                    case DeliveryState.READY:
                        await self._deliver(claim, until)
                    case DeliveryState.UNKNOWN:
                        await self._look_for(claim)
                    case DeliveryState.SENT:
                        await self._refresher.refresh(claim)
            except Exception as error:
                log.error("delivery.unforeseen", delivery=str(claim.id), exc_info=error)
                await self._later(claim, error)
        except Exception as error:
            log.error("delivery.not_recorded", delivery=str(claim.id), exc_info=error)

    async def _later(self, claim: Claim, error: Exception) -> None:
        if claim.state == DeliveryState.SENT:
            await self._refresher.later(claim, error)
        else:
            await self.outcomes.lost(claim, "unforeseen", error)

    async def _deliver(self, claim: Claim, until: float) -> None:
        composed = await self._composed(claim)
        match composed:
            case None:
                pass
            case Nothing():
                await self.outcomes.cancelled(claim, composed)
            case Wait():
                await self.outcomes.defer(claim, composed)
            case message:
                await self._send(claim, message, until)
                return
        await self.outcomes.told_nothing(claim)

    async def _composed(self, claim: Claim) -> Composed | None:
        """What to do with it; None where that cannot be told: then it is put off, and holds up nobody."""
        try:
            async with self.sessions.begin() as session:
                return await self.kinds[claim.kind].compose(session, self.outcomes.due(claim, self.clock()))
        except Exception as error:
            log.error("delivery.compose_failed", delivery=str(claim.id), exc_info=error)
            await self.outcomes.not_posted(claim, f"cannot be composed: {type(error).__name__}")
            return None

    async def _send(self, claim: Claim, message: Message, until: float) -> None:
        client = self.clients(claim.workspace)
        try:
            channel, ts = await self._post(client, claim, message, until)
        except NotBegunError as why:
            await self.outcomes.again(claim, timedelta(), str(why))
        except SlackApiError as error:
            await self.outcomes.refused(claim, error)
        except aiohttp.ClientConnectorError as error:
            await self.outcomes.not_posted(claim, f"no connection: {error}")
        except NO_ANSWER as error:
            await self.outcomes.lost(claim, "answer lost", error)
        else:
            if claim.probe:
                await self.outcomes.accepted(claim.workspace)
            await self.outcomes.sent(claim, channel, ts)

    async def _post(self, client: AsyncWebClient, claim: Claim, message: Message, until: float) -> tuple[str, str]:
        """Channel and ts of the message. A DM that was stored and is gone is opened anew, once."""
        channel = claim.channel or await self._open_dm(client, claim)
        try:
            return channel, await self._post_to(channel, client, claim, message, until)
        except SlackApiError as error:
            if not claim.channel or meaning(error) is not Meaning.NO_SUCH_DM:
                raise
        channel = await self._open_dm(client, claim)
        return channel, await self._post_to(channel, client, claim, message, until)

    async def _post_to(self, channel: str, client: AsyncWebClient, claim: Claim, message: Message, until: float) -> str:
        if self.stopping.is_set():
            raise NotBegunError("the sender stopped")
        if asyncio.get_running_loop().time() > until:  # we were held up, and others may soon take us for dead
            raise NotBegunError("too late for its lease")
        answer = await posting.post(client, channel, message, metadata=metadata(claim))
        return str(answer["ts"])

    async def _open_dm(self, client: AsyncWebClient, claim: Claim) -> str:
        """The DM with the member, stored before anything is sent to it."""
        async with self.sessions() as session:
            user = await deliveries.recipient(session, claim)
        opened = await client.conversations_open(users=user)
        channel: str = opened["channel"]["id"]
        async with self.sessions.begin() as session:
            if not await deliveries.store_channel(session, claim, channel):
                raise NotBegunError("somebody else has it")
        return channel

    async def _look_for(self, claim: Claim) -> None:
        """Look for an unknown delivery in Slack: there, it is sent; not there, it is ready again."""
        client = self.clients(claim.workspace)
        try:
            ts = await find(self.sessions, client, claim)
        except (SlackApiError, UnreadableHistoryError, *NO_ANSWER) as error:
            await self.outcomes.lost(claim, "cannot be looked for", error)
            if isinstance(error, UnreadableHistoryError):
                await self.outcomes.told_nothing(claim)
            return
        if claim.channel and ts:
            settled = await self.outcomes.sent(claim, claim.channel, ts)
        else:
            settled = await self.outcomes.again(claim, timedelta(), "not in the history: it was never posted")
        if settled:
            self.steps.note(Step.RECONCILED, claim, found=ts is not None)
        await self.outcomes.told_nothing(claim)
