"""The log as a file: the packet reads as typed, the spreadsheet executes nothing, the JSON loses nothing."""

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped] # it has no types
from markdown_it import MarkdownIt
from markdown_it.token import Token

from growth import export
from growth.export import Log, Record, Remark, Tagged
from growth.export_escape import cell, inline, paragraphs
from growth.export_packet import markdown
from ladder_content.model import About, Criterion, Dimension, Ladder, Level

SCHEMA = json.loads((Path(__file__).parents[1] / "docs" / "export.schema.json").read_text("utf-8"))
TODAY = date(2026, 11, 23)
LOGGED = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def level(order: int, title: str) -> Level:
    some = ("Does something or other.",)
    return Level(
        id=f"l{order}",
        order=order,
        title=title,
        aliases=(f"L{order}",),
        summary="What one is on this rung.",
        role=some,
        skills=some,
        collaboration=some,
        pitfalls=some,
        success_measures=some,
        top=order == 6,
    )


def criterion(name: str, dimension: str, sentence: str, status: Literal["active", "retired"] = "active") -> Criterion:
    return Criterion(
        id=name,
        level=name[:2],
        dimension=dimension,
        sentence=sentence,
        good="One sees that it is done well.",
        examples={"research": "Wrote a paper.", "product": "Shipped a thing."},
        prompts=(),
        mentor_questions=(),
        keywords=(name,),
        status=status,
    )


LADDER = Ladder(
    ladder=About(id="tiny", title="Tiny *ladder*", version="1.2.0", locale="en", sources=()),
    dimensions=(
        Dimension(id="impact", title="Business impact", summary="What changes for the business."),
        Dimension(id="design", title="System design", summary="What is built, and how well."),
    ),
    levels=(level(4, "Engineer II"), level(5, "Senior Engineer"), level(6, "Staff Engineer")),
    criteria=(
        criterion("l4.tests", "design", "Tests what they build."),
        criterion("l5.design", "design", "Designs systems end to end."),
        criterion("l5.value", "impact", "Ties work to a number."),
        criterion("l5.brief", "impact", "Briefs a director in C #"),
        criterion("l5.old", "impact", "Does what nobody asks for now.", "retired"),
        criterion("l6.frame", "design", "Builds what teams share."),
    ),
)
L4, L5, L6 = LADDER.levels


def tagged(*names: str) -> tuple[Tagged, ...]:
    known = [LADDER.criterion(name) for name in names]
    return tuple(Tagged(each.id, each.sentence) for each in known if each)


def record(number: int = 1, what: str = "Shipped it.", *names: str, **more: Any) -> Record:
    plain = Record(number, date(2026, 11, 20), what, None, (), tagged(*names), None, LOGGED)
    return replace(plain, **more)


def log(*records: Record, **more: Any) -> Log:
    return replace(Log("Maya Lindqvist", L4, L5, records, TODAY), **more)


HALF_YEAR = log(
    record(
        5,
        "Shipped the drift monitor:\n- pages down by *40%*\n\n`git log` tells more.",
        "l5.value",
        "l5.design",
        impact="Saved ~30 h a month",
        links=("https://example.org/a_b?c=1&d=2", "javascript:alert(1)"),
        question="What did you *measure*?",
    ),
    record(4, "Cut the queue.", criteria=(Tagged("l5.value", "Ties work to *money*."),), happened_on=date(2026, 10, 3)),
    record(3, "Wrote tests.", "l4.tests"),
    record(2, "Bought cake."),
    record(1, "Did it anyway.", "l5.old", criteria=(*tagged("l5.old"), Tagged("l5.gone", "Was once asked."))),
)

PACKET = r"""# Maya Lindqvist: L4 Engineer II → L5 Senior Engineer

From my growth log · 3 October 2026 to 20 November 2026 · as of 23 November 2026 · ladder: Tiny \*ladder\* 1.2.0

5 entries · 2 of 3 criteria have evidence

## Business impact

### Ties work to a number.

- **20 November 2026**

  *Question:* What did you \*measure\*?

  Shipped the drift monitor:\
  \- pages down by \*40%\*

  \`git log\` tells more.

  *Impact:* Saved \~30 h a month

  *Links:* <https://example.org/a_b?c=1&d=2>\
  javascript:alert(1)

- **3 October 2026**

  Cut the queue.

  *Written for:* Ties work to \*money\*.

## System design

### Designs systems end to end.

- **20 November 2026**

  *Question:* What did you \*measure\*?

  Shipped the drift monitor:\
  \- pages down by \*40%\*

  \`git log\` tells more.

  *Impact:* Saved \~30 h a month

  *Links:* <https://example.org/a_b?c=1&d=2>\
  javascript:alert(1)

## Other levels

### L4 · Tests what they build.

- **20 November 2026**

  Wrote tests.

## No evidence yet

- Business impact · Briefs a director in C \#

## Everything else

- **20 November 2026**

  Bought cake.

- **20 November 2026**

  Did it anyway.

  *Written for:* Does what nobody asks for now.

  *Written for:* Was once asked.
"""


def test_the_packet_goes_from_dimension_to_criterion_to_evidence_to_what_is_missing() -> None:
    assert markdown(HALF_YEAR, LADDER) == PACKET


# Markdown reads as typed


class Reader(MarkdownIt):
    """CommonMark with GitHub's tables and strikethrough, and addresses as they are written."""

    def __init__(self) -> None:
        super().__init__("commonmark")
        self.enable(["table", "strikethrough"])

    def normalizeLink(self, url: str) -> str:
        return url

    def normalizeLinkText(self, link: str) -> str:
        return link


def shown(token: Token) -> str:
    """What a person sees of a paragraph; only links, which show where they lead, and line breaks are alive in it."""
    words, target = "", None
    for child in token.children or ():
        if child.type == "link_open":
            words, target, before = "", str(child.attrs["href"]), words
        elif child.type == "link_close":
            assert target == words
            assert target.lower().startswith(("http://", "https://"))
            words, target = before + words, None
        else:
            assert child.type in {"text", "hardbreak"}, child
            words += "\n" if child.type == "hardbreak" else child.content
    return words


def links(text: str) -> list[str]:
    children = [child for token in Reader().parse(text) for child in token.children or ()]
    return [str(child.attrs["href"]) for child in children if child.type == "link_open"]


def typed(text: str) -> str:
    """A text as it looks: no control characters, indentation as wide as it was, at most one blank line in a row."""
    looks: list[str] = []
    for line in text.splitlines():
        visible = "".join(c for c in line if c == "\t" or not ("\x00" <= c <= "\x1f" or "\x7f" <= c <= "\x9f"))
        words = visible.strip()
        indent = len(visible[: visible.index(words)].expandtabs(4)) if words else 0
        if words or (looks and looks[-1]):
            looks.append("\N{NO-BREAK SPACE}" * indent + words)
    return "\n".join(looks).strip("\n")


MARKUP = r"""
    # ## ### - + * 1. 12) 1234567890. = === --- *** ___ > >> ` ``` ~~ ~~~ | |-|-| a|b :-: <b> </b> <!-- --> <? <x@y.z> !
    &amp; &#35; &nbsp &copy; [x](http://a.b) [x]: ![i](x) [^1] [ ] <https://a.b> javascript:alert(1) www.a.b x@y.z
    http://a.b https://a.b/c_d_e?f=1&g=2#h https://a.b/(c)_. HTTPS://A.B https://a.b/?x&copy;y http:// https://a.b/`c
    \ \\ _ __ a_b _a_ *a* **a** ( ) < & word é שלום 🎉 40% $ ; #1
""".split()  # noqa: SIM905 (a list: many to a line)
BLANKS = [
    " ",
    " ",
    "  ",
    "    ",
    "\t",
    "\n",
    "\n",
    "\n\n",
    "\n\n\n",
    "\r",
    "\r\n",
    "\u2028",
    "\x85",
    "\x0b",
    "\x00",
    "\x1b",
]
anything = st.lists(st.sampled_from(MARKUP + BLANKS) | st.text(max_size=3), max_size=12).map("".join)


def reads_as_typed(text: str) -> None:
    tokens = Reader().parse(paragraphs(text))
    assert {token.type for token in tokens} <= {"paragraph_open", "inline", "paragraph_close"}
    assert "\n\n".join(shown(token) for token in tokens if token.type == "inline") == typed(text)


@given(anything)
@example("|\r:-:")
def test_paragraphs_read_as_typed(text: str) -> None:
    reads_as_typed(text)


@pytest.mark.parametrize(
    "frame",
    [
        "{}",
        "{} word",
        "{}word",
        "word {}",
        "word\n{}",
        "word\n{}\nword",
        "word\n{} word",
        "word\n\n{} {}",
        "\t{}\n \nx",
    ],
)
def test_each_piece_of_markup_reads_as_typed(frame: str) -> None:
    for piece in MARKUP:
        reads_as_typed(frame.replace("{}", piece))
        heading_reads_as_typed(frame.replace("{}", piece))


def test_a_table_reads_as_typed() -> None:
    reads_as_typed("|a|\n|-|-|")


@given(anything)
def test_a_heading_reads_as_typed(text: str) -> None:
    heading_reads_as_typed(text)


def heading_reads_as_typed(text: str) -> None:
    tokens = Reader().parse(f"### {inline(text)}")
    assert [token.type for token in tokens] == ["heading_open", "inline", "heading_close"]
    visible = " ".join(typed(text).replace("\N{NO-BREAK SPACE}", " ").split())
    assert shown(tokens[1]) == visible


@pytest.mark.parametrize(
    "plain",
    [
        "R&D cut p50 by 40% (from 120 ms), p < 0.05, x <20 & y > 3",
        "snake_case_name _private in C# for #1234: +3, -5, a-b, 3.5 times!",
        "-5% of cost",
        "#1234 is fixed",
        "שלום עולם 🎉 e-mail x@y.z $40k ]",
    ],
)
def test_ordinary_words_stay_as_they_are(plain: str) -> None:
    assert paragraphs(plain) == plain


@pytest.mark.parametrize(
    ("text", "alive"),
    [
        ("see https://a.b/c_d, (http://e.f) and **https://g.h**.", ["https://a.b/c_d", "http://e.f", "https://g.h"]),
        ("https://en.wikipedia.org/wiki/Drift_(data)", ["https://en.wikipedia.org/wiki/Drift_(data)"]),
        ("https://a.b/?x=1&y=2#z", ["https://a.b/?x=1&y=2#z"]),
        ("https://a.b/x&copy;y", ["https://a.b/x"]),  # some readers decode entities in links, some do not
        ("xhttp://a.b javascript:alert(1) ftp://a.b file:///etc mailto:x@y.z data:text/html,x http://", []),
        ("<javascript:alert(1)> [x](javascript:alert(1)) <ftp://a.b>", []),
    ],
)
def test_only_addresses_of_the_web_become_links(text: str, alive: list[str]) -> None:
    assert links(paragraphs(text)) == alive


def skeleton(packet: str) -> list[str]:
    return [token.type for token in Reader().parse(packet) if "paragraph" not in token.type and token.type != "inline"]


@given(*[anything] * 6)
def test_nothing_a_person_wrote_changes_the_packet(a: str, b: str, c: str, d: str, e: str, f: str) -> None:
    def packet(what: str, impact: str, link: str, question: str, sentence: str, name: str) -> str:
        more: dict[str, Any] = {"impact": impact, "links": (link, link), "question": question}
        records = [
            record(1, what, "l5.value", **more),
            record(2, what, criteria=(Tagged("gone", sentence),), **more),
            record(3, what, **more),
        ]
        return markdown(log(*records, name=name), LADDER)

    assert skeleton(packet(a, b, c, d, e, f)) == skeleton(packet(*["word"] * 6))
    inlines = [token for token in Reader().parse(packet(a, b, c, d, e, "")) if token.type == "inline"]
    read = "\n\n".join("".join(_words(token)) for token in inlines)
    assert read.count(typed(a)) >= 3
    assert typed(b) in read


def _words(token: Token) -> Iterator[str]:
    for child in token.children or ():
        yield "\n" if child.type == "hardbreak" else child.content


# What the packet says


def lines(*records: Record, **more: Any) -> list[str]:
    return markdown(log(*records, **more), LADDER).splitlines()


def headings(*records: Record, **more: Any) -> list[str]:
    return [line for line in lines(*records, **more) if line.startswith("#")]


def test_an_empty_log_says_what_is_missing() -> None:
    assert lines() == [
        "# Maya Lindqvist: L4 Engineer II → L5 Senior Engineer",
        "",
        "From my growth log · as of 23 November 2026 · ladder: Tiny \\*ladder\\* 1.2.0",
        "",
        "0 entries · 0 of 3 criteria have evidence",
        "",
        "## No evidence yet",
        "",
        "- System design · Designs systems end to end.",
        "- Business impact · Ties work to a number.",
        "- Business impact · Briefs a director in C \\#",
    ]


def test_with_every_criterion_covered_nothing_is_missing() -> None:
    assert headings(record(1, "All of it.", "l5.value", "l5.brief", "l5.design")) == [
        "# Maya Lindqvist: L4 Engineer II → L5 Senior Engineer",
        "## Business impact",
        "### Ties work to a number.",
        "### Briefs a director in C \\#",
        "## System design",
        "### Designs systems end to end.",
    ]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ({"target": L6}, "# Maya Lindqvist: L4 Engineer II → L6 Staff Engineer"),
        ({"target": None}, "# Maya Lindqvist: L4 Engineer II → L5 Senior Engineer"),
        ({"name": None}, "# L4 Engineer II → L5 Senior Engineer"),
        ({"level": L6, "target": None}, "# Maya Lindqvist: L6 Staff Engineer"),
        ({"level": L6, "target": L6}, "# Maya Lindqvist: L6 Staff Engineer"),
        ({"level": None, "target": None}, "# Maya Lindqvist: Growth log"),
        ({"level": None, "target": None, "name": None}, "# Growth log"),
    ],
)
def test_the_title_names_the_person_and_the_step(at: dict[str, Any], expected: str) -> None:
    assert lines(**at)[0] == expected


def test_a_criterion_below_a_distant_target_names_its_level() -> None:
    found = headings(record(1, "Both.", "l5.design", "l6.frame"), target=L6)
    assert found[1:4] == ["## System design", "### L5 · Designs systems end to end.", "### Builds what teams share."]
    assert "- Business impact · L5 · Ties work to a number." in lines(target=L6)


def test_without_a_level_there_is_evidence_but_no_gap() -> None:
    found = headings(record(1, "Both.", "l5.design", "l4.tests"), level=None, target=None)
    assert found[1:] == ["## Evidence", "### L4 · Tests what they build.", "### L5 · Designs systems end to end."]
    assert lines(record(), level=None, target=None)[4] == "1 entry"


def test_an_entry_with_one_active_criterion_is_not_among_everything_else() -> None:
    mixed = record(1, "Mixed.", "l5.design", "l5.old")
    assert "## Everything else" not in headings(mixed)
    assert "  *Written for:* Does what nobody asks for now." in lines(mixed)


# CSV


def rows(given: Log) -> list[dict[str, str]]:
    text = export.csv(given, LADDER).encode().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_each_entry_is_a_row() -> None:
    found = rows(HALF_YEAR)
    assert [row["Entry"] for row in found] == ["5", "4", "3", "2", "1"]
    assert found[0] == {
        "Entry": "5",
        "Date": "2026-11-20",
        "What happened": "Shipped the drift monitor:\n'- pages down by *40%*\n\n`git log` tells more.",
        "Impact": "Saved ~30 h a month",
        "Links": "https://example.org/a_b?c=1&d=2\njavascript:alert(1)",
        "Criteria": "Ties work to a number.\nDesigns systems end to end.",
        "Dimensions": "Business impact\nSystem design",
        "Criterion ids": "l5.value\nl5.design",
        "From a message": "",
        "Message by": "",
        "Message link": "",
        "Question": "What did you *measure*?",
        "Shared with": "",
        "Comments": "",
        "Logged at (UTC)": "2026-11-20 09:30:00",
        "Edited at (UTC)": "",
    }
    assert (found[1]["Criteria"], found[4]["Dimensions"]) == ("Ties work to *money*.", "Business impact")


def test_csv_is_what_rfc_4180_and_excel_want() -> None:
    text = export.csv(log(record(1, 'A "quote", a comma\nand a line')), LADDER)
    assert text.encode().startswith(b'\xef\xbb\xbf"Entry","Date","What happened",')
    assert text.count("\r\n") == 2
    assert '"A ""quote"", a comma\nand a line"' in text
    assert text.endswith("\r\n")
    assert len(rows(log())) == 0


def test_a_dimension_is_named_once() -> None:
    assert rows(log(record(1, "Both.", "l5.value", "l5.brief")))[0]["Dimensions"] == "Business impact"


def test_instants_are_in_utc() -> None:
    east = datetime(2026, 11, 21, 1, 15, tzinfo=timezone(timedelta(hours=9)))
    assert rows(log(record(edited_at=east)))[0]["Edited at (UTC)"] == "2026-11-20 16:15:00"


@pytest.mark.parametrize(
    "formula",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\tword",
        "\rword",
        "\nword",
        "  =1",
        '"=1',
        "'=1",
        ' " -1',
        "“=1",
        "\u200b=1",
        "\ufeff=1",
        "\x00=1",
        "\x1b=1",
        "\N{NO-BREAK SPACE}@x",
        "＝1",
        "＠x",
        "=cmd|' /C calc'!A0",
    ],
)
def test_no_cell_is_a_formula(formula: str) -> None:
    dangerous = record(
        1, formula, impact=formula, links=(formula,), question=formula, criteria=(Tagged(formula, formula),)
    )
    row = rows(log(dangerous))[0]
    plain = formula.replace("\r", "\n").strip("\x00\x1b")
    columns = ["What happened", "Impact", "Links", "Question", "Criteria", "Criterion ids"]
    for column in columns:
        assert row[column].startswith("'")
        assert row[column].replace("'", "") == plain.replace("'", "")


@pytest.mark.parametrize(
    "plain", ["word", "a=b", "1-2", "40%", "x@y.z", "(=", "", "שלום", "🎉", "'tis", "a; b, c\td\ne"]
)
def test_other_cells_stay_as_they_are(plain: str) -> None:
    assert rows(log(record(1, plain)))[0]["What happened"] == plain


ALIVE = re.compile(r"[\s\"“”‘’\u200b\ufeff]*[=+\-@＝＋－＠]")
cut_open = st.text(alphabet="=+-@;,\t\n\"'“ x\u200b＝")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@given(texts=st.lists(cut_open, min_size=1, max_size=4))
@example(texts=["Fixed it\n=HYPERLINK(1)\n- a list", 'well;=1+1;"-2"'])
def test_no_cell_is_a_formula_whatever_separates_them(separator: str, texts: list[str]) -> None:
    text = export.csv(log(*(record(n, text, impact=text, links=(text,)) for n, text in enumerate(texts))), LADDER)
    found = csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=separator)
    cells = [cell for row in found for cell in row] + text.replace("\n", separator).split(separator)
    assert [cell for cell in cells if ALIVE.match(cell)] == []


@given(cut_open.map(lambda text: text.replace("'", "’")))
def test_without_the_apostrophes_a_cell_is_what_was_typed(text: str) -> None:
    assert cell(text).replace("'", "") == "\n".join(text.splitlines())


@given(st.lists(anything, min_size=1, max_size=3))
def test_any_text_comes_back_from_csv(texts: list[str]) -> None:
    found = rows(log(*(record(n, text) for n, text in enumerate(texts))))
    assert len(found) == len(texts)
    for row, text in zip(found, texts, strict=True):
        words = row["What happened"]
        kept = "\n".join("".join(c for c in line if c.isprintable() or c == "\t") for line in text.splitlines())
        readable = "".join(c for c in words if c.isprintable() or c in "\t\n")
        assert readable.replace("'", "") == kept.replace("'", "")


# JSON


def parsed(text: str) -> Log:
    """What `export.json` was made from."""
    content = json.loads(text)
    Draft202012Validator(SCHEMA, format_checker=FormatChecker()).validate(content)
    records = [
        Record(
            **entry
            | {
                "happened_on": date.fromisoformat(entry["happened_on"]),
                "links": tuple(entry["links"]),
                "shared_with": tuple(entry["shared_with"]),
                "comments": tuple(
                    Remark(**each | {"at": datetime.fromisoformat(each["at"])}) for each in entry["comments"]
                ),
                "criteria": tuple(Tagged(**tag) for tag in entry["criteria"]),
                "logged_at": datetime.fromisoformat(entry["logged_at"]),
                "edited_at": entry["edited_at"] and datetime.fromisoformat(entry["edited_at"]),
            }
        )
        for entry in content["entries"]
    ]
    level, target = (LADDER.level(content[key] and content[key]["id"]) for key in ("level", "target"))
    return Log(content["person"], level, target, tuple(records), date.fromisoformat(content["as_of"]))


instants = st.datetimes(
    min_value=datetime(1000, 1, 1),  # noqa: DTZ001 (the strategy adds the zone)
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=-9, minutes=-30))]),
)
records = st.builds(
    Record,
    id=st.integers(0, 2**63),
    happened_on=st.dates(),
    what=anything,
    impact=st.none() | anything,
    links=st.lists(anything, max_size=2).map(tuple),
    criteria=st.lists(st.builds(Tagged, st.text(min_size=1), anything), max_size=2).map(tuple),
    question=st.none() | anything,
    logged_at=instants,
    edited_at=st.none() | instants,
    snippet=st.none() | anything,
    snippet_author=st.none() | anything,
    permalink=st.none() | anything,
    shared_with=st.lists(anything, max_size=2).map(tuple),
    comments=st.lists(st.builds(Remark, st.none() | anything, st.none() | anything, instants), max_size=2).map(tuple),
)
logs = st.builds(
    Log,
    name=st.none() | anything,
    level=st.sampled_from([None, L4, L5]),
    target=st.sampled_from([None, L5, L6]),
    records=st.lists(records, max_size=3).map(tuple),
    as_of=st.dates(),
)


@given(logs)
def test_json_loses_nothing(given: Log) -> None:
    text = export.json(given, LADDER)
    assert parsed(text) == given
    assert text == export.json(given, LADDER)
    assert "\0" not in text


def test_json_reads_well() -> None:
    text = export.json(log(record(1, "שלום 🎉")), LADDER)
    assert '\n  "as_of": "2026-11-23",\n  "person": "Maya Lindqvist",\n' in text
    assert '"what": "שלום 🎉"' in text
    content = json.loads(text)
    assert list(content) == ["format", "as_of", "person", "ladder", "level", "target", "entries"]
    assert content["ladder"] == {"id": "tiny", "title": "Tiny *ladder*", "version": "1.2.0"}
    assert content["target"] == {"id": "l5", "title": "Senior Engineer"}


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    for value in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from objects(value)
    if isinstance(schema, dict) and schema.get("type") == "object":
        yield schema


def test_the_schema_is_valid_closed_and_described() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert len(list(objects(SCHEMA))) == 6
    for each in objects(SCHEMA):
        assert each["additionalProperties"] is False
        assert each["required"] == list(each["properties"])
        assert all(name == "$schema" or about["description"] for name, about in each["properties"].items())


@pytest.mark.parametrize("broken", ['"as_of": "2026-11-31"', '"as_of": "today"', '"as_of": null', '"as_of": 1, "x": 2'])
def test_the_schema_refuses_what_is_wrong(broken: str) -> None:
    text = export.json(log(), LADDER).replace('"as_of": "2026-11-23"', broken)
    assert not Draft202012Validator(SCHEMA, format_checker=FormatChecker()).is_valid(json.loads(text))


# All of them


@pytest.mark.parametrize("kind", ["md", "csv", "json"])
def test_the_file_is_named_after_the_day(kind: Literal["md", "csv", "json"]) -> None:
    assert export.filename(log(), kind) == f"growth-log-2026-11-23.{kind}"


def test_a_long_log_of_long_entries_is_whole() -> None:
    many = log(*(record(n, f"Entry {n}.", "l5.value") for n in range(10_000, 0, -1)))
    assert markdown(many, LADDER).count("- **20 November 2026**\n") == 10_000
    assert len(rows(many)) == 10_000
    assert len(json.loads(export.json(many, LADDER))["entries"]) == 10_000


@pytest.mark.parametrize(
    "piece", ["x", "ab ", "*", "https://a.b/(", "- \n", "_", "&", "=", "http://.", "\\\n", "\n", "#"]
)
def test_an_entry_of_ten_thousand_characters_is_whole(piece: str) -> None:
    text = (piece * 10_000)[:10_000]
    reads_as_typed(text)
    assert parsed(export.json(log(record(1, text)), LADDER)).records[0].what == text
    assert rows(log(record(1, text)))[0]["What happened"].replace("'", "") == "\n".join(text.splitlines())
