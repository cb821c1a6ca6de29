"""What tests of commands share."""

from playground.workspace import Message


def labels(message: Message) -> list[str]:
    """What the buttons of a message say."""
    return [
        element["text"]["text"]
        for block in message.blocks
        for element in [*block.get("elements", []), block.get("accessory", {})]
        if element.get("type") == "button"
    ]
