"""Block Kit's layout blocks."""

from collections.abc import Callable, Sequence

from nicegui import ui

from playground.page.elements import draw_element, draw_image
from playground.page.mrkdwn import plain_html
from playground.page.rich_text import rich_text_html
from playground.page.surface import Control, Surface, html_of, text_of
from playground.workspace import Json


def draw_blocks(blocks: Sequence[Json], surface: Surface) -> None:
    """Draw blocks one below the other; one that the playground does not know says so."""
    with ui.element("div").classes("blocks"):
        for block in blocks:
            _BLOCKS.get(block["type"], _unknown)(block, surface)


def _unknown(block: Json, surface: Surface) -> None:
    ui.label(f"A “{block['type']}” block is not drawn in the playground").classes("unknown")


def _section(block: Json, surface: Surface) -> None:
    with ui.element("div").classes("block-section"):
        with ui.element("div").classes("block-main"):
            if "text" in block:
                ui.html(html_of(block["text"], surface.reader)).classes("words")
            if "fields" in block:
                with ui.element("div").classes("fields"):
                    for text in block["fields"]:
                        ui.html(html_of(text, surface.reader)).classes("words")
        if "accessory" in block:
            draw_element(Control(element=block["accessory"], block=block, surface=surface))


def _header(block: Json, surface: Surface) -> None:
    ui.html(plain_html(block["text"]["text"]), tag="h3").classes("block-header")


def _divider(block: Json, surface: Surface) -> None:
    ui.element("hr").classes("block-divider")


def _context(block: Json, surface: Surface) -> None:
    with ui.element("div").classes("block-context"):
        for element in block["elements"]:
            if element["type"] == "image":
                draw_image(element, "context-image")
            else:
                ui.html(html_of(element, surface.reader)).classes("words")


def _actions(block: Json, surface: Surface) -> None:
    with ui.element("div").classes("block-actions"):
        for element in block["elements"]:
            draw_element(Control(element=element, block=block, surface=surface))


def _input(block: Json, surface: Surface) -> None:
    label = text_of(block["label"])
    error = surface.errors.get(block["block_id"])
    with ui.element("div").classes("block-input"):
        with ui.element("div").classes("input-label").props("aria-hidden=true"):
            ui.label(label)
            if block.get("optional"):
                ui.label("(optional)").classes("input-optional")
        draw_element(Control(element=block["element"], block=block, surface=surface, label=label))
        if error:
            ui.label(error).classes("input-error").props("role=alert")
        if "hint" in block:
            ui.label(text_of(block["hint"])).classes("input-hint")


def _image(block: Json, surface: Surface) -> None:
    with ui.element("figure").classes("block-image"):
        if "title" in block:
            ui.html(plain_html(block["title"]["text"]), tag="figcaption")
        draw_image(block, "picture")


def _rich_text(block: Json, surface: Surface) -> None:
    ui.html(rich_text_html(block, surface.reader)).classes("words")


def _markdown(block: Json, surface: Surface) -> None:
    ui.markdown(block["text"]).classes("words")


_BLOCKS: dict[str, Callable[[Json, Surface], None]] = {
    "actions": _actions,
    "context": _context,
    "divider": _divider,
    "header": _header,
    "image": _image,
    "input": _input,
    "markdown": _markdown,
    "rich_text": _rich_text,
    "section": _section,
}
