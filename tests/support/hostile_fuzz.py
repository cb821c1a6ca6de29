"""What tests of hostile fuzz share."""

import re
from typing import Any

from tests.support.edge_cases import EVE

Json = dict[str, Any]

MARK, HERS = re.compile(r"MARK[0-9]+X"), {"MARK1X", "MARK2X", "MARK3X", "MARK16X", "MARK17X"}


def sender(payload: Json) -> str:
    found = payload.get("user_id") or payload.get("user") or payload.get("event", {}).get("user") or {}
    return found if isinstance(found, str) else found.get("id", EVE)
