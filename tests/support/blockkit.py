"""What Slack refuses of what Rung shows, by the playground's tables and by the models of Slack's SDK."""

from collections.abc import Callable, Iterator
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View as ViewModel

from handlers.slack.blocks import View
from handlers.slack.message import Message
from playground.blockkit import block_faults, too_large, view_faults


def faults(shown: Message | View) -> list[str]:
    """All that is wrong with a message's blocks, or with a view."""
    if isinstance(shown, Message):
        blocks = shown.payload()["blocks"]
        return [*block_faults(blocks, "message"), *_other_than(blocks, _blocks)]
    large = ["view_too_large"] if too_large(shown) else []
    return [*view_faults(shown, shown["type"]), *large, *_other_than(shown, _view)]


def _blocks(sent: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [block.to_dict() for block in Block.parse_all(sent) if block]


def _view(sent: dict[str, Any]) -> dict[str, Any]:
    return ViewModel(**sent).to_dict()


def _other_than(sent: Any, by_sdk: Callable[[Any], Any]) -> Iterator[str]:
    """What the SDK's models refuse, or would send otherwise: null, what is empty, names that they do not know."""
    try:
        said = by_sdk(sent)
    except SlackObjectFormationError as refusal:
        yield str(refusal)
        return
    if said != sent:
        yield f"the SDK sends {said}"
