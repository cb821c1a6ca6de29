"""What a view is drawn from, to see whether it changed."""

import json

from playground.workspace import View


def snapshot(view: View | None) -> str:
    """Everything of a view that is drawn, without what is filled in."""
    return json.dumps(None if view is None else [view.id, view.hash, view.body, view.errors])
