"""The interactive elements of blocks: finding them, filling them in, and the shapes Slack gives what was chosen."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence

from playground.workspace import Json

# What can be filled in: text, an option's value, a date, a time, an id; several where several can be chosen; None.
Value = str | int | Sequence[str] | None

# Where each stateful element keeps what was chosen.
STATE = {
    "plain_text_input": "value",
    "number_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "static_select": "selected_option",
    "radio_buttons": "selected_option",
    "checkboxes": "selected_options",
    "multi_static_select": "selected_options",
    "users_select": "selected_user",
    "multi_users_select": "selected_users",
    "channels_select": "selected_channel",
    "multi_channels_select": "selected_channels",
    "conversations_select": "selected_conversation",
    "multi_conversations_select": "selected_conversations",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
}
MULTIPLE = {key for key in STATE.values() if key.endswith("s")}


def pairs(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Each interactive element with its block."""
    for block in blocks:
        inside = [block.get("accessory"), block.get("element"), *(block.get("elements") or [])]
        for element in inside:
            if isinstance(element, dict) and (element.get("type") in STATE or "action_id" in element):
                yield block, element


def with_ids(blocks: list[Json], new_id: Callable[[str], str]) -> list[Json]:
    """A copy in which every block has a block_id and every interactive element an action_id."""
    blocks = copy.deepcopy(blocks)
    for block in blocks:
        block.setdefault("block_id", new_id("b"))
        for element in [block.get("accessory"), block.get("element"), *(block.get("elements") or [])]:
            if isinstance(element, dict) and element.get("type") in {*STATE, "button", "overflow"}:
                element.setdefault("action_id", new_id("a"))
    return blocks


def find(blocks: list[Json], action_id: str, block_id: str | None = None) -> tuple[Json, Json]:
    """The element with this action_id and its block; KeyError when there is none."""
    for block, element in pairs(blocks):
        if element.get("action_id") == action_id and block_id in (None, block["block_id"]):
            return block, element
    raise KeyError(action_id)


def state(blocks: list[Json], before: Mapping[str, Json] | None = None) -> dict[str, Json]:
    """What is filled in, by block_id and action_id: as before where the element is still there, else as it starts."""
    values: dict[str, Json] = {}
    for block, element in pairs(blocks):
        if element["type"] in STATE:
            kept = (before or {}).get(block["block_id"], {}).get(element["action_id"], {})
            same = kept.get("type") == element["type"]
            values.setdefault(block["block_id"], {})[element["action_id"]] = kept if same else _initial(element)
    return values


def filled(blocks: list[Json], before: Mapping[str, Json], values: Mapping[str, Value]) -> dict[str, Json]:
    """The state after filling in `values` by block_id, label or action_id; KeyError for a name that is not there."""
    result = copy.deepcopy(state(blocks, before))
    for name, value in values.items():
        block, element = _named(blocks, name)
        result[block["block_id"]][element["action_id"]] = chosen(element, value)
    return result


def chosen(element: Json, value: Value) -> Json:
    """The state of an element in which `value` was chosen; ValueError when it is not on offer."""
    key = STATE[element["type"]]
    if key in MULTIPLE:
        several = [str(each) for each in value] if isinstance(value, list | tuple) else [str(value)] if value else []
        return _state(element, [option(element, each) for each in several] if key == "selected_options" else several)
    if value in (None, ""):
        return _state(element, None)
    if key == "selected_option":
        return _state(element, option(element, str(value)))
    return _state(element, value if key == "selected_date_time" else str(value))


def option(element: Json, wanted: str) -> Json:
    """The option with this value or text; ValueError when it is not on offer."""
    groups = element.get("option_groups") or []
    options = [*(element.get("options") or []), *(o for group in groups for o in group["options"])]
    for each in options:
        if wanted in (each.get("value"), each["text"]["text"]):
            return copy.deepcopy(each)
    raise ValueError(f"{wanted!r} is not on offer")


def action(block: Json, element: Json, value: Value, ts: str) -> Json:
    """One of a block_actions payload's `actions`."""
    shape = {"type": element["type"], "action_id": element["action_id"], "block_id": block["block_id"], "action_ts": ts}
    if element["type"] == "button":
        return shape | {key: element[key] for key in ("text", "value", "style", "url") if key in element}
    if element["type"] == "overflow":
        return shape | {"selected_option": option(element, str(value))}
    return shape | chosen(element, value)


def missing(blocks: list[Json], values: Mapping[str, Json]) -> dict[str, str]:
    """What Slack's form itself complains of, by block_id, before the app hears of a submission."""
    complaints = {}
    for block, element in pairs(blocks):
        if block["type"] != "input":
            continue
        value = values[block["block_id"]][element["action_id"]][STATE[element["type"]]]
        if not value and not block.get("optional"):
            complaints[block["block_id"]] = "Please complete this required field."
        elif isinstance(value, str) and len(value) < element.get("min_length", 0):
            complaints[block["block_id"]] = f"Please enter at least {element['min_length']} characters."
        elif isinstance(value, str) and len(value) > element.get("max_length", 3000):
            complaints[block["block_id"]] = f"Please enter at most {element.get('max_length', 3000)} characters."
    return complaints


def _initial(element: Json) -> Json:
    key = STATE[element["type"]]
    initial = "initial_value" if key == "value" else key.replace("selected", "initial")
    return _state(element, copy.deepcopy(element.get(initial, [] if key in MULTIPLE else None)))


def _state(element: Json, chosen: object) -> Json:
    return {"type": element["type"], STATE[element["type"]]: chosen}


def _named(blocks: list[Json], name: str) -> tuple[Json, Json]:
    for block, element in pairs(blocks):
        label = (block.get("label") or {}).get("text")
        if element["type"] in STATE and name in (block["block_id"], label, element["action_id"]):
            return block, element
    raise KeyError(name)
