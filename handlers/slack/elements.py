"""What stands in the blocks of Block Kit, as plain JSON: texts, options, buttons, menus and inputs."""

from collections.abc import Sequence
from datetime import date, time
from typing import Any, NewType, NotRequired, TypedDict

from handlers.slack.text import clip, cut

Element = NewType("Element", dict[str, Any])


class Text(TypedDict):
    """A text, `plain_text` or `mrkdwn`. `emoji`: whether `:tada:` in a plain one is shown as an emoji."""

    type: str
    text: str
    emoji: NotRequired[bool]


class Option(TypedDict):
    """A choice, and the value that comes back when it is made."""

    text: Text
    value: str


class OptionGroup(TypedDict):
    """Choices below a heading."""

    label: Text
    options: list[Option]


class Confirm(TypedDict):
    """What is asked before a click counts."""

    title: Text
    text: Text
    confirm: Text
    deny: Text


def plain(text: str, *, emoji: bool | None = None) -> Text:
    if emoji is None:
        return {"type": "plain_text", "text": text}
    return {"type": "plain_text", "text": text, "emoji": emoji}


def mrkdwn(text: str) -> Text:
    return {"type": "mrkdwn", "text": text}


def button(
    text: str,
    action_id: str,
    value: str = "-",
    *,
    style: str | None = None,
    label: str | None = None,
    confirm: Confirm | None = None,
) -> Element:
    """A button; `label` is read by screen readers where its text alone does not say what it opens."""
    return Element(
        given(
            type="button",
            accessibility_label=clip(cut(label, 75), 150) if label else None,
            action_id=action_id,
            confirm=confirm,
            style=style,
            text=plain(cut(text, 75), emoji=False),
            value=value,
        )
    )


def confirmation(title: str, text: str, yes: str, no: str) -> Confirm:
    """A question to answer with `yes` or `no` before a click counts."""
    return {
        "title": plain(title, emoji=True),
        "text": mrkdwn(text),
        "confirm": plain(yes, emoji=True),
        "deny": plain(no, emoji=True),
    }


def option(text: str, value: str) -> Option:
    return {"text": plain(cut(text, 75), emoji=False), "value": value}


def mrkdwn_option(text: str, value: str) -> Option:
    """An option of checkboxes or radio buttons, which show mentions as names."""
    return {"text": mrkdwn(text), "value": value}


def option_group(label: str, options: Sequence[Option]) -> OptionGroup:
    return {"label": plain(cut(label, 75), emoji=True), "options": list(options)}


def select(
    action_id: str,
    options: Sequence[Option] = (),
    *,
    groups: Sequence[OptionGroup] = (),
    initial: str | None = None,
    placeholder: str | None = None,
) -> Element:
    """A menu of options, or of groups of them, a hundred at most in all. `initial` is the value of one of them."""
    return Element(
        given(
            type="static_select",
            action_id=action_id,
            initial_option=next(iter(_chosen(options, groups, [initial])), None),
            option_groups=list(groups),
            options=list(options),
            placeholder=_placeholder(placeholder),
        )
    )


def multi_select(
    action_id: str,
    groups: Sequence[OptionGroup],
    *,
    initial: Sequence[str] = (),
    most: int | None = None,
    placeholder: str | None = None,
) -> Element:
    """A menu to choose several from, `most` of them; `initial` are values of its options."""
    return Element(
        given(
            type="multi_static_select",
            action_id=action_id,
            initial_options=_chosen((), groups, initial),
            max_selected_items=most,
            option_groups=list(groups),
            placeholder=_placeholder(placeholder),
        )
    )


def overflow(action_id: str, options: Sequence[Option]) -> Element:
    """The menu behind three dots; five options at most."""
    return Element({"type": "overflow", "action_id": action_id, "options": list(options)})


def checkboxes(action_id: str, options: Sequence[Option], ticked: Sequence[str] = ()) -> Element:
    """Ten options at most; those with the `ticked` values are ticked."""
    initial = [each for each in options if each["value"] in ticked]
    return Element(given(type="checkboxes", action_id=action_id, initial_options=initial, options=list(options)))


def radio_buttons(action_id: str, options: Sequence[Option], initial: str) -> Element:
    """Ten options at most; `initial` is the value of one of them."""
    [first] = _chosen(options, (), [initial])
    return Element({"type": "radio_buttons", "action_id": action_id, "initial_option": first, "options": list(options)})


def users_select(action_id: str, *, initial: str | None = None, placeholder: str | None = None) -> Element:
    """A menu of the workspace's people; `initial` is a Slack id."""
    return Element(
        given(type="users_select", action_id=action_id, initial_user=initial, placeholder=_placeholder(placeholder))
    )


def datepicker(action_id: str, initial: date) -> Element:
    return Element({"type": "datepicker", "action_id": action_id, "initial_date": initial.isoformat()})


def timepicker(action_id: str, initial: time) -> Element:
    return Element({"type": "timepicker", "action_id": action_id, "initial_time": f"{initial:%H:%M}"})


def text_input(
    action_id: str,
    most: int,
    *,
    initial: str | None = None,
    placeholder: str | None = None,
    multiline: bool | None = None,
    focus: bool | None = None,
) -> Element:
    """A text of at most so many characters. `focus`: whether the cursor is in it when the form opens."""
    return Element(
        given(
            type="plain_text_input",
            action_id=action_id,
            focus_on_load=focus,
            initial_value=initial,
            max_length=most,
            multiline=multiline,
            placeholder=_placeholder(placeholder),
        )
    )


def _chosen(options: Sequence[Option], groups: Sequence[OptionGroup], values: Sequence[str | None]) -> list[Option]:
    """The options of these values, in their order; a value that there is not is passed over."""
    there = {each["value"]: each for each in (*options, *(one for group in groups for one in group["options"]))}
    return [there[value] for value in values if value in there]


def _placeholder(text: str | None) -> Text | None:
    return plain(text, emoji=True) if text else None


def given(**fields: object) -> dict[str, Any]:
    """Those that are given: Slack refuses null, and mostly what is empty."""
    return {name: value for name, value in fields.items() if value or value is False}
