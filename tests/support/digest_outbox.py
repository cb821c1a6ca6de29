"""What tests of digest outbox share."""

from sqlalchemy import select

from db.enums import DeliveryKind
from db.models import Delivery
from tests.support.world import World

WORDS = "Shipped the ranking service"


async def digests(world: World) -> list[str]:
    """The states of the digests in the outbox."""
    return await world.rows(select(Delivery.state).where(Delivery.kind == DeliveryKind.DIGEST))
