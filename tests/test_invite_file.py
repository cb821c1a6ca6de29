"""The file of people to invite: what is read from it, and what is said about it, line by line."""

from datetime import time
from pathlib import Path

import pytest

from bot.ops.invite_csv import Line, read
from ladder_content.model import Ladder

HEAD = "email,level,day,time,mentor\n"
MAYA = Line(2, "maya@northwind.example", "l4", 1, time(9), "U0SAM")


@pytest.mark.parametrize(
    "text",
    [
        "email,level,day,time,mentor\nmaya@northwind.example,L4,Monday,09:00,U0SAM",
        "\ufeffE-mail;Level;Check-in day;Check-in time;Mentor\r\nMaya@Northwind.example;l 4;mon;9:00;U0SAM\r\n\r\n;;;;",
        "mentor\ttime\tday\tlevel\temail\nU0SAM\t9:00:00\tMONDAYS\tML Engineer II\tmaya@northwind.example",
        'email,level,day,time,mentor\n" maya@northwind.example ","mle2","Monday","9 am","U0SAM"',
        "slack_id,email,level,day,time,mentor\n,maya@northwind.example,E4,Monday,9.00,U0SAM",
        "email,level,day,time,mentor,,\nmaya@northwind.example,L4,Monday,09:00,U0SAM,,\n,,,,,,",
    ],
    ids=["plain", "Excel", "tabs, other order", "quoted", "either name", "empty columns"],
)
def test_spreadsheets_write_it_in_many_ways(text: str, ladder: Ladder) -> None:
    assert read(text.encode(), ladder) == ([MAYA], [])


def test_empty_lines_count_and_a_mentor_may_be_missing(ladder: Ladder) -> None:
    lines, faults = read(b"slack_id,level,day,time\n\nU0MAYA,l5,fri,15:30\n", ladder)
    assert (lines, faults) == ([Line(3, "U0MAYA", "l5", 5, time(15, 30), "")], [])


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("maya,L4,Monday,9:00,", "2: email “maya” is not understood: write an email (name@company.com) or a Slack id"),
        (",L4,Monday,9:00,", "2: email is missing: write an email"),
        ("@maya,L4,Monday,9:00,", "2: email “@maya” is not understood: write an email"),
        ("a@b.example,L9,Monday,9:00,", "2: level “L9” is not understood: write one of L3, L4, L5, L6, L7, L8"),
        ("a@b.example,L4,Mo,9:00,", "2: day “Mo” is not understood: write a day of the week, such as Monday"),
        ("a@b.example,L4,Monday,25:00,", "2: time “25:00” is not understood: write a time of day, such as 9:00"),
        ("a@b.example,L4,Monday,,", "2: time is missing: write a time of day"),
        ("a@b.example,L4,Monday,9:00,@sam", "2: mentor “@sam” is not understood: write their email or Slack id, or"),
        ("a@b.example,L4,Monday,9:00,,x", "2: 6 cells for 5 columns: look for a stray comma or semicolon"),
        ('"a@b.example,L4,Monday,9:00,', "2: this is not CSV from here on"),
        ("\x1b[2J@,L4,Monday,9:00,", "2: email “?[2J@” is not understood"),
        ("", "1: there is nobody below the header"),
    ],
)
def test_each_fault_is_told_with_its_line_and_what_to_do(row: str, said: str, ladder: Ladder) -> None:
    [fault] = read((HEAD + row).encode(), ladder)[1]
    assert f"{fault.line}: {fault.message}".startswith(said)


def test_all_faults_are_told_at_once(ladder: Ladder) -> None:
    _, faults = read((HEAD + "maya,L9,never,soon,\na@b.example,L4,Monday,9:00,\nx,L4,Monday,9:00,y").encode(), ladder)
    assert [fault.line for fault in faults] == [2, 2, 2, 2, 4, 4]


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("email,levle,day,time", ["no column “levle”: rename it (did you mean level?)", "columns: level missing"]),
        ("name,email,level,day,time", ["no column “name”: rename it or take it out; I know email, slack_id, level"]),
        ("email,email,level,day,time", ["the column email stands twice"]),
        ("level,day", ["columns: email (or slack_id), time missing"]),
        ("", ["columns: email (or slack_id), level, day, time missing"]),
    ],
)
def test_the_columns_are_known_by_name(head: str, said: list[str], ladder: Ladder) -> None:
    lines, faults = read(f"{head}\na,b,c,d,e".encode() if head else b"", ladder)
    assert lines == []
    assert len(faults) == len(said)
    for fault, words in zip(faults, said, strict=True):
        assert words in fault.message


def test_another_encoding_is_told(ladder: Ladder) -> None:
    _, [fault] = read("email,level\nzoë".encode("latin-1"), ladder)
    assert "save it as “CSV UTF-8" in fault.message


def test_the_sample_of_the_page_can_be_sent(ladder: Ladder) -> None:
    page = (Path(__file__).parents[1] / "docs" / "admins.md").read_text()
    lines, faults = read(page.partition("```csv\n")[2].partition("```")[0].encode(), ladder)
    assert (len(lines), faults) == (2, [])
