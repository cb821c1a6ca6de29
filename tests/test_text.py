"""Slack's text, in and out: nothing lost, nothing alive that should not be."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.slack.text import (
    bullets,
    called,
    clip,
    cut,
    escape,
    joined,
    mentioned,
    pieces,
    quote,
    sent_length,
    storable,
    unescape,
)

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\u202d\u202e"))
SLACKS_OWN = st.lists(
    st.sampled_from(["<", ">", "&", "|", "@U1", "!channel", "lt;", "amp;", "#C1", " ", "x", "https://a.b"]), max_size=12
).map("".join)


@given(ANY_TEXT | SLACKS_OWN)
def test_what_was_escaped_is_unescaped_to_what_it_was(typed: str) -> None:
    assert unescape(escape(typed)) == typed


@given(ANY_TEXT | SLACKS_OWN)
def test_escaped_text_holds_nothing_that_slack_brings_to_life(typed: str) -> None:
    assert not set(escape(typed)) & set("<>")


@pytest.mark.parametrize(
    ("sent", "typed"),
    [
        ("R&amp;D &lt;3", "R&D <3"),
        ("&amp;lt;", "&lt;"),
        ("&amp;amp;", "&amp;"),
        ("&copy;", "&copy;"),
        ("ask <@U1|sam>", "ask @sam"),
        ("ask <@U2>", "ask @maya"),
        ("ask <@U3>", "ask @U3"),
        ("in <#C1|ml>, in <#C2>", "in #ml, in #C2"),
        ("<!here> <!channel|channel> <!everyone>", "@here @channel @everyone"),
        ("<!subteam^S1|@ml-team>", "@ml-team"),
        ("<!subteam^S1>", "@subteam"),
        ("<!date^1392734382^{date}|18 February>", "18 February"),
        ("<https://example.org>", "https://example.org"),
        ("<http://example.org|example.org>", "example.org"),
        ("<https://docs.example.org/a|docs>", "docs (https://docs.example.org/a)"),
        ("<mailto:sam@example.org|sam@example.org>", "sam@example.org"),
        ("&lt;@U1|sam&gt;", "<@U1|sam>"),
        ("a < b", "a < b"),
        ("nul\0l", "null"),
        ("half \ud83d of one", "half  of one"),
        ("שלום 👩‍🔬", "שלום 👩‍🔬"),
    ],
)
def test_what_slack_sends_becomes_what_was_typed(sent: str, typed: str) -> None:
    assert unescape(sent, {"U2": "maya"}) == typed


def test_people_mentioned_by_id_alone_are_found() -> None:
    assert mentioned("<@U1> and <@U2|sam> in <#C1>, <!here>, &lt;@U3&gt;") == {"U1"}


@given(ANY_TEXT)
def test_what_can_be_stored_is_left_alone(typed: str) -> None:
    assert storable(typed) == typed


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("short", 5, "short"),
        ("longer", 5, "long…"),
        ("two words", 5, "two…"),
        ("ab &amp; cd", 8, "ab…"),
        ("ab&amp;cd", 8, "ab&amp;…"),
    ],
)
def test_cut(text: str, limit: int, expected: str) -> None:
    assert cut(text, limit) == expected


@given(ANY_TEXT | SLACKS_OWN, st.integers(1, 60))
def test_a_cut_never_leaves_half_an_entity(typed: str, limit: int) -> None:
    shown = cut(escape(typed), limit)
    assert len(shown) <= limit
    assert typed.startswith(unescape(shown.removesuffix("…")).rstrip())


@given(ANY_TEXT | SLACKS_OWN, st.integers(10, 60))
def test_a_quotation_is_a_quotation_on_every_line_and_as_long_as_it_may(typed: str, limit: int) -> None:
    shown = quote(typed, limit)
    assert len(shown) <= limit
    assert all(line[:1] in (">", "…") for line in shown.split("\n"))


def test_bullets_are_escaped_and_cut() -> None:
    assert bullets(("a & b", "<!channel>")) == "•  a &amp; b\n•  &lt;!channel&gt;"
    assert len(bullets(("x" * 240,) * 40)) == 2900


@given(st.text(st.sampled_from("ab \n&"), max_size=80), st.integers(1, 12))
def test_pieces_are_short_enough_and_join_to_what_they_were(text: str, limit: int) -> None:
    parts, joints = pieces(text, limit)
    assert all(len(part) <= limit for part in parts)
    rebuilt = parts[0] + "".join(joint + part for joint, part in zip(joints, parts[1:], strict=True))
    assert rebuilt == text


def test_pieces_end_with_a_line_or_else_with_a_word() -> None:
    assert pieces("one two\na b c d", 12) == (["one two", "a b c d"], ["\n"])
    assert pieces("one two three", 8) == (["one two", "three"], [" "])
    assert pieces("abcdefgh", 3) == (["abc", "def", "gh"], ["", ""])


def test_an_emptied_piece_leaves_no_gap() -> None:
    assert joined(["one", "", "three"], [" ", "\n"]) == "one\nthree"
    assert joined(["", "two"], ["\n"]) == "two"
    assert joined(["one", ""], ["\n"]) == "one"


NAMES = st.text(st.characters(categories=["L", "N"], include_characters=".- "), min_size=1).map(str.strip).filter(bool)


@given(st.lists(st.sampled_from(["<@U1>", "<@U2>", "<@U1|sam>", "and", "R&amp;D", "@"]), max_size=8), NAMES, NAMES)
def test_who_is_mentioned_is_found_again_whatever_they_are_called(parts: list[str], one: str, two: str) -> None:
    sent, names = " ".join(parts), {"U1": one.replace(" ", "_"), "U2": two.replace(" ", "_")}
    found = called(sent, unescape(sent, names).strip())
    assert found == [(part[2:4], names[part[2:4]]) for part in parts if part in ("<@U1>", "<@U2>")]


@pytest.mark.parametrize(
    ("sent", "typed", "found"),
    [
        ("with <@U1> &amp; co", "with @Sam O & co", [("U1", "Sam O")]),
        ("with <@U1> &amp; co", "with @Sam O & all", None),
        ("with <@U1>", "with @", None),
        ("with <@U1>", "with @sam", [("U1", "sam")]),
        ("<@U1><@U2>", "@a@b", [("U1", "a"), ("U2", "b")]),
        ("alone", "alone", []),
        ("alone", "alone!", None),
        ("", "", []),
    ],
)
def test_other_text_is_told_from_what_was_sent(sent: str, typed: str, found: object) -> None:
    assert called(sent, typed) == found


def test_as_many_mentions_as_fit_are_found_at_once() -> None:
    assert len(called("<@U1>" * 6000, "@a" * 6000) or ()) == 6000


@given(
    st.lists(st.sampled_from(["x", "ü", "👩", '"', "\n", "&amp;", " "]), max_size=60).map("".join), st.integers(6, 400)
)
def test_clipped_to_what_it_takes_as_it_is_sent(text: str, room: int) -> None:
    clipped = clip(text, room)
    assert sent_length(clipped) <= room
    assert (clipped == text) is (sent_length(text) <= room)
    assert not re.search("&[a-z]{0,3}…", clipped)
