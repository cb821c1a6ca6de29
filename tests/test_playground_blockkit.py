"""What the playground refuses of Block Kit, and what it does not."""

from __future__ import annotations

from typing import Any

import pytest

from playground.blockkit import block_faults, view_faults
from tests.support.playground_app import ELEMENTS, FORM, OPTIONS, Json, button, field, plain, row

CONFIRM = {"title": plain("Sure?"), "text": plain("Sure?"), "confirm": plain("Yes"), "deny": plain("No")}


def section(text: str, **more: Any) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def test_what_slack_shows_passes() -> None:
    blocks = [
        row(*ELEMENTS, button("go") | {"confirm": CONFIRM, "style": "danger"}),
        section("x" * 3000, accessory={"type": "image", "alt_text": "x", "image_url": "https://example.org/x.png"}),
        {"type": "section", "fields": [plain("x")] * 10},
        {"type": "header", "text": plain("x" * 150)},
        {"type": "context", "elements": [plain("x")] * 10},
        {"type": "divider"},
        field("f", "x", {"type": "plain_text_input", "multiline": True, "max_length": 3000}, hint=plain("x")),
    ]
    for surface in ("message", "modal", "home"):
        assert list(block_faults(blocks, surface)) == []


WRONG: list[tuple[str, str, list[Json]]] = [
    ("message", "no more than 50 items allowed [json-pointer:/blocks]", [{"type": "divider"}] * 51),
    ("modal", "no more than 100 items allowed", [{"type": "divider"}] * 101),
    ("message", "unsupported type: nonsense [json-pointer:/blocks/0/type]", [{"type": "nonsense"}]),
    ("modal", "unsupported type: markdown", [{"type": "markdown", "text": "x"}]),
    ("message", "unsupported type: alert", [{"type": "alert", "text": plain("x")}]),
    ("message", "missing required field: text or fields", [{"type": "section"}]),
    ("message", "missing required field: image_url", [{"type": "image", "alt_text": "x"}]),
    ("message", "must be more than 0 characters", [section("")]),
    ("message", "must be less than 3001 characters [json-pointer:/blocks/0/text/text]", [section("x" * 3001)]),
    ("message", "invalid additional property: colour", [section("x", colour="red")]),
    ("message", "must be less than 151 characters", [{"type": "header", "text": plain("x" * 151)}]),
    ("message", "unsupported type: mrkdwn", [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}]),
    ("message", "must be less than 76 characters", [row(button("x" * 76) | {"action_id": "a"})]),
    ("message", "must be less than 2001 characters", [row(button("a", "x" * 2001))]),
    ("message", "must be one of: primary, danger", [row(button("a") | {"style": "loud"})]),
    ("message", "no more than 25 items allowed", [row(*[button(str(n)) for n in range(26)])]),
    ("message", "no more than 5 items allowed", [row({"type": "overflow", "options": OPTIONS * 3})]),
    ("message", "no more than 10 items allowed", [{"type": "context", "elements": [plain("x")] * 11}]),
    ("message", "unsupported type: plain_text_input", [row({"type": "plain_text_input"})]),
    ("message", "either options or option_groups", [row({"type": "static_select"})]),
    (
        "message",
        "initial_option must match",
        [row({"type": "radio_buttons", "options": OPTIONS[:1], "initial_option": OPTIONS[1]})],
    ),
    ("message", "action_id `a` must be unique", [row(button("a"), button("a"))]),
    ("message", "block_id `b` must be unique", [{"type": "divider", "block_id": "b"}] * 2),
    ("message", "must be less than 256 characters", [{"type": "divider", "block_id": "b" * 256}]),
    ("message", "12001 characters in sum", [{"type": "markdown", "text": "x" * 6001}] * 2),
]


@pytest.mark.parametrize(("surface", "complaint", "blocks"), WRONG, ids=[complaint for _, complaint, _ in WRONG])
def test_what_slack_does_not_show_is_refused(surface: str, complaint: str, blocks: list[Json]) -> None:
    (fault,) = block_faults(blocks, surface)
    assert complaint in fault


@pytest.mark.parametrize(
    ("complaint", "changes"),
    [
        ("must be less than 25 characters [json-pointer:/view/title/text]", {"title": plain("x" * 25)}),
        ("must be less than 3001 characters", {"private_metadata": "x" * 3001}),
        ("unsupported type: home", {"type": "home"}),
        ("invalid additional property: cancel", {"cancel": plain("No")}),
        ("unsupported type: nonsense [json-pointer:/view/blocks/0/type]", {"blocks": [{"type": "nonsense"}]}),
    ],
)
def test_what_is_no_modal_is_refused(complaint: str, changes: Json) -> None:
    (fault,) = view_faults(FORM | changes, "modal")
    assert complaint in fault


def test_a_form_needs_its_submit() -> None:
    form = {key: value for key, value in FORM.items() if key != "submit"}
    assert list(view_faults(form, "modal")) == ["[ERROR] missing required field: submit [json-pointer:/view]"]
    assert list(view_faults(FORM, "modal")) == []
