"""Builders of Block Kit: what they send, and that nothing which is too much for Slack passes the tests of views."""

from datetime import date, time
from typing import Any

import pytest

from handlers.slack.blocks import Block, View, actions, columns, divider, field, header, home_tab, modal, section, small
from handlers.slack.elements import (
    Option,
    button,
    checkboxes,
    confirmation,
    datepicker,
    mrkdwn,
    mrkdwn_option,
    multi_select,
    option,
    option_group,
    overflow,
    radio_buttons,
    select,
    text_input,
    timepicker,
    users_select,
)
from handlers.slack.message import Message
from tests.support.blockkit import faults

LONG = "x" * 4000
A, B = option("A", "a"), option("B", "b")
SURE = confirmation("Sure?", "It is gone.", yes="Yes", no="No")


def options(count: int) -> list[Option]:
    return [option(str(n), str(n)) for n in range(count)]


def message(*blocks: Block) -> Message:
    return Message("Hello", blocks)


def form(block: Block) -> View:
    return modal("Form", [block], submit="Save")


@pytest.mark.parametrize(
    "shown",
    [
        message(header("A"), section("A"), section("A", button("A", "a", confirm=SURE)), columns(*"0123456789")),
        message(small(*"0123456789"), divider(), actions(*(button(str(n), str(n)) for n in range(25)))),
        message(actions(button("A", "a", "v", style="primary", label="Opens A"), overflow("o", options(5)))),
        message(section("A", select("s", options(100), initial="99", placeholder="Pick one"))),
        message(section("A", select("s", groups=[option_group("G", options(100))]))),
        message(section("A", checkboxes("c", options(10), ["1", "9"])), section("A", checkboxes("c", [A]))),
        form(field("a", "A", multi_select("m", [option_group("G", [A, B])], initial=["b", "a"], most=2))),
        form(field("a", "A", radio_buttons("r", [mrkdwn_option("<@U1>", "a"), B], "a"), hint="H", optional=True)),
        form(field("a", "A", users_select("u", initial="U1", placeholder="Who?"))),
        form(field("a", "A", datepicker("d", date(2027, 1, 18)))),
        form(field("a", "A", timepicker("t", time(9, 5)))),
        form(field("a", "A", text_input("t", 3000, initial="A", placeholder="B", multiline=True, focus=True))),
        modal("A", [divider()], callback_id="a", private_metadata="{}", close="Keep"),
        home_tab([divider()]),
    ],
)
def test_slack_takes_what_is_built(shown: Message | View) -> None:
    assert faults(shown) == []


def test_people_see_as_much_of_a_long_text_as_slack_takes() -> None:
    cut = message(header(LONG), section(LONG, button(LONG, "a", label=LONG)), columns(LONG), small(LONG))
    assert faults(cut) == []
    assert faults(message(section("A", select("s", [option(LONG, "a")])))) == []
    assert faults(message(section("A", select("s", groups=[option_group(LONG, [A])])))) == []
    assert faults(modal(LONG, [divider()])) == []


WRONG: list[tuple[str, Message | View]] = [
    ("no more than 25 items", message(actions(*(button(str(n), str(n)) for n in range(26))))),
    ("no fewer than 1 items", message(actions())),
    ("no more than 10 items", message(small(*"0123456789A"))),
    ("no more than 10 items", message(columns(*"0123456789A"))),
    ("must be more than 0 characters", message(section(""))),
    ("no more than 5 items", message(actions(overflow("o", options(6))))),
    ("no more than 10 items", message(section("A", checkboxes("c", options(11))))),
    ("text attribute cannot exceed 75", message(section("A", checkboxes("c", [mrkdwn_option(LONG, "a")])))),
    ("no more than 100 items", message(section("A", select("s", options(101))))),
    ("options or option_groups must be specified", message(section("A", select("s")))),
    ("cannot both be specified", message(section("A", select("s", [A], groups=[option_group("G", [B])])))),
    ("placeholder attribute cannot exceed 150", message(section("A", select("s", [A], placeholder="x" * 151)))),
    ("must be less than 151 characters", message(section("A", select("s", [option("A", "x" * 151)])))),
    ("action_id attribute cannot exceed 255", message(section("A", select("s" * 256, [A])))),
    ("value attribute cannot exceed 2000", message(section("A", button("A", "a", "x" * 2001)))),
    ("must be one of: primary, danger", message(section("A", button("A", "a", style="loud")))),
    (
        "must be less than 301 characters",
        message(section("A", button("A", "a", confirm=confirmation("S", LONG, "Y", "N")))),
    ),
    ("unsupported type: plain_text_input", message(section("A", text_input("t", 10)))),
    ("no more than 50 items", message(*[divider()] * 51)),
    ("must be a string", message(Block({"type": "divider", "block_id": None}))),
    ("unsupported type: sectoin", message(Block({"type": "sectoin"}))),
    ("the SDK sends", message(Block({"type": "section", "text": mrkdwn("A"), "colour": "red"}))),
    ("unsupported type: button", form(field("a", "A", button("A", "a")))),
    ("label attribute cannot exceed 2000", form(field("a", LONG, text_input("t", 10)))),
    ("hint attribute cannot exceed 2000", form(field("a", "A", text_input("t", 10), hint=LONG))),
    ("must be less than 3001 characters", form(field("a", "A", text_input("t", 10, initial=LONG)))),
    ("views must contain between 1 and 100 blocks", modal("A", [divider()] * 101)),
    ("views must contain between 1 and 100 blocks", modal("A", [])),
    ("views must contain between 1 and 100 blocks", home_tab([])),
    ("submit cannot exceed 24", modal("A", [divider()], submit="x" * 25)),
    ("close cannot exceed 24", modal("A", [divider()], close="x" * 25)),
    ("callback_id cannot exceed 255", modal("A", [divider()], callback_id="x" * 256)),
    ("private_metadata cannot exceed 3000", modal("A", [divider()], private_metadata=LONG)),
    ("missing required field: submit", modal("A", [field("a", "A", text_input("t", 10))])),
    ("view_too_large", modal("A", [section("A", select(str(n), options(100))) for n in range(40)])),
]


@pytest.mark.parametrize(("complaint", "shown"), WRONG)
def test_what_slack_does_not_take_fails_a_test(complaint: str, shown: Message | View) -> None:
    assert complaint in "\n".join(faults(shown))


@pytest.mark.parametrize(
    ("built", "said"),
    [
        (select("s", [A, B], initial="b")["initial_option"], B),
        (select("s", groups=[option_group("G", [A]), option_group("H", [B])], initial="b")["initial_option"], B),
        (multi_select("m", [option_group("G", [A, B])], initial=["b", "gone", "a"])["initial_options"], [B, A]),
        (checkboxes("c", [A, B], ["b", "gone"])["initial_options"], [B]),
        (radio_buttons("r", [A, B], "b")["initial_option"], B),
    ],
)
def test_what_is_chosen_at_first_is_named_by_its_value(built: Any, said: Any) -> None:
    assert built == said


@pytest.mark.parametrize("initial", [None, "gone"])
def test_a_menu_may_begin_with_nothing_chosen(initial: str | None) -> None:
    assert "initial_option" not in select("s", [A, B], initial=initial)


def test_what_is_not_given_is_not_sent() -> None:
    assert section("A") == {"type": "section", "text": {"type": "mrkdwn", "text": "A"}}
    assert text_input("t", 10, initial="") == {"type": "plain_text_input", "action_id": "t", "max_length": 10}
    assert text_input("t", 10, focus=False)["focus_on_load"] is False
    assert message().payload() == {"text": "Hello", "unfurl_links": False, "unfurl_media": False}
