"""An invitation as a message."""

from db.account import invitations
from db.engine import AsyncSession
from db.enums import DeliveryKind
from growth.cadence import local_date, zone
from growth.inviting import InvitationState
from handlers.account.views import invitation as views
from handlers.slack.message_kind import Composed, Due, MessageKind, Nothing, Refreshed


class Invitation(MessageKind):
    """Sent to whoever has not begun; then with what they answered."""

    name = DeliveryKind.INVITATION

    async def compose(self, session: AsyncSession, due: Due) -> Composed:
        proposal = await invitations.read(session, due.workspace, due.subject_id)
        if proposal is None or proposal.began or proposal.state != InvitationState.OPEN:
            return Nothing("nobody to invite")
        return views.invitation(proposal, due.ladder)

    async def refresh(self, session: AsyncSession, due: Due) -> Refreshed | Nothing:
        proposal = await invitations.read(session, due.workspace, due.subject_id)
        if proposal is None:
            return Nothing("nobody to invite")
        if proposal.state == InvitationState.OPEN:
            message = views.invitation(proposal, due.ladder)
        else:
            message = views.answered(proposal, local_date(due.now, zone(proposal.tz)))
        return Refreshed(message, withdrawn=proposal.mentor is None)
