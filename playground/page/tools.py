"""What one can do with a message: reply, edit, delete, and the app's message shortcuts."""

import re
from collections.abc import Awaitable, Callable
from functools import partial

from nicegui import ui

from playground.page.acting import Acting
from playground.page.mrkdwn import unescape
from playground.page.surface import button, menu, menu_item
from playground.workspace import Json, Message


def draw_tools(message: Message, acting: Acting, reply: Callable[[], None] | None = None) -> None:
    """Buttons that appear over a message; ephemeral ones have none."""
    if message.ephemeral_to:
        return
    actions = _actions(message, acting)
    with ui.element("div").classes("message-tools"):
        if reply:
            button("Reply", "quiet").props('aria-label="Reply in thread"').on_click(reply)
        if actions:
            with button("⋯", "quiet").props('aria-label="Message actions" aria-haspopup=menu'), menu():
                for name, act in actions.items():
                    menu_item(name, act)


def _actions(message: Message, acting: Acting) -> dict[str, Callable[[], Awaitable[None]]]:
    actions: dict[str, Callable[[], Awaitable[None]]] = {
        shortcut["name"]: partial(use_shortcut, shortcut, acting, message) for shortcut in acting.shortcuts("message")
    }
    if message.user == acting.person.id:
        actions["Edit message"] = partial(_edit, message, acting)
        actions["Delete message"] = partial(_delete, message, acting)
    return actions


async def use_shortcut(shortcut: Json, acting: Acting, message: Message | None = None) -> None:
    """Use a global shortcut, or a message shortcut on a message."""
    act = acting.playground.shortcut(acting.person.id, shortcut["callback_id"], message)
    await acting.do(f"“{shortcut['name']}”", act)


async def _edit(message: Message, acting: Acting) -> None:
    with ui.dialog().props("transition-duration=120") as dialog, ui.element("div").classes("sheet"):
        ui.label("Edit message").classes("sheet-title").props("role=heading aria-level=2")
        with ui.element("div").classes("sheet-body"):
            field = (
                ui.textarea(value=_as_typed(message.text, acting)).props("outlined autogrow autofocus").classes("field")
            )
            field.props["aria-label"] = "Message text"
        with ui.element("div").classes("sheet-foot"):
            button("Cancel").on_click(dialog.close)
            button("Save", "primary").on_click(lambda: dialog.submit(field.value))
    text = await dialog
    dialog.delete()
    if text:
        act = acting.playground.edit(acting.person.id, message.ts, text, message.channel)
        await acting.do("Your edit", act)


async def _delete(message: Message, acting: Acting) -> None:
    await acting.do("Deleting", acting.playground.delete(acting.person.id, message.ts, message.channel))


def _as_typed(text: str, acting: Acting) -> str:
    people = acting.playground.workspace.people
    text = re.sub(r"<@(\w+)>", lambda match: f"@{people[match[1]].name}" if match[1] in people else match[0], text)
    return unescape(re.sub(r"<(https?://[^>|]+)>", r"\1", text))
