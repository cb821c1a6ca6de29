"""What Slack refuses of Block Kit, as tables: each type with its fields and limits; `name_` is a required field."""

from __future__ import annotations

import json
from collections import Counter
from typing import cast

from playground.elements import pairs
from playground.shapes import (
    Check,
    Faults,
    anything,
    choice,
    fault,
    flag,
    many,
    number,
    plain,
    shape,
    string,
    text,
    typed,
)
from playground.workspace import Json

MOST_BLOCKS = {"message": 50, "modal": 100, "home": 100}
MARKDOWN_SUM = 12_000
MESSAGE_SUM = 11_000  # characters of a message's blocks; Slack names no number, and refuses from about 11,300
VIEW_BYTES = 250_000
MESSAGE_ONLY = {"markdown", "container", "context_actions", "data_visualization", "file", "plan", "task_card"}
NOT_ON = {
    "message": {"alert"},
    "modal": MESSAGE_ONLY | {"table", "carousel"},
    "home": MESSAGE_ONLY | {"alert"},
}


ID = string(255)
CONFIRM = shape(
    title_=plain(100), text_=text(300), confirm_=plain(30), deny_=plain(30), style=choice("primary", "danger")
)
OPTION = shape(text_=text(75), value_=string(150), description=text(75), url=string(3000))
GROUP = shape(label_=plain(75), options_=many(OPTION, 1, 100))
COMMON: dict[str, Check] = {"action_id": ID, "confirm": CONFIRM, "focus_on_load": flag}
MENU = COMMON | {"placeholder": plain(150)}
ANY_OF = {"options": many(OPTION, 1, 100), "option_groups": many(GROUP, 1, 100)}
FEW = {"options_": many(OPTION, 1, 10)}
SEVERAL: dict[str, Check] = {"max_selected_items": number}
TYPED = MENU | {"initial_value": string(3000, 0), "dispatch_action_config": anything}
CONVERSATIONS = {"default_to_current_conversation": flag, "response_url_enabled": flag, "filter": anything}

BUTTON = shape(
    **COMMON,
    text_=plain(75),
    value=string(2000, 0),
    url=string(3000),
    style=choice("primary", "danger"),
    accessibility_label=string(75),
)
PICTURE = shape(alt_text_=string(2000), image_url=string(3000), slack_file=anything)
MENUS: dict[str, Check] = {
    "button": BUTTON,
    "overflow": shape(**COMMON, options_=many(OPTION, 1, 5)),
    "static_select": shape(**MENU, **ANY_OF, initial_option=OPTION),
    "multi_static_select": shape(**MENU, **ANY_OF, **SEVERAL, initial_options=many(OPTION, 1, 100)),
    "radio_buttons": shape(**COMMON, **FEW, initial_option=OPTION),
    "checkboxes": shape(**COMMON, **FEW, initial_options=many(OPTION, 1, 10)),
    "users_select": shape(**MENU, initial_user=ID),
    "multi_users_select": shape(**MENU, **SEVERAL, initial_users=many(ID, 1, 100)),
    "channels_select": shape(**MENU, initial_channel=ID, response_url_enabled=flag),
    "multi_channels_select": shape(**MENU, **SEVERAL, initial_channels=many(ID, 1, 100)),
    "conversations_select": shape(**MENU, **CONVERSATIONS, initial_conversation=ID),
    "multi_conversations_select": shape(**MENU, **CONVERSATIONS, **SEVERAL, initial_conversations=many(ID, 1, 100)),
    "datepicker": shape(**MENU, initial_date=string(10, 10)),
    "timepicker": shape(**MENU, initial_time=string(5, 5), timezone=string(255)),
    "datetimepicker": shape(**COMMON, initial_date_time=number),
}
INPUTS: dict[str, Check] = {
    "plain_text_input": shape(**TYPED, multiline=flag, min_length=number, max_length=number),
    "email_text_input": shape(**TYPED),
    "url_text_input": shape(**TYPED),
    "number_input": shape(**TYPED, is_decimal_allowed_=flag, min_value=string(30), max_value=string(30)),
    **{name: check for name, check in MENUS.items() if name not in ("button", "overflow")},
}

BLOCKS: dict[str, Check] = {
    "section": shape(
        block_id=ID,
        text=text(3000),
        fields=many(text(2000), 1, 10),
        accessory=typed(MENUS | {"image": PICTURE}),
        expand=flag,
    ),
    "divider": shape(block_id=ID),
    "header": shape(block_id=ID, text_=plain(150)),
    "context": shape(
        block_id=ID,
        elements_=many(
            typed({"image": PICTURE, "mrkdwn": shape(text_=string(3000), verbatim=flag), "plain_text": plain(3000)}),
            1,
            10,
        ),
    ),
    "actions": shape(block_id=ID, elements_=many(typed(MENUS), 1, 25)),
    "input": shape(
        block_id=ID,
        label_=plain(2000),
        element_=typed(INPUTS),
        hint=plain(2000),
        optional=flag,
        dispatch_action=flag,
    ),
    "image": shape(block_id=ID, alt_text_=string(2000), image_url=string(3000), slack_file=anything, title=plain(2000)),
    "markdown": shape(block_id=ID, text_=string(MARKDOWN_SUM)),
    "alert": shape(block_id=ID, text_=text(3000), level=choice("default", "info", "warning", "error", "success")),
    # Known to Slack, not looked into here.
    **dict.fromkeys(
        (*MESSAGE_ONLY - {"markdown"}, "rich_text", "table", "data_table", "carousel", "video", "card"), anything
    ),
}
SHELL: dict[str, Check] = {
    "blocks_": anything,
    "private_metadata": string(3000, 0),
    "callback_id": string(255, 0),
    "external_id": string(255, 0),
}
VIEWS: dict[str, Check] = {
    "home": shape(**SHELL),
    "modal": shape(
        **SHELL,
        title_=plain(24),
        submit=plain(24),
        close=plain(24),
        clear_on_close=flag,
        notify_on_close=flag,
        submit_disabled=flag,
    ),
}


def block_faults(blocks: object, surface: str, path: str = "/blocks") -> Faults:
    """What Slack refuses of these blocks on a `message`, `modal` or `home`."""
    found = list(many(typed(BLOCKS), 0, MOST_BLOCKS[surface])(blocks, path))
    yield from found or _together(cast("list[Json]", blocks), surface, path)


def view_faults(view: object, surface: str) -> Faults:
    """What Slack refuses of this view where a `modal` or `home` belongs."""
    found = list(typed({surface: VIEWS[surface]})(view, "/view"))
    yield from found
    if found:
        return
    body = cast("Json", view)
    yield from block_faults(body["blocks"], surface, "/view/blocks")
    if surface == "modal" and "submit" not in body and any(b.get("type") == "input" for b in body["blocks"]):
        yield fault("missing required field: submit", "/view")


def too_large(view: Json) -> bool:
    """Whether Slack answers `view_too_large`."""
    return len(json.dumps(view).encode()) > VIEW_BYTES


def too_long(blocks: list[Json]) -> bool:
    """Whether Slack answers `msg_blocks_too_long`.

    Counted is the JSON as Slack's libraries send it, with spaces, and escapes for all that is not ASCII: who stays
    within this stays within a count of the letters too.
    """
    return len(json.dumps(blocks)) > MESSAGE_SUM


def _together(blocks: list[Json], surface: str, path: str) -> Faults:
    """What blocks that are right one by one can have wrong among each other, or on this surface."""
    for index, block in enumerate(blocks):
        if block["type"] in NOT_ON[surface]:
            yield fault(f"unsupported type: {block['type']}", f"{path}/{index}/type")
        if block["type"] == "section" and not (block.get("text") or block.get("fields")):
            yield fault("missing required field: text or fields", f"{path}/{index}")
        if block["type"] == "image" and not (block.get("image_url") or block.get("slack_file")):
            yield fault("missing required field: image_url or slack_file", f"{path}/{index}")
        yield from _twice([e.get("action_id") for _, e in pairs([block])], "action_id", f"{path}/{index}")
    yield from _twice([block.get("block_id") for block in blocks], "block_id", path)
    if sum(len(block["text"]) for block in blocks if block["type"] == "markdown") > MARKDOWN_SUM:
        yield fault(f"markdown blocks must be less than {MARKDOWN_SUM + 1} characters in sum", path)
    yield from _choices(blocks, path)


def _twice(ids: list[str | None], name: str, path: str) -> Faults:
    for value, count in Counter(i for i in ids if i).items():
        if count > 1:
            yield fault(f"{name} `{value}` must be unique", path)


def _choices(blocks: list[Json], path: str) -> Faults:
    for block, element in pairs(blocks):
        place = f"{path}/{blocks.index(block)}"
        if "static_select" in element["type"] and ("options" in element) == ("option_groups" in element):
            yield fault("must provide either options or option_groups", place)
            continue
        groups = element.get("option_groups") or []
        offered = [*(element.get("options") or []), *(o for group in groups for o in group["options"])]
        initial = [
            *([element["initial_option"]] if "initial_option" in element else []),
            *element.get("initial_options", []),
        ]
        if any(choice not in offered for choice in initial):
            yield fault("initial_option must match one of the options", place)
