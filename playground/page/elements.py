"""Block Kit's interactive elements."""

from collections.abc import Callable
from functools import partial
from typing import Any

from nicegui import ui
from nicegui.events import GenericEventArguments, ValueChangeEventArguments

from playground.page.mrkdwn import HARMLESS, link, unescape
from playground.page.surface import Control, button, html_of, menu, menu_item, text_of
from playground.workspace import Json


def draw_element(control: Control) -> None:
    """Draw an element; one that the playground does not know says so."""
    draw = _ELEMENTS.get(control.element["type"])
    if draw is None:
        ui.label(f"“{control.element['type']}” is not drawn in the playground").classes("unknown")
        return
    draw(control)


def _button(control: Control) -> None:
    element = control.element
    drawn = button(text_of(element["text"]), element.get("style", "default"))
    if "accessibility_label" in element:
        drawn.props["aria-label"] = element["accessibility_label"]
    if HARMLESS.match(element.get("url", "")):
        drawn.props["href"] = element["url"]
        drawn.props["target"] = "_blank"

    async def press() -> None:
        drawn.props("loading")
        await control.use(element.get("value"))
        if not drawn.is_deleted:
            drawn.props(remove="loading")

    drawn.on_click(press)


def _text_input(control: Control) -> None:
    element = control.element
    make = ui.textarea if element.get("multiline") else ui.input
    field = make(placeholder=control.placeholder or None, value=str(control.value or ""))
    field.props["type"] = _INPUT_TYPES.get(element["type"], "textarea" if element.get("multiline") else "text")
    if element.get("multiline"):
        field.props("autogrow")
    if "max_length" in element:
        field.props["maxlength"] = element["max_length"]
        field.props("counter")
    _finish_field(field, control)

    async def enter() -> None:
        if control.block.get("dispatch_action"):
            await control.use(field.value)

    field.on_value_change(lambda event: control.surface.fill(control.block["block_id"], event.value or None))
    if not element.get("multiline"):
        field.on("keydown.enter", enter)


def _picker(control: Control) -> None:
    """A date or time, with the browser's own picker."""
    field = ui.input(value=str(control.value or ""))
    field.props["type"] = _INPUT_TYPES[control.element["type"]]
    _finish_field(field, control)
    _on_value(field, control)


def _select(control: Control) -> None:
    options = {option["value"]: text_of(option["text"]) for option in _options(control.element)}
    _draw_select(control, options)


def _users_select(control: Control) -> None:
    _draw_select(control, dict(control.surface.people))


def _draw_select(control: Control, options: dict[str, str]) -> None:
    several = control.element["type"].startswith("multi_")
    chosen = control.value
    if not several and chosen not in options:
        chosen = None
    field = ui.select(options, value=chosen, multiple=several)
    field.props("options-dense behavior=menu")
    if not chosen:
        field.props["display-value"] = control.placeholder or "Choose"
        field.on_value_change(lambda: field.props.pop("display-value", None))
    _finish_field(field, control)
    _on_value(field, control)


def _choices(control: Control) -> None:
    """Radio buttons or checkboxes, with their descriptions."""
    kind = "radio" if control.element["type"] == "radio_buttons" else "checkbox"
    chosen = control.value if isinstance(control.value, list) else [control.value]
    ticked = {str(value) for value in chosen if value}
    with ui.element("div").classes("choices") as group:
        group.props["role"] = "radiogroup" if kind == "radio" else "group"
        group.props["aria-label"] = control.name
        for option in control.element["options"]:
            _choice(control, option, kind, ticked, group.html_id)


def _choice(control: Control, option: Json, kind: str, ticked: set[str], group: str) -> None:
    value = option["value"]

    async def toggle(event: GenericEventArguments) -> None:
        if kind == "radio":
            await control.change(value)
            return
        (ticked.add if event.args else ticked.discard)(value)
        await control.change([o["value"] for o in control.element["options"] if o["value"] in ticked])

    with ui.element("label").classes("choice"):
        box = ui.element("input").on("change", toggle, js_handler="(e) => emit(e.target.checked)")
        box.props.update({"type": kind, "name": group, "value": value, "checked": value in ticked})
        with ui.element("span"):
            ui.html(html_of(option["text"], control.surface.reader), tag="span")
            if "description" in option:
                ui.html(html_of(option["description"], control.surface.reader), tag="span").classes("choice-note")


def _overflow(control: Control) -> None:
    with button("⋯", "quiet").props('aria-label="More actions" aria-haspopup=menu'), menu():
        for option in control.element["options"]:
            menu_item(text_of(option["text"]), partial(control.use, option["value"]))


def _image(control: Control) -> None:
    draw_image(control.element, "thumbnail")


def draw_image(image: Json, look: str) -> None:
    """An image of this server; one from elsewhere stays a link, for the page asks nothing of the outside."""
    file = image.get("slack_file", {})
    url = image.get("image_url") or file.get("url") or f"/files/{file.get('id')}"
    if url.startswith(_HERE):
        drawn = ui.element("img").classes(look)
        drawn.props.update({"src": url, "alt": unescape(image["alt_text"])})
    else:
        ui.html(link(url, image["alt_text"])).classes("words unknown")


def draw_file(file: Json) -> None:
    """An uploaded file: shown if it is a picture, else to be downloaded."""
    if file["name"].lower().endswith((".png", ".jpg", ".jpeg", ".gif")):
        draw_image({"image_url": file["url_private"], "alt_text": file.get("alt_txt") or file["title"]}, "picture")
    ui.link(file["title"], file["url_private"]).classes("file").props["download"] = file["name"]


def _finish_field(field: ui.input | ui.textarea | ui.select, control: Control) -> None:
    field.props("outlined dense hide-bottom-space").classes("field")
    # A select hands its label to the combobox inside; the style sheet keeps it from being drawn a second time.
    field.props["label" if isinstance(field, ui.select) else "aria-label"] = control.name
    if control.block["block_id"] in control.surface.errors:
        field.props("error no-error-icon")
    if control.element.get("focus_on_load"):
        field.props("autofocus")


def _on_value(field: ui.input | ui.select, control: Control) -> None:
    async def changed(event: ValueChangeEventArguments[Any]) -> None:
        await control.change(event.value or None)

    field.on_value_change(changed)


def _options(element: Json) -> list[Json]:
    if "option_groups" in element:
        return [option for group in element["option_groups"] for option in group["options"]]
    options: list[Json] = element["options"]
    return options


_HERE = ("/", "data:image/", "http://127.0.0.1", "http://localhost")
_INPUT_TYPES = {
    "email_text_input": "email",
    "url_text_input": "url",
    "number_input": "number",
    "datepicker": "date",
    "timepicker": "time",
}

_ELEMENTS: dict[str, Callable[[Control], None]] = {
    "button": _button,
    "checkboxes": _choices,
    "datepicker": _picker,
    "email_text_input": _text_input,
    "image": _image,
    "multi_static_select": _select,
    "multi_users_select": _users_select,
    "number_input": _text_input,
    "overflow": _overflow,
    "plain_text_input": _text_input,
    "radio_buttons": _choices,
    "static_select": _select,
    "timepicker": _picker,
    "url_text_input": _text_input,
    "users_select": _users_select,
}
