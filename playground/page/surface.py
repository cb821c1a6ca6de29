"""What interactive elements know of the message, modal or Home tab they stand in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from nicegui import ui

from playground.elements import STATE, Value
from playground.page.mrkdwn import Reader, plain, plain_html, to_html
from playground.workspace import Json


@dataclass(frozen=True, kw_only=True)
class Surface:
    """Who reads, who can be chosen, what is filled in (state by block and action), what is wrong, and whom to tell.

    `fill(block_id, value)` fills an input; `use(block_id, action_id, value)` is what sends something to the app.
    """

    reader: Reader
    people: Mapping[str, str]
    values: Mapping[str, Mapping[str, Json]]
    errors: Mapping[str, str]
    fill: Callable[[str, Value], None]
    use: Callable[[str, str, Value], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Control:
    """One interactive element in its block; `label` is its accessible name."""

    element: Json
    block: Json
    surface: Surface
    label: str = ""

    @property
    def value(self) -> Value:
        """What is filled in: text, an option's value, or a list of these."""
        states = self.surface.values.get(self.block.get("block_id", ""), {})
        state = states.get(self.element.get("action_id", ""), {})
        return _plain_value(state.get(STATE[self.element["type"]]))

    @property
    def name(self) -> str:
        """The accessible name: the label, else what the placeholder says."""
        return self.label or self.placeholder or self.element["type"].replace("_", " ")

    @property
    def placeholder(self) -> str:
        """What stands in an empty field."""
        return text_of(self.element.get("placeholder"))

    async def change(self, value: Value) -> None:
        """Fill an input in, or use an element that acts at once."""
        if self.block["type"] != "input":
            await self.use(value)
            return
        self.surface.fill(self.block["block_id"], value)
        if self.block.get("dispatch_action"):
            await self.use(value)

    async def use(self, value: Value = None) -> None:
        """Send it to the app, after asking where the app wants the person asked."""
        if "confirm" in self.element and not await _confirmed(self.element["confirm"], self.surface.reader):
            return
        await self.surface.use(self.block["block_id"], self.element["action_id"], value)


def text_of(text: Json | None) -> str:
    """A text object as plain words."""
    return plain(text["text"]) if text else ""


def html_of(text: Json, reader: Reader) -> str:
    """A text object as safe HTML."""
    return to_html(text["text"], reader) if text["type"] == "mrkdwn" else plain_html(text["text"])


def button(text: str, style: str = "default") -> ui.button:
    """A button of the page's own look: default, primary, danger or quiet."""
    return ui.button(text, color=None).props("no-caps unelevated no-wrap").classes(f"button button-{style}")


def menu() -> ui.menu:
    """A menu of the element it is made in."""
    return ui.menu().props("role=menu auto-close")


def menu_item(text: str, on_click: Callable[[], Awaitable[None]]) -> None:
    """One entry of the menu it is made in."""
    ui.menu_item(text, on_click).props("role=menuitem")


def _plain_value(chosen: str | Json | list[str | Json] | None) -> Value:
    if isinstance(chosen, list):
        return [str(_plain_value(item)) for item in chosen]
    return chosen["value"] if isinstance(chosen, dict) else chosen


async def _confirmed(confirm: Json, reader: Reader) -> bool:
    with ui.dialog().props("transition-duration=120") as dialog, ui.element("div").classes("sheet sheet-small"):
        ui.label(text_of(confirm.get("title"))).classes("sheet-title").props("role=heading aria-level=2")
        ui.html(html_of(confirm["text"], reader)).classes("sheet-body")
        with ui.element("div").classes("sheet-foot"):
            button(text_of(confirm.get("deny")) or "Cancel").on_click(lambda: dialog.submit(False))
            style = "danger" if confirm.get("style") == "danger" else "primary"
            button(text_of(confirm.get("confirm")) or "Yes", style).on_click(lambda: dialog.submit(True))
    agreed = bool(await dialog)
    dialog.delete()
    return agreed
